"""What a marketplace's own report says of an account, held against the policy pack and against itself.

Rates are counted again from the report's own counts; what the report says of them is only compared (reports are known to contradict themselves).
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import DoubtKind
from goodstanding.core.values import Rate, Target

CLOSEST = Decimal("0.0005")
"""How far a reported rate may be from the counted one, at most, however coarsely it is rounded (ours)."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing about a report that a reader should know: `code` names its text, `where` the place, `values` fill the text."""

    code: str
    where: str
    kind: DoubtKind
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportedRate:
    """One rate of a report. `rule`: the pack's metrics it is one of. `fulfilment`: whose orders it is about, `says`: whose it says they are.

    `is_least`: the numerator is the least it can be, so a target that is met may be missed all the same.
    """

    field: str
    rule: str
    numerator: int
    denominator: int
    parts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    rate: Decimal | None = None
    status: str | None = None
    target: Target | None = None
    first: date | None = None
    last: date | None = None
    fulfilment: str = ""
    says: str = ""
    is_least: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether there can be so many of so many."""
        return 0 <= self.numerator <= self.denominator


@dataclass(frozen=True, slots=True)
class ReportedCount:
    """One count of violations; `reasons` are those that it can be about."""

    field: str
    count: int
    status: str | None = None
    target: Target | None = None
    first: date | None = None
    last: date | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What a report says of one marketplace. `store`: the pack's code ('' where it has none). None: the report does not say.

    `warnings`: (what, status) of the marketplace's warnings. `previous_status`: where a change of status was reported.
    """

    marketplace_id: str | None
    store: str
    status: str | None = None
    previous_status: str | None = None
    rating_status: str | None = None
    rates: tuple[ReportedRate, ...] = ()
    counts: tuple[ReportedCount, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class SellerReport:
    """A whole report, marketplace by marketplace, and what is doubtful about it as a whole."""

    stores: tuple[StoreReport, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedRate:
    """A rate as counted again. `met` None: nobody can say (nothing to divide by, no target, or counts that cannot be). `is_enforced`: by the pack."""

    reported: ReportedRate
    name: str
    rate: Rate
    target: Target | None
    is_packs_target: bool
    met: bool | None
    is_enforced: bool
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class JudgedCount:
    """A count of violations, held against its target."""

    reported: ReportedCount
    target: Target
    met: bool
    doubts: tuple[Doubt, ...]


def metric_of(pack: PolicyPack, reported: ReportedRate) -> Metric | None:
    """The pack's metric of the rate's rule, of several the one whose window is nearest to the report's; None where the pack has none."""
    days = (reported.last - reported.first).days + 1 if reported.first and reported.last else 0
    metrics = [metric for metric in pack.metrics.values() if metric.rule == reported.rule]
    return min(metrics, key=lambda metric: (abs(metric.window.days - days), metric.name), default=None)


def judge_rate(pack: PolicyPack, store: str, reported: ReportedRate, place: str) -> JudgedRate:
    """A rate against the pack's target, else the report's own. `place` names the marketplace in doubts."""
    metric = metric_of(pack, reported)
    target = metric.target if metric and metric.target else reported.target
    rate = Rate(reported.numerator, reported.denominator)
    is_enforced = metric is None or (
        reported.denominator >= metric.minimum_volume and (reported.last is None or reported.last >= metric.first_enforced(store))
    )
    return JudgedRate(
        reported,
        metric.name if metric else reported.rule,
        rate,
        target,
        bool(metric and metric.target),
        _met(reported, rate, target),
        is_enforced,
        tuple(_doubts_of_rate(reported, rate, f"{place}.{reported.field}")),
    )


def _met(reported: ReportedRate, rate: Rate, target: Target | None) -> bool | None:
    if target is None or not reported.is_possible:
        return None
    met = target.met(rate)
    return None if met and reported.is_least else met


def judge_count(reported: ReportedCount, place: str) -> JudgedCount:
    """A count against the target that the report names; 0 is the target where it names none."""
    target = reported.target or Target.parse("= 0")
    met = target.met(Rate(reported.count, None)) is True
    where = f"{place}.{reported.field}"
    doubts = [*_doubts_of_range(reported.first, reported.last, where), *_doubts_of_status(reported.status, met, where, str(reported.count), target)]
    return JudgedCount(reported, target, met, tuple(doubts))


def _doubts_of_rate(reported: ReportedRate, rate: Rate, where: str) -> Iterator[Doubt]:
    counts = {"numerator": reported.numerator, "denominator": reported.denominator}
    if not reported.is_possible:
        yield Doubt("impossible_counts", where, DoubtKind.CONTRADICTION, counts)
    if reported.parts and not max(reported.parts.values()) <= reported.numerator <= sum(reported.parts.values()):
        yield Doubt("parts_disagree", where, DoubtKind.CONTRADICTION, {**counts, "parts": " + ".join(map(str, reported.parts.values()))})
    if reported.says and reported.fulfilment and reported.says.lower() != reported.fulfilment:
        yield Doubt("wrong_fulfilment", where, DoubtKind.CONTRADICTION, {"says": reported.says, "is": reported.fulfilment})
    yield from _doubts_of_range(reported.first, reported.last, where)
    if reported.rate is not None and reported.denominator and not agrees(reported.rate, rate):
        values = {**counts, "reported": str(reported.rate), "counted": rate.percent()}
        yield Doubt("rate_disagrees", where, DoubtKind.CONTRADICTION, values)
    if reported.target and reported.denominator:
        yield from _doubts_of_status(reported.status, reported.target.met(rate), where, rate.percent(), reported.target)


def _doubts_of_range(first: date | None, last: date | None, where: str) -> Iterator[Doubt]:
    if first and last and last < first:
        yield Doubt("range_reversed", where, DoubtKind.CONTRADICTION, {"first": first.isoformat(), "last": last.isoformat()})


def _doubts_of_status(status: str | None, met: bool | None, where: str, shown: str, target: Target) -> Iterator[Doubt]:
    if (status == "GOOD" and met is False) or (status == "BAD" and met is True):
        yield Doubt("status_disagrees", where, DoubtKind.CONTRADICTION, {"status": status, "counted": shown, "target": target.text})


def agrees(reported: Decimal, rate: Rate) -> bool:
    """Whether a reported rate is the counted one, as a fraction or in percent, rounded or cut at the digits it was written with."""
    assert rate.denominator
    counted = Decimal(rate.numerator) / Decimal(rate.denominator)
    exponent = reported.as_tuple().exponent
    last_digit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    in_percent = abs(reported / 100 - counted) <= min(last_digit / 100, CLOSEST)
    return abs(reported - counted) <= min(last_digit, CLOSEST) or (in_percent and reported != counted)
