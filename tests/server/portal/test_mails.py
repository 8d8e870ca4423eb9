"""The holder's mails on the page of the case, and the choice of a route by one click (requirements F0, G1, G2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.packs.loader import load_pack
from goodstanding.server.mailroom.addresses import reply_address
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.services.incoming import take_mail
from goodstanding.server.store.models import Account, Appeal, Case, IncomingMail
from tests.server.entering import let_in
from tests.server.factories import automation
from tests.server.mailroom.mailing import REPLIES, SELLER, resolver, write
from tests.server.showcase import Showcase

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(show: Showcase, settings: Any) -> Case:
    settings.REPLY_DOMAIN = REPLIES
    found = show.cases["in_force"]
    Account.objects.filter(pk=found.account_id).update(email=SELLER)
    return Case.objects.get(pk=found.pk)


def holder(case: Case) -> Client:
    return let_in(Client(), case)


def post(case: Case, words: str) -> IncomingMail:
    now = timezone.now()
    to = reply_address(case_id=case.pk, expires_at=now + timedelta(days=9))
    taken = take_mail(call=automation(now=now), pack=load_pack("amazon"), raw=write(to, words), envelope=Envelope(SELLER, (to,)), resolver=resolver)
    assert taken.mail is not None
    return taken.mail


def test_a_mail_without_a_route_becomes_an_appeal_by_one_click(case: Case) -> None:
    row, client = post(case, "Please look at this again. <b>Kind</b> regards"), holder(case)
    page = client.get(f"/case/{case.pk}/").content.decode()
    assert "This is not an appeal yet" in page
    assert "&lt;b&gt;Kind" in page
    assert client.post(f"/case/{case.pk}/mail/{row.pk}/", {"route": "sideways"}).status_code == 404
    route = "dispute" if 'value="dispute"' in page else "plan"
    done = client.post(f"/case/{case.pk}/mail/{row.pk}/", {"route": route})
    assert done["Location"].endswith(f"/case/{case.pk}/sent/")
    assert Appeal.objects.get(case=case).route == route
    assert "This is not an appeal yet" not in client.get(f"/case/{case.pk}/").content.decode()


def test_nobody_else_chooses_for_a_holder(case: Case, show: Showcase) -> None:
    row = post(case, "Please look at this again.")
    other = show.cases["in_review"]
    for path in (f"/case/{case.pk}/mail/{row.pk}/", f"/case/{other.pk}/mail/{row.pk}/"):
        assert holder(other).post(path, {"route": "dispute"}).status_code == 404
    assert Client().post(f"/case/{case.pk}/mail/{row.pk}/", {"route": "dispute"}).status_code == 403
    assert not Appeal.objects.filter(case=case).exists()
