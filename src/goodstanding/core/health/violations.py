"""Violations that facts reveal by themselves (`facts.md` section 3): over target, by complaint, stale information, behaviour out of line.

Sign-ins unlike the account's own are such behaviour. Violations from a relation or from a person's judgement are made elsewhere and count in the rating alike.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.facts import Complaint, SignIn
from goodstanding.core.health.behaviour import Alarm
from goodstanding.core.health.known import AccountFacts, Days, account_on, first_known, first_told, known_on, versions
from goodstanding.core.health.metrics import counted
from goodstanding.core.health.watched import SUBJECTS as WATCHED
from goodstanding.core.health.watched import alarms_of
from goodstanding.core.policy.pack import Metric, PolicyPack, Reason, SignInWatch
from goodstanding.core.terms import FoundBy, Severity
from goodstanding.core.values import Rate

INFORMATION = "information"
SIGN_IN = "sign_in"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of one reason by one account, counting on [opened, closed). `closed` None: open on the day of assessment.

    `numerator` and `denominator` are those of a metric on the opening day; `subject_ids` are the items it points to.
    `explanation`, of behaviour out of line: what was seen and what was expected, as JSON (`core.health.behaviour`).
    """

    violation_id: str
    account_id: str
    reason: str
    opened: date
    closed: date | None
    severity: Severity
    points: int
    numerator: int | None
    denominator: int | None
    metric: str | None
    subject_kind: str
    subject_ids: tuple[str, ...]
    explanation: str | None = None


def violation_id(account_id: str, reason: str, origin: str, opened: date) -> str:
    """The same violation has the same id in every run. `origin`: a metric's name, a complaint's id, "information", "sign_in", a watch's name."""
    text = "\x1f".join((account_id, reason, origin, opened.isoformat()))
    return "V-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def breach_spans(breaches: Iterable[date], recover_days: int, as_of: date) -> list[tuple[date, date | None]]:
    """The spans [opened, closed) of violations, from the days of breach in order.

    A span opens with a breach and closes `recover_days` days after the first day back within target, if all those days were
    within target (0: on that first day). `closed` None: not closed by the end of `as_of`.
    """
    spans: list[tuple[date, date | None]] = []
    opened: date | None = None
    latest = date.min
    for day in breaches:
        if opened is not None and (day - latest).days > max(recover_days, 1):
            spans.append((opened, latest + timedelta(days=1 + recover_days)))
            opened = None
        opened, latest = opened or day, day
    if opened is not None:
        closed = latest + timedelta(days=1 + recover_days)
        spans.append((opened, closed if closed <= as_of else None))
    return spans


def found(
    pack: PolicyPack,
    reason: Reason,
    account_id: str,
    origin: str,
    opened: date,
    closed: date | None,
    subject: tuple[str, Iterable[str]],
    metric: tuple[str, Rate] | None = None,
    explanation: str | None = None,
) -> Violation:
    """A violation with severity and points of the pack. `subject` is (kind, ids), `metric` is (name, rate on the opening day)."""
    return Violation(
        violation_id(account_id, reason.code, origin, opened),
        account_id,
        reason.code,
        opened,
        closed,
        reason.severity,
        pack.rating.points[reason.severity],
        metric[1].numerator if metric else None,
        metric[1].denominator if metric else None,
        metric[0] if metric else None,
        subject[0],
        tuple(sorted(set(subject[1]))),
        explanation,
    )


def subject_of(metric: Metric) -> str:
    """What the ids behind a metric are ids of."""
    return "messages" if metric.rule == "late_response_rate" else "orders"


def metric_violations(
    pack: PolicyPack, metric: Metric, account_id: str, series: Mapping[date, Rate], against: Callable[[date], Iterable[str]], as_of: date
) -> Iterator[Violation]:
    """Violations of a metric, from its rate on each day on which it is enforced for the account; `against` gives a day's bad orders."""
    if metric.reason is None:
        return
    breaches = sorted(day for day, rate in series.items() if day <= as_of and metric.is_breach(rate.numerator, rate.denominator))
    for opened, closed in breach_spans(breaches, metric.recover_days, as_of):
        until = closed or as_of + ONE_DAY
        ids = [id for n in range((until - opened).days) for id in against(opened + timedelta(days=n))]
        reason = pack.reasons[metric.reason]
        yield found(pack, reason, account_id, metric.name, opened, closed, (subject_of(metric), ids), (metric.name, series[opened]))


