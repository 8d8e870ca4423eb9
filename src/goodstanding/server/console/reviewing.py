"""What the page of a case adds for who decides it: precedents, drafts, the letter beforehand, what was opened, who else is there (H7, H8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodstanding.core.appeals.precedents import Precedent
from goodstanding.core.terms import DecisionOutcome, Opened, RelationGround
from goodstanding.core.values import Actor
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.answers import drafts
from goodstanding.server.services.appeals import latest_appeal
from goodstanding.server.services.openings import note_opened, note_viewing, openings_of
from goodstanding.server.services.precedents import similar_appeals
from goodstanding.server.services.reading import CaseFile
from goodstanding.server.services.rehearsing import Rehearsed
from goodstanding.server.services.reviews import Grounds, Verdicts
from goodstanding.server.store.models import Case, Opening

FILL, PREVIEW = "fill:", "preview:"
REHEARSALS = (FILL, PREVIEW)
"""Buttons that show something and do nothing; what follows the colon says what."""

PARTS = {"notice": Opened.NOTICE, "appeal": Opened.EARLIER_APPEAL}
"""What `?open=` may name before its colon."""


@dataclass(frozen=True, slots=True)
class PrecedentShown:
    """A similar appeal of the past; `near`: how alike, 0 to 100."""

    near: int
    past: Precedent


@dataclass(frozen=True, slots=True)
class LetterShown:
    """What an act would do. `named`: the button that does it; `limits`: what would be forbidden and until when, `freed`: what no more, in words."""

    named: str
    seen: Rehearsed
    limits: tuple[tuple[str, datetime | None], ...]
    freed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpeningShown:
    """One thing that somebody opened."""

    who: str
    opening: Opening
    name: str


def look_in(request: HttpRequest, actor: Actor, case: Case) -> list[tuple[str, int]]:
    """Log what this request opens of a case, and give who else has it open."""
    call = call_of(actor)
    note_opened(call=call, case=case, part=Opened.FACTS)
    part, _sep, key = request.GET.get("open", "").partition(":")
    if part == "notice" and case.notices.filter(pk=key).exists():
        note_opened(call=call, case=case, part=PARTS[part], part_id=key)
    if part == "appeal" and case.appeals.filter(pk=key).exists():
        note_opened(call=call, case=case, part=PARTS[part], part_id=key)
    return note_viewing(call=call, case=case)


def say_beside(others: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Who else has the case open, by name, and how many minutes ago they asked for it."""
    names = names_of(actor for actor, _minutes in others)
    return [(names[actor], minutes) for actor, minutes in others]


def show_openings(file: CaseFile) -> list[OpeningShown]:
    """What was opened of a case, oldest first, with the names of notices and files."""
    rows = openings_of(file.case)
    names = names_of(row.actor for row in rows)
    called = {notice.pk: notice.subject for notice in file.notices}
    called |= {one.pk: one.name for appeal in file.appeals for one in appeal.evidence.all()}
    called |= {appeal.pk: str(appeal.attempt) for appeal in file.appeals}
    return [OpeningShown(names[row.actor], row, called.get(row.part_id, "")) for row in rows]


def precedents_for(file: CaseFile) -> dict[str, list[PrecedentShown]]:
    """Similar appeals of the past by violation, where an appeal waits to be decided; nothing else of a case needs them."""
    if not file.appeals or file.appeals[-1].outcome:
        return {}
    found = similar_appeals(pack=current_pack(), case=file.case)
    return {key: [PrecedentShown(near, past) for near, past in ranked] for key, ranked in found.items()}


def read_verdicts(request: HttpRequest) -> tuple[Verdicts, Grounds]:
    """The verdicts and grounds of the form. Raises UnusableInput where one is missing."""
    verdicts, grounds = {}, {}
    for key in request.POST.getlist("violation"):
        outcome, because = request.POST.get(f"outcome-{key}", ""), request.POST.get(f"because-{key}", "")
        asked = _("choose an outcome for each reason and say why; the holder will read it")
        check_words(because if outcome in set(DecisionOutcome) else "", or_say=asked)
        verdicts[key] = (DecisionOutcome(outcome), because)
        if (ground := request.POST.get(f"ground-{key}", "")) in set(RelationGround):
            grounds[key] = RelationGround(ground)
    return verdicts, grounds


def draft_for(case_id: str, named: str) -> dict[str, str]:
    """Violation -> draft, for a button `fill:TEMPLATE:VIOLATION`; nothing for what names none."""
    template, _sep, violation_id = named.partition(":")
    case = Case.objects.select_related("action").filter(pk=case_id).first()
    appeal = latest_appeal(case) if case else None
    if case is None or appeal is None:
        return {}
    text = drafts(pack=current_pack(), case=case, appeal=appeal, violation_id=violation_id).get(template, "")
    return {violation_id: text} if text else {}


def show_letter(named: str, seen: Rehearsed) -> LetterShown:
    """What an act would do, in the reader's words; the letters stay in the holder's language."""
    words = pack_words()
    limits = tuple((words.acts.get(act, act), ends_at) for act, ends_at in seen.limits)
    return LetterShown(named, seen, limits, tuple(words.acts.get(act, act) for act in seen.freed))
