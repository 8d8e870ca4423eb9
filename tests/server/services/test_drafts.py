"""Unsent text: the newest is never overwritten by who has not seen it, and nothing sent comes back as unsent (requirement G2)."""

from datetime import timedelta

import pytest

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.errors import IllegalTransition, NotFound, UnusableInput
from goodstanding.core.terms import DraftForm, Route
from goodstanding.server.services.actions import rescind_action
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.drafts import LONGEST_TEXT, MOST_OTHERS, Saved, draft_of, drop_other, save_draft, take_other
from goodstanding.server.services.retention import erase_case
from goodstanding.server.store.models import Case, Draft, LedgerEntry
from tests.server.factories import NOW, automation, holder, make_action_in_force, senior, server_pack, specialist

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def case() -> Case:
    """A case that may be appealed."""
    return make_action_in_force()


def save(case: Case, text: str, seen: int, device: str = "phone", minutes: int = 0) -> Saved:
    return save_draft(
        call=holder(case.account_id, now=NOW + timedelta(minutes=minutes)),
        case_id=case.pk,
        form=DraftForm.PLAN,
        texts={"root_cause": text},
        seen=seen,
        device=device,
    )


def test_each_save_counts_up_and_the_same_again_changes_nothing(case: Case) -> None:
    assert [save(case, "One.", 0).draft.version, save(case, "Two.", 1).draft.version, save(case, "Two.", 1).draft.version] == [1, 2, 2]


def test_a_device_that_has_not_seen_the_newest_text_leaves_its_own_beside_it(case: Case) -> None:
    save(case, "Phone.", 0, "phone")
    for text in ("Desk", "Desk, more."):
        saved = save(case, text, 0, "desk")
        assert saved.is_beside
    draft = draft_of(case=case, form=DraftForm.PLAN)
    assert draft is not None
    assert draft.texts == {"root_cause": "Phone."}
    assert [one["texts"] for one in draft.others] == [{"root_cause": "Desk, more."}]


def test_taking_the_other_text_keeps_the_one_that_was_there(case: Case) -> None:
    save(case, "Phone.", 0, "phone")
    save(case, "Desk.", 0, "desk")
    draft = take_other(call=holder(case.account_id), case_id=case.pk, form=DraftForm.PLAN, device="desk")
    assert (draft.texts["root_cause"], draft.others[0]["texts"]["root_cause"]) == ("Desk.", "Phone.")
    assert save(case, "Phone, more.", 1, "phone").is_beside
    draft = drop_other(call=holder(case.account_id), case_id=case.pk, form=DraftForm.PLAN, device="phone")
    assert [one["texts"]["root_cause"] for one in draft.others] == ["Phone."]
    with pytest.raises(NotFound):
        drop_other(call=holder(case.account_id), case_id=case.pk, form=DraftForm.PLAN, device="nobody's")


def test_only_so_many_other_texts_are_kept_the_newest_first(case: Case) -> None:
    save(case, "Phone.", 0)
    for number in range(MOST_OTHERS + 2):
        save(case, f"Text {number}.", 0, f"device {number}")
    draft = draft_of(case=case, form=DraftForm.PLAN)
    assert draft is not None
    assert [one["device"] for one in draft.others] == [f"device {number}" for number in range(MOST_OTHERS + 1, 1, -1)]


def test_what_was_sent_ends_its_drafts_and_a_late_save_is_refused(case: Case) -> None:
    """G2: an autosave on its way while the appeal is sent does not come back as unsent text."""
    save(case, "One.", 0)
    answer = Answer(Route.PLAN, root_cause="One.")
    submit_appeal(
        call=holder(case.account_id), pack=server_pack(), case_id=case.pk, submission_key="k", answer=answer, language="en", ends_drafts=True
    )
    assert not Draft.objects.exists()
    with pytest.raises(IllegalTransition, match="sent already"):
        save(case, "One, late.", 1)


def test_nobody_else_reads_or_writes_a_draft_and_the_ledger_is_silent_about_it(case: Case) -> None:
    """K5: another seller and staff get the same answer, that there is none."""
    before = LedgerEntry.objects.count()
    save(case, "Mine.", 0)
    assert LedgerEntry.objects.count() == before
    for call in (holder("S-1"), specialist()):
        with pytest.raises(NotFound):
            save_draft(call=call, case_id=case.pk, form=DraftForm.PLAN, texts={"root_cause": "Theirs."}, seen=1)


def test_a_text_without_end_is_refused(case: Case) -> None:
    with pytest.raises(UnusableInput, match="put the rest into a file"):
        save(case, "x" * (LONGEST_TEXT + 1), 0)


def test_drafts_go_with_the_texts_of_their_case(case: Case) -> None:
    """A3."""
    save(case, "Old.", 0)
    rescind_action(call=senior(), pack=server_pack(), case_id=case.pk, because="Our mistake.")
    erase_case(call=automation(), pack=server_pack(), case=Case.objects.get(pk=case.pk))
    assert not Draft.objects.exists()
