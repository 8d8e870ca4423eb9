"""The queue: what waits for whom, by date promised and severity (requirement H1). Filters live in the address, so a view can be shared."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import Severity
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import for_staff
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import reason_name
from goodstanding.server.policy import current_pack
from goodstanding.server.services.reading import queue
from goodstanding.server.services.releases import releases_waiting
from goodstanding.server.store.models import Case

PAGE = 50
MOST_WAITING = 5000
"""How much of the queue a tab counts and pages through; beyond it the number reads `5000+`."""

PROPOSALS, APPEALS, RELEASES, MINE, ALL = "proposals", "appeals", "releases", "mine", "all"
TABS = (
    (PROPOSALS, _("Proposals to decide")),
    (APPEALS, _("Appeals waiting")),
    (RELEASES, _("Accounts to set free")),
    (MINE, _("Mine")),
    (ALL, _("All cases")),
)
MINE_STATES = (CaseState.IN_REVIEW, CaseState.INFORMATION_ASKED, CaseState.SECOND_REVIEW, CaseState.ESCALATED)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with the number of cases under it; `count` None: not counted."""

    key: str
    name: object
    count: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list. `waits_for`: the reviewer who holds it."""

    case: Case
    reasons: tuple[str, ...]
    action: str
    waits_for: str


@require_safe
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A tab of the queue, filtered, fifty cases to a page."""
    waiting = queue(role=actor.role, limit=MOST_WAITING)
    mine = Case.objects.filter(assignee=actor.id, state__in=MINE_STATES).select_related("action", "account").order_by("due_at", "case_id")
    lists: dict[str, Sequence[Case] | QuerySet[Case]] = {
        PROPOSALS: [case for case in waiting if case.state == CaseState.PROPOSED],
        APPEALS: [case for case in waiting if case.state != CaseState.PROPOSED and case.assignee != actor.id],
        RELEASES: releases_waiting(),
        MINE: mine,
        ALL: Case.objects.select_related("action", "account").order_by("-changed_at", "case_id"),
    }
    tab = request.GET.get("tab") if request.GET.get("tab") in lists else PROPOSALS if lists[PROPOSALS] else APPEALS
    asked = {key: request.GET.get(key, "") for key in ("severity", "language", "state")}
    found = _narrow(lists[str(tab)], asked)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": [Tab(key, name, None if key == ALL else len(lists[key])) for key, name in TABS],
        "page": page,
        "rows": _rows(list(page.object_list), pack_words()),
        "asked": asked,
        "severities": list(Severity),
        "languages": current_pack().languages,
        "states": list(CaseState) if tab == ALL else [],
        "is_filtered": any(asked.values()),
        "query": _query(str(tab), asked),
    }
    return render(request, "console/queue.html", context)


def _narrow(cases: Sequence[Case] | QuerySet[Case], asked: dict[str, str]) -> Sequence[Case] | QuerySet[Case]:
    wanted = {key: value for key, value in asked.items() if value}
    if isinstance(cases, QuerySet):
        return cases.filter(**wanted)
    return [case for case in cases if all(getattr(case, key) == value for key, value in wanted.items())]


def _rows(cases: list[Case], words: Words) -> list[Row]:
    prefetch_related_objects(cases, "action__violations")
    names = names_of(case.assignee for case in cases)
    return [_row(case, words, names) for case in cases]


def _row(case: Case, words: Words, names: dict[str, str]) -> Row:
    reasons = dict.fromkeys(reason_name(words, violation.reason) for violation in case.action.violations.all())
    return Row(case, tuple(reasons), words.actions.get(case.action.kind, case.action.kind), names.get(case.assignee, ""))


def _query(tab: str, asked: dict[str, str]) -> str:
    """The address of this list without its page, for the links to other pages; the values come from closed lists or are escaped on output."""
    return "&".join([f"tab={tab}", *(f"{key}={value}" for key, value in asked.items() if value)])
