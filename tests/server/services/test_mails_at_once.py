"""The same mail by several ways at the same moment is one mail and one appeal. Only PostgreSQL shows what a missing lock would do."""

from typing import Any

import pytest
from django.db import connection

from goodstanding.core.terms import MailVerdict
from goodstanding.server.services import ledger
from goodstanding.server.services.mails import release_mail
from goodstanding.server.store.models import Appeal, IncomingMail, Notice
from tests.server.factories import specialist
from tests.server.mailroom.mailing import REPLIES, make_case, reading_pack, reply_to, send, write
from tests.server.services.test_at_once import at_once

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture(autouse=True)
def _on_postgresql(settings: Any) -> None:
    settings.REPLY_DOMAIN = REPLIES
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite lets one writer in at a time, which hides lost updates")


def test_one_mail_by_four_ways_at_once_is_one_appeal() -> None:
    case, pack = make_case(), reading_pack()
    raw = write(reply_to(case))
    came = at_once(*[lambda: send(case, pack, raw)] * 4)
    assert [taken.verdict for taken in came] == [MailVerdict.ACCEPTED] * 4
    assert sum(not taken.is_repeated for taken in came) == 1
    assert Appeal.objects.count() == IncomingMail.objects.count() == 1
    assert list(ledger.verify()) == []


def test_four_forged_mails_at_once_are_answered_once() -> None:
    case, pack = make_case(), reading_pack()
    raws = [write(reply_to(case), sign="", id=f"<{n}@x>") for n in range(4)]
    at_once(*[lambda raw=raw: send(case, pack, raw) for raw in raws])
    assert IncomingMail.objects.filter(verdict=MailVerdict.HELD).count() == 4
    assert Notice.objects.filter(kind="mail_held").count() == 1


def test_two_people_release_a_mail_once() -> None:
    case, pack = make_case(), reading_pack()
    row = send(case, pack, write(reply_to(case), sign="")).mail
    assert row is not None
    came = at_once(*[lambda: release_mail(call=specialist(), pack=pack, mail_id=row.pk)] * 2)
    assert sum(isinstance(one, Exception) for one in came) == 1
    assert Appeal.objects.count() == 1
