"""A policy pack as values. Every number that law or policy sets lives here as data, with its source and date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from goodstanding.core.policy.linkage import UNBOUNDED as UNBOUNDED
from goodstanding.core.policy.linkage import IdentifierWeight as IdentifierWeight
from goodstanding.core.policy.linkage import Linkage as Linkage
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.policy.queueing import QueueOrder as QueueOrder
from goodstanding.core.policy.queueing import Reviewing as Reviewing
from goodstanding.core.policy.queueing import Talking as Talking
from goodstanding.core.policy.sources import Citation as Citation
from goodstanding.core.policy.sources import Source as Source
from goodstanding.core.terms import (
    Act,
    ActionKind,
    Approval,
    Band,
    BehaviourRule,
    ClockStart,
    FoundBy,
    HolderKind,
    LateBy,
    MetricRule,
    NoticeException,
    RecordKind,
    Route,
    Severity,
    Weight,
)
from goodstanding.core.values import Rate, Span, Target, Window

OURS = "ours"
"""The source key for numbers that nobody publishes and this project chose; shown as such wherever they appear."""


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One store the pack rules; its days are those of `time_zone` (UTC unless named)."""

    code: str
    time_zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the pack: a counting rule with window, target and when a breach starts and ends.

    `target` None: shown only. `minimum_volume`: smallest denominator that is enforced. `recover_days`: how many days
    within target (or not enforceable) close the violation. `reason`: the reason a breach violates, None: shown only.
    `marketplaces` None: all of the pack. `enforced_from`: the stores in which the target is enforced only from a day on, and that day;
    before it the metric is shown there and violates nothing. `enforcement` cites those days; `steadiness` cites `minimum_volume` and
    `recover_days`, which are often chosen by somebody else than who set the target.
    """

    name: str
    rule: MetricRule
    window: Window
    holder_kind: HolderKind
    citation: Citation
    target: Target | None = None
    minimum_volume: int = 1
    recover_days: int = 1
    late_by: LateBy = LateBy.DAY
    response_hours: int = 24
    reason: str | None = None
    marketplaces: frozenset[str] | None = None
    steadiness: Citation | None = None
    enforced_from: Mapping[str, date] = field(default_factory=dict)
    enforcement: Citation | None = None

    def applies_to(self, holder_kind: str, marketplace: str) -> bool:
        """Whether an account of that kind in that store has this metric."""
        return self.holder_kind == holder_kind and (self.marketplaces is None or marketplace in self.marketplaces)

    def first_enforced(self, marketplace: str) -> date:
        """The first day on which the target is enforced in a store; the first of all days where the pack names none."""
        return self.enforced_from.get(marketplace, date.min)

    def is_breach(self, numerator: int, denominator: int | None) -> bool:
        """Whether these counts are over target on enough volume to be enforced, on a day from `first_enforced` on. The only definition of a breach."""
        if self.target is None or (denominator is not None and denominator < self.minimum_volume):
            return False
        return self.target.met(Rate(numerator, denominator)) is False


@dataclass(frozen=True, slots=True)
class Rating:
    """The 0-1000 rating of `facts.md` section 3. `bands` run from the highest lower bound down.

    `points_citation` cites `points` and `critical_cap` apart, because marketplaces publish the scale and keep the points to themselves.
    """

    start: int
    gain: int
    per_orders: int
    window_days: int
    lowest: int
    highest: int
    critical_cap: int
    points: Mapping[Severity, int]
    bands: tuple[tuple[Band, int], ...]
    citation: Citation
    points_citation: Citation | None = None

    def band(self, rating: int) -> Band:
        """The band a rating falls in."""
        return next(band for band, at_least in self.bands if rating >= at_least)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason an account may be acted on. `clause` names the public rule; `routes` are the ways to appeal that are open.

    `also_found_by`: further ways in which facts reveal it. `tasks`, `prevention` and `guidance` are keys of the pack's words: what puts it right,
    what keeps it right, and what a plan should say. `settled_by_machine`: with the cure shown by facts, no person need look (never for an
    adverse decision). `grounds`: keys of the sources that are the law or contract behind it. `subject` is the kind of items a violation points to; `category`, `keyword` and `content_type` are values of the EU's
    DSA Transparency Database.
    """

    code: str
    requirement: str
    severity: Severity
    found_by: FoundBy
    holder_kind: HolderKind
    clause: str
    routes: frozenset[Route]
    evidence: tuple[str, ...]
    subject: str
    category: str
    keyword: str
    citation: Citation
    content_type: tuple[str, ...] = ("CONTENT_TYPE_OTHER",)
    also_found_by: frozenset[FoundBy] = frozenset()
    tasks: tuple[str, ...] = ()
    prevention: tuple[str, ...] = ()
    guidance: str | None = None
    weight: Weight = Weight.ORDINARY
    settled_by_machine: bool = False
    grounds: tuple[str, ...] = ()

    def is_found_by(self, way: FoundBy) -> bool:
        """Whether facts of that kind reveal it."""
        return way is self.found_by or way in self.also_found_by


