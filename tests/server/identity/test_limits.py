"""Guessing is stopped, addresses are not told, sessions end (requirement K5)."""

import re
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.factors import clear_sessions
from goodstanding.server.services.outbox import send_due
from goodstanding.server.store.models import AuditEntry, OutboxMessage, User
from tests.server.identity.people import PASSWORD, code_of, person, sign_in, with_app, written

pytestmark = pytest.mark.django_db


def test_five_wrong_passwords_lock_the_address_out_from_wherever_they_come() -> None:
    user = person("maya", Role.SPECIALIST)
    for _ in range(5):
        assert b"do not belong together" in sign_in(user, "wrong")[0].content
    assert b"too many attempts" in sign_in(user)[0].content, "also the right password"
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert b"too many attempts" in sign_in(user, browser=elsewhere)[0].content
    assert sign_in(person("ada", Role.AUDITOR))[0].status_code == 302, "nobody else is locked out"
    assert written(user) == ["sign_in_failed"] * 5 + ["locked_out"] * 2
    assert set(AuditEntry.objects.values_list("address", flat=True)) >= {"127.0.0.1", "203.0.113.9"}


def test_five_wrong_codes_lock_the_second_factor() -> None:
    user = person("maya", Role.SPECIALIST)
    secret = with_app(user)
    browser = sign_in(user)[1]
    for _ in range(5):
        browser.post("/sign-in/code/", {"code": "000000"})
    assert b"too many attempts" in browser.post("/sign-in/code/", {"code": code_of(secret)}).content
    assert written(user) == ["code_failed"] * 5 + ["locked_out"]


def test_successes_are_given_back() -> None:
    user = person("maya", Role.SPECIALIST)
    for _ in range(8):
        assert sign_in(user)[0].status_code == 302


def test_unknown_known_and_switched_off_addresses_are_answered_alike() -> None:
    known, off = person("maya", Role.SPECIALIST), person("ada", Role.AUDITOR)
    User.objects.filter(pk=off.pk).update(is_active=False)
    nobody = User(email="nobody@market.example")
    pages = {sign_in(one, word)[0].content for one, word in ((known, "wrong"), (nobody, "wrong"), (off, PASSWORD), (off, "wrong"))}
    plain = {re.sub(rb'value="[^"]*"', b"", page) for page in pages}
    assert len(plain) == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("user__email", flat=True)) == [known.email, None, off.email, off.email]


def test_a_new_password_is_asked_for_without_learning_whose_address_it_is(tmp_path: Path) -> None:
    user, browser = person("maya", Role.SPECIALIST), Client()
    other = sign_in(user)[1]
    answers = [browser.post("/sign-in/password/", {"email": email}) for email in (user.email, "nobody@market.example")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/sign-in/password/sent/")}
    assert send_due(now=timezone.now()).sent == 1
    mail = message_from_bytes(next((tmp_path / "mail").glob("*.eml")).read_bytes())
    link = re.search(r"http://localhost:8000(/sign-in/password/\S+)", mail.get_payload(decode=True).decode())[1]
    form = browser.get(link, follow=True)
    assert b"Set a new password" in form.content
    new = "quite another password"
    assert browser.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})["Location"] == "/sign-in/password/done/"
    assert other.get("/security/").status_code == 302, "sessions that were open have ended"
    assert sign_in(user, new)[0].status_code == 302
    assert b"no longer good" in Client().get(link, follow=True).content, "the link works once"
    assert "password_reset" in written(user)


def test_a_weak_new_password_is_refused_with_a_reason() -> None:
    user = person("maya", Role.SPECIALIST)
    browser = sign_in(user)[1]
    page = browser.post("/security/password/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    assert b"at least 12" in page.content


def test_a_flood_of_sign_ins_from_one_network_gets_a_page_that_says_so() -> None:
    statuses = []
    for n in range(62):
        answer = Client().post("/console/sign-in/", {"login": f"n{n}@market.example", "password": "x"})
        statuses.append(answer.status_code)
    assert statuses[-1] == 429
    assert "Too many attempts" in answer.content.decode()


def test_staff_sign_in_again_after_some_hours_and_under_a_new_key(settings) -> None:
    settings.STAFF_SESSION_HOURS = 3
    for user, secret in ((person("maya", Role.SPECIALIST), ""), (second := person("ines", Role.SENIOR_SPECIALIST), with_app(second))):
        browser = Client()
        browser.get("/console/sign-in/")
        session = browser.session
        session["before"] = "yes"
        session.save()
        browser.cookies["sessionid"] = before = session.session_key
        sign_in(user, browser=browser)
        if secret:
            browser.post("/sign-in/code/", {"code": code_of(secret)})
        assert browser.get("/console/").status_code == 200
        assert browser.cookies["sessionid"].value != before
        kept = Session.objects.get(pk=browser.cookies["sessionid"].value)
        assert timedelta(hours=2.9) < kept.expire_date - timezone.now() < timedelta(hours=3.1)
        Session.objects.filter(pk=kept.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
        assert browser.get("/console/").status_code == 302


def test_sessions_are_listed_and_ended_by_their_owner() -> None:
    user = person("maya", Role.SPECIALIST)
    here, there = sign_in(user)[1], sign_in(user, browser=Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Telephone"))[1]
    page = here.get("/security/sessions/").content.decode()
    assert "203.0.113.9" in page
    assert "Telephone" in page
    assert "this session" in page
    here.post("/security/sessions/")
    assert there.get("/console/").status_code == 302
    assert here.get("/console/").status_code == 200
    assert written(user).count("session_ended") == 1


def test_sessions_that_ran_out_are_thrown_away_by_night() -> None:
    browser = sign_in(person("maya", Role.SPECIALIST))[1]
    Session.objects.update(expire_date=timezone.now() - timedelta(hours=1))
    assert clear_sessions(call=Call(AUTOMATION, timezone.now())) == 1
    assert browser.get("/console/").status_code == 302


def test_a_letter_about_a_sign_in_that_never_gets_through_leaves_no_link_behind(settings) -> None:
    settings.SMTP_URL = "smtp://localhost:1"
    Client().post("/sign-in/password/", {"email": person("maya", Role.SPECIALIST).email})
    now = timezone.now()
    for _ in range(13):
        send_due(now=now)
        now += timedelta(days=1)
    message = OutboxMessage.objects.get()
    assert message.dead_at
    assert message.payload == {}
