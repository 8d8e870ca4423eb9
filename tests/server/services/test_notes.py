"""Notes among colleagues: kept once, in ledger and export, brought to who is asked until it is settled, and to nobody else's eyes (H1, H8, K3, K5)."""

from datetime import datetime

import pytest
from django.utils import timezone

from goodstanding.core.cases.notes import NoteAbout, Settled
from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, Role
from goodstanding.core.values import Actor
from goodstanding.packs.loader import load_pack
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import dismiss_action, propose_actions
from goodstanding.server.services.call import Call
from goodstanding.server.services.conversation import messages_of
from goodstanding.server.services.exports import check_export, export_case
from goodstanding.server.services.notes import asked_of, notes_of, set_aside, write_note
from goodstanding.server.services.quality import open_blind
from goodstanding.server.services.queue import Wanted, asked_cases
from goodstanding.server.services.reading import case_file
from goodstanding.server.services.retention import erase_case
from goodstanding.server.services.violations import record_violation
from goodstanding.server.store.models import Case, CaseNote, Deadline, LedgerEntry, OutboxMessage, User
from tests.server.factories import NOW, automation, call_as, holder, make_account, make_action_in_force, make_endpoint, specialist
from tests.server.showcase import Showcase

pytestmark = pytest.mark.django_db


def of_staff(name: str, role: Role = Role.SPECIALIST) -> Call:
    user = User.objects.create_user(f"{name}@market.example", "correct horse battery", name=name, role=role)
    return Call(Actor(f"user:{user.pk}", role), NOW)


def listed(call: Call) -> list[str]:
    return [case.pk for case in asked_cases(actor=call.actor, wanted=Wanted()).cases]


def test_a_colleague_is_asked_answers_and_the_answer_comes_back_until_it_is_set_aside(pack: object) -> None:
    """H1: peers ask for it; both see what they wait for in one list, and nothing else of the case moves."""
    make_endpoint()
    case, maya, ines = make_action_in_force(ActionKind.RESTRICT), of_staff("Maya"), of_staff("Ines", Role.SENIOR_SPECIALIST)
    moved = list(Deadline.objects.order_by("pk").values_list("pk", "due_at", "done_at"))
    asked = write_note(call=maya, case_id=case.pk, text="Is this stamp real?", key="1", addressee=ines.actor.id)
    assert write_note(call=maya, case_id=case.pk, text="Is this stamp real?", key="1", addressee=ines.actor.id).pk == asked.pk
    assert (listed(ines), listed(maya), asked_of(actor=ines.actor)[case.pk].text) == ([case.pk], [], "Is this stamp real?")
    answer = write_note(call=ines, case_id=case.pk, text="It is.", key="1", answers=asked.number)
    asked.refresh_from_db()
    assert (asked.settled_as, answer.addressee, listed(ines), listed(maya)) == (Settled.ANSWERED, maya.actor.id, [], [case.pk])
    for _twice in range(2):
        assert set_aside(call=maya, case_id=case.pk, number=answer.number).settled_as == Settled.SET_ASIDE
    assert listed(maya) == []
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.changed_at, after.place) == (case.state, case.changed_at, case.place)
    assert list(Deadline.objects.order_by("pk").values_list("pk", "due_at", "done_at")) == moved
    assert [entry.kind for entry in LedgerEntry.objects.filter(case_id=case.pk).order_by("sequence")][-3:] == [
        "NoteWritten",
        "NoteWritten",
        "NoteSetAside",
    ]
    assert list(ledger.verify()) == []
    told = [one.payload for one in OutboxMessage.objects.all() if one.payload.get("type") == "case.colleague_asked"]
    assert [one["colleague"] for one in told] == [ines.actor.id, maya.actor.id]
    assert "stamp" not in str(told)


