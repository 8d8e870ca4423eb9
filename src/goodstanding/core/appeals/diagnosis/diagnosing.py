"""The diagnosis of one account: which metric, what explains it, how sure that is, and the time line around it (requirements D2, D3)."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import log
from zoneinfo import ZoneInfo

from goodstanding.core.appeals.diagnosis.complaints import complaint_metric, gather_complaints, is_of_complaints
from goodstanding.core.appeals.diagnosis.exact import as_chance
from goodstanding.core.appeals.diagnosis.gathering import NEVER_BY_DAY, Gathered, dimensions_of, gather
from goodstanding.core.appeals.diagnosis.looks import Question, Verdict, search
from goodstanding.core.appeals.diagnosis.model import Background, Cause, Confidence, Diagnosis, Happening, Item
from goodstanding.core.appeals.diagnosis.questions import (
    change_question,
    group_questions,
    mask_of,
    sign_in_days,
    sign_in_questions,
    span_question,
)
from goodstanding.core.appeals.diagnosis.timeline import Story, timeline
from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.known import AccountFacts, Days, account_on
from goodstanding.core.health.metrics import count
from goodstanding.core.health.violations import subject_of
from goodstanding.core.policy.pack import Diagnosing, Metric, PolicyPack

MOST_ALSO = 3
"""Other things in common that are named beside a cause."""


def metric_to_diagnose(
    pack: PolicyPack, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None, *, metric: str | None = None, reason: str | None = None
) -> Metric:
    """The metric asked for, by name or by the reason its breach violates; else the one that is furthest over its target, else the one with most against.

    A reason without a metric is diagnosed by its complaints. Of several metrics of a reason one that is breached goes first, and of these the one with the longest window: it shows most. Raises UnusableInput, naming what there is, where none fits.
    """
    if metric is not None:
        if metric not in pack.metrics:
            raise UnusableInput(f"no metric is called '{metric}' in {pack.name}; it has: {', '.join(pack.metrics)}")
        return pack.metrics[metric]
    fitting = [one for one in pack.metrics.values() if one.reason is not None and reason in (None, one.reason)]
    if not fitting and reason is not None and (complained := complaint_metric(pack, reason, facts, as_of, zone)):
        return complained
    if not fitting:
        judged = sorted({one.reason for one in pack.metrics.values() if one.reason})
        raise UnusableInput(
            f"no metric of {pack.name} is behind '{reason}'; nor is a complaint about it among the facts; a diagnosis needs one of them; reasons with a metric: {', '.join(judged)}"
        )
    account = account_on(facts, as_of, Days(zone))
    own = [one for one in fitting if account is None or one.applies_to(account.holder_kind, account.marketplace)] or fitting
    urgent = {one.name: _urgency(one, facts, as_of, zone) for one in own}
    worst = max(own, key=lambda one: urgent[one.name])
    alike = [one for one in own if one.reason == worst.reason and urgent[one.name][0] == urgent[worst.name][0]]
    return max(alike, key=lambda one: one.window.days)


def diagnose(
    pack: PolicyPack, metric: Metric, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None, background: Background | None = None
) -> Diagnosis:
    """What explains a metric of an account at the end of a day. Raises UnusableInput where the pack does not say how to diagnose."""
    rules = pack.diagnosis
    if rules is None:
        raise UnusableInput(f"{pack.name} has no [diagnosis]; copy that table from the pack 'amazon' and adapt it")
    known, days = background or Background(), Days(zone)
    story = Story(pack, rules, facts, known, as_of, days)
    collect = gather_complaints if is_of_complaints(pack, metric) else gather
    got = collect(metric, facts, known, rules, as_of, zone)
    own_sign_ins = [row for row in facts.sign_ins if row.account_id == facts.account_id and days.of(row.at) <= as_of]
    sign_ins = sign_in_days(own_sign_ins, known.sign_ins, rules.sign_in_dimensions, days)
    happenings = story.happenings(sign_ins)
    first, last = metric.window.bounds(as_of)
    questions = list(group_questions(got.items, dimensions_of(got.items, rules)))
    if metric.rule not in NEVER_BY_DAY:
        questions += [span_question(got.items, clock, got.mature, min(first, got.mature[1]), rules) for clock in got.clocks]
        among = _mature(got)
        questions += sign_in_questions(got.items, _handled(got.clocks), among, sign_ins)
        questions.append(change_question(got.items, among, story.changes(), days))
    causes, looks = _causes(got.items, questions, happenings, rules)
    rate = got.window.rate
    met = metric.target.met(rate) if metric.target else None
    return Diagnosis(
        facts.account_id,
        as_of,
        metric.name,
        metric.reason,
        subject_of(metric),
        first,
        last,
        rate.numerator,
        rate.denominator,
        met,
        len(got.window.against),
        looks,
        causes,
        timeline(got.items, got.clocks[0], (got.reach[0], as_of), happenings, causes, rules),
    )


def _urgency(metric: Metric, facts: AccountFacts, as_of: date, zone: ZoneInfo | None) -> tuple[bool, float]:
    """Whether a metric is breached, and the share of its orders that speaks against the account in units of what its target bears."""
    rate = count(metric, facts, as_of, zone)
    if metric.target is None or not rate.denominator:
        return metric.is_breach(rate.numerator, rate.denominator), float(rate.numerator if rate.denominator is None else 0)
    share, bears = rate.numerator / rate.denominator, float(metric.target.value)
    if metric.target.higher_is_better:
        share, bears = 1 - share, 1 - bears
    return metric.is_breach(rate.numerator, rate.denominator), share / (bears or 1)


def _handled(clocks: Sequence[str]) -> str:
    """The clock on which an order passes through people's hands."""
    return "shipped_at" if "shipped_at" in clocks else clocks[0]


