"""What holder and staff say to each other: once, in order, read by whom, brought by letter to who is away; it moves nothing (requirements G1, G2)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import Talking
from goodstanding.core.terms import NoticeKind, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.loader import load_pack
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.conversation import (
    mail_unread,
    messages_of,
    need_no_answer,
    note_read,
    post_message,
)
from goodstanding.server.services.exports import check_export, export_case
from goodstanding.server.services.quality import open_blind
from goodstanding.server.store.models import Case, CaseMessage, Deadline
from tests.server.showcase import Showcase

pytestmark = pytest.mark.django_db

PACK = load_pack("amazon")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def holder(case: Case, at: datetime) -> Call:
    return Call(Actor(f"holder:{case.account_id}", Role.HOLDER, frozenset({case.account_id})), at)


def reviewer(show: Showcase, at: datetime) -> Call:
    return Call(Actor(f"user:{show.specialist.pk}", Role.SPECIALIST), at)


def test_a_message_sent_twice_is_one_and_moves_neither_state_nor_clock(show: Showcase, now: datetime) -> None:
    case = show.cases["in_review"]
    clocks = list(Deadline.objects.order_by("pk").values_list("pk", "due_at", "done_at", "cancelled_at"))
    one = post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text="  When do you call?\r\n", key="k1")
    two = post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text="When do you call?", key="k1")
    assert (one.pk, one.text, one.number) == (two.pk, "When do you call?", 1)
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.due_at, after.changed_at) == (case.state, case.due_at, case.changed_at)
    assert list(Deadline.objects.order_by("pk").values_list("pk", "due_at", "done_at", "cancelled_at")) == clocks
    assert after.message_waits_at == now
    later = now + timedelta(minutes=5)
    post_message(pack=PACK, call=holder(case, later), case_id=case.pk, text="Hello?", key="k2")
    assert Case.objects.get(pk=case.pk).message_waits_at == now, "who asks again has waited since the first time"
    answered = post_message(pack=PACK, call=reviewer(show, later), case_id=case.pk, text="At three.", key="k1")
    assert answered.number == 3, "another side's key is another key"
    assert Case.objects.get(pk=case.pk).message_waits_at is None
    assert list(ledger.verify()) == []


def test_nobody_reads_or_writes_in_anothers_conversation(show: Showcase, now: datetime) -> None:
    """K5: another seller learns not even that there is such a case."""
    mine, other = show.cases["in_review"], show.cases["in_force"]
    post_message(pack=PACK, call=holder(mine, now), case_id=mine.pk, text="Mine.", key="k")
    for act in (
        lambda: messages_of(actor=holder(other, now).actor, case_id=mine.pk),
        lambda: post_message(pack=PACK, call=holder(other, now), case_id=mine.pk, text="x", key="x"),
        lambda: note_read(call=holder(other, now), case_id=mine.pk, upto=9),
    ):
        with pytest.raises(NotFound):
            act()
    for role in (Role.AUDITOR, Role.POLICY_MANAGER):
        assert messages_of(actor=Actor("user:9", role), case_id=mine.pk)
        with pytest.raises(NotPermitted):
            post_message(pack=PACK, call=Call(Actor("user:9", role), now), case_id=mine.pk, text="x", key="x")
    with pytest.raises(NotPermitted):
        post_message(pack=PACK, call=Call(Actor("user:999", Role.SPECIALIST), now), case_id=mine.pk, text="A colleague holds it.", key="x")


def test_a_proposal_is_not_talked_about_and_a_case_at_rest_neither(show: Showcase, now: datetime) -> None:
    proposed, over = show.cases["proposed"], show.cases["reinstated"]
    with pytest.raises(NotFound):
        post_message(pack=PACK, call=holder(proposed, now), case_id=proposed.pk, text="x", key="x")
    with pytest.raises(IllegalTransition):
        post_message(pack=PACK, call=reviewer(show, now), case_id=proposed.pk, text="x", key="x")
    assert over.state == CaseState.REINSTATED
    with pytest.raises(IllegalTransition):
        post_message(pack=PACK, call=holder(over, now), case_id=over.pk, text="x", key="x")


def test_an_absent_holder_gets_one_letter_and_a_present_one_none(show: Showcase, now: datetime) -> None:
    pack, case = load_pack("amazon"), show.cases["in_review"]
    later = Call(AUTOMATION, now + timedelta(minutes=5))
    for number, text in enumerate(("We looked at order 1.", "And at order 2.")):
        post_message(pack=PACK, call=reviewer(show, now), case_id=case.pk, text=text, key=f"s{number}")
    assert mail_unread(call=Call(AUTOMATION, now + timedelta(minutes=5) - timedelta(seconds=1)), pack=pack) == 0
    assert mail_unread(call=later, pack=pack) == 1
    assert mail_unread(call=later, pack=pack) == 0
    letter = case.notices.get(kind=NoticeKind.MESSAGES)
    assert "We looked at order 1." in letter.body
    assert "And at order 2." in letter.body
    post_message(pack=PACK, call=reviewer(show, now), case_id=case.pk, text="Read at once.", key="s9")
    assert note_read(call=holder(case, now), case_id=case.pk, upto=2) == 2, "what came while the page was open is not read yet"
    assert note_read(call=holder(case, now), case_id=case.pk, upto=3) == 1
    assert mail_unread(call=later, pack=pack) == 0


def test_empty_too_long_and_too_many_are_refused_in_words(show: Showcase, now: datetime) -> None:
    case = show.cases["in_review"]
    for text, word in (("  ", "write a message first"), ("x" * 4001, "at most 4000")):
        with pytest.raises(UnusableInput, match=word):
            post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text=text, key="k")
    for number in range(30):
        post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text=str(number), key=f"k{number}")
    with pytest.raises(UnusableInput, match="an hour"):
        post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text="again", key="one more")
    need_no_answer(call=reviewer(show, now), case_id=case.pk)
    assert Case.objects.get(pk=case.pk).message_waits_at is None


def test_a_pack_says_how_much_and_when(show: Showcase, now: datetime) -> None:
    case, strict = show.cases["in_review"], replace(PACK, talking=Talking(letter_after=60, most_an_hour=1))
    post_message(call=holder(case, now), pack=strict, case_id=case.pk, text="One.", key="k1")
    with pytest.raises(UnusableInput, match="at most 1 messages an hour"):
        post_message(call=holder(case, now), pack=strict, case_id=case.pk, text="Two.", key="k2")
    post_message(call=reviewer(show, now), pack=strict, case_id=case.pk, text="We are looking.", key="s1")
    assert mail_unread(call=Call(AUTOMATION, now + timedelta(minutes=59)), pack=strict) == 0
    assert mail_unread(call=Call(AUTOMATION, now + timedelta(minutes=60)), pack=strict) == 1


def test_the_conversation_is_in_the_exported_case_and_proves_itself(show: Showcase, now: datetime) -> None:
    case = show.cases["in_review"]
    post_message(pack=PACK, call=holder(case, now), case_id=case.pk, text="Is 204-1 meant?", key="k")
    data = export_case(call=reviewer(show, now), case_id=case.pk)
    assert check_export(data=data) == []
    CaseMessage.objects.update(text="Is another meant?")
    assert check_export(data=export_case(call=reviewer(show, now), case_id=case.pk)) == ["message 1 was changed"]


def test_who_reviews_blind_reads_no_conversation(show: Showcase, now: datetime) -> None:
    case = show.cases["upheld"]
    blind = Call(Actor(f"user:{show.colleague.pk}", Role.SENIOR_SPECIALIST), now)
    open_blind(call=blind, appeal_id=case.appeals.get().pk)
    with pytest.raises(NotPermitted):
        messages_of(actor=blind.actor, case_id=case.pk)
