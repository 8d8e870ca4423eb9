"""The queue: pages of what waits, and the next case for a reviewer (requirement H1). A page reads as many rows as it shows, however many wait.

Pages are cut by the row they begin after, never by a number, so that what comes and goes meanwhile repeats and hides nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from goodstanding.core.cases.lifecycle import REVIEWERS, CaseState
from goodstanding.core.cases.queue import APPEALS, PROPOSALS, Lane, lanes_open_to
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.reading import READERS
from goodstanding.server.services.reviews import claim_case
from goodstanding.server.store.models import Case, CaseNote, User

MOST_COUNTED = 99
"""How far the cases of a tab are counted; more read `99+`."""

TRIED = 20
"""How many of the best cases are tried for one reviewer before the next skill or language is."""

FILTERS = ("severity", "language", "skill", "reason")
"""The columns a list can be narrowed by."""

Key = tuple[int | datetime, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page: narrowed by these values, overdue only or not, and the rows after (or before) which it begins, as `QueuePage` gave them.

    `due_by`: only what is due until then, soonest first instead of by place, so that such a page too reads no more rows than it shows.
    """

    by: dict[str, str] = field(default_factory=dict)
    is_overdue: bool = False
    due_by: datetime | None = None
    after: str = ""
    before: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Cases in their order; `earlier` and `later`: where the pages beside it begin, empty where there is none."""

    cases: tuple[Case, ...]
    earlier: str = ""
    later: str = ""


def proposals(*, actor: Actor, wanted: Wanted) -> QueuePage:
    """A page of the proposals that somebody in this role may decide, or may read."""
    return _queued(actor, proposal_lanes(actor.role), wanted)


def appeals(*, actor: Actor, wanted: Wanted) -> QueuePage:
    """A page of the appeals that wait: for a reviewer, for a senior, for a second person, or in a colleague's hands."""
    return _queued(actor, APPEALS, wanted)


def own_cases(*, actor: Actor, wanted: Wanted) -> QueuePage:
    """A page of the cases that the reader holds, also while their holders are asked for something."""
    _check_reads(actor)
    return _page([Case.objects.filter(assignee=actor.id)], wanted, _order(wanted, "place"))


def asked_cases(*, actor: Actor, wanted: Wanted) -> QueuePage:
    """A page of the cases about which a colleague asks the reader something, in the order of the queue."""
    _check_reads(actor)
    return _page([asked_about(actor)], wanted, "place")


def asked_about(actor: Actor) -> QuerySet[Case]:
    """The cases with a note to somebody that is neither answered nor set aside."""
    return Case.objects.filter(pk__in=CaseNote.objects.filter(addressee=actor.id, settled_at=None).values("case"))


def messages(*, actor: Actor, wanted: Wanted) -> QueuePage:
    """A page of the cases whose holders wrote a message that waits for an answer, the oldest first."""
    _check_reads(actor)
    return _page([Case.objects.filter(message_waits_at__isnull=False)], wanted, "message_waits_at")


def all_cases(*, actor: Actor, wanted: Wanted, state: str = "") -> QueuePage:
    """A page of all cases, what changed last first."""
    _check_reads(actor)
    cases = Case.objects.filter(state=state) if state in set(CaseState) else Case.objects.all()
    return _page([cases], wanted, _order(wanted, "changed_at"))


def proposal_lanes(role: Role) -> tuple[Lane, ...]:
    """A proposal that only a senior may approve is not shown to specialists, who could do nothing with it."""
    return (Lane.PROPOSAL,) if role == Role.SPECIALIST else PROPOSALS


def count_waiting(lanes: Sequence[Lane]) -> int:
    """How many cases wait in these lanes; one more than MOST_COUNTED where there are more."""
    return count_some(*(Case.objects.filter(lane=lane) for lane in lanes))


def count_some(*cases: QuerySet[Case]) -> int:
    """How many there are, one more than MOST_COUNTED where there are more."""
    return min(sum(one.order_by()[: MOST_COUNTED + 1].count() for one in cases), MOST_COUNTED + 1)


