"""Reading what a pack says of the assurance programme, and of how long records are kept after an account is closed."""

from collections.abc import Mapping
from datetime import date

from goodstanding.core.policy.pack import Assurance, Citation, Marketplace, Reason, Retention
from goodstanding.core.policy.sections import read_span
from goodstanding.core.policy.tables import CITING, Table, nearest
from goodstanding.core.terms import Clock, ClockStart, RecordKind
from goodstanding.core.values import Span

_PLANS = ("individual", "professional")


def read_assurance(top: Table, stores: Mapping[str, Marketplace], reasons: Mapping[str, Reason], deadlines: Mapping[str, Span]) -> Assurance | None:
    """The assurance programme; None where the pack has none. Its window and the time of monitoring are among the pack's deadlines."""
    if not top.has("assurance"):
        return None
    table = top.table("assurance")
    window = table.table("solve_window")
    days, stores_citation = _stores(table.table("stores"), stores)
    ends_for, ends_citation = _ends_for(table.table("ends_for"), reasons)
    assurance = Assurance(
        plans=_plans(table),
        floor=table.whole("floor"),
        period=read_span(table.table("period")),
        most_days_below=table.whole("most_days_below"),
        most_days_below_in_a_row=table.whole("most_days_below_in_a_row"),
        contact_verified=table.flag("contact_verified", False),
        stores=days,
        ends_for=ends_for,
        window=_deadline(top, Clock.SOLVE_WINDOW, deadlines),
        extension=read_span(window.table("extension")),
        calls=_calls(window),
        call_required=window.flag("call_required", False),
        monitoring=_deadline(top, Clock.MONITORING, deadlines),
        citation=table.citation(),
        stores_citation=stores_citation,
        ends_citation=ends_citation,
        window_citation=window.citation(),
    )
    window.close()
    table.close()
    return assurance


def _deadline(top: Table, clock: Clock, deadlines: Mapping[str, Span]) -> Span:
    if clock not in deadlines:
        top.note("missing", f"deadlines.{clock}", "is missing", "a pack with an assurance programme says how long it is")
    return deadlines.get(clock, Span(hours=1))


def _plans(table: Table) -> frozenset[str]:
    plans = table.texts("plans")
    for plan in plans:
        if plan not in _PLANS:
            table.note("unknown-value", "plans", f"'{plan}' is no plan of an account", nearest(plan, _PLANS))
    return frozenset(plans)


def _stores(table: Table, stores: Mapping[str, Marketplace]) -> tuple[dict[str, date], Citation]:
    citation = table.citation()
    days = {store: table.day(store) for store in table.content if store not in CITING}
    for store in days:
        if store not in stores:
            table.note("unknown-name", store, f"'{store}' is no marketplace of this pack", nearest(store, stores))
    table.close()
    return days, citation


def _ends_for(table: Table, reasons: Mapping[str, Reason]) -> tuple[frozenset[str], Citation]:
    codes, citation = table.texts("reasons"), table.citation()
    for code in codes:
        if code not in reasons:
            table.note("unknown-name", "reasons", f"'{code}' is no reason of this pack", nearest(code, reasons))
    table.close()
    return frozenset(codes), citation


def _calls(table: Table) -> tuple[int, ...]:
    hours = table.wholes("calls_after_hours")
    if list(hours) != sorted(set(hours)):
        table.note("out-of-range", "calls_after_hours", "do not rise", "write the hours after the opening in order, each once, like [0, 4, 24]")
    return hours


def read_retention(top: Table) -> dict[RecordKind, Retention]:
    """How long each kind of record is kept; empty where the pack says nothing of it."""
    rules: dict[RecordKind, Retention] = {}
    for name, table in top.tables("retention", required=False).items():
        kind = top.member(f"retention.{name}", name, RecordKind)
        keep = read_span(table.table("keep")) if table.has("keep") else None
        rule = Retention(
            kind or RecordKind.CASES, keep, table.one_of("starts", ClockStart, ClockStart.CLOSURE), table.text("basis"), table.citation()
        )
        table.close()
        if kind is not None:
            rules[kind] = rule
    missing = [kind for kind in RecordKind if rules and kind not in rules]
    for kind in missing:
        top.note("missing", f"retention.{kind}", "is missing", "a pack that says how long records are kept says it of every kind")
    return rules
