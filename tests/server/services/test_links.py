"""The link of a notice opens one case, for as long as the pack says, and for nobody who has not got it (requirement C2)."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import ActionKind
from goodstanding.core.values import Span
from goodstanding.server.services.links import make_link, open_link, withdraw_links
from goodstanding.server.store.models import AccessLink, LedgerEntry, Notice
from tests.server.factories import NOW, make_action_in_force, server_pack, specialist

pytestmark = pytest.mark.django_db


def token_of(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]


@pytest.fixture
def case():
    return make_action_in_force(ActionKind.RESTRICT)


def test_the_link_of_the_notice_opens_its_case(case, settings):
    body = Notice.objects.get(case=case).body
    url = next(word for word in body.replace("=", " ").split() if word.startswith(settings.BASE_URL))
    assert open_link(token=token_of(url), now=NOW).case == case


def test_the_token_itself_is_nowhere_in_the_table(case, pack):
    token = token_of(make_link(call=specialist(), case=case, pack=pack))
    assert not AccessLink.objects.filter(token_sha256__contains=token[:20]).exists()


def test_a_link_is_good_until_it_expires_and_not_a_second_longer(case):
    pack = server_pack(deadlines=server_pack().deadlines | {"notice_link_valid": Span(days=30)})
    token = token_of(make_link(call=specialist(), case=case, pack=pack))
    end = NOW + timedelta(days=30)
    assert open_link(token=token, now=end - timedelta(seconds=1)).case == case
    with pytest.raises(NotFound, match="expired on 2026-12-20"):
        open_link(token=token, now=end)


def test_a_link_whose_pack_names_no_time_lasts_as_long_as_an_appeal(case, pack):
    make_link(call=specialist(), case=case, pack=pack)
    assert AccessLink.objects.last().expires_at == pack.deadlines["appeal_window"].after(NOW)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: ("y" if t[0] == "x" else "x") + t[1:], lambda t: t.replace(".", ""), lambda t: "", lambda t: t + "a"]
)
def test_a_changed_link_opens_nothing(case, pack, spoil):
    token = token_of(make_link(call=specialist(), case=case, pack=pack))
    with pytest.raises(NotFound, match="not one of ours"):
        open_link(token=spoil(token), now=NOW)


def test_a_link_signed_here_but_never_given_opens_nothing(case, pack):
    token = token_of(make_link(call=specialist(), case=case, pack=pack))
    AccessLink.objects.all().delete()
    with pytest.raises(NotFound, match="not known"):
        open_link(token=token, now=NOW)


def test_withdrawn_links_open_nothing_and_a_new_one_does(case, pack):
    old = token_of(make_link(call=specialist(), case=case, pack=pack))
    assert withdraw_links(call=specialist(), case_id=case.pk) == 2
    assert withdraw_links(call=specialist(), case_id=case.pk) == 0
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="LinksWithdrawn").count() == 1, "done twice it is done once"
    with pytest.raises(NotFound, match="withdrawn"):
        open_link(token=old, now=NOW)
    assert open_link(token=token_of(make_link(call=specialist(), case=case, pack=pack)), now=NOW).case == case