def _mature(got: Gathered) -> int:
    clock, (first, last) = got.clocks[0], got.mature
    return mask_of(got.items, lambda item: clock in item.days and first <= item.days[clock] <= last)


def _causes(
    items: Sequence[Item], questions: Sequence[Question], happenings: Sequence[Happening], rules: Diagnosing
) -> tuple[tuple[Cause, ...], int]:
    bad = mask_of(items, lambda item: item.is_bad)
    found, looks = search(questions, bad, rules)
    return tuple(_cause(items, bad, verdict, same, looks, happenings, rules) for verdict, same in found), looks


def _cause(
    items: Sequence[Item],
    bad: int,
    verdict: Verdict,
    same: Sequence[Verdict],
    looks: int,
    happenings: Sequence[Happening],
    rules: Diagnosing,
) -> Cause:
    look, among = verdict.look, verdict.among
    ours = look.orders & among
    struck = [item for place, item in enumerate(items) if (ours & bad) >> place & 1]
    days = sorted(next(iter(item.days.values())) for item in struck if item.days)
    first, last = look.first or days[0], look.last or days[-1]
    others: dict[str, str | None] = {}
    for other in (other.look for other in same if other.look.dimension != look.dimension):
        others.setdefault(other.dimension, other.value if other.value or not other.first else f"{other.first} – {other.last}")
    defects, of_defects = (ours & bad).bit_count(), (among & bad).bit_count()
    return Cause(
        look.kind,
        look.dimension,
        look.value,
        first,
        last,
        defects,
        ours.bit_count(),
        of_defects,
        among.bit_count(),
        as_chance(verdict.log_corrected),
        looks,
        _confidence(verdict.log_corrected, defects, of_defects, rules),
        tuple(item.id for item in struck),
        tuple(others.items())[:MOST_ALSO],
        tuple(one for one in happenings if abs(one.day - first) <= timedelta(days=rules.near_days)),
    )


def _confidence(log_chance: float, defects: int, of_defects: int, rules: Diagnosing) -> Confidence:
    if log_chance <= -log(rules.high_one_in) and 100 * defects >= rules.high_share_percent * of_defects:
        return Confidence.HIGH
    return Confidence.MEDIUM if log_chance <= -log(rules.medium_one_in) else Confidence.LOW