def complaint_violations(pack: PolicyPack, account_id: str, complaints: Sequence[Complaint], as_of: date, days: Days) -> Iterator[Violation]:
    """One violation per complaint, from its day until it is resolved. A correction to another reason or day closes it and opens another."""
    reasons = {code: reason for code, reason in pack.reasons.items() if reason.is_found_by(FoundBy.COMPLAINT)}
    known = [version for version in versions(complaints, days) if version[1] <= as_of]
    was_open: set[tuple[str, str, date]] = set()
    ends: dict[tuple[str, str, date], date | None] = {}
    for complaint, start, replaced in sorted(known, key=lambda version: version[1]):
        if complaint.account_id != account_id or complaint.reason not in reasons or complaint.caused_by is not None:
            continue
        opened = days.of(complaint.at)
        identity = (complaint.complaint_id, complaint.reason, opened)
        resolved = None if complaint.resolved_at is None else days.of(complaint.resolved_at)
        end = min((day for day in (resolved, replaced) if day is not None), default=None)
        ends[identity] = end
        if max(opened, start) <= as_of and (end is None or max(opened, start) < end):
            was_open.add(identity)
    for complaint_id, reason, opened in was_open:
        end = ends[complaint_id, reason, opened]
        closed = max(opened, end) if end is not None and end <= as_of else None
        yield found(pack, reasons[reason], account_id, complaint_id, opened, closed, ("complaints", [complaint_id]))


def information_violations(pack: PolicyPack, facts: AccountFacts, as_of: date, days: Days) -> Iterator[Violation]:
    """Information known to be incomplete, from the day that was known until a later version of the account says it is complete."""
    open_since: tuple[date, str] | None = None
    spans: list[tuple[date, date | None, str]] = []
    own = (version for version in versions(facts.accounts, days) if version[0].account_id == facts.account_id and version[1] <= as_of)
    for account, start, _ in sorted(own, key=lambda version: version[1]):
        if account.caused_by is not None or account.information_complete is None:
            continue
        if account.information_complete and open_since:
            spans.append((open_since[0], start, open_since[1]))
            open_since = None
        elif not account.information_complete and not open_since:
            open_since = (start, account.holder_kind)
    if open_since:
        spans.append((open_since[0], None, open_since[1]))
    for opened, closed, holder_kind in spans:
        for reason in _reasons(pack, FoundBy.INFORMATION, holder_kind):
            yield found(pack, reason, facts.account_id, INFORMATION, opened, closed, ("accounts", [facts.account_id]))


def is_unlike(candidate: SignIn, judged: date, sign_ins: Sequence[SignIn], watch: SignInWatch, days: Days) -> bool:
    """Whether a succeeded sign-in has neither country nor device of the account's earlier ones, as known on the day it is judged."""
    if not candidate.succeeded or candidate.caused_by is not None or candidate.country is None or candidate.device_id is None:
        return False
    oldest = days.of(candidate.at) - timedelta(days=watch.history_days)
    earlier = [
        entry
        for entry in known_on(sign_ins, judged, days)
        if entry.account_id == candidate.account_id and entry.succeeded and entry.at < candidate.at and days.of(entry.at) >= oldest
    ]
    like = any(entry.country == candidate.country or entry.device_id == candidate.device_id for entry in earlier)
    return len(earlier) >= watch.least_history and not like


