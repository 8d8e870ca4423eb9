"""The queue: what waits for whom, most urgent first (requirement H1). Filters live in the address, so a view can be shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.cases.lifecycle import REVIEWERS, CaseState
from goodstanding.core.cases.queue import APPEALS
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import Severity
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.kept import keep_view
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import reason_name
from goodstanding.server.policy import current_pack
from goodstanding.server.services import queue
from goodstanding.server.services.notes import asked_of
from goodstanding.server.services.quality import kept_secret
from goodstanding.server.services.queue import QueuePage, Wanted
from goodstanding.server.services.releases import releases_waiting
from goodstanding.server.store.models import Case, CaseNote

PAGE = 50
MOST_RELEASES = 200
"""Accounts to set free that one page shows; they are few, and each one done leaves the list."""

PROPOSALS_TAB, APPEALS_TAB, MESSAGES_TAB, ASKED_TAB = "proposals", "appeals", "messages", "asked"
RELEASES_TAB, MINE_TAB, ALL_TAB = "releases", "mine", "all"
TABS = (
    (PROPOSALS_TAB, _("Proposals to decide")),
    (APPEALS_TAB, _("Appeals waiting")),
    (MESSAGES_TAB, _("Messages")),
    (ASKED_TAB, _("Asked of me")),
    (RELEASES_TAB, _("Accounts to set free")),
    (MINE_TAB, _("Mine")),
    (ALL_TAB, _("All cases")),
)


OVER, TODAY = "over", "today"
DUE = (
    (OVER, _("overdue")),
    ("4h", _("within 4 hours")),
    (TODAY, _("today")),
    ("24h", _("within 24 hours")),
    ("72h", _("within 3 days")),
    ("168h", _("within 7 days")),
)
"""Until when a case is due, as the address names it; `today` ends at midnight UTC, in which all times of the console are given."""

WITH_CLOCKS = frozenset({APPEALS_TAB, MINE_TAB, ALL_TAB})
"""The tabs whose cases have a date that runs out."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with the number of cases under it, as text; empty: not counted."""

    key: str
    name: object
    count: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list. `waits_for`: the reviewer who holds it; `is_secret`: the reader may still review its appeal blind.

    `note`: what a colleague asks the reader about it, and `asks`: who; no word of it where the case is secret, because it may tell the outcome.
    """

    case: Case
    reasons: tuple[str, ...]
    action: str
    waits_for: str
    is_secret: bool
    note: CaseNote | None
    asks: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A tab of the queue, filtered, fifty cases to a page; a POST takes the next case."""
    if request.method == "POST":
        return _take_next(request, actor)
    counts = _counts(actor)
    named = request.GET.get("tab")
    tab = named if named in counts else PROPOSALS_TAB if counts[PROPOSALS_TAB] else APPEALS_TAB
    asked = {key: request.GET.get(key, "") for key in (*queue.FILTERS, "state", "overdue", "due")}
    page = _page(request, actor, tab, asked)
    words, pack = pack_words(), current_pack()
    context = {
        "tab": tab,
        "tabs": [Tab(key, name, _say(counts[key])) for key, name in TABS if key in counts],
        "page": page,
        "rows": _rows(actor, page.cases, words, by_state=bool(asked["state"])),
        "asked": asked,
        "severities": list(Severity),
        "languages": pack.languages,
        "skills": [(skill, words.term(skill)) for skill in pack.queue.skills],
        "reasons": sorted(((code, reason_name(words, code)) for code in pack.reasons), key=lambda one: one[1]),
        "states": list(CaseState) if tab == ALL_TAB else [],
        "dues": DUE if tab in WITH_CLOCKS else (),
        "is_filtered": any(asked.values()),
        "may_take": actor.role in REVIEWERS and tab in (APPEALS_TAB, MINE_TAB),
        "query": urlencode({"tab": tab} | {key: value for key, value in asked.items() if value}),
    }
    response = render(request, "console/queue.html", context)
    keep_view(request, response)
    return response


