"""Unsent text of the portal's forms: saved by the script at each pause, by a button without one, and brought back where it is written (G2).

The texts themselves are in `services.drafts`; what a device keeps for itself while there is no connection is in `static/drafts.js`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import DraftForm, Route
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of
from goodstanding.server.portal.forms import MOST_MEASURES, PARTS
from goodstanding.server.services.drafts import WRITTEN_IN, draft_of, save_draft
from goodstanding.server.store.models import Case, Draft

_PLAN, _ROWS = PARTS[Route.PLAN], range(1, MOST_MEASURES + 1)
FIELDS: Mapping[DraftForm, tuple[str, ...]] = {
    DraftForm.PLAN: _PLAN,
    DraftForm.DISPUTE: PARTS[Route.DISPUTE],
    DraftForm.INFORMATION: ("answer",),
    DraftForm.SOLVING: (*_PLAN, *(f"{name}-{row}" for row in _ROWS for name in ("measure", "due"))),
}
"""The fields of each form whose text is kept. Files are not: a browser hands them out once."""


@dataclass(frozen=True, slots=True)
class OtherText:
    """A text from another device: which, when, and its parts that say something; `texts` whole, for the script to compare."""

    device: str
    saved_at: datetime
    parts: tuple[tuple[str, str], ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DraftShown:
    """The draft of a form for its page. `key` names it on a device; `is_beside`: the fields show a text that had not seen the newest one."""

    form: DraftForm
    key: str
    address: str
    page: str
    version: int
    saved_at: datetime | None
    others: tuple[OtherText, ...]
    device: str = ""
    is_beside: bool = False


PAGES: Mapping[DraftForm, Callable[[Case], str]] = {
    DraftForm.PLAN: lambda case: reverse("portal:appeal", args=[case.pk]) + "?route=plan",
    DraftForm.DISPUTE: lambda case: reverse("portal:appeal", args=[case.pk]) + "?route=dispute",
    DraftForm.INFORMATION: lambda case: reverse("portal:information", args=[case.pk]),
    DraftForm.SOLVING: lambda case: reverse("portal:solve", args=[case.pk]),
}


def scope_of(case: Case, form: DraftForm) -> str:
    """What the names of a form's drafts on a device begin with; the account is in it, so that nobody else's text ever comes up."""
    return f"{case.account_id}:{case.pk}:{form}:"


def key_of(case: Case, form: DraftForm) -> str:
    """The name of a form's draft on a device. It changes with every submission, so that nothing sent comes back as unsent."""
    match form:
        case DraftForm.INFORMATION:
            rounds = case.appeals.filter(information_requests__answered_at__isnull=False).count()
        case DraftForm.SOLVING:
            window = getattr(case, "window", None)
            rounds = int(window.plan_at.timestamp()) if window and window.plan_at else 0
        case _:
            rounds = 0
    return f"{scope_of(case, form)}{case.attempts}-{rounds}"


def show_draft(case: Case, form: DraftForm, draft: Draft | None, *, device: str = "", is_beside: bool = False) -> DraftShown:
    """A draft, or that there is none yet, as its page shows it."""
    others = [_other(one) for one in draft.others] if draft else []
    if draft and is_beside:
        newest = OtherText("", draft.saved_at, _written(draft.texts), draft.texts)
        others = [newest, *(one for one in others if one.device != device)]
    return DraftShown(
        form=form,
        key=key_of(case, form),
        address=reverse("portal:draft", args=[case.pk, form]),
        page=PAGES[form](case),
        version=draft.version if draft else 0,
        saved_at=draft.saved_at if draft else None,
        others=tuple(others),
        device=device,
        is_beside=is_beside,
    )


def draft_for(case: Case, form: DraftForm) -> tuple[DraftShown, Mapping[str, str]]:
    """The draft of a form as its page shows it, and its texts to begin with."""
    draft = draft_of(case=case, form=form)
    return show_draft(case, form, draft), draft.texts if draft else {}


def begun_in(case: Case) -> list[DraftShown]:
    """The forms that are open now and in which something is typed and not sent, the newest first."""
    drafts = [one for one in case.drafts.order_by("-saved_at") if case.state in WRITTEN_IN[DraftForm(one.form)] and _written(one.texts)]
    return [show_draft(case, DraftForm(one.form), one) for one in drafts]


def keep_typed(request: HttpRequest, actor: Actor, case: Case, form: DraftForm) -> DraftShown:
    """Save what a form brought, whatever else becomes of it. Where that cannot be, the page shows the text all the same."""
    device = request.POST.get("device", "")
    try:
        saved = save_draft(
            call=call_of(actor), case_id=case.pk, form=form, texts=typed(request.POST, form), seen=seen_by(request.POST), device=device
        )
    except GoodstandingError:
        return show_draft(case, form, draft_of(case=case, form=form))
    return show_draft(case, form, saved.draft, device=device, is_beside=saved.is_beside)


def typed(data: QueryDict, form: DraftForm) -> dict[str, str]:
    """The texts of a form as they were typed, with one kind of line end."""
    return {name: data.get(name, "").replace("\r\n", "\n") for name in FIELDS[form]}


def seen_by(data: QueryDict) -> int:
    """The version that the device began with; a form that does not say has seen none."""
    said = data.get("draft_seen", "")
    return int(said) if said.isdecimal() and len(said) < 9 else 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page tells the script of a form: drafts on the device under `scope` are over, but for `open` (empty: all of them)."""

    scope: str
    open: str
    page: str


def marks_of(case: Case) -> list[Mark]:
    """Every form of a case, with the name of the draft that can still be sent."""
    return [Mark(scope_of(case, form), key_of(case, form) if case.state in WRITTEN_IN[form] else "", PAGES[form](case)) for form in DraftForm]


def _other(row: Mapping[str, object]) -> OtherText:
    texts = row["texts"]
    assert isinstance(texts, dict), "written by the service"
    return OtherText(str(row["device"]), datetime.fromisoformat(str(row["saved_at"])), _written(texts), texts)


def _written(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parts that say something, under the names of their labels (`measure-2` is a `measure`)."""
    return tuple((name.partition("-")[0], text) for name, text in texts.items() if text.strip())