@dataclass(frozen=True, slots=True)
class EvidenceAsked:
    """What a document has to be: kinds of files (as suffixes), how old at most, and what it has to show (keys of the words' terms)."""

    key: str
    kinds: tuple[str, ...]
    citation: Citation
    max_age_days: int | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """When the pack calls for an action.

    There must be open violations of `reasons`, at least `least_open` of them, each at least `open_days` old, and (where
    `bands` is given) the rating must be in one of these bands. `limits` are the acts forbidden while the action is in force; `lasts` None: until lifted.
    """

    id: str
    reasons: tuple[str, ...]
    action: ActionKind
    approval: Approval
    citation: Citation
    limits: frozenset[Act] = frozenset()
    least_open: int = 1
    open_days: int = 0
    bands: frozenset[Band] = frozenset()
    lasts: Span | None = None


@dataclass(frozen=True, slots=True)
class SignInWatch:
    """When a sign-in is unlike the account's own: enough earlier ones in `history_days`, and neither its country nor its device among them."""

    history_days: int
    least_history: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """When holders are warned before a threshold is crossed.

    `days_ahead`: how far to look if nothing new happens. `headroom`: warn where a metric bears no more than so many further bad events.
    """

    days_ahead: int
    headroom: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Assurance:
    """The programme in which an account is given time to solve what would deactivate it (requirements J1-J4).

    Joining asks for a plan of `plans`, and a rating of at least `floor` over `period` with at most `most_days_below` days below it;
    membership ends after more than `most_days_below_in_a_row` days below it in a row. `stores`: where there is the programme, and since
    when. `contact_verified`: the emergency number must be a verified one. `ends_for`: reasons of fraud, deception, illegality or harm,
    which end membership and window at once. `calls`: how long after the opening each call is due; `window`: how long the holder has;
    `extension`: how long the window goes on at its end while it is the platform's turn. `call_required`: a call must have reached the
    holder before the case is settled. `monitoring`: how long commitments are followed after that. The citations tell the source of the
    eligibility, of the stores, of `ends_for` and of the schedule apart.
    """

    plans: frozenset[str]
    floor: int
    period: Span
    most_days_below: int
    most_days_below_in_a_row: int
    contact_verified: bool
    stores: Mapping[str, date]
    ends_for: frozenset[str]
    window: Span
    extension: Span
    calls: tuple[int, ...]
    call_required: bool
    monitoring: Span
    citation: Citation
    stores_citation: Citation
    ends_citation: Citation
    window_citation: Citation


@dataclass(frozen=True, slots=True)
class Retention:
    """How long one kind of record is kept after an account is closed. `keep` None: no law asks for it, so it goes on closure or on request.

    `basis` is a key of the words' terms: why it is kept, in a sentence to the holder.
    """

    kind: RecordKind
    keep: Span | None
    starts: ClockStart
    basis: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Watch:
    """Behaviour that violates `reason` when it is out of line; ended `recover_days` days after the first day back in line."""

    name: str
    rule: BehaviourRule
    reason: str
    recover_days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Surge(Watch):
    """More on one day than the account's own past makes believable.

    Out of line: at least `minimum` (by currency where `minimums` has one), at least `times` the daily mean of the `history_days` days before,
    of which the account has at least `least_history_days`, and rarer than one in `one_in` under a negative binomial fitted to these days by
    their moments. `floor_per_100_days` is the least mean that is fitted, `dispersion_percent` the least variance as a share of the mean: few
    quiet days are no proof of a quiet account.
    """

    minimum: int
    times: int
    history_days: int
    least_history_days: int
    one_in: int
    floor_per_100_days: int
    dispersion_percent: int
    minimums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share(Watch):
    """More than `most_percent` of a whole, over `window_days` days and on at least `minimum`. `topics`: what counts as off topic."""

    window_days: int
    minimum: int
    most_percent: int
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Travel(Watch):
    """Two sign-ins on different devices, at least `least_km` apart, that nobody travelling at `fastest_kmh` could have made."""

    fastest_kmh: int
    least_km: int