def _take_next(request: HttpRequest, actor: Actor) -> HttpResponse:
    try:
        case = queue.claim_next(call=call_of(actor), pack=current_pack())
    except (NotFound, NotPermitted):
        messages.info(request, str(_("No appeal waits that you may review in your languages.")))
        return redirect("/console/?tab=appeals")
    messages.success(request, str(_("The case is yours.")))
    return redirect("console:case", case.pk)


def _page(request: HttpRequest, actor: Actor, tab: str, asked: dict[str, str]) -> QueuePage:
    by = {key: asked[key] for key in queue.FILTERS}
    due_by = _due_by(asked["due"], timezone.now()) if tab in WITH_CLOCKS else None
    wanted = Wanted(by, bool(asked["overdue"]), due_by, request.GET.get("after", ""), request.GET.get("before", ""), PAGE)
    match tab:
        case "proposals":
            return queue.proposals(actor=actor, wanted=wanted)
        case "appeals":
            return queue.appeals(actor=actor, wanted=wanted)
        case "messages":
            return queue.messages(actor=actor, wanted=wanted)
        case "asked":
            return queue.asked_cases(actor=actor, wanted=wanted)
        case "mine":
            return queue.own_cases(actor=actor, wanted=wanted)
        case "releases":
            narrowed = releases_waiting().filter(**{key: value for key, value in by.items() if value})
            return QueuePage(tuple(narrowed[:MOST_RELEASES]))
    return queue.all_cases(actor=actor, wanted=wanted, state=asked["state"])


def _due_by(asked: str, now: datetime) -> datetime | None:
    """The moment that a choice of `DUE` names; None for any other word, so that a mistyped address shows everything."""
    if asked not in dict(DUE):
        return None
    if asked == TODAY:
        return now.astimezone(UTC).replace(hour=23, minute=59, second=59, microsecond=999999)
    return now if asked == OVER else now + timedelta(hours=int(asked.removesuffix("h")))


def _counts(actor: Actor) -> dict[str, int]:
    """How many wait under each tab, as far as they are counted; all cases are not."""
    asked = {ASKED_TAB: queue.count_some(queue.asked_about(actor))} if actor.role in REVIEWERS else {}
    return asked | {
        PROPOSALS_TAB: queue.count_waiting(queue.proposal_lanes(actor.role)),
        APPEALS_TAB: queue.count_waiting(APPEALS),
        MESSAGES_TAB: queue.count_some(Case.objects.filter(message_waits_at__isnull=False)),
        RELEASES_TAB: queue.count_some(releases_waiting()),
        MINE_TAB: queue.count_some(Case.objects.filter(assignee=actor.id)),
        ALL_TAB: -1,
    }


def _say(count: int) -> str:
    if count < 0:
        return ""
    return f"{queue.MOST_COUNTED}+" if count > queue.MOST_COUNTED else str(count)


def _rows(actor: Actor, cases: Sequence[Case], words: Words, *, by_state: bool) -> list[Row]:
    """The rows of a page. Narrowed by state, a case whose outcome the reader must not know is left out: being found would tell it."""
    secret = kept_secret(actor=actor, case_ids=[case.pk for case in cases])
    cases = [case for case in cases if not (by_state and case.pk in secret)]
    prefetch_related_objects(list(cases), "action__violations")
    notes = asked_of(actor=actor)
    names = names_of([*(case.assignee for case in cases), *(note.author for note in notes.values())])
    return [_row(case, words, names, notes.get(case.pk), is_secret=case.pk in secret) for case in cases]


def _row(case: Case, words: Words, names: dict[str, str], note: CaseNote | None, *, is_secret: bool) -> Row:
    reasons = dict.fromkeys(reason_name(words, violation.reason) for violation in case.action.violations.all())
    action = words.actions.get(case.action.kind, case.action.kind)
    return Row(case, tuple(reasons), action, names.get(case.assignee, ""), is_secret, note, names.get(note.author, "") if note else "")
