"""Which further acts the page of a case offers to whom, and what their forms need to show."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone

from goodstanding.core.cases.lifecycle import REVIEWERS, CaseEvent, CaseState
from goodstanding.core.enforcement import approval as rules
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.terms import Act, ActionKind, Approval, HolderKind, Role
from goodstanding.core.values import Actor
from goodstanding.server.console.measures import Row, metrics_for, rows_of
from goodstanding.server.pages.people import STAFF_PREFIX, names_of
from goodstanding.server.services.cures import CURABLE
from goodstanding.server.services.force import find_rule
from goodstanding.server.services.reading import CaseFile
from goodstanding.server.services.reviews import HELD_IN
from goodstanding.server.services.separation import deciders, may_review
from goodstanding.server.services.standing import actions_in_force, live_limits, open_violations
from goodstanding.server.store.models import AccessLink, Case, FirstDecision, Limit, User


@dataclass(frozen=True, slots=True)
class FirstWord:
    """What the first of two people would decide: who, and per violation its reason in words, the verdict and why."""

    row: FirstDecision
    who: str
    verdicts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """The names of the acts to offer, and what their forms show."""

    may: frozenset[str]
    first: FirstWord | None
    answered: FirstWord | None
    colleagues: tuple[User, ...]
    held: Limit | None
    exceptions: tuple[str, ...]
    rows: tuple[Row, ...]
    metrics: tuple[tuple[str, str], ...]

    @property
    def is_measured(self) -> bool:
        """Whether a measure was typed, so that its form has to be seen."""
        return any(measure.strip() or due for _number, measure, due, _metric in self.rows)


def offers_of(actor: Actor, file: CaseFile, pack: PolicyPack, words: Words, typed: QueryDict | None) -> Offers:
    """What to offer somebody on the page of a case; `typed`: the decision form as it was sent, where it is shown again."""
    case = file.case
    first, answered = _waiting_first(case, words), _answered_first(case, words)
    colleagues = _colleagues(actor, file)
    held = live_limits(account_id=case.account_id, now=timezone.now()).filter(action=case.action_id, act=Act.WITHDRAW, held_amount__gt=0).first()
    exceptions = _exceptions(actor, file, pack)
    conditions = {
        **_of_second(actor, case, first),
        **_of_holding(actor, file),
        "hand_over": bool(colleagues),
        "at_once": bool(exceptions),
        **_of_account(actor, file, held),
    }
    may = frozenset(name for name, holds in conditions.items() if holds)
    return Offers(may, first, answered, colleagues, held, exceptions, tuple(rows_of(typed)), tuple(metrics_for(case, pack, words)))


def _of_second(actor: Actor, case: Case, first: FirstWord | None) -> Mapping[str, bool]:
    """The second person is anybody who may review it but the first."""
    is_second = first is not None and actor.role in REVIEWERS and may_review(actor=actor, case=case, never=frozenset({first.row.decided_by}))
    return {"agree": is_second, "disagree": is_second}


def _of_holding(actor: Actor, file: CaseFile) -> Mapping[str, bool]:
    is_mine = file.case.assignee == actor.id and file.case.state in HELD_IN
    return {
        "extend": is_mine and file.case.lease_until is not None,
        "escalate": is_mine and file.case.state == CaseState.IN_REVIEW and CaseEvent.ESCALATE in file.possible,
    }


def _of_account(actor: Actor, file: CaseFile, held: Limit | None) -> Mapping[str, bool]:
    case, reviews = file.case, actor.role in REVIEWERS
    in_force = actions_in_force(account_id=case.account_id, now=timezone.now()).filter(pk=case.action_id).exists()
    return {
        "hold_money": reviews and in_force,
        "release_money": reviews and held is not None,
        "cure": reviews
        and case.state in CURABLE
        and CaseEvent.CURE in file.possible
        and not open_violations().filter(actions=case.action_id).exists(),
        "withdraw_links": reviews and AccessLink.objects.filter(case=case, withdrawn_at=None, expires_at__gt=timezone.now()).exists(),
    }


def _colleagues(actor: Actor, file: CaseFile) -> tuple[User, ...]:
    """To whom a held case can be given: active reviewers who may hold it in its state and had no part in it."""
    case = file.case
    may = CaseEvent.HAND_OVER in file.possible and bool(case.assignee) and (case.assignee == actor.id or actor.role == Role.SENIOR_SPECIALIST)
    if not may:
        return ()
    roles = {Role.SENIOR_SPECIALIST} if case.state == CaseState.ESCALATED else REVIEWERS
    barred = {case.assignee, *deciders(case)}
    users = User.objects.filter(is_active=True, role__in=roles).order_by("name", "pk")
    return tuple(user for user in users if f"{STAFF_PREFIX}{user.pk}" not in barred)


def _exceptions(actor: Actor, file: CaseFile, pack: PolicyPack) -> tuple[str, ...]:
    """The exceptions by which this closing may take effect without its time of notice, for who may approve it (P2B art. 4(4))."""
    case, action = file.case, file.action
    if pack.closing is None or case.state not in (CaseState.PROPOSED, CaseState.SCHEDULED) or CaseEvent.APPROVE not in file.possible:
        return ()
    needed = rules.needed_now(Approval(action.approval), find_rule(pack, action))
    waits = rules.needs_time_of_notice(ActionKind(action.kind), HolderKind(case.account.holder_kind), None)
    may = waits and rules.covers(needed, actor.role) and action.proposed_by != actor.id
    return tuple(sorted(pack.closing.exceptions)) if may else ()


def _waiting_first(case: Case, words: Words) -> FirstWord | None:
    if case.state != CaseState.SECOND_REVIEW:
        return None
    row = FirstDecision.objects.filter(appeal__case=case, answered_at=None).first()
    return _shown(row, case, words) if row else None


def _answered_first(case: Case, words: Words) -> FirstWord | None:
    """The first decision that came back with a reason, while the first person has the case again."""
    row = FirstDecision.objects.filter(appeal__case=case).order_by("-decided_at").first() if case.state in HELD_IN else None
    return _shown(row, case, words) if row and row.agreed is False else None


def _shown(row: FirstDecision, case: Case, words: Words) -> FirstWord:
    reasons = dict(case.action.violations.values_list("violation_id", "reason"))
    verdicts = (
        (words.reasons.get(reasons.get(key, ""), reasons.get(key, key)), outcome, because) for key, (outcome, because, *_) in row.verdicts.items()
    )
    names = names_of({row.decided_by, row.answered_by})
    return FirstWord(row, names.get(row.answered_by or row.decided_by, ""), tuple(verdicts))
