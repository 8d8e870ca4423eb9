"""The statement of reasons: why an action was taken, on which facts, in the field names of the EU's DSA Transparency Database.

It is derived from the decision, the violations it rests on and the pack, and never written by hand (requirements C1, C4, C5). One
statement serves two readers: the holder, who gets every item, and the public database, whose fields here (`decision_facts` and the
like) hold counts and rules only, because no personal data may go there (DSA art. 24(5)).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from goodstanding.core.errors import MissingFacts, NotFound
from goodstanding.core.health.explaining import say_explanation
from goodstanding.core.policy.pack import Metric, PolicyPack, Reason, Words
from goodstanding.core.policy.templates import fill, say_date, say_list
from goodstanding.core.terms import Act, ActionKind, FoundBy, HolderKind, MetricRule, OwnerKind, Route, Severity
from goodstanding.core.values import Rate, day_of

LONGEST_FACTS, LONGEST_GROUND, LONGEST_EXPLANATION = 5000, 500, 2000
"""How many characters the database takes in `decision_facts`, `*_ground` and `*_explanation`."""

INCOMPATIBLE = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
"""The only ground here: every clause of a pack is a term of the marketplace; illegality is for authorities to state."""

_PROVISION_ACTS = frozenset({Act.SELL, Act.BUY, Act.LIST, Act.USE_BENEFITS, Act.SIGN_IN, Act.SEE_ORDERS})
_ACCOUNT = {ActionKind.DEACTIVATE: "DECISION_ACCOUNT_SUSPENDED", ActionKind.CLOSE: "DECISION_ACCOUNT_TERMINATED"}
_ACCOUNT_TYPE = {HolderKind.SELLER: "ACCOUNT_TYPE_BUSINESS", HolderKind.BUYER: "ACCOUNT_TYPE_PRIVATE"}
_FOUND_BY_PEOPLE = frozenset({FoundBy.COMPLAINT, FoundBy.PERSON})
_NOTIFIED_UNDER_ART_16 = frozenset({"rights_owner"})
_NOTIFIED_OTHERWISE = frozenset({"buyer", "authority"})


@dataclass(frozen=True, slots=True)
class FactRow:
    """One item a violation rests on: its id, its kind (orders, complaints, sign_ins, accounts) and what is known of it, in order."""

    id: str
    kind: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ViolationFacts:
    """What the caller knows of one violation. `as_of`: the day its counts are of (None: the day it opened).

    `found_by` None: as the pack says of the reason. `complaint_sources`: who complained (buyer, rights_owner, authority, platform).
    `explanation`: that of the violation, as `core.health.behaviour` gives it.
    """

    violation_id: str
    reason: str
    opened: date
    items: tuple[FactRow, ...] = ()
    metric: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    as_of: date | None = None
    found_by: FoundBy | None = None
    complaint_sources: frozenset[str] = frozenset()
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The action as decided. `decided_by`: who took it; `confirmed_by_person`: a person agreed before it took effect.

    `account_since` is the day the account was opened, which the database wants as the date of the content.
    """

    action_id: str
    kind: ActionKind
    limits: frozenset[Act]
    applies_from: datetime
    marketplace: str
    holder_kind: HolderKind
    decided_by: OwnerKind
    account_since: date
    ends_at: datetime | None = None
    confirmed_by_person: bool = False


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """One violation as the holder is told of it. Texts are in the statement's language; `counts` like `4 of 112 orders, 3.57 %, target < 4 %`."""

    violation_id: str
    code: str
    severity: Severity
    name: str
    clause: str
    rule: str
    cure: str
    opened: date
    found_by: FoundBy
    subject_kind: str
    items: tuple[FactRow, ...]
    routes: frozenset[Route]
    evidence: tuple[str, ...]
    metric: str | None = None
    counts: str | None = None
    window: tuple[date, date] | None = None
    explanation: str | None = None

    @property
    def is_found_automatically(self) -> bool:
        """False where a person reported or entered it."""
        return self.found_by not in _FOUND_BY_PEOPLE


