"""Held mails in the console: what waits, why, the original as harmless text, and the two things a person can do (requirements C2, G1, H5)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.policy import current_pack
from goodstanding.server.services.incoming import take_mail
from goodstanding.server.store.models import Appeal, Case, IncomingMail, Notice, User
from tests.server.factories import automation
from tests.server.mailroom.mailing import REPLIES, resolver, write
from tests.server.showcase import PASSWORD, Showcase

BODY = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Root cause: a supplier. We removed it. Preventive measures: we test &lt;b&gt;all&lt;/b&gt;.</p><script>alert('x')</script>\r\n"


@pytest.fixture
def case(show: Showcase, settings: Any) -> Case:
    settings.REPLY_DOMAIN = REPLIES
    return show.cases["in_force"]


@pytest.fixture
def held(case: Case) -> IncomingMail:
    from datetime import timedelta

    from goodstanding.server.mailroom.addresses import reply_address

    now = timezone.now()
    to = reply_address(case_id=case.pk, expires_at=now + timedelta(days=9))
    raw = write(to, BODY, sender=case.account.email, sign="", subject="=?utf-8?q?=3Cscript=3Ealert(1)=3C/script=3E?=")
    taken = take_mail(call=automation(now=now), pack=current_pack(), raw=raw, envelope=Envelope("", (to,)), resolver=resolver)
    assert taken.mail is not None
    return taken.mail


def enter(role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@mail.example", PASSWORD, name=str(role), role=role))
    return client


def test_what_waits_is_listed_with_its_reason_and_nothing_in_it_runs(held: IncomingMail) -> None:
    client = enter(Role.SPECIALIST)
    page = client.get("/console/mail/").content.decode()
    assert "neither DKIM nor SPF proves the sender" in page
    one = client.get(f"/console/mail/{held.pk}/").content.decode()
    for shown in (page, one):
        assert "&lt;script&gt;" in shown
        assert "<script>alert" not in shown
        assert "<b>all" not in shown
    assert "Root cause: a supplier" in one
    assert f"sha256 {held.sha256}" in one


def test_a_reviewer_releases_a_mail_into_its_case(held: IncomingMail, case: Case) -> None:
    client = enter(Role.SPECIALIST)
    answer = client.post(f"/console/mail/{held.pk}/", {"do": "release"}, follow=True)
    assert "The mail is in its case" in answer.content.decode()
    assert Appeal.objects.filter(case=case).exists()
    assert "Mails that came in" in answer.content.decode()
    assert client.post(f"/console/mail/{held.pk}/", {"do": "release"}).status_code == 409
    assert Appeal.objects.filter(case=case).count() == 1


def test_a_reviewer_refuses_a_mail_only_with_a_reason(held: IncomingMail) -> None:
    client = enter(Role.SENIOR_SPECIALIST)
    assert client.post(f"/console/mail/{held.pk}/", {"do": "reject"}).status_code == 422
    done = client.post(f"/console/mail/{held.pk}/", {"do": "reject", "because": "forged"}, follow=True)
    assert "The mail is refused" in done.content.decode()
    assert f"/console/mail/{held.pk}/" not in done.content.decode()


@pytest.mark.parametrize(("role", "reads", "decides"), [(Role.AUDITOR, 200, 403), (Role.POLICY_MANAGER, 403, 403)])
def test_others_read_or_are_refused(role: Role, reads: int, decides: int, held: IncomingMail) -> None:
    client = enter(role)
    assert client.get("/console/mail/").status_code == reads
    assert client.get(f"/console/mail/{held.pk}/").status_code == reads
    assert client.post(f"/console/mail/{held.pk}/", {"do": "release"}).status_code == decides
    assert client.get("/console/mail/M-NONE/").status_code in (404, 403)


def test_a_letter_that_did_not_arrive_is_marked_for_staff_and_holder(case: Case, browser_of: Callable[[User], Client]) -> None:
    notice = Notice.objects.filter(case=case).order_by("created_at")[0]
    Notice.objects.filter(pk=notice.pk).update(bounced_at=timezone.now(), bounce_said="5.1.1 no such mailbox")
    page = enter(Role.SPECIALIST).get(f"/console/case/{case.pk}/").content.decode()
    assert "5.1.1 no such mailbox" in page