def sign_in_violations(pack: PolicyPack, facts: AccountFacts, as_of: date, days: Days) -> Iterator[Violation]:
    """Sign-ins unlike the account's own: one violation per day. Each is judged once, on the day its first version is known."""
    if pack.sign_in_watch is None:
        return
    unlike: dict[date, list[str]] = {}
    for sign_in, start in first_told(facts.sign_ins, days):
        judged = max(days.of(sign_in.at), start)
        if sign_in.account_id == facts.account_id and judged <= as_of and is_unlike(sign_in, judged, facts.sign_ins, pack.sign_in_watch, days):
            unlike.setdefault(judged, []).append(sign_in.sign_in_id)
    for opened, ids in unlike.items():
        account = account_on(facts, opened, days)
        for reason in _reasons(pack, FoundBy.SIGN_IN, account.holder_kind if account else "seller"):
            yield found(pack, reason, facts.account_id, SIGN_IN, opened, None, ("sign_ins", ids))


@dataclass(frozen=True, slots=True)
class AlarmSpan:
    """Alarms of one watch that follow one another closely enough to be one violation; the first of them explains it."""

    opened: date
    closed: date | None
    alarms: tuple[Alarm, ...]


def alarm_spans(alarms: Sequence[Alarm], recover_days: int, as_of: date) -> list[AlarmSpan]:
    """Alarms (in their order) as spans like those of a metric's breaches."""
    spans = []
    for opened, closed in breach_spans(sorted({alarm.known for alarm in alarms}), recover_days, as_of):
        until = closed or as_of + ONE_DAY
        spans.append(AlarmSpan(opened, closed, tuple(alarm for alarm in alarms if opened <= alarm.known < until)))
    return spans


def behaviour_violations(pack: PolicyPack, facts: AccountFacts, as_of: date, days: Days) -> Iterator[Violation]:
    """Behaviour out of line, as the pack's watches see it, of accounts held by whom the watch's reason is for."""
    for watch in pack.watches.values():
        reason = pack.reasons[watch.reason]
        for span in alarm_spans(alarms_of(watch, facts, as_of, days), watch.recover_days, as_of):
            account = account_on(facts, span.opened, days)
            if (account.holder_kind if account else "seller") == reason.holder_kind:
                subject = (WATCHED[watch.rule], [id for alarm in span.alarms for id in alarm.ids])
                told = span.alarms[0].explanation
                yield found(pack, reason, facts.account_id, watch.name, span.opened, span.closed, subject, explanation=told)


def _reasons(pack: PolicyPack, found_by: FoundBy, holder_kind: str) -> list[Reason]:
    return [reason for reason in pack.reasons.values() if reason.is_found_by(found_by) and reason.holder_kind == holder_kind]


def series_of(
    metric: Metric, facts: AccountFacts, first: date, as_of: date, zone: ZoneInfo | None = None, *, enforced: bool = False
) -> dict[date, Rate]:
    """A metric on each day from `first` to `as_of` on which the account was known to be one that has it.

    `enforced`: only the days on which the account's store enforces the target.
    """
    days = Days(zone)
    series: dict[date, Rate] = {}
    for n in range((as_of - first).days + 1):
        day = first + timedelta(days=n)
        account = account_on(facts, day, days)
        if account is None or (enforced and day < metric.first_enforced(account.marketplace)):
            continue
        if metric.applies_to(account.holder_kind, account.marketplace):
            series[day] = counted(metric, facts, day, zone).rate
    return series


def violations(pack: PolicyPack, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None) -> list[Violation]:
    """Every violation that the account's facts reveal up to the end of a day, oldest first."""
    days = Days(zone)
    first = first_known(facts, days) or as_of
    all_found: list[Violation] = []
    for metric in pack.metrics.values():
        if metric.reason is None or metric.target is None:
            continue
        series = series_of(metric, facts, first, as_of, zone, enforced=True)
        all_found += metric_violations(pack, metric, facts.account_id, series, lambda day, m=metric: counted(m, facts, day, zone).against, as_of)  # type: ignore[misc]
    all_found += complaint_violations(pack, facts.account_id, facts.complaints, as_of, days)
    all_found += information_violations(pack, facts, as_of, days)
    all_found += sign_in_violations(pack, facts, as_of, days)
    all_found += behaviour_violations(pack, facts, as_of, days)
    return sorted(all_found, key=lambda violation: (violation.opened, violation.reason, violation.violation_id))