@dataclass(frozen=True, slots=True)
class StatementOfReasons:
    """Why one action was taken. Fields below the line carry the names and values of the DSA database.

    `territorial_scope` holds the pack's own store codes; an export keeps those the database knows. `end_date` None: until lifted.
    """

    action_id: str
    action: ActionKind
    limits: tuple[Act, ...]
    applies_from: datetime
    ends_at: datetime | None
    holder_kind: HolderKind
    language: str
    policy: str
    reasons: tuple[ReasonGiven, ...]
    # as in the database
    decision_account: str | None
    decision_provision: str | None
    decision_monetary: str | None
    decision_ground: str
    incompatible_content_ground: str
    incompatible_content_explanation: str
    content_type: tuple[str, ...]
    content_type_other: str | None
    content_date: date
    category: str
    category_addition: tuple[str, ...]
    keyword: tuple[str, ...]
    decision_facts: str
    source_type: str
    automated_detection: str
    automated_decision: str
    application_date: date
    end_date: date | None
    territorial_scope: tuple[str, ...]
    account_type: str

    @property
    def routes(self) -> tuple[Route, ...]:
        """The ways to appeal that are open for at least one of the reasons."""
        return tuple(route for route in Route if any(route in given.routes for given in self.reasons))

    @property
    def evidence(self) -> tuple[str, ...]:
        """The kinds of evidence asked for, each once, in the order of the reasons."""
        return tuple(dict.fromkeys(key for given in self.reasons for key in given.evidence))


def state_reasons(decision: Decision, violations: Sequence[ViolationFacts], pack: PolicyPack, language: str | None) -> StatementOfReasons:
    """The statement of reasons of a decision, gravest violation first, in the pack's language nearest to `language`.

    Raises MissingFacts where there is no violation, or one with neither an item nor counts; NotFound for a reason or metric the pack lacks.
    """
    if not violations:
        raise MissingFacts(f"action {decision.action_id} names no violation; an action needs at least one")
    words = pack.words_for(language)
    pairs = sorted(((v, _reason_of(v, pack)) for v in violations), key=lambda pair: (list(Severity).index(pair[1].severity), pair[0].opened))
    given = tuple(_give_reason(facts, reason, pack, words) for facts, reason in pairs)
    reasons = [reason for _, reason in pairs]
    zone = pack.zone(decision.marketplace)
    content_types = _each_once(kind for reason in reasons for kind in reason.content_type)
    categories = _each_once(reason.category for reason in reasons)
    return StatementOfReasons(
        action_id=decision.action_id,
        action=decision.kind,
        limits=tuple(act for act in Act if act in decision.limits),
        applies_from=decision.applies_from,
        ends_at=decision.ends_at,
        holder_kind=decision.holder_kind,
        language=words.language,
        policy=pack.name,
        reasons=given,
        decision_account=_ACCOUNT.get(decision.kind),
        decision_provision=_provision(decision),
        decision_monetary="DECISION_MONETARY_SUSPENSION" if Act.WITHDRAW in decision.limits else None,
        decision_ground=INCOMPATIBLE,
        incompatible_content_ground="; ".join(_each_once(f"{g.clause} {g.name}" for g in given))[:LONGEST_GROUND],
        incompatible_content_explanation="\n".join(_each_once(f"{g.name}: {g.rule}" for g in given))[:LONGEST_EXPLANATION],
        content_type=content_types,
        content_type_other=f"{decision.holder_kind} account" if "CONTENT_TYPE_OTHER" in content_types else None,
        content_date=decision.account_since,
        category=categories[0],
        category_addition=categories[1:],
        keyword=_each_once(reason.keyword for reason in reasons),
        decision_facts=_public_facts(given, words)[:LONGEST_FACTS],
        source_type=_source_type(violations),
        automated_detection="Yes" if any(g.is_found_automatically for g in given) else "No",
        automated_decision=_automated_decision(decision),
        application_date=day_of(decision.applies_from, zone),
        end_date=day_of(decision.ends_at, zone) if decision.ends_at else None,
        territorial_scope=(decision.marketplace,),
        account_type=_ACCOUNT_TYPE[decision.holder_kind],
    )