def claim_next(*, call: Call, pack: PolicyPack) -> Case:
    """Claim the case that waits first among those for the reviewer's languages and skills; two reviewers never get the same one.

    Where nothing of these skills waits, the first in the reviewer's languages. Decisions of one's own are passed over. Raises NotFound where
    nothing is left, NotPermitted for who reviews no appeals.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("taking a case to review", sorted(REVIEWERS))
    languages, skills = _abilities(call.actor)
    for by_skill in dict.fromkeys([skills, ()]):
        for case_id in _first_waiting(call.actor, languages, by_skill):
            if case := _try_claim(call, pack, case_id):
                return case
    raise NotFound("no appeal waits that you may review in your languages")


def _abilities(actor: Actor) -> tuple[tuple[str, ...], tuple[str, ...]]:
    key = actor.id.removeprefix("user:")
    user = User.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    return (tuple(user.languages), tuple(user.skills)) if user else ((), ())


def _first_waiting(actor: Actor, languages: Sequence[str], skills: Sequence[str]) -> Iterator[str]:
    """The ids of the best cases across lanes, languages and skills. Each combination is read along its own index."""
    columns = [("lane", lanes_open_to(actor.role)), ("language", languages), ("skill", skills)]
    parts: list[Q] = [Q()]
    for column, values in columns:
        if values:
            parts = [part & Q(**{column: value}) for part in parts for value in values]
    mine = Q(action__decided_by=actor.id)
    heads = (Case.objects.filter(part).exclude(mine).order_by("place", "case_id").values_list("place", "case_id")[:TRIED] for part in parts)
    for _, case_id in islice(merge(*(list(head) for head in heads)), TRIED):
        yield case_id


def _try_claim(call: Call, pack: PolicyPack, case_id: str) -> Case | None:
    """The case, claimed; None where somebody else is at it or was quicker, or the reviewer had a part in it."""
    with transaction.atomic():
        free = Case.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",))
        if not free.filter(pk=case_id, lane__in=lanes_open_to(call.actor.role)).exists():
            return None
        try:
            return claim_case(call=call, pack=pack, case_id=case_id)
        except NotPermitted:
            return None


def _queued(actor: Actor, lanes: Sequence[Lane], wanted: Wanted) -> QueuePage:
    _check_reads(actor)
    return _page([Case.objects.filter(lane=lane) for lane in lanes], wanted, _order(wanted, "place"))


def _order(wanted: Wanted, usual: str) -> str:
    """The column that a list runs along."""
    return "due_at" if wanted.due_by is not None else usual


def _page(sources: Sequence[QuerySet[Case]], wanted: Wanted, column: str) -> QueuePage:
    """One page out of several lists that are each in order; `changed_at` runs down, `place` up."""
    backwards = bool(wanted.before)
    down = (column == "changed_at") != backwards
    start = _read_key(wanted.before or wanted.after, column)
    rows = [_rows(source, wanted, column, start if start else None, down=down) for source in sources]
    found = list(islice(merge(*rows, key=lambda case: _key(case, column), reverse=down), wanted.size + 1))
    more, shown = len(found) > wanted.size, found[: wanted.size]
    if backwards:
        shown.reverse()
    begins, ends = (_write_key(shown[0], column), _write_key(shown[-1], column)) if shown else ("", "")
    has_earlier, has_later = (more, True) if backwards else (start is not None, more)
    return QueuePage(tuple(shown), begins if has_earlier else "", ends if has_later else "")


def _rows(source: QuerySet[Case], wanted: Wanted, column: str, start: Key | None, *, down: bool) -> list[Case]:
    cases = source.filter(**{name: value for name, value in wanted.by.items() if value and name in FILTERS})
    if wanted.is_overdue:
        cases = cases.filter(raised_at__isnull=False)
    if wanted.due_by is not None:
        cases = cases.filter(due_at__lte=wanted.due_by)
    if start is not None:
        value, case_id = start
        than = "lt" if down else "gt"
        # The first condition alone lets the index begin at the right place; the second drops the rows of the same moment that came before.
        cases = cases.filter(Q(**{f"{column}__{than}e": value}), Q(**{f"{column}__{than}": value}) | Q(**{f"case_id__{than}": case_id}))
    sign = "-" if down else ""
    return list(cases.select_related("action", "account").order_by(f"{sign}{column}", f"{sign}case_id")[: wanted.size + 1])


def _key(case: Case, column: str) -> Key:
    return (getattr(case, column), case.pk)


def _write_key(case: Case, column: str) -> str:
    value = getattr(case, column)
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{case.pk}"


def _read_key(text: str, column: str) -> Key | None:
    """The row that a page begins after; None, so the first page, for whatever is no such row."""
    value, _, case_id = text.partition("~")
    try:
        return (int(value) if column == "place" else datetime.fromisoformat(value), case_id)
    except ValueError:
        return None


def _check_reads(actor: Actor) -> None:
    if actor.role not in READERS:
        raise NotPermitted("reading the queue", sorted(READERS))