@dataclass(frozen=True, slots=True)
class Diagnosing:
    """What a diagnosis compares and from where on it claims a cause (`core.appeals.diagnosis`).

    `dimensions` are columns of orders and `sign_in_dimensions` of sign-ins; columns that the facts lack are passed over. `history_days`: how far
    back days are compared; `longest_span_days`: the longest run of days that is one cause. `most_false_per_1000`: in so many of 1,000 accounts
    without any cause one may be claimed, at most. A cause holds at least `least_defects` and `least_share_percent` of what went wrong, at
    `least_times_percent` of the others' rate. It is told with high confidence where chance would do as much less than once in `high_one_in`
    and it explains `high_share_percent`, with medium where less than once in `medium_one_in`. `mature_days`: younger orders are not compared by
    day where defects come late. `unusual_one_in`: a day on the time line is unusual from there on; `near_days`: what else happened so close to the
    beginning of a cause is named beside it.
    """

    dimensions: tuple[str, ...]
    sign_in_dimensions: tuple[str, ...]
    history_days: int
    longest_span_days: int
    mature_days: int
    most_false_per_1000: int
    least_defects: int
    least_share_percent: int
    least_times_percent: int
    high_one_in: int
    high_share_percent: int
    medium_one_in: int
    unusual_one_in: int
    near_days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Ticking:
    """How facts show that a corrective task is done (`core.appeals.tasks`).

    `quiet_days`: something has stopped when it has not happened for so many days. The fields are those of listing changes that take a product
    off sale, correct its stock, its handling time and its price.
    """

    quiet_days: int
    removal_fields: frozenset[str]
    stock_fields: frozenset[str]
    handling_fields: frozenset[str]
    price_fields: frozenset[str]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of a pack in one language: code -> text, per kind of thing. Templates are filled by `core.notices`.

    `clauses` says per reason, in a sentence, what the public rule asks; `tasks`, `prevention` and `guidance` are named by reasons. `terms` are the small words of facts: kinds, columns and values.
    `checks`: what plans in this language are checked by, where the pack brings it.
    """

    language: str
    platform: str
    reasons: Mapping[str, str]
    cures: Mapping[str, str]
    metrics: Mapping[str, str]
    actions: Mapping[str, str]
    acts: Mapping[str, str]
    evidence: Mapping[str, str]
    templates: Mapping[str, str]
    clauses: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, str] = field(default_factory=dict)
    prevention: Mapping[str, str] = field(default_factory=dict)
    guidance: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    checks: PlanWords | None = None

    def term(self, code: str) -> str:
        """The word for a kind, column or value of facts; the code itself, readable, where the pack has none."""
        return self.terms.get(code) or code.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Closing:
    """When a business account is closed without the time of notice: the exceptions, and the earlier upheld violations that show a repeat."""

    exceptions: frozenset[NoticeException]
    least_repeats: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class PolicyPack:
    """One version of a marketplace's policy. `digest` is the SHA-256 of the files it was read from, in hex.

    `has_last_instance`: one more appeal after `most_appeals`, decided by a senior. `second_person`: the actions which only two people together
    may uphold on appeal, where the gravest reason has one of `second_person_severity`.
    """

    id: str
    version: str
    title: str
    effective_from: date
    digest: str
    languages: tuple[str, ...]
    sources: Mapping[str, Source]
    marketplaces: Mapping[str, Marketplace]
    metrics: Mapping[str, Metric]
    rating: Rating
    reasons: Mapping[str, Reason]
    rules: tuple[Rule, ...]
    deadlines: Mapping[str, Span]
    deadline_citations: Mapping[str, Citation]
    most_appeals: int
    words: Mapping[str, Words]
    linkage: Linkage | None = None
    sign_in_watch: SignInWatch | None = None
    watches: Mapping[str, Watch] = field(default_factory=dict)
    evidence: Mapping[str, EvidenceAsked] = field(default_factory=dict)
    early_warning: EarlyWarning | None = None
    assurance: Assurance | None = None
    retention: Mapping[RecordKind, Retention] = field(default_factory=dict)
    diagnosis: Diagnosing | None = None
    ticking: Ticking | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    has_last_instance: bool = False
    second_person: frozenset[ActionKind] = frozenset()
    second_person_severity: frozenset[Severity] = frozenset(Severity)
    closing: Closing | None = None
    queue: QueueOrder = field(default_factory=QueueOrder)
    reviewing: Reviewing = field(default_factory=Reviewing)
    talking: Talking = field(default_factory=Talking)

    def needs_second(self, kind: str, severity: str) -> bool:
        """Whether only two people together may uphold an action of this kind whose gravest reason has this severity (requirement H1)."""
        return kind in self.second_person and severity in self.second_person_severity

    def words_for(self, language: str | None) -> Words:
        """The texts in a holder's language, or the nearest the pack has (zh-TW -> zh-Hant, zh -> zh-Hans, else its first)."""
        return self.words[nearest_language(language, self.languages)]

    def zone(self, marketplace: str) -> ZoneInfo:
        """The time zone of a store's days."""
        store = self.marketplaces.get(marketplace)
        return store.time_zone if store else ZoneInfo("UTC")

    @property
    def name(self) -> str:
        """`id@version`, as it is written in ledgers and notices."""
        return f"{self.id}@{self.version}"


def nearest_language(wanted: str | None, have: tuple[str, ...]) -> str:
    """The language of `have` that serves a holder of language `wanted` best; the first one where none does."""
    tag = (wanted or "").lower().replace("_", "-")
    by_lower = {language.lower(): language for language in have}
    tries = [tag]
    if tag.startswith("zh"):
        traditional = any(part in ("hant", "tw", "hk", "mo") for part in tag.split("-"))
        tries += ["zh-hant", "zh-hans"] if traditional else ["zh-hans", "zh-hant"]
    tries.append(tag.split("-")[0])
    return next((by_lower[t] for t in tries if t in by_lower), have[0])