def say_counts(metric: Metric, numerator: int, denominator: int | None, words: Words) -> str:
    """The counts of a metric as text for people, like `4 of 112 orders, 3.57 %, target < 4 %`."""
    unit = words.term("messages" if metric.rule is MetricRule.LATE_RESPONSE_RATE else "orders")
    target = metric.target.text if metric.target else "-"
    if denominator is None:
        return fill(words, "counts_number", numerator=numerator, unit=unit, target=target)
    rate = Rate(numerator, denominator).percent()
    return fill(words, "counts_rate", numerator=numerator, denominator=denominator, unit=unit, rate=rate, target=target)


def say_window(words: Words, window: tuple[date, date]) -> str:
    """The first and last day of a window as text for people."""
    return fill(words, "window", first=say_date(words, window[0]), last=say_date(words, window[1]))


def _reason_of(facts: ViolationFacts, pack: PolicyPack) -> Reason:
    reason = pack.reasons.get(facts.reason)
    if reason is None:
        raise NotFound(f"pack {pack.name} has no reason {facts.reason}; use the pack version that was in force on {facts.opened}")
    if not facts.items and facts.numerator is None:
        raise MissingFacts(f"violation {facts.violation_id} ({facts.reason}) has neither an item nor counts; nobody could answer it")
    return reason


def _give_reason(facts: ViolationFacts, reason: Reason, pack: PolicyPack, words: Words) -> ReasonGiven:
    metric = _metric_of(facts, pack)
    counts = say_counts(metric, facts.numerator, facts.denominator, words) if metric and facts.numerator is not None else None
    return ReasonGiven(
        violation_id=facts.violation_id,
        code=reason.code,
        severity=reason.severity,
        name=words.reasons[reason.code],
        clause=reason.clause,
        rule=words.clauses[reason.code],
        cure=words.cures[reason.code],
        opened=facts.opened,
        found_by=facts.found_by or reason.found_by,
        subject_kind=facts.items[0].kind if facts.items else reason.subject,
        items=facts.items,
        routes=reason.routes,
        evidence=reason.evidence,
        metric=words.metrics[metric.name] if metric else None,
        counts=counts,
        window=metric.window.bounds(facts.as_of or facts.opened) if metric else None,
        explanation=say_explanation(words, facts.explanation) if facts.explanation else None,
    )


def _metric_of(facts: ViolationFacts, pack: PolicyPack) -> Metric | None:
    if facts.metric is None:
        return None
    if facts.metric not in pack.metrics:
        raise NotFound(f"pack {pack.name} has no metric {facts.metric}; use the pack version that was in force on {facts.opened}")
    return pack.metrics[facts.metric]


def _provision(decision: Decision) -> str | None:
    """What the service withholds short of the whole account; an account decision says it all already."""
    if decision.kind in _ACCOUNT or not decision.limits & _PROVISION_ACTS:
        return None
    return "DECISION_PROVISION_PARTIAL_SUSPENSION"


def _source_type(violations: Sequence[ViolationFacts]) -> str:
    told_by = frozenset().union(*(facts.complaint_sources for facts in violations))
    if told_by & _NOTIFIED_UNDER_ART_16:
        return "SOURCE_ARTICLE_16"
    return "SOURCE_TYPE_OTHER_NOTIFICATION" if told_by & _NOTIFIED_OTHERWISE else "SOURCE_VOLUNTARY"


def _automated_decision(decision: Decision) -> str:
    if decision.decided_by is OwnerKind.PERSON:
        return "AUTOMATED_DECISION_NOT_AUTOMATED"
    return "AUTOMATED_DECISION_PARTIALLY" if decision.confirmed_by_person else "AUTOMATED_DECISION_FULLY"


def _public_facts(given: Sequence[ReasonGiven], words: Words) -> str:
    """The facts as the public may read them: how many, how much and when; never an id, a name or a text somebody wrote."""
    lines = []
    for reason in given:
        parts = [reason.name]
        if reason.counts and reason.metric and reason.window:
            parts.append(fill(words, "counts_line", metric=reason.metric, counts=reason.counts, window=say_window(words, reason.window)))
        if reason.items:
            parts.append(fill(words, "public_items", count=len(reason.items), subject=words.term(reason.subject_kind)))
        lines.append(say_list(words, parts))
    return "\n".join(lines)


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
