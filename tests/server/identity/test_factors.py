"""Signing in by password and second factor (requirement K5)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.identity import changes
from goodstanding.server.services.outbox import LETTER, send_due
from goodstanding.server.store.models import AuditEntry, OutboxMessage, User
from goodstanding.server.store.sealing import Purpose, unseal
from tests.server.identity.people import PASSWORD, code_of, person, sign_in, with_app, written
from tests.server.processes import killed, statements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _needs_factor(settings) -> None:
    settings.SECOND_FACTOR = True
    # A code that holds for years: none runs out on a slow machine between being made and being typed.
    settings.MFA_TOTP_PERIOD = 10**9


@pytest.mark.django_db(transaction=True)
def test_staff_without_a_second_factor_set_one_up_before_anything_opens() -> None:
    """K5: from the password to the console by an authenticator app, with recovery codes in hand."""
    user = person("maya", Role.SPECIALIST)
    answer, browser = sign_in(user)
    for path in ("/console/", "/console/search/?q=x", "/console/calls/", "/console/case/C-1/"):
        assert browser.get(path)["Location"] == "/security/", path
    assert browser.post("/console/")["Location"] == "/security/"
    assert "You need a second factor" in browser.get("/security/").content.decode()
    assert browser.get("/security/app/")["Location"].startswith("/security/confirm/")
    browser.post("/security/confirm/?next=/security/app/", {"password": PASSWORD})
    page = browser.get("/security/app/").content.decode()
    secret = re.search(r'class="id">([A-Z2-7]{32})<', page)[1]
    assert "data:image/svg+xml;base64," in page
    assert b"not right" in browser.post("/security/app/", {"code": "000000"}).content
    answer = browser.post("/security/app/", {"code": code_of(secret)})
    assert answer["Location"] == "/security/codes/"
    assert len(re.findall(r'<li class="id">\d{8}</li>', browser.get("/security/codes/").content.decode())) == 10
    assert browser.get("/console/").status_code == 200
    assert "factor_added" in written(user)
    kept = str(Authenticator.objects.filter(user=user).values_list("data", flat=True))
    assert secret not in kept


def test_a_code_signs_in_once_and_a_recovery_code_once() -> None:
    user = person("maya", Role.SPECIALIST)
    secret = with_app(user)
    recovery = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    now = code_of(secret)
    for code in (now, recovery[0]):
        answer, browser = sign_in(user)
        assert answer["Location"] == "/sign-in/code/"
        assert browser.get("/console/")["Location"].startswith("/console/sign-in/"), "the password alone opens nothing"
        assert browser.post("/sign-in/code/", {"code": code})["Location"] == "/console/enter/"
        assert browser.get("/console/").status_code == 200
        again = sign_in(user)[1]
        assert b"was used before" in again.post("/sign-in/code/", {"code": code}).content
    methods = list(AuditEntry.objects.filter(kind="signed_in").order_by("pk").values_list("method", flat=True))
    assert methods == ["password+totp", "password+recovery_codes"]
    assert "code_failed" in written(user)
    everything = str(list(AuditEntry.objects.values()))
    assert PASSWORD not in everything
    assert now not in everything
    assert recovery[0] not in everything


def test_who_needs_a_factor_cannot_take_the_last_one_away(settings) -> None:
    user = person("maya", Role.SPECIALIST)
    secret = with_app(user)
    browser = sign_in(user)[1]
    browser.post("/sign-in/code/", {"code": code_of(secret)})
    browser.post("/security/confirm/?next=/security/", {"password": PASSWORD})
    page = browser.post("/security/app/remove/")
    assert "This is your last second factor" in page.content.decode()
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    settings.SECOND_FACTOR = False
    assert browser.post("/security/app/remove/")["Location"] == "/security/"
    assert not Authenticator.objects.filter(user=user).exists(), "recovery codes go with the last factor"
    assert written(user)[-1] == "factor_removed"


def test_factors_that_another_key_of_the_server_sealed_open_nothing_and_no_code_is_called_wrong(settings) -> None:
    user = person("maya", Role.SPECIALIST)
    secret = with_app(user)
    settings.SECRET_KEY = "another" * 10
    browser = sign_in(user)[1]
    answer = browser.post("/sign-in/code/", {"code": code_of(secret)})
    assert answer.status_code == 503
    assert b"stored under another key" in answer.content
    assert browser.get("/console/")["Location"].startswith("/console/sign-in/")


def test_a_change_of_the_way_in_is_told_by_mail_in_the_users_language(tmp_path: Path) -> None:
    user = person("maya", Role.SPECIALIST)
    user.language = "zh-Hans"
    user.save()
    browser = sign_in(user)[1]
    browser.post("/security/confirm/?next=/security/", {"password": PASSWORD})
    new = "another long password"
    assert browser.post("/security/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})["Location"] == "/security/"
    assert written(user)[-1] == "password_changed"
    assert browser.get("/security/").status_code == 200, "the session in which it was changed goes on"
    assert send_due(now=timezone.now()).sent == 1
    mail = next((tmp_path / "mail").glob("*.eml")).read_text()
    assert "To: maya@market.example" in mail
    assert "Content-Language: zh-hans" in mail
    assert OutboxMessage.objects.get().payload == {}, "what the letter said does not stay in the outbox"


def test_holders_need_no_second_factor() -> None:
    holder = person("nora", Role.HOLDER)
    answer, browser = sign_in(holder)
    assert browser.get(answer["Location"])["Location"] == "/account/"


def test_a_demonstration_says_that_it_asks_for_no_second_factor(settings) -> None:
    assert b"without a second factor" not in Client().get("/console/sign-in/").content
    settings.SECOND_FACTOR = False
    assert b"without a second factor" in Client().get("/console/sign-in/").content


def signed_in(user: User) -> Client:
    """A browser that may change factors."""
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    browser.post("/security/confirm/?next=/security/", {"password": PASSWORD})
    return browser


def add_app(browser: Client) -> None:
    secret = re.search(r'class="id">([A-Z2-7]{32})<', browser.get("/security/app/").content.decode())[1]
    browser.post("/security/app/", {"code": code_of(secret)})


def remove_passkey(browser: Client) -> None:
    browser.post(f"/security/passkeys/{Authenticator.objects.get(type='webauthn').pk}/remove/")


def set_password(browser: Client) -> None:
    browser.post("/security/password/", {"oldpassword": PASSWORD, "password1": "another long password", "password2": "another long password"})


def reset_password(browser: Client) -> None:
    browser.post("/console/sign-out/")
    browser.post("/sign-in/password/", {"email": "maya@market.example"})
    sealed = OutboxMessage.objects.get(payload__has_key=LETTER).payload[LETTER]
    link = re.search(r"https?://[^/]+(/sign-in/password/\S+)", unseal(sealed, Purpose.LETTERS, what="the letter"))[1]
    OutboxMessage.objects.all().delete()
    form = browser.get(link)["Location"]
    browser.post(form, {"password1": "another long password", "password2": "another long password"})


CHANGES = {
    "an app added": ("factor_added", add_app),
    "an app removed": ("factor_removed", lambda browser: browser.post("/security/app/remove/")),
    "recovery codes made": ("recovery_codes_made", lambda browser: browser.post("/security/codes/new/")),
    "a passkey removed": ("factor_removed", remove_passkey),
    "a password changed": ("password_changed", set_password),
    "a password reset": ("password_reset", reset_password),
}


def ways_in(user: User) -> tuple[object, ...]:
    """What the user comes in by."""
    return (*Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type", "data"), User.objects.get(pk=user.pk).password)


def ready_for(change: str) -> tuple[User, Client]:
    """A user with the factors that the change needs."""
    user = person("maya", Role.SPECIALIST)
    if change not in ("an app added", "a password changed", "a password reset"):
        with_app(user)
    if change == "a passkey removed":
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "phone", "credential": {}})
    return user, signed_in(user)


@pytest.mark.parametrize("change", CHANGES)
def test_a_crash_after_the_commit_loses_no_entry_of_the_audit(change: str, settings) -> None:
    """What allauth does on commit never comes here, as after a crash: a test's transaction ends without one."""
    settings.SECOND_FACTOR = False
    kind, act = CHANGES[change]
    user, browser = ready_for(change)
    before = ways_in(user)
    act(browser)
    assert ways_in(user) != before
    assert [one for one in written(user) if one == kind] == [kind]
    assert OutboxMessage.objects.filter(payload__recipient=user.email).count() == 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_cannot_be_written_down_does_not_happen(change: str, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SECOND_FACTOR = False
    kind, act = CHANGES[change]
    user, browser = ready_for(change)
    before = ways_in(user)

    def broken(request: object, told: str, *about: object, **more: object) -> None:
        if told == kind:
            raise OSError("no space left on device")

    monkeypatch.setattr(changes, "tell", broken)
    act(browser)
    assert ways_in(user) == before
    assert kind not in written(user)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="kills processes that share a database with this one, so it needs PostgreSQL")
def test_a_process_killed_anywhere_leaves_both_an_app_and_its_entry_or_neither() -> None:
    user, browser = ready_for("an app added")

    def came() -> tuple[int, int, int]:
        app = Authenticator.objects.filter(user=user, type="totp").count()
        return app, written(user).count("factor_added"), OutboxMessage.objects.filter(payload__recipient=user.email).count()

    def adding() -> Callable[[], None]:
        Authenticator.objects.filter(user=user).delete()
        OutboxMessage.objects.all().delete()
        cache.clear()  # a code whose process was killed counts as one tried in vain, and five of those lock
        secret = re.search(r'class="id">([A-Z2-7]{32})<', browser.get("/security/app/").content.decode())[1]
        return lambda: browser.post("/security/app/", {"code": code_of(secret)})

    last, seen = statements(adding()), set()
    # The last one is killed when all is done, also where it needs a statement more than the one that was counted.
    for after in [*range(0, last, 3), 10 * last]:
        add, entries = adding(), came()[1]
        killed(add, after)
        app, now, letters = came()
        assert app == now - entries == letters, f"killed after {after} of {last} statements"
        seen.add(app)
    assert seen == {0, 1}