def test_who_may_not_is_refused_and_nothing_is_kept(pack: object) -> None:
    """K5: auditors and policy managers read; a holder and another's staff member learn nothing and answer nothing."""
    case, maya, ines = make_action_in_force(ActionKind.RESTRICT), of_staff("Maya"), of_staff("Ines")
    write_note(call=maya, case_id=case.pk, text="Look at this.", key="1", addressee=ines.actor.id)
    for role in (Role.AUDITOR, Role.POLICY_MANAGER):
        assert notes_of(actor=call_as(role, "user:9").actor, case=case)
        with pytest.raises(NotPermitted):
            write_note(call=call_as(role, "user:9"), case_id=case.pk, text="x", key="2")
        with pytest.raises(NotPermitted):
            set_aside(call=call_as(role, "user:9"), case_id=case.pk, number=1)
    for outside in (holder(case.account), call_as(Role.DELEGATE, "delegate:1", accounts=[case.account_id])):
        with pytest.raises(NotPermitted):
            notes_of(actor=outside.actor, case=case)
        with pytest.raises(NotPermitted):
            write_note(call=outside, case_id=case.pk, text="x", key="2")
        assert not {one.kind for one in case_file(actor=outside.actor, case_id=case.pk).happenings} & {"NoteWritten", "NoteSetAside"}
    stranger = of_staff("Otto")
    with pytest.raises(NotPermitted):
        set_aside(call=stranger, case_id=case.pk, number=1)
    with pytest.raises(NotFound):
        write_note(call=stranger, case_id=case.pk, text="x", key="2", answers=1)
    with pytest.raises(NotFound):
        set_aside(call=maya, case_id=case.pk, number=7)
    for addressee in (maya.actor.id, "user:999999", "user:x", "holder:1", of_staff("Ada", Role.AUDITOR).actor.id):
        with pytest.raises(UnusableInput):
            write_note(call=maya, case_id=case.pk, text="x", key="3", addressee=addressee)
    assert CaseNote.objects.count() == 1


def test_notes_are_in_the_exported_case_and_prove_themselves(pack: object) -> None:
    """K3."""
    case = make_action_in_force(ActionKind.RESTRICT)
    write_note(call=specialist(), case_id=case.pk, text="The invoice names another buyer.", key="1")
    data = export_case(call=specialist(), case_id=case.pk)
    assert check_export(data=data) == []
    CaseNote.objects.update(text="The invoice is in order.")
    assert check_export(data=export_case(call=specialist(), case_id=case.pk)) == ["note 1 was changed"]


def test_notes_go_when_the_texts_of_their_case_do(pack: object) -> None:
    case, maya, ines = make_action_in_force(ActionKind.RESTRICT), of_staff("Maya"), of_staff("Ines")
    write_note(call=maya, case_id=case.pk, text="The holder is ill.", key="1", addressee=ines.actor.id)
    case.action.lifted_at = NOW
    case.action.save()
    Case.objects.filter(pk=case.pk).update(state="final")
    case.refresh_from_db()
    erase_case(call=automation(), pack=pack, case=case)  # type: ignore[arg-type]
    note = CaseNote.objects.get()
    assert (note.text, note.erased_at is not None, len(note.sha256), listed(ines)) == ("", True, 64, [])


def test_who_had_recorded_what_a_refused_proposal_rests_on_reads_why(pack: object) -> None:
    """H1: a refusal is not the last word among colleagues; who found the breach learns why nothing came of it, and nobody else is bothered."""
    real, account, ines = load_pack("amazon"), make_account(marketplace="US"), of_staff("Ines")
    items = [{"id": "D-1"}]
    record_violation(call=ines, pack=real, account_id=account.pk, reason="VERIF_IDENTITY", items=items, because="No passport came.")
    (action,) = propose_actions(call=automation(), pack=real, as_of=NOW.date())
    assert action.effective_at is None
    dismiss_action(call=of_staff("Samuel", Role.SENIOR_SPECIALIST), pack=real, case_id=action.case.pk, because="It came by post on Monday.")
    (note,) = CaseNote.objects.all()
    assert (note.about, note.addressee, note.text) == (NoteAbout.REFUSAL, ines.actor.id, "It came by post on Monday.")
    assert listed(ines) == [action.case.pk]
    assert action.case.notices.count() == 0, "the holder is told nothing"


def test_who_reviews_blind_reads_no_note_and_no_conversation_of_any_case_of_the_account(show: Showcase) -> None:
    """H8: what colleagues say may tell the outcome, also on another case of the same account."""
    now: datetime = timezone.now()
    case, other = show.cases["upheld"], show.cases["in_review"]
    Case.objects.filter(pk=other.pk).update(account=case.account)
    other.refresh_from_db()
    maya = Call(Actor(f"user:{show.specialist.pk}", Role.SPECIALIST), now)
    blind = Call(Actor(f"user:{show.colleague.pk}", Role.SENIOR_SPECIALIST), now)
    write_note(call=maya, case_id=other.pk, text="As with the one I upheld.", key="1", addressee=blind.actor.id)
    assert messages_of(actor=blind.actor, case_id=other.pk) == []
    open_blind(call=blind, appeal_id=case.appeals.get().pk)
    for one in (case, other):
        for act in (
            lambda one=one: notes_of(actor=blind.actor, case=one),
            lambda one=one: write_note(call=blind, case_id=one.pk, text="x", key="2"),
            lambda one=one: set_aside(call=blind, case_id=one.pk, number=1),
            lambda one=one: messages_of(actor=blind.actor, case_id=one.pk),
        ):
            with pytest.raises(NotPermitted):
                act()
    assert notes_of(actor=maya.actor, case=other)
