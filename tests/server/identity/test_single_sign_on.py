"""Staff by single sign-on, against a provider over real HTTP: the groups there are the role here, at every sign-in (requirement K5)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from goodstanding.core.terms import Role
from goodstanding.server.store.models import AuditEntry, User
from tests.patience import SECONDS
from tests.server.identity.people import PASSWORD, person, sign_in, with_app, written
from tests.server.identity.provider import Provider, provider, settings_for

pytestmark = pytest.mark.django_db
BOSS = {"sub": "emp-7", "email": "boss@market.example", "email_verified": True, "name": "Bo Ssbach"}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def company(server: Provider, settings) -> Provider:
    settings.SECOND_FACTOR = True
    for name, value in settings_for(server).items():
        setattr(settings, name, value)
    return server


def come(company: Provider, user: dict[str, Any], browser: Client | None = None):  # type: ignore[no-untyped-def]
    """What a browser sees that goes to the provider and comes back."""
    company.user, browser = user, browser or Client()
    there = browser.post("/sign-in/on/staff/")["Location"]
    assert there.startswith(f"{company.issuer}/authorize?")
    back = httpx.get(there, timeout=SECONDS).headers["Location"]
    return browser.get(back.removeprefix("http://testserver")), browser


def test_a_group_gives_the_role_and_no_second_factor_is_asked_for_here(company: Provider) -> None:
    assert "Company" in Client().get("/console/sign-in/").content.decode()
    answer, browser = come(company, BOSS | {"groups": ["ts-lead", "canteen"]})
    assert answer["Location"] == "/console/enter/"
    assert browser.get("/console/").status_code == 200
    user = User.objects.get()
    assert (user.email, user.name, user.role, user.has_usable_password()) == ("boss@market.example", "Bo Ssbach", "senior_specialist", False)
    assert written(user) == ["user_made", "signed_in"]
    assert AuditEntry.objects.latest("pk").method == "single_sign_on"


def test_roles_follow_the_groups_at_every_sign_in_and_go_with_them(company: Provider) -> None:
    _, first = come(company, BOSS | {"groups": ["ts-lead"]})
    answer, _ = come(company, BOSS | {"groups": ["audit"]})
    assert answer.status_code == 302
    user = User.objects.get()
    assert user.role == "auditor"
    assert first.get("/console/").status_code == 302, "a session of the role before has ended"
    answer, other = come(company, BOSS | {"groups": ["canteen"]})
    assert answer.status_code == 403
    assert "None of your groups" in answer.content.decode()
    assert other.get("/console/").status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.off_by) == (False, "single_sign_on")
    assert come(company, BOSS | {"groups": "ts"})[0].status_code == 302, "one group may come as a word"
    user.refresh_from_db()
    assert (user.is_active, user.role, user.off_by) == (True, "specialist", "")
    assert written(user).count("user_changed") == 3
    assert "sign_on_refused" in written(user)


def test_without_any_group_nobody_is_made(company: Provider) -> None:
    assert come(company, BOSS)[0].status_code == 403
    assert not User.objects.exists()


def test_a_user_who_is_here_already_comes_by_single_sign_on_alone_from_then_on(company: Provider) -> None:
    maya = person("maya", Role.SPECIALIST)
    with_app(maya)
    open_session = sign_in(maya)[1]
    answer, browser = come(company, {"sub": "emp-1", "email": "Maya@market.example", "email_verified": True, "groups": ["ts"]})
    assert answer["Location"] == "/sign-in/code/", "a factor that was set up here is still asked for"
    assert User.objects.count() == 1
    assert b"do not belong together" in sign_in(maya, PASSWORD)[0].content
    assert Client().post("/sign-in/password/", {"email": maya.email}).status_code == 302
    assert open_session.get("/security/").status_code == 302
    assert browser.get("/console/").status_code == 302


@pytest.mark.parametrize("verified", [False, None])
def test_an_address_that_the_provider_does_not_vouch_for_takes_nobodys_place(company: Provider, verified: bool | None) -> None:
    maya = person("maya", Role.SPECIALIST)
    user = {"sub": "emp-9", "email": maya.email, "groups": ["ts-lead"]} | ({} if verified is None else {"email_verified": verified})
    assert come(company, user)[0].status_code == 403
    maya.refresh_from_db()
    assert (maya.role, maya.has_usable_password()) == ("specialist", True)


def test_holders_never_come_this_way(company: Provider) -> None:
    holder = person("nora", Role.HOLDER)
    answer, _ = come(company, {"sub": "n", "email": holder.email, "email_verified": True, "groups": ["ts-lead"]})
    assert answer.status_code == 403
    holder.refresh_from_db()
    assert holder.role == "holder"


def test_whom_a_person_switched_off_the_groups_do_not_switch_on(company: Provider) -> None:
    come(company, BOSS | {"groups": ["ts"]})
    User.objects.update(is_active=False, off_by="person")
    answer, browser = come(company, BOSS | {"groups": ["ts"]})
    assert answer.status_code == 403
    assert browser.get("/console/").status_code == 302
    assert not User.objects.get().is_active


def test_a_broken_way_back_is_a_plain_page_and_an_entry_in_the_audit(company: Provider) -> None:
    browser = Client()
    for query in ("code=made-up&state=made-up", "error=access_denied", ""):
        answer = browser.get(f"/sign-in/on/staff/back/?{query}")
        assert answer.status_code in (302, 401)
        assert "Traceback" not in answer.content.decode()
    assert browser.post("/sign-in/on/other/").status_code == 404
    assert "sign_on_refused" in written()
