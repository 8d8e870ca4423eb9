"""Taking in what an engine found: accounts, the last day's metrics, ratings where they changed, violations as facts now show them.

Written block by block of accounts, each block one transaction, so that people can go on working while a large marketplace is taken in;
a run that breaks off is simply run again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from goodstanding.core.health.rating import rate_on
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Band, DecisionOutcome, FoundBy, HolderKind, RecordKind
from goodstanding.engines import base
from goodstanding.server.mailroom.letters import usable_address
from goodstanding.server.services.call import Call
from goodstanding.server.services.ratings import strikes_of
from goodstanding.server.services.statements import unnamed
from goodstanding.server.store.models import Account, Assessment, Erasure, MetricReading, RatingReading, Violation

BLOCK = 1000
"""Accounts written in one transaction."""

UNKNOWN_TO_ENGINES = frozenset({FoundBy.PERSON, FoundBy.RELATION})
"""Violations that an engine's rating does not count; ratings of accounts that have them are recomputed from the rows."""

FACTS_OF_VIOLATIONS = ("closed", "severity", "points", "numerator", "denominator", "counted_on", "items", "other_account")
"""What facts say of a violation, and may say anew; what a reviewer decided is not among it."""

OURS_OF_ACCOUNTS = frozenset({"contact_asked_at"})
"""What we know of an account ourselves, and no fact table."""

LONGEST_NAME, LONGEST_PHONE, LONGEST_WORD, LONGEST_PLACE = 200, 40, 20, 500

