"""Signing in by password and second factor (requirement K5)."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.services.outbox import send_due
from goodstanding.server.store.models import AuditEntry, OutboxMessage
from tests.server.identity.people import PASSWORD, code_of, person, sign_in, with_app, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _needs_factor(settings) -> None:
    settings.SECOND_FACTOR = True


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
