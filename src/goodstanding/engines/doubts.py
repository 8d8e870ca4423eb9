"""What the facts as a whole leave in doubt, though every row of them can be read. Each function asks by SQL, so that every engine can."""

from datetime import date

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import FindingSeverity, MetricRule
from goodstanding.engines import quoting
from goodstanding.engines.versions import Fetch


def last_order_day(fetch: Fetch) -> date:
    """The last day on which an order was placed. Raises UnusableInput where there is none."""
    last: date | None = fetch("SELECT max(placed_at_day) FROM facts.orders")[0][0]
    if last is None:
        raise UnusableInput("the facts hold no usable order, so there is no last day with one; name the day with --as-of")
    return last


def unknown_reasons(fetch: Fetch, pack: PolicyPack) -> tuple[Finding, ...]:
    """A finding for each reason that complaints name and the pack does not know: such complaints count as no violation."""
    others = f"WHERE reason NOT IN ({quoting.literals(pack.reasons)})" if pack.reasons else ""
    unknown = fetch(f"SELECT reason, count(DISTINCT complaint_id), min(complaint_id) FROM facts.complaints {others} GROUP BY reason ORDER BY reason")  # noqa: S608
    return tuple(
        Finding(
            "complaint.unknown_reason",
            FindingSeverity.WARNING,
            f"{many} complaint{'s' if many > 1 else ''} of reason '{reason}', which the pack {pack.name} does not have; not counted as a violation",
            "add the reason to the pack or map the complaints to one it has",
            f"complaints {example}",
        )
        for reason, many, example in unknown
    )


def unsaid_tracking(fetch: Fetch, pack: PolicyPack) -> tuple[Finding, ...]:
    """A finding where a metric judges tracking and no shipped order says a word about it: then all of them count as invalid."""
    metric = next((metric for metric in pack.metrics.values() if metric.rule == MetricRule.VALID_TRACKING_RATE), None)
    shipped, said = fetch("SELECT count(*), count(tracking_valid) FROM facts.orders WHERE shipped_at IS NOT NULL")[0]
    if metric is None or not shipped or said:
        return ()
    message = f"no order says whether its tracking was valid, so {metric.name} counts every shipped order as without"
    hint = "give the column tracking_valid, or use a pack without this metric"
    return (Finding("orders.no_tracking", FindingSeverity.WARNING, message, hint, "orders"),)
