"""Blind reviews and what they and the appeals come to: agreement, and overturns by rule, person and degree of automation (requirements H8, K4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import Count, Exists, OuterRef, Q, Value, When

from goodstanding.core.appeals.quality import Tally, agrees
from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import AppealOutcome, Automation, DecisionOutcome, FoundBy, Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.openings import has_seen_since, note_seen
from goodstanding.server.services.reading import READERS
from goodstanding.server.services.separation import deciders
from goodstanding.server.store.models import Appeal, BlindReview, Violation

DECIDED = (AppealOutcome.UPHELD, AppealOutcome.PARTIALLY_REVERSED, AppealOutcome.REVERSED)
"""Outcomes that somebody decided."""

MOST_WAITING = 50
"""Blind reviews that are listed at once."""

GROUPS = ("rule", "decider", "reviewer", "automation")
"""By what overturns are counted: the rule, who approved the action, who decided the appeal, how much a machine had decided."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement of the blind sample by group, and how many decided appeals overturned the action, in whole or part, by group."""

    agreement: Mapping[str, Mapping[str, Tally]]
    overturned: Mapping[str, Mapping[str, Tally]]

    def rows(self) -> list[dict[str, object]]:
        """One row per figure, for files: figure, by, value, part, whole."""
        return [
            {"figure": figure, "by": group, "value": value, "part": tally.part, "of": tally.whole}
            for figure, groups in (("agreement", self.agreement), ("overturned", self.overturned))
            for group, tallies in groups.items()
            for value, tally in tallies.items()
        ]


def blind_waiting(*, actor: Actor) -> list[BlindReview]:
    """The blind reviews that this person may do, oldest first."""
    if actor.role not in REVIEWERS:
        return []
    rows = BlindReview.objects.filter(reviewed_at=None).select_related("appeal__case__action", "appeal__case__account").order_by("drawn_at")
    return [row for row in rows[: 4 * MOST_WAITING] if not _why_not(actor, row)][:MOST_WAITING]


def held_blind_of(*, actor: Actor, account_id: str) -> str:
    """The appeal about any case of an account that this person is reviewing blind; whatever else is shown of the account would tell its outcome."""
    held = BlindReview.objects.filter(assignee=actor.id, reviewed_at=None, appeal__case__account=account_id)
    return held.order_by("drawn_at").values_list("appeal_id", flat=True).first() or ""


def kept_secret(*, actor: Actor, case_ids: Iterable[str]) -> frozenset[str]:
    """Which of these cases wait for a blind review that this person may do, so that a list must not tell how they were decided."""
    if actor.role not in REVIEWERS:
        return frozenset()
    rows = BlindReview.objects.filter(reviewed_at=None, appeal__case__in=list(case_ids)).select_related("appeal__case__action")
    return frozenset(row.appeal.case_id for row in rows if not _why_not(actor, row))


def note_outcomes_seen(*, call: Call, account_id: str) -> None:
    """Note that a reviewer has seen how the cases of an account stand; who looked reviews none of them blind."""
    if call.actor.role not in REVIEWERS:
        return
    waiting = BlindReview.objects.filter(reviewed_at=None, appeal__case__account=account_id).values_list("appeal__case_id", flat=True)
    with transaction.atomic():
        for case_id in list(waiting):
            note_seen(call=call, case_id=case_id)


def open_blind(*, call: Call, appeal_id: str) -> BlindReview:
    """Begin a blind review. Raises NotFound, IllegalTransition where it is done, NotPermitted for who had a part in the case or knows the outcome."""
    with transaction.atomic():
        row = _locked(call, appeal_id)
        row.assignee = call.actor.id
        row.save(update_fields=["assignee"])
    return row