Row = dict[str, Any]
Snapshots = Mapping[str, list[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class _Run:
    """One assessment being recorded."""

    call: Call
    pack: PolicyPack
    assessment: base.Assessment
    record: Assessment
    items: Snapshots


def record_assessment(
    *, call: Call, pack: PolicyPack, assessment: base.Assessment, accounts: pa.Table, items: Snapshots, facts: str, mapping: str = ""
) -> Assessment:
    """Record an assessment of the accounts of `accounts` (a table of that fact kind). Recording it again changes nothing.

    `items`: violation id -> the snapshot of the facts it rests on. Counts and snapshot of a violation follow the facts until an action
    rests on it, and are kept from then on, as the holder was told. What a reviewer decided is never touched. A violation that the facts no longer show is closed on the last day. `facts` and `mapping` say where the facts lay.
    """
    record = Assessment.objects.create(
        as_of=assessment.last,
        recorded_at=call.now,
        pack_name=pack.name,
        pack_digest=pack.digest,
        facts=facts[:LONGEST_PLACE],
        mapping=mapping[:LONGEST_PLACE],
        findings=len(assessment.findings),
    )
    run = _Run(call, pack, assessment, record, items)
    newest = _not_erased({row["account_id"]: row for row in sorted(accounts.to_pylist(), key=_known_since)})
    for ids in _blocks(sorted(newest)):
        with transaction.atomic():
            _keep_accounts(newest[account_id] for account_id in ids)
            violations = _keep_violations(run, ids)
            _keep_metrics(run, ids)
            _keep_ratings(run, ids, violations)
    return record


def _not_erased(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Without the closed accounts of which something was erased: what is gone must not come back with the next night's facts."""
    erased = set(Erasure.objects.exclude(kind=RecordKind.CONTACT).values_list("account_id", flat=True).distinct())
    return {account_id: row for account_id, row in rows.items() if account_id not in erased or not row.get("closed_at")}


def _keep_accounts(rows: Iterable[Row]) -> None:
    accounts = [
        Account(
            account_id=row["account_id"],
            holder_kind=HolderKind(row["holder_kind"]),
            marketplace=row["marketplace"],
            plan=_short(row.get("plan"), LONGEST_WORD),
            language=_short(row.get("language"), LONGEST_WORD),
            country=_short(row.get("country"), LONGEST_WORD),
            display_name=_short(row.get("display_name"), LONGEST_NAME),
            email=usable_address(row.get("email") or ""),
            emergency_phone=_short(row.get("emergency_phone"), LONGEST_PHONE),
            emergency_phone_verified_at=_aware(row["emergency_phone_verified_at"]) if row.get("emergency_phone_verified_at") else None,
            opened_at=_aware(row["opened_at"]),
            closed_at=_aware(row["closed_at"]) if row.get("closed_at") else None,
        )
        for row in rows
    ]
    names = [field.name for field in Account._meta.concrete_fields if not field.primary_key and field.name not in OURS_OF_ACCOUNTS]
    Account.objects.bulk_create(accounts, update_conflicts=True, unique_fields=["account_id"], update_fields=names)


def _keep_violations(run: _Run, ids: Sequence[str]) -> dict[str, list[Violation]]:
    """Insert or update the block's violations; gives all that are stored, by account."""
    stored = {violation.violation_id: violation for violation in Violation.objects.filter(account__in=ids)}
    before = {key: _facts_of(violation) for key, violation in stored.items()}
    told = set(Violation.objects.filter(account__in=ids, actions__effective_at__isnull=False).values_list("violation_id", flat=True))
    counts = {(row["account_id"], row["metric"]): row for row in sorted(_rows(run.assessment.metrics, ids), key=lambda row: row["as_of"])}
    found = {row["violation_id"]: row for row in _rows(run.assessment.violations, ids)}
    for key, row in found.items():
        violation = stored.setdefault(key, _new_violation(run, row))
        violation.closed, violation.severity, violation.points = _closed(row, violation), row["severity"], row["points"]
        violation.other_account = row["subject_ids"][0] if violation.found_by == FoundBy.RELATION and row["subject_ids"] else ""
        if key not in told:
            _count_anew(run, violation, row, counts.get((row["account_id"], row["metric"])))
    for violation in stored.values():
        is_shown = violation.violation_id in found or violation.found_by == FoundBy.PERSON
        if not is_shown and violation.closed is None and violation.opened <= run.assessment.last:
            violation.closed = run.assessment.last
    Violation.objects.bulk_create(violation for key, violation in stored.items() if key not in before)
    changed = [violation for key, violation in stored.items() if key in before and _facts_of(violation) != before[key]]
    Violation.objects.bulk_update(changed, FACTS_OF_VIOLATIONS)
    by_account: dict[str, list[Violation]] = {}
    for violation in stored.values():
        by_account.setdefault(violation.account_id, []).append(violation)
    return by_account


def _closed(row: Row, violation: Violation) -> date | None:
    """The day on which facts or a settlement closed a violation, whichever came first."""
    return min((day for day in (row["closed"], violation.settled_on) if day), default=None)


def _count_anew(run: _Run, violation: Violation, row: Row, latest: Row | None) -> None:
    """Set counts and snapshot: of the last day while the violation is open, for those belong to the items; else of the day it opened."""
    goes_on = latest is not None and row["closed"] is None
    counted = latest if latest is not None and goes_on else row
    violation.numerator, violation.denominator = counted["numerator"], counted["denominator"]
    violation.counted_on = (run.assessment.last if goes_on else row["opened"]) if row["metric"] else None
    violation.items = run.items.get(row["violation_id"]) or violation.items or _bare_items(row, FoundBy(violation.found_by))


def _new_violation(run: _Run, row: Row) -> Violation:
    return Violation(
        violation_id=row["violation_id"],
        account_id=row["account_id"],
        reason=row["reason"],
        metric=row["metric"] or "",
        found_by=_found_by(row, run.pack),
        explanation=row["explanation"] or "",
        opened=row["opened"],
        subject_kind=row["subject_kind"],
        recorded_at=run.call.now,
    )


def _found_by(row: Row, pack: PolicyPack) -> FoundBy:
    """How this violation was found; its reason may be found in several ways."""
    if row["metric"]:
        return FoundBy.METRIC
    if row["explanation"]:
        return FoundBy.BEHAVIOUR
    return FoundBy.COMPLAINT if row["subject_kind"] == "complaints" else pack.reasons[row["reason"]].found_by


def _facts_of(violation: Violation) -> tuple[object, ...]:
    return tuple(getattr(violation, name) for name in FACTS_OF_VIOLATIONS)


def _keep_metrics(run: _Run, ids: Sequence[str]) -> None:
    rows = sorted(_rows(run.assessment.metrics, ids), key=lambda row: row["as_of"])
    latest = {(row["account_id"], row["metric"]): row for row in rows}
    readings = [
        MetricReading(
            account_id=row["account_id"],
            assessment=run.record,
            metric=row["metric"],
            # Where a table holds changes only, the latest row still holds on the last day.
            as_of=run.assessment.last,
            window_days=row["window_days"],
            lag_days=row["lag_days"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            target=row["target"] or "",
            met=row["met"],
        )
        for row in latest.values()
    ]
    MetricReading.objects.filter(account__in=ids).delete()
    MetricReading.objects.bulk_create(readings)


def _keep_ratings(run: _Run, ids: Sequence[str], violations: Mapping[str, list[Violation]]) -> None:
    first, last = run.assessment.first, run.assessment.last
    by_account: dict[str, list[Row]] = {}
    for row in sorted(_rows(run.assessment.ratings, ids), key=lambda row: row["as_of"]):
        by_account.setdefault(row["account_id"], []).append(row)
    RatingReading.objects.filter(account__in=ids, as_of__gte=first, as_of__lte=last).delete()
    before = _ratings_before(ids, first)
    readings: list[RatingReading] = []
    for account_id, rows in by_account.items():
        own = violations.get(account_id, [])
        previous = before.get(account_id)
        for row in _decided_ratings(run, rows, own) if any(_is_unknown_to_engines(one) for one in own) else rows:
            reading = RatingReading(
                account_id=account_id,
                as_of=row["as_of"],
                rating=row["rating"],
                band=Band(row["band"]),
                fulfilled_orders=row["fulfilled_orders"],
                points=row["points"],
            )
            if previous is None or _says(reading) != _says(previous):
                readings.append(reading)
                previous = reading
    RatingReading.objects.bulk_create(readings)


def _decided_ratings(run: _Run, rows: Sequence[Row], violations: Sequence[Violation]) -> Iterator[Row]:
    """The engine's rows with the rating of the violations as they are decided, and a row for each day on which one of these changes it."""
    window, first, last = run.pack.rating.window_days, run.assessment.first, run.assessment.last
    days = {row["as_of"] for row in rows}
    for violation in violations:
        if _is_unknown_to_engines(violation):
            ends = violation.opened + timedelta(days=window)
            days |= {day for day in (violation.opened, violation.closed, ends) if day and first <= day <= last}
    strikes = strikes_of(violations)
    for day in sorted(days):
        engine_row = next((row for row in reversed(rows) if row["as_of"] <= day), None)
        if engine_row is not None:
            rated = rate_on(run.pack.rating, engine_row["fulfilled_orders"], strikes, day)
            yield engine_row | {"as_of": day, "rating": rated.rating, "points": rated.points, "band": rated.band}


def _ratings_before(ids: Sequence[str], first: date) -> dict[str, RatingReading]:
    return {reading.account_id: reading for reading in RatingReading.objects.filter(account__in=ids, as_of__lt=first).order_by("as_of")}


def _is_unknown_to_engines(violation: Violation) -> bool:
    return violation.decided == DecisionOutcome.OVERTURNED or violation.settled_on is not None or violation.found_by in UNKNOWN_TO_ENGINES


def _says(reading: RatingReading) -> tuple[int, str, int, int]:
    return (reading.rating, str(reading.band), reading.fulfilled_orders, reading.points)


def _bare_items(row: Row, found_by: FoundBy) -> list[dict[str, object]]:
    """The items by id alone, where nobody looked up their facts; of a relation their number alone."""
    ids = (unnamed(number) if found_by == FoundBy.RELATION else item for number, item in enumerate(row["subject_ids"], 1))
    return [{"id": item, "kind": row["subject_kind"], "facts": {}} for item in ids]


def _rows(table: pa.Table, ids: Sequence[str]) -> list[Row]:
    rows: list[Row] = table.filter(pc.is_in(table["account_id"], value_set=pa.array(ids, pa.string()))).to_pylist()
    return rows


def _blocks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), BLOCK):
        yield ids[start : start + BLOCK]


def _known_since(row: Row) -> datetime:
    return _aware(row.get("recorded_at") or row["opened_at"])


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _short(text: str | None, longest: int) -> str:
    return (text or "")[:longest]
