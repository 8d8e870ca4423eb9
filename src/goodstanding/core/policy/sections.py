"""Reading the parts of a pack one by one: stores, metrics, rating, reasons, rules, deadlines, linkage, sign-in watch."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from goodstanding.core.policy.dsa import CONTENT_TYPES, KEYWORDS
from goodstanding.core.policy.pack import (
    OURS,
    Citation,
    IdentifierWeight,
    Linkage,
    Marketplace,
    Metric,
    Rating,
    Reason,
    Rule,
    SignInWatch,
    Source,
)
from goodstanding.core.policy.tables import Table, nearest
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy, HolderKind, IdentifierKind, LateBy, MetricRule, Route, Severity
from goodstanding.core.values import Span, Target, Window

GRADES = ("A", "B", "C", "S", "-")
"""How well a source is known: A by the marketplace or law itself, B by two third parties, C by one, S by a guide, - by ourselves."""

DEADLINES = ("appeal_window", "follow_up", "information_due", "notice_link_valid", "review_due", "review_lease")
"""The spans every pack sets."""

MORE_DEADLINES = ("closing_notice",)
"""Spans a pack may set: how long before a closing its reasons are given (P2B art. 4(2))."""

SUBJECTS = ("accounts", "complaints", "orders", "sign_ins")
"""The kinds of items a violation may point to."""

_COUNTS = frozenset({MetricRule.OVERDUE_UNSHIPPED})
_OF_BUYERS = frozenset({MetricRule.RETURN_RATE, MetricRule.BUYER_CANCELLATION_RATE, MetricRule.COMPLAINED_OF_RATE})
_NEED_A_PERSON = frozenset({ActionKind.DEACTIVATE, ActionKind.CLOSE})


def read_sources(top: Table) -> dict[str, Source]:
    """The sources, `ours` always among them."""
    sources = {OURS: Source(OURS, "Chosen by this project; nobody publishes it", "", "-")}
    for key, table in top.tables("sources", required=False).items():
        grade = table.text("grade")
        if grade and grade not in GRADES:
            table.note("unknown-value", "grade", f"'{grade}' is not known", f"allowed: {', '.join(GRADES)}")
        sources[key] = Source(key, table.text("title"), table.text("url", ""), grade)
        table.close()
    return sources


def read_marketplaces(top: Table) -> dict[str, Marketplace]:
    """The stores and their time zones."""
    stores = {}
    for code, table in top.tables("marketplaces").items():
        stores[code] = Marketplace(code, _zone(table))
        table.close()
    return stores


def _zone(table: Table) -> ZoneInfo:
    name = table.text("time_zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.note("unknown-value", "time_zone", f"'{name}' is no time zone", "write an IANA name like 'UTC' or 'Europe/Berlin'")
        return ZoneInfo("UTC")


def read_metrics(top: Table) -> dict[str, Metric]:
    """The metrics, by name."""
    return {name: _metric(name, table) for name, table in top.tables("metrics").items()}


def _metric(name: str, table: Table) -> Metric:
    rule = table.one_of("rule", MetricRule)
    steady = table.table("steadiness", required=False)
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
    )
    steady.close()
    table.close()
    if metric.reason and metric.target is None:
        table.note(
            "missing", "target", "is missing", "a metric with a reason needs one; write a target like '< 4 %', or leave reason out to show it only"
        )
    return metric


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


def read_reasons(top: Table) -> dict[str, Reason]:
    """The reasons, by code."""
    return {code: _reason(code, table) for code, table in top.tables("reasons").items()}


def _reason(code: str, table: Table) -> Reason:
    subject = table.text("subject")
    if subject and subject not in SUBJECTS:
        table.note("unknown-value", "subject", f"'{subject}' is not known", nearest(subject, SUBJECTS))
    category, keyword = _category(table)
    reason = Reason(
        code=code,
        requirement=table.text("requirement"),
        severity=table.one_of("severity", Severity),
        found_by=table.one_of("found_by", FoundBy),
        holder_kind=table.one_of("holder_kind", HolderKind),
        clause=table.text("clause"),
        routes=table.members("routes", Route),
        evidence=table.texts("evidence"),
        subject=subject,
        category=category,
        keyword=keyword,
        citation=table.citation(),
        content_type=_content_types(table),
    )
    if table.content and not reason.routes:
        table.note("empty", "routes", "names no way to appeal", "every decision can be appealed; write ['plan', 'dispute'] or one of them")
    table.close()
    return reason


def _category(table: Table) -> tuple[str, str]:
    category, keyword = table.text("category"), table.text("keyword")
    if category and category not in KEYWORDS:
        table.note("unknown-value", "category", f"'{category}' is no category of the DSA database", nearest(category, KEYWORDS))
    elif category and keyword and keyword not in KEYWORDS[category]:
        table.note("unknown-value", "keyword", f"'{keyword}' does not belong to {category}", nearest(keyword, KEYWORDS[category]))
    return category, keyword


def _content_types(table: Table) -> tuple[str, ...]:
    if not table.has("content_type"):
        return ("CONTENT_TYPE_OTHER",)
    types = table.texts("content_type")
    for name in types:
        if name not in CONTENT_TYPES:
            table.note("unknown-value", "content_type", f"'{name}' is no content type of the DSA database", nearest(name, CONTENT_TYPES))
    return types


def read_rules(top: Table) -> tuple[Rule, ...]:
    """The rules, in their order."""
    return tuple(_rule(table) for table in top.rows("rules"))


def _rule(table: Table) -> Rule:
    rule = Rule(
        id=table.text("id"),
        reasons=table.texts("reasons"),
        action=table.one_of("action", ActionKind),
        approval=table.one_of("approval", Approval),
        citation=table.citation(),
        limits=table.members("limits", Act, required=False),
        least_open=table.whole("least_open", 1, least=1),
        open_days=table.whole("open_days", 0),
        bands=table.members("bands", Band, required=False),
        lasts=_span(table.table("lasts")) if table.has("lasts") else None,
    )
    table.close()
    if table.has("action"):
        _check_rule(rule, table)
    return rule


def _check_rule(rule: Rule, table: Table) -> None:
    if rule.action is ActionKind.WARN and rule.limits:
        table.note("contradiction", "limits", "are set by a warning", "a warning limits nothing; leave limits out or write action = 'restrict'")
    if rule.action is not ActionKind.WARN and not rule.limits:
        table.note("contradiction", "limits", f"are missing for '{rule.action}'", f"name what is forbidden: {', '.join(sorted(Act))}")
    if Act.APPEAL in rule.limits:
        table.note("contradiction", "limits", "forbid 'appeal'", "an action never takes the appeal against it away")
    if rule.action in _NEED_A_PERSON and rule.approval is Approval.NONE:
        table.note("contradiction", "approval", f"is 'none' for '{rule.action}'", "a machine alone never does this; write 'person' or 'senior'")


def read_deadlines(top: Table) -> tuple[dict[str, Span], dict[str, Citation]]:
    """The spans of time by name, and where each comes from."""
    whole = top.table("deadlines")
    for name in whole.content:
        if name not in (*DEADLINES, *MORE_DEADLINES):
            whole.note("unknown-key", name, "is no deadline", nearest(name, (*DEADLINES, *MORE_DEADLINES)))
    tables = {name: whole.table(name, required=name in DEADLINES) for name in (*DEADLINES, *MORE_DEADLINES)}
    written = {name: table for name, table in tables.items() if whole.has(name)}
    spans, citations = {}, {}
    for name, table in written.items():
        citations[name] = table.citation()
        spans[name] = _span(table)
    return spans, citations


def _span(table: Table) -> Span:
    units = [unit for unit in ("hours", "days", "months") if table.has(unit)]
    amounts: Mapping[str, int] = {unit: table.whole(unit, least=1) for unit in units}
    if len(units) != 1:
        table.note("bad-span", "", f"names {' and '.join(units) or 'no length'}", "write exactly one of hours, days, months")
    table.close()
    return Span(**amounts)


def read_most_appeals(top: Table) -> tuple[int, Citation]:
    """How many appeals one decision may have, and where that comes from."""
    table = top.table("appeals")
    most, citation = table.whole("most", least=1), table.citation()
    table.close()
    return most, citation


def read_linkage(top: Table) -> Linkage | None:
    """How related accounts are told; None where the pack does not."""
    if not top.has("linkage"):
        return None
    table = top.table("linkage")
    weights = table.table("weights")
    linkage = Linkage(
        weights={kind: _weight(weights.table(kind)) for kind in IdentifierKind},
        hub=table.whole("hub", least=2),
        household_cap=table.whole("household_cap"),
        relate_at=table.whole("relate_at", least=1),
        propose_at=table.whole("propose_at", least=1),
        citation=table.citation(),
    )
    weights.close()
    table.close()
    if linkage.propose_at < linkage.relate_at:
        table.note("out-of-range", "propose_at", f"is {linkage.propose_at}", f"it must be at least relate_at ({linkage.relate_at})")
    return linkage


def _weight(table: Table) -> IdentifierWeight:
    weight = IdentifierWeight(table.whole("weight"), table.flag("household", False))
    table.close()
    return weight


def read_sign_in_watch(top: Table) -> SignInWatch | None:
    """When a sign-in is unlike the account's own; None where the pack does not watch."""
    if not top.has("sign_in_watch"):
        return None
    table = top.table("sign_in_watch")
    watch = SignInWatch(table.whole("history_days", least=1), table.whole("least_history", least=1), table.citation())
    table.close()
    return watch
