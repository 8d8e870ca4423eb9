"""Reading what a pack measures: its metrics with window and target, and the rating."""

from datetime import date

from goodstanding.core.policy.pack import Citation, Metric, Rating
from goodstanding.core.policy.tables import CITING, Table
from goodstanding.core.terms import Band, HolderKind, LateBy, MetricRule, Severity
from goodstanding.core.values import Target, Window

_COUNTS = frozenset({MetricRule.OVERDUE_UNSHIPPED})
_OF_BUYERS = frozenset({MetricRule.RETURN_RATE, MetricRule.BUYER_CANCELLATION_RATE, MetricRule.COMPLAINED_OF_RATE})


def read_metrics(top: Table) -> dict[str, Metric]:
    """The metrics, by name."""
    return {name: _metric(name, table) for name, table in top.tables("metrics").items()}


def _metric(name: str, table: Table) -> Metric:
    rule = table.one_of("rule", MetricRule)
    steady = table.table("steadiness", required=False)
    enforced_from, enforcement = _enforced_from(table)
    holder_kind = table.one_of("holder_kind", HolderKind)
    wanted = HolderKind.BUYER if rule in _OF_BUYERS else HolderKind.SELLER
    if holder_kind is not wanted:
        table.note("contradiction", "holder_kind", f"is {holder_kind}, but the rule {rule} counts what {wanted}s do", f"write '{wanted}'")
    metric = Metric(
        name=name,
        rule=rule,
        window=Window(table.whole("window_days", least=1), table.whole("lag_days", 0)),
        holder_kind=holder_kind,
        citation=table.citation(),
        target=_target(table, rule),
        minimum_volume=steady.whole("minimum_volume", 1, least=1) if table.has("steadiness") else 1,
        recover_days=steady.whole("recover_days", 1) if table.has("steadiness") else 1,
        late_by=table.one_of("late_by", LateBy, LateBy.DAY),
        response_hours=table.whole("response_hours", 24, least=1),
        reason=table.text("reason") if table.has("reason") else None,
        marketplaces=frozenset(table.texts("marketplaces")) if table.has("marketplaces") else None,
        steadiness=steady.citation() if table.has("steadiness") else None,
        enforced_from=enforced_from,
        enforcement=enforcement,
    )
    steady.close()
    table.close()
    if metric.reason and not table.has("target"):
        table.note(
            "missing", "target", "is missing", "a metric with a reason needs one; write a target like '< 4 %', or leave reason out to show it only"
        )
    return metric


def _enforced_from(metric: Table) -> tuple[dict[str, date], Citation | None]:
    """The days from which stores enforce the target (`[metrics.NAME.from]`, store = day), and who says so."""
    if not metric.has("from"):
        return {}, None
    table = metric.table("from")
    citation = table.citation()
    days = {store: table.day(store) for store in table.content if store not in CITING}
    if table.content and not days:
        metric.note("empty", "from", "names no store", "write store = day, like US = 2024-09-25, or leave the table out")
    if not metric.has("reason"):
        metric.note("contradiction", "from", "is set, but the metric has no reason", "a metric without one is never enforced; leave the table out")
    table.close()
    return days, citation


def _target(table: Table, rule: MetricRule) -> Target | None:
    if not table.has("target"):
        return None
    try:
        target = Target.parse(table.text("target"))
    except ValueError as error:
        table.note("bad-target", "target", str(error).split(";")[0], "write one of <= >= < > =, a number and perhaps %, like '< 4 %'")
        return None
    if rule in _COUNTS and target.text.endswith("%"):
        table.note("bad-target", "target", f"'{target.text}' is a share, but {rule} is a count", "write a plain number like '= 0'")
    elif rule not in _COUNTS and target.value > 1:
        table.note("bad-target", "target", f"'{target.text}' is more than 100 %", f"did you mean '{target.text} %'?")
    return target


def read_rating(top: Table) -> Rating:
    """The rating with its points and bands."""
    table = top.table("rating")
    points = table.table("points")
    rating = Rating(
        start=table.whole("start"),
        gain=table.whole("gain"),
        per_orders=table.whole("per_orders", least=1),
        window_days=table.whole("window_days", least=1),
        lowest=table.whole("lowest"),
        highest=table.whole("highest"),
        critical_cap=points.whole("critical_cap"),
        points={severity: points.whole(severity) for severity in Severity},
        bands=_bands(table),
        citation=table.citation(),
        points_citation=points.citation(),
    )
    points.close()
    table.close()
    if table.content:
        _check_rating(rating, table)
    return rating


def _bands(rating: Table) -> tuple[tuple[Band, int], ...]:
    table = rating.table("bands")
    bands = tuple((band, table.whole(band)) for band in Band)
    table.close()
    return bands


def _check_rating(rating: Rating, table: Table) -> None:
    bounds = [least for _, least in rating.bands]
    if bounds != sorted(set(bounds), reverse=True):
        told = ", ".join(f"{band} {least}" for band, least in rating.bands)
        table.note("bands", "bands", f"are not ordered: {told}", "the lower bounds must fall from healthy over at_risk to unhealthy")
    elif bounds[-1] != rating.lowest:
        table.note("bands", "bands", f"leave ratings from {rating.lowest} to {bounds[-1] - 1} in no band", f"let unhealthy begin at {rating.lowest}")
    if not rating.lowest <= rating.start <= rating.highest:
        table.note("out-of-range", "start", f"is {rating.start}", f"it must lie between lowest ({rating.lowest}) and highest ({rating.highest})")
