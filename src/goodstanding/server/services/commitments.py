"""Commitments: made when a case ends on conditions, ticked by who keeps them, followed night by night against the facts (requirement I2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from goodstanding.core.cases import commitments as rules
from goodstanding.core.cases.lifecycle import REVIEWERS, CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.tables import nearest
from goodstanding.core.policy.templates import fill, say_date
from goodstanding.core.terms import CommitmentState, DecisionOutcome, Right, Role
from goodstanding.core.values import Rate, day_of
from goodstanding.server.services import ledger
from goodstanding.server.services.afterwards import reopen_case
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.rights import check_right
from goodstanding.server.store.models import Case, Commitment, MetricReading, Violation

LONGEST_MEASURE = 500
"""Characters of one measure."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A measure the holder commits to, by when, and the metric (if any) that has to be within its target from then on."""

    measure: str
    due: date
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a night came to: cases looked at, and cases that a breach has re-opened."""

    cases: int = 0
    reopened: int = 0


def check_promises(*, call: Call, pack: PolicyPack, case: Case, promises: Sequence[Promise]) -> None:
    """Raise UnusableInput for a measure without words, a day that is over, or a metric that the pack does not have."""
    today = day_of(call.now, pack.zone(case.account.marketplace))
    for promise in promises:
        if not 0 < len(promise.measure.strip()) <= LONGEST_MEASURE:
            raise UnusableInput(f"write each measure in 1 to {LONGEST_MEASURE} characters")
        if promise.due < today:
            raise UnusableInput(f"'{promise.measure.strip()[:40]}' is due on {promise.due}, which is over; give a day from {today} on")
        if promise.metric and promise.metric not in pack.metrics:
            raise UnusableInput(f"'{promise.metric}' is no metric of pack {pack.name} ({nearest(promise.metric, pack.metrics)})")


def make_commitments(*, call: Call, pack: PolicyPack, case: Case, promises: Sequence[Promise]) -> list[Commitment]:
    """Keep what the holder of a locked case commits to, inside the transaction of the decision that rests on it. Raises UnusableInput."""
    check_promises(call=call, pack=pack, case=case, promises=promises)
    return [
        Commitment.objects.create(
            commitment_id=call.new_id("M"),
            case=case,
            measure=promise.measure.strip(),
            metric=promise.metric,
            due=promise.due,
            made_at=call.now,
            made_by=call.actor.id,
            state=CommitmentState.OPEN,
        )
        for promise in promises
    ]


def mark_done(*, call: Call, pack: PolicyPack, commitment_id: str, note: str = "") -> Commitment:
    """Say that a measure is in place; by its holder, or by a reviewer who has seen it. Saying it again changes nothing.

    Raises NotFound, also for another account's holder; IllegalTransition where the case is not followed (any more), UnusableInput.
    """
    if not call.actor.is_outside and call.actor.role not in REVIEWERS:
        raise NotPermitted("ticking a commitment", sorted(REVIEWERS | {Role.HOLDER}))
    if len(note) > LONGEST_MEASURE:
        raise UnusableInput(f"write at most {LONGEST_MEASURE} characters")
    with transaction.atomic():
        case_id = Commitment.objects.filter(pk=commitment_id).values_list("case_id", flat=True).first()
        if case_id is None:
            raise NotFound(f"there is no commitment {commitment_id}")
        case = lock_case(call=call, case_id=case_id)
        check_right(call.actor, case.account_id, Right.SOLVE)
        commitment = Commitment.objects.select_for_update().get(pk=commitment_id)
        if commitment.done_on is not None:
            return commitment
        if case.state != CaseState.MONITORING:
            raise IllegalTransition(case.state, "mark_done", [], "the commitments of this case are not followed any more")
        commitment.done_on = day_of(call.now, pack.zone(case.account.marketplace))
        commitment.done_by, commitment.done_note = call.actor.id, note.strip()
        if not commitment.metric:
            commitment.state = CommitmentState.KEPT
        commitment.save(update_fields=["done_on", "done_by", "done_note", "state"])
        ledger.append(call=call, case_id=case_id, kind="CommitmentDone", body={"commitment_id": commitment_id, "note": commitment.done_note})
    return commitment


def follow_commitments(*, call: Call, pack: PolicyPack, as_of: date) -> Followed:
    """Hold the commitments of every monitored case against the facts of a day; a breach re-opens its case. A second run changes nothing."""
    automatic, reopened = call.by_automation(), 0
    cases = list(Case.objects.filter(state=CaseState.MONITORING).order_by("pk").values_list("pk", flat=True))
    for case_id in cases:
        with transaction.atomic():
            case = lock_case(call=automatic, case_id=case_id)
            if case.state == CaseState.MONITORING and (breach := _look(automatic, pack, case, as_of)):
                _reopen(automatic, pack, case, breach)
                reopened += 1
    return Followed(len(cases), reopened)


def _look(call: Call, pack: PolicyPack, case: Case, as_of: date) -> rules.Breach | None:
    counts = _counts(case)
    followed = []
    for commitment in case.commitments.select_for_update():
        found = rules.follow_commitment(commitment.as_value(), pack.metrics, counts, as_of)
        followed.append(found)
        commitment.state, commitment.looked_at = found.state, call.now
        if found.counted:
            commitment.counted_on, commitment.numerator, commitment.denominator = (
                found.counted.as_of,
                found.counted.numerator,
                found.counted.denominator,
            )
        commitment.save(update_fields=["state", "looked_at", "counted_on", "numerator", "denominator"])
    reasons = set(case.action.violations.values_list("reason", flat=True))
    since = day_of(case.changed_at, pack.zone(case.account.marketplace))
    again = Violation.objects.filter(account=case.account_id, reason__in=reasons, opened__gt=since, opened__lte=as_of)
    new = [
        rules.Recurrence(violation.pk, violation.reason, violation.opened)
        for violation in again.exclude(decided=DecisionOutcome.OVERTURNED).exclude(actions=case.action_id).order_by("opened", "violation_id")
    ]
    return rules.find_breach(followed, new, reasons, since)


def _counts(case: Case) -> Mapping[str, rules.Counted]:
    readings = MetricReading.objects.filter(account=case.account_id)
    return {one.metric: rules.Counted(one.as_of, one.numerator, one.denominator) for one in readings}


def _reopen(call: Call, pack: PolicyPack, case: Case, breach: rules.Breach) -> None:
    words = pack.words_for(case.language)
    broken = []
    for one in breach.broken:
        assert one.counted is not None, "only counts break a commitment"
        rate = Rate(one.counted.numerator, one.counted.denominator)
        said = fill(words, "counts_short", numerator=rate.numerator, denominator=rate.denominator or "-", rate=rate.percent())
        broken.append((one.commitment.measure, said))
    again = [(one.reason, say_date(words, one.opened)) for one in breach.again]
    reopen_case(call=call, pack=pack, case_id=case.pk, broken=broken, again=again)
