"""Reading the parts of a pack one by one: sources, stores, reasons, rules, deadlines, linkage, sign-in watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from goodstanding.core.policy.dsa import CONTENT_TYPES, KEYWORDS
from goodstanding.core.policy.pack import (
    OURS,
    UNBOUNDED,
    Citation,
    Closing,
    EarlyWarning,
    IdentifierWeight,
    Linkage,
    Marketplace,
    Reason,
    Rule,
    SignInWatch,
    Source,
)
from goodstanding.core.policy.tables import Table, nearest
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy, HolderKind, IdentifierKind, NoticeException, Route, Severity, Weight
from goodstanding.core.values import Span

GRADES = ("A", "B", "C", "S", "-")
"""How well a source is known: A by the marketplace or law itself, B by two third parties, C by one, S by a guide, - by ourselves."""

DEADLINES = ("appeal_window", "follow_up", "information_due", "notice_link_valid", "review_due", "review_lease")
"""The spans every pack sets."""

MORE_DEADLINES = ("closing_notice", "monitoring", "retention", "solve_window")
"""Spans a pack may set: how long before a closing its reasons are given (P2B art. 4(2)), how long conditions are followed, how long a closed case
is kept, and how long the holder of an assured account has to solve an issue before it is acted on."""

SUBJECTS = ("accounts", "complaints", "listing_changes", "messages", "orders", "sign_ins")
"""The kinds of items a violation may point to."""

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
        also_found_by=table.members("also_found_by", FoundBy, required=False),
        tasks=table.texts("tasks", required=False),
        prevention=table.texts("prevention", required=False),
        guidance=table.text("guidance") if table.has("guidance") else None,
        weight=table.one_of("weight", Weight, Weight.ORDINARY),
        settled_by_machine=table.flag("settled_by_machine", False),
        grounds=_grounds(table),
    )
    if reason.weight is Weight.SEVERE and reason.settled_by_machine:
        table.note("contradiction", "settled_by_machine", "is true for a severe reason", "what is severe is always seen by a person; leave it out")
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


def _grounds(table: Table) -> tuple[str, ...]:
    grounds = table.texts("grounds", required=False)
    for ground in grounds:
        if ground not in table.sources:
            table.note("unknown-source", "grounds", f"'{ground}' is no source of this pack", nearest(ground, table.sources))
    return grounds


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
        lasts=read_span(table.table("lasts")) if table.has("lasts") else None,
    )
    table.close()
    if table.has("action"):
        _check_rule(rule, table)
    return rule


def _check_rule(rule: Rule, table: Table) -> None:
    if rule.action is ActionKind.WARN and rule.limits:
        table.note("contradiction", "limits", "are set by a warning", "a warning limits nothing; leave limits out or write action = 'restrict'")
    if rule.action is not ActionKind.WARN and not table.content.get("limits"):
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
        spans[name] = read_span(table)
    return spans, citations


def read_span(table: Table) -> Span:
    """A length of time: exactly one of hours, days, months."""
    units = [unit for unit in ("hours", "days", "months") if table.has(unit)]
    amounts: Mapping[str, int] = {unit: table.whole(unit, least=1) for unit in units}
    if len(units) != 1:
        table.note("bad-span", "", f"names {' and '.join(units) or 'no length'}", "write exactly one of hours, days, months")
    table.close()
    return Span(**amounts)


@dataclass(frozen=True, slots=True)
class Appeals:
    """What a pack says of appeals; the fields of `PolicyPack`."""

    most: int
    has_last_instance: bool
    second_person: frozenset[ActionKind]
    second_person_severity: frozenset[Severity]
    citation: Citation


def read_appeals(top: Table) -> Appeals:
    """How many appeals one decision may have, whether a last one follows, which decisions need two people, and where that comes from."""
    table = top.table("appeals")
    appeals = Appeals(
        most=table.whole("most", least=1),
        has_last_instance=table.flag("last_instance", False),
        second_person=table.members("second_person", ActionKind, required=False),
        second_person_severity=table.members("second_person_severity", Severity, required=False) or frozenset(Severity),
        citation=table.citation(),
    )
    table.close()
    return appeals


def read_closing(top: Table) -> Closing | None:
    """When a closing needs no time of notice; None where the pack names no exception."""
    if not top.has("closing"):
        return None
    table = top.table("closing")
    closing = Closing(table.members("exceptions", NoticeException), table.whole("least_repeats", 2, least=1), table.citation())
    table.close()
    return closing


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
        cluster_at=table.whole("cluster_at", table.whole("relate_at", least=1), least=1),
        explained_cap=table.whole("explained_cap", UNBOUNDED),
        home_size=table.whole("home_size", 0),
        company=table.whole("company", 0),
        family=table.whole("family", 0),
        crew=table.whole("crew", 0),
        together_days=table.whole("together_days", UNBOUNDED),
        successor_days=table.whole("successor_days", 0),
        alike_at=table.whole("alike_at", 99, least=50),
    )
    weights.close()
    table.close()
    for name in ("cluster_at", "propose_at"):
        if getattr(linkage, name) < linkage.relate_at:
            table.note("out-of-range", name, f"is {getattr(linkage, name)}", f"it must be at least relate_at ({linkage.relate_at})")
    return linkage


def _weight(table: Table) -> IdentifierWeight:
    weight = IdentifierWeight(
        weight=table.whole("weight"),
        household=table.flag("household", False),
        pair=table.whole("pair") if table.has("pair") else None,
        at_home=table.whole("at_home") if table.has("at_home") else None,
        lent=table.flag("lent", False),
        handed_on=table.flag("handed_on", False),
    )
    if weight.pair is not None and weight.pair > weight.weight:
        table.note("out-of-range", "pair", f"is {weight.pair}", f"it must be at most weight ({weight.weight})")
    if weight.at_home is not None and weight.at_home > 100:
        table.note("out-of-range", "at_home", f"is {weight.at_home}", "it is hundredths of the share, at most 100")
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


def read_early_warning(top: Table) -> EarlyWarning | None:
    """When holders are warned; None where the pack does not warn."""
    if not top.has("early_warning"):
        return None
    table = top.table("early_warning")
    warning = EarlyWarning(table.whole("days_ahead", least=1), table.whole("headroom"), table.citation())
    table.close()
    return warning
