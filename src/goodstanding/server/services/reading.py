"""What pages show: a case with everything about it. Reads only; each reader gets what the role may see (requirements H1, H5, K5)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from goodstanding.core.cases.lifecycle import REVIEWERS, CaseEvent, CaseState, events_open_to
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.terms import FoundBy, Role
from goodstanding.core.values import OUTSIDE, Actor
from goodstanding.server.services.reviews import contested_violations
from goodstanding.server.services.statements import told_items
from goodstanding.server.store.models import (
    Appeal,
    Case,
    EnforcementAction,
    InformationRequest,
    LedgerEntry,
    Limit,
    Notice,
    RatingReading,
    Violation,
)

READERS = REVIEWERS | {Role.POLICY_MANAGER, Role.AUDITOR}
"""Who of the staff reads whole cases."""

UNKNOWN_TO_HOLDERS = frozenset({CaseState.PROPOSED, CaseState.DISMISSED})
"""States in which nothing has happened to the holder yet, and nothing may be read by them, unless a letter has told of it before."""

KNOWN_TO_HOLDERS = ~Q(state__in=UNKNOWN_TO_HOLDERS) | Q(told_at__isnull=False)
"""The cases a holder may know of."""

NOT_FOR_HOLDERS = frozenset(
    {
        *("ActionProposed", "ActionApprovedAhead", "CaseReleased", "LeaseLapsed", "LeaseExtended", "CaseHandedOver"),
        *("BlindReviewed", "PassedToSecond", "SecondAgreed", "SecondDisagreed", "RelationJudged", "ReleaseProposed", "ReleaseRefused"),
        *("MailHeld", "MailReleased", "MailRejected", "MessageNeedsNoAnswer", "NoteWritten", "NoteSetAside"),
    }
)
"""What happens inside the house only."""

MOST_READINGS = 400
"""Rating readings of a case page: more than a year of daily changes."""

ACCOUNT_ITEMS = "accounts"
"""The kind of items that are accounts."""


@dataclass(frozen=True, slots=True)
class ViolationFile:
    """One violation of a case with the items that the reader may see. `hidden` says how many belong to somebody else's account."""

    violation: Violation
    items: tuple[Mapping[str, object], ...]
    hidden: int
    is_contested: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One ledger entry for a reader. A holder or a delegate gets no body, and no staff member's id."""

    sequence: int
    at: datetime
    kind: str
    role: str
    actor: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything about one case for one reader; lists are oldest first, `appeals` with evidence, requests and decisions at hand."""

    case: Case
    action: EnforcementAction
    violations: tuple[ViolationFile, ...]
    notices: tuple[Notice, ...]
    appeals: tuple[Appeal, ...]
    happenings: tuple[Happening, ...]
    limits: tuple[Limit, ...]
    ratings: tuple[RatingReading, ...]
    other_cases: tuple[Case, ...]
    possible: tuple[CaseEvent, ...]

    @property
    def latest_appeal(self) -> Appeal | None:
        """The newest attempt."""
        return self.appeals[-1] if self.appeals else None

    @property
    def open_request(self) -> InformationRequest | None:
        """What is asked of the holder at the moment."""
        requests = self.latest_appeal.information_requests.all() if self.latest_appeal else ()
        return next((one for one in requests if one.answered_at is None and one.lapsed_at is None), None)


def case_file(*, actor: Actor, case_id: str) -> CaseFile:
    """The whole file of a case. Raises NotFound where there is none the reader may know of, NotPermitted for staff who read no cases."""
    case = Case.objects.select_related("account", "action").filter(pk=case_id).first()
    if case is None or (actor.is_outside and not _is_known_to(actor, case)):
        raise NotFound(f"there is no case {case_id}")
    _check_reads(actor)
    readings = RatingReading.objects.filter(account=case.account_id).order_by("-as_of")[:MOST_READINGS]
    return CaseFile(
        case=case,
        action=case.action,
        violations=_violations(actor, case),
        notices=tuple(case.notices.defer("message").order_by("created_at", "notice_id")),
        appeals=_appeals(case),
        happenings=_happenings(actor, case),
        limits=tuple(Limit.objects.filter(account=case.account_id).select_related("action__case").order_by("since", "limit_id")),
        ratings=tuple(reversed(readings)),
        other_cases=tuple(cases_of(actor=actor, account_id=case.account_id).exclude(pk=case_id)),
        possible=events_open_to(CaseState(case.state), actor.role, actor.rights_in(case.account_id)),
    )


def cases_of(*, actor: Actor, account_id: str) -> QuerySet[Case]:
    """The cases of one account that the reader may know of, oldest first. Raises NotFound for another account's holder."""
    cases = Case.objects.filter(account=account_id).select_related("action").order_by("opened_at", "case_id")
    if not actor.is_outside:
        _check_reads(actor)
        return cases
    if account_id not in actor.accounts:
        raise NotFound(f"there is no account {account_id}")
    return cases.filter(KNOWN_TO_HOLDERS)


def _check_reads(actor: Actor) -> None:
    if not actor.is_outside and actor.role not in READERS:
        raise NotPermitted("reading cases", sorted(READERS))


def _is_known_to(holder: Actor, case: Case) -> bool:
    return case.account_id in holder.accounts and (case.state not in UNKNOWN_TO_HOLDERS or case.told_at is not None)


def _violations(actor: Actor, case: Case) -> tuple[ViolationFile, ...]:
    contested = {violation.pk for violation in contested_violations(case.action)}
    rows = case.action.violations.select_related("diagnosed").order_by("opened", "violation_id")
    return tuple(_violation(actor, row, is_contested=row.pk in contested) for row in rows)


def _violation(actor: Actor, violation: Violation, *, is_contested: bool) -> ViolationFile:
    """A holder learns that accounts are related and by what kinds of evidence, never whose they are (requirement K5)."""
    items: Sequence[Mapping[str, object]] = violation.items
    if actor.is_outside:
        is_relation = violation.found_by == FoundBy.RELATION
        items = [item for item in told_items(violation) if is_relation or item.get("kind") != ACCOUNT_ITEMS or item.get("id") in actor.accounts]
    return ViolationFile(violation, tuple(items), len(violation.items) - len(items), is_contested)


def _appeals(case: Case) -> tuple[Appeal, ...]:
    requests = InformationRequest.objects.order_by("asked_at").prefetch_related("evidence")
    wanted = Prefetch("information_requests", requests)
    return tuple(case.appeals.order_by("attempt").prefetch_related("evidence__scan", wanted, "decisions__violation"))


def _happenings(actor: Actor, case: Case) -> tuple[Happening, ...]:
    entries = LedgerEntry.objects.filter(case_id=case.case_id).select_related("body").order_by("sequence")
    if actor.is_outside:
        entries = entries.exclude(kind__in=NOT_FOR_HOLDERS)
    return tuple(_happening(actor, entry) for entry in entries)


def _happening(actor: Actor, entry: LedgerEntry) -> Happening:
    at = datetime.fromisoformat(entry.at)
    if actor.is_outside:
        who = entry.actor if entry.role in OUTSIDE else ""
        return Happening(entry.sequence, at, entry.kind, entry.role, who, {})
    body = getattr(entry, "body", None)
    return Happening(entry.sequence, at, entry.kind, entry.role, entry.actor, json.loads(body.text) if body else {})