def review_blind(*, call: Call, appeal_id: str, verdicts: Mapping[str, tuple[DecisionOutcome, str]]) -> BlindReview:
    """Take the second person's verdicts, and tell whether they agree with the first. Nothing of the case changes.

    Raises UnusableInput where a violation is missing or strange, or no reason is given; else as `open_blind`.
    """
    with transaction.atomic():
        row = _locked(call, appeal_id)
        first = {one.violation_id: DecisionOutcome(one.outcome) for one in row.appeal.decisions.all()}
        if first.keys() != verdicts.keys():
            raise UnusableInput(f"decide every violation of the case and no other: {', '.join(sorted(first))}")
        if any(not because.strip() for _, because in verdicts.values()):
            raise UnusableInput("say why, for each violation")
        row.verdicts = {key: [outcome, because.strip()] for key, (outcome, because) in verdicts.items()}
        row.agrees = agrees(first, {key: outcome for key, (outcome, _) in verdicts.items()})
        row.reviewed_at, row.reviewed_by = call.now, call.actor.id
        row.save()
        body = {"appeal_id": appeal_id, "agrees": row.agrees, "verdicts": row.verdicts}
        ledger.append(call=call, case_id=row.appeal.case_id, kind="BlindReviewed", body=body)
    return row


def figures(*, actor: Actor) -> Figures:
    """All figures as of now. Raises NotPermitted for who reads no cases."""
    if actor.role not in READERS:
        raise NotPermitted("reading the figures of quality", sorted(READERS))
    return Figures(_agreement(), _overturned())


def _locked(call: Call, appeal_id: str) -> BlindReview:
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("reviewing blind", sorted(REVIEWERS))
    case_id = Appeal.objects.filter(pk=appeal_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound(f"there is no appeal {appeal_id}")
    lock_case(call=call, case_id=case_id)
    row = BlindReview.objects.select_related("appeal__case__action").filter(pk=appeal_id).first()
    if row is None:
        raise NotFound(f"appeal {appeal_id} is not in the blind sample")
    if row.reviewed_at is not None:
        raise IllegalTransition("reviewed", "review_blind", [])
    if why := _why_not(call.actor, row):
        raise NotPermitted(f"reviewing blind: {why}", ["a reviewer who had no part in the case and has not seen its outcome"])
    return row


def _why_not(actor: Actor, row: BlindReview) -> str:
    case = row.appeal.case
    if row.assignee and row.assignee != actor.id:
        return "a colleague has it"
    if actor.id in deciders(case):
        return "you had a part in the case"
    decided = row.appeal.decided_at
    return "you have seen the outcome" if decided and has_seen_since(case=case, actor=actor.id, since=decided) else ""


def _agreement() -> dict[str, dict[str, Tally]]:
    rows = BlindReview.objects.exclude(reviewed_at=None).values_list(
        "rule", "appeal__case__action__decided_by", "appeal__decided_by", "automation", "agrees"
    )
    found = [((rule, decider, reviewer, automation), bool(same), 1) for rule, decider, reviewer, automation, same in rows]
    return _by_group(found)


def _overturned() -> dict[str, dict[str, Tally]]:
    """Counted by the database: groups are few, appeals may be many."""
    found_by_machine = Violation.objects.filter(actions=OuterRef("case__action_id")).exclude(found_by=FoundBy.PERSON)
    degree = Choose(
        When(case__action__decided_role=Role.AUTOMATION, then=Value(Automation.FULLY.value)),
        When(Exists(found_by_machine), then=Value(Automation.PARTIALLY.value)),
        default=Value(Automation.NOT.value),
    )
    keys = ("case__action__rule", "case__action__decided_by", "decided_by", "degree")
    rows = Appeal.objects.filter(outcome__in=DECIDED).annotate(degree=degree).values_list(*keys).order_by()
    counted = rows.annotate(whole=Count("pk"), part=Count("pk", filter=~Q(outcome=AppealOutcome.UPHELD)))
    found = []
    for rule, decider, reviewer, automation, whole, part in counted:
        found.append(((rule, decider, reviewer, automation), part, whole))
    return _by_group(found)


def _by_group(found: Iterable[tuple[tuple[str, ...], int, int]]) -> dict[str, dict[str, Tally]]:
    sums: dict[str, dict[str, list[int]]] = {"all": defaultdict(lambda: [0, 0]), **{group: defaultdict(lambda: [0, 0]) for group in GROUPS}}
    for values, part, whole in found:
        for group, value in (("all", ""), *zip(GROUPS, values, strict=True)):
            sums[group][value][0] += part
            sums[group][value][1] += whole
    return {group: {value: Tally(*both) for value, both in sorted(tallies.items())} for group, tallies in sums.items()}
