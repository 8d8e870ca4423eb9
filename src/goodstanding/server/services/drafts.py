"""Unsent text: saved at each pause, never overwritten by a device that has not seen it, gone once it is sent.

A draft is no act of the case: it starts no clock, writes no ledger entry, and staff never read it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from goodstanding.core.cases.lifecycle import APPEALABLE, CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, UnusableInput
from goodstanding.core.terms import DraftForm
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.rights import WRITERS
from goodstanding.server.store.models import Case, Draft

LONGEST_TEXT = 20_000
"""Characters of one text of a draft, as many as one part of an answer may have."""

LONGEST_DEVICE = 60
"""Characters of the name that a device gives itself."""

MOST_OTHERS = 3
"""Texts of other devices that are kept beside the newest; the oldest of more goes."""

WRITTEN_IN: Mapping[DraftForm, Collection[CaseState]] = {
    DraftForm.PLAN: APPEALABLE,
    DraftForm.DISPUTE: APPEALABLE,
    DraftForm.INFORMATION: (CaseState.INFORMATION_ASKED,),
    DraftForm.SOLVING: (CaseState.SOLVING,),
}
"""In which states each form is open. A save that arrives after the text was sent is refused, so that nothing sent comes back as unsent."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a text: it is the draft now, or (`is_beside`) it is kept beside a newer one that its device had not seen."""

    draft: Draft
    is_beside: bool


def save_draft(*, call: Call, case_id: str, form: DraftForm, texts: Mapping[str, str], seen: int, device: str = "") -> Saved:
    """Keep what was typed. `seen`: the version the device began with, 0 for none; where a newer one is there, both texts are kept.

    The same text again changes nothing. Raises NotFound, UnusableInput for a text too long, IllegalTransition where the form is not open.
    """
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise UnusableInput(f"one text has more than {LONGEST_TEXT} characters; put the rest into a file")
    with transaction.atomic():
        case = _open_case(call, case_id, form)
        fresh = {"saved_at": call.now, "saved_by": call.actor.id}
        draft, _ = Draft.objects.get_or_create(case=case, form=form, defaults=fresh)
        if draft.version and draft.texts == dict(texts):
            _forget(draft, device[:LONGEST_DEVICE])
        elif draft.version > seen:
            _put_beside(call, draft, dict(texts), device[:LONGEST_DEVICE])
            return Saved(draft, is_beside=True)
        else:
            draft.texts, draft.version = dict(texts), draft.version + 1
            draft.saved_at, draft.saved_by = call.now, call.actor.id
            _forget(draft, device[:LONGEST_DEVICE])
    return Saved(draft, is_beside=False)


def take_other(*, call: Call, case_id: str, form: DraftForm, device: str) -> Draft:
    """Make the text that a device left beside the draft the draft, and keep the one that was beside it. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        draft = _draft_of(call, case_id, form)
        taken = _other(draft, device)
        was = {"device": f"{device}-before"[:LONGEST_DEVICE], "texts": draft.texts, "saved_at": draft.saved_at.isoformat()}
        draft.others = [was, *(one for one in draft.others if one is not taken and one["device"] != was["device"])][:MOST_OTHERS]
        draft.texts, draft.version = taken["texts"], draft.version + 1
        draft.saved_at, draft.saved_by = call.now, call.actor.id
        draft.save()
    return draft


def drop_other(*, call: Call, case_id: str, form: DraftForm, device: str) -> Draft:
    """Throw away the text that a device left beside the draft. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        draft = _draft_of(call, case_id, form)
        gone = _other(draft, device)
        draft.others = [one for one in draft.others if one is not gone]
        draft.save(update_fields=["others"])
    return draft


def end_drafts(*, case: Case, forms: Collection[DraftForm]) -> None:
    """The text was sent: the locked case keeps no draft of it."""
    Draft.objects.filter(case=case, form__in=forms).delete()


def draft_of(*, case: Case, form: DraftForm) -> Draft | None:
    """What is typed and not sent in a form of a case that the reader may see; None where nothing is."""
    return Draft.objects.filter(case=case, form=form).first()


def _open_case(call: Call, case_id: str, form: DraftForm) -> Case:
    case = lock_case(call=call, case_id=case_id)
    if not WRITERS & call.actor.rights_in(case.account_id):
        raise NotFound(f"there is no case {case_id}")
    if case.state not in WRITTEN_IN[form]:
        raise IllegalTransition(case.state, f"save_{form}", [], "this was sent already, or is not asked any more; the case page shows who acts next")
    return case


def _draft_of(call: Call, case_id: str, form: DraftForm) -> Draft:
    draft = draft_of(case=_open_case(call, case_id, form), form=form)
    if draft is None:
        raise NotFound(f"there is no draft of case {case_id}")
    return draft


def _other(draft: Draft, device: str) -> dict[str, object]:
    found = next((one for one in draft.others if one["device"] == device), None)
    if found is None:
        raise NotFound("there is no other text")
    return found  # type: ignore[no-any-return]


def _put_beside(call: Call, draft: Draft, texts: Mapping[str, str], device: str) -> None:
    """One text per device: its newest."""
    mine = {"device": device, "texts": texts, "saved_at": call.now.isoformat()}
    draft.others = [mine, *(one for one in draft.others if one["device"] != device)][:MOST_OTHERS]
    draft.save(update_fields=["others"])


def _forget(draft: Draft, device: str) -> None:
    """What a device left beside is out of date once its text is the draft. Which one it is, only a script tells."""
    if device:
        draft.others = [one for one in draft.others if one["device"] != device]
    draft.save()
