"""Memberships: joined and left by the night, told by letter, ended by harm (requirements J1, J2, J4)."""

from datetime import timedelta

import pytest

from goodstanding.core.terms import ActionKind, HolderKind, NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.enrollments import Reviewed, membership_of, review_memberships
from goodstanding.server.store.models import Enrollment, Notice, OutboxMessage
from tests.server.factories import NOW, TODAY, automation, make_account, make_endpoint, make_proposed, make_rating, make_violation, senior
from tests.server.services.assuring import assured_pack, make_assured, make_member

pytestmark = pytest.mark.django_db
PACK = assured_pack()


def night(days=0):
    return review_memberships(call=automation(now=NOW + timedelta(days=days)), pack=PACK, as_of=TODAY + timedelta(days=days))


def test_who_meets_everything_is_enrolled_with_a_letter_and_an_event_once():
    """Requirement J2."""
    account = make_assured()
    make_endpoint()
    assert night() == Reviewed(enrolled=1)
    assert night() == Reviewed()
    letter = Notice.objects.get(kind=NoticeKind.ENROLLED)
    assert (letter.account, letter.case, letter.recipient) == (account, None, account.email)
    assert f"/account/{account.pk}/assurance/" in letter.body
    assert OutboxMessage.objects.filter(notice=letter).count() == 1
    assert OutboxMessage.objects.get(channel="webhook").payload["type"] == "assurance.enrolled"
    assert list(ledger.verify()) == []


def test_who_lacks_only_the_contact_is_told_so_once_and_enrolled_when_it_is_there():
    """Requirement J2."""
    account = make_assured(emergency_phone="")
    assert night() == Reviewed(asked=1)
    assert night(1) == Reviewed()
    assert Notice.objects.get(kind=NoticeKind.CONTACT_NEEDED).account == account
    account.refresh_from_db()
    account.emergency_phone = "+1 206 555 0123"
    account.save()
    assert night(2) == Reviewed(enrolled=1)


def test_who_lacks_more_than_the_contact_is_not_written_to():
    make_assured(emergency_phone="", plan="individual")
    make_assured(emergency_phone="", rating=240)
    make_account(holder_kind=HolderKind.BUYER)
    assert night() == Reviewed()
    assert not Notice.objects.exists()


def test_a_member_below_the_floor_leaves_after_the_tenth_day_in_a_row_and_is_told_why():
    account = make_member(PACK)
    make_rating(account, 240, as_of=TODAY + timedelta(days=1))
    assert night(10) == Reviewed()
    assert night(11) == Reviewed(left=1)
    assert night(11) == Reviewed()
    assert "days=11" in Notice.objects.get(kind=NoticeKind.MEMBERSHIP_ENDED).body
    assert Enrollment.objects.get().ended_because == ["rating"]


def test_a_closed_account_leaves_without_a_letter():
    account = make_member(PACK)
    account.closed_at = NOW
    account.save()
    assert night() == Reviewed(left=1)
    assert not Notice.objects.filter(kind=NoticeKind.MEMBERSHIP_ENDED).exists()


def test_fraud_ends_a_membership_at_once_and_no_night_brings_it_back():
    """Requirement J4."""
    account = make_member(PACK)
    case = make_proposed(ActionKind.CLOSE, account=account, pack=PACK)
    assert Enrollment.objects.get().ended_at is None, "a proposal is no decision"
    approve_action(call=senior(), pack=PACK, case_id=case.pk, at=NOW)
    assert Enrollment.objects.get().ended_because == ["harm"]
    assert "ended for harm" in Notice.objects.get(kind=NoticeKind.MEMBERSHIP_ENDED).body
    assert night(1) == Reviewed()
    assert membership_of(account=account, pack=PACK, as_of=TODAY).is_barred


def test_open_harm_keeps_an_account_out_whatever_its_rating():
    make_violation(make_assured(), "fraud")
    assert night() == Reviewed()


def test_many_accounts_are_looked_at_in_blocks(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("goodstanding.server.services.enrollments.BLOCK", 3)
    for _ in range(7):
        make_assured(plan="individual")
    with django_assert_max_num_queries(10):
        assert night() == Reviewed()
    for _ in range(7):
        make_assured()
    assert night() == Reviewed(enrolled=7)


def test_a_night_on_facts_takes_the_contact_in(tmp_path):
    from goodstanding.server.jobs.nightly import run_assessment
    from goodstanding.server.store.models import Account
    from tests.server.jobs.night import FINE, make_night

    source = make_night(tmp_path / "facts")
    path = tmp_path / "facts" / "accounts.csv"
    lines = path.read_text().splitlines()
    more = [f"{line},+1 206 555 0123,2026-01-01T00:00:00" if FINE in line else f"{line},," for line in lines[1:]]
    path.write_text("\n".join([lines[0] + ",emergency_phone,emergency_phone_verified_at", *more]) + "\n")
    account = make_account(FINE, contact_asked_at=NOW)
    run = run_assessment(call=automation(), pack=PACK, source=source, as_of=TODAY)
    account = Account.objects.get(pk=FINE)
    assert (account.emergency_phone, account.contact_asked_at) == ("+1 206 555 0123", NOW), "what we know ourselves stays"
    assert run.members == Reviewed()
