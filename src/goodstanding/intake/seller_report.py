"""A marketplace's report on a seller's health, as it is really sent: to values, with everything that is spelled otherwise, missing or odd named.

Read are Amazon's GET_V2_SELLER_PERFORMANCE_REPORT (also gzipped, as report documents come) and its notification ACCOUNT_STATUS_CHANGED.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.reported import Doubt, ReportedCount, ReportedRate, SellerReport, StoreReport
from goodstanding.core.terms import DoubtKind
from goodstanding.core.values import Target
from goodstanding.intake.charsets import decode
from goodstanding.packs.reports import HealthForm

LARGEST_REPORT = 32 * 1024 * 1024
"""Bytes of a report, unpacked."""

MOST = 10**15
"""A count above this is none."""

_GZIP = b"\x1f\x8b"
_STATUS_CHANGED = "accountstatuschangenotification"
_KNOWN_BESIDE = frozenset({"marketplaceId", "orderDefectRate", "warningStates", "accountHealthRating"})


def unpacked(content: bytes, name: str) -> bytes:
    """The bytes of a report, unpacked where they are gzipped. Raises UnusableInput where they are empty, too many or damaged."""
    if content.startswith(_GZIP):
        try:
            unzip = zlib.decompressobj(31)
            content = unzip.decompress(content, LARGEST_REPORT + 1)
        except (zlib.error, gzip.BadGzipFile) as error:
            raise UnusableInput(f"{name} is gzipped but damaged ({error}); download it again") from None
    if not content.strip():
        raise UnusableInput(f"{name} is empty; a report that was CANCELLED has no data, request it again")
    if len(content) > LARGEST_REPORT:
        raise UnusableInput(f"{name} is larger than {LARGEST_REPORT // 2**20} MiB; that is no report")
    return content


def looks_like_json(content: bytes) -> bool:
    """Whether bytes begin as a JSON document does."""
    return decode(content[:200])[0].lstrip("\ufeff \t\r\n").startswith(("{", "["))


def read_seller_report(content: bytes, name: str, form: HealthForm) -> SellerReport:
    """The report in these bytes. Raises UnusableInput with one reason where they are no report on an account's health."""
    top = _document(unpacked(content, name), name)
    if changed := _status_change(top):
        return _changed(changed, form)
    if "accountStatuses" not in top and "performanceMetrics" not in top:
        raise UnusableInput(f"{name} {_what_it_is(top)}; health reads GET_V2_SELLER_PERFORMANCE_REPORT and ACCOUNT_STATUS_CHANGED")
    return _Reading(form).report(top, name)


def _document(content: bytes, name: str) -> Mapping[str, Any]:
    text = decode(content)[0].lstrip("\ufeff")
    if text.lstrip().startswith("<"):
        raise UnusableInput(f"{name} is XML, as the old V1 report is; request GET_V2_SELLER_PERFORMANCE_REPORT, which is JSON")
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=lambda word: None)
    except json.JSONDecodeError as error:
        raise UnusableInput(f"{name}:{error.lineno}:{error.colno} is no JSON: {error.msg}; give the report as it was downloaded") from None
    except (RecursionError, InvalidOperation, ValueError):
        raise UnusableInput(f"{name} is no report: its JSON is nested too deep or holds a number that is too long") from None
    if not isinstance(document, dict):
        raise UnusableInput(f"{name} holds no JSON object; give the report as it was downloaded")
    return document


def _what_it_is(top: Mapping[str, Any]) -> str:
    low = {str(key).lower(): value for key, value in top.items()}
    if kind := low.get("notificationtype"):
        return f"is a notification {kind}, which says nothing about the account's health"
    if "$schema" in low:
        return "is a JSON schema, the description of a report and not a report"
    if "swagger" in low or "openapi" in low:
        return "is the description of an API and not a report"
    shown = ", ".join(sorted(map(str, top))[:3])
    return f"has neither accountStatuses nor performanceMetrics (it has {shown})" if shown else "is an empty object"


def _status_change(top: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The notification's own part; the envelope's keys are met in camel and in Pascal case."""
    payload = _lowered(_lowered(top).get("payload"))
    changed = _lowered(payload.get(_STATUS_CHANGED))
    return changed if "currentaccountstatus" in changed else None


def _lowered(value: object) -> dict[str, Any]:
    return {str(key).lower(): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def _changed(changed: Mapping[str, Any], form: HealthForm) -> SellerReport:
    now, before = (str(changed.get(key, "")) for key in ("currentaccountstatus", "previousaccountstatus"))
    if now not in form.statuses:
        raise UnusableInput(f"currentAccountStatus: '{now}' is no status; it is one of {', '.join(form.statuses)}")
    doubt = Doubt("no_marketplace", "accountStatusChangeNotification", DoubtKind.NOTE)
    return SellerReport((StoreReport(None, "", form.statuses[now], form.statuses.get(before)),), (doubt,))


class _Reading:
    """Reads one report; `doubts` gathers what is odd about the part that is being read."""

    def __init__(self, form: HealthForm) -> None:
        self.form = form
        self.doubts: list[Doubt] = []

    def report(self, top: Mapping[str, Any], name: str) -> SellerReport:
        """All marketplaces, those with a status first."""
        statuses = self._statuses(top.get("accountStatuses"))
        metrics = self._metrics(top.get("performanceMetrics"))
        if not statuses and not metrics:
            raise UnusableInput(f"{name} is a report without any marketplace; request it again for the marketplaces you sell in")
        whole = self._taken()
        stores = []
        for marketplace in dict.fromkeys([*statuses, *metrics]):
            place = self.form.stores.get(marketplace, marketplace)
            if marketplace not in statuses:
                self._doubt("no_status", place, DoubtKind.MISSING)
            if marketplace not in metrics:
                self._doubt("no_metrics", place, DoubtKind.MISSING)
            stores.append(self._store(marketplace, place, statuses.get(marketplace), metrics.get(marketplace, {})))
        return SellerReport(tuple(stores), whole)

    def _statuses(self, entries: object) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for number, entry in enumerate(self._list(entries, "accountStatuses")):
            where = f"accountStatuses[{number}]"
            marketplace, said = (self._text(entry, key, where) for key in ("marketplaceId", "status"))
            status = self.form.statuses.get(said)
            if said and status is None:
                self._doubt("unknown_status", where, DoubtKind.NOTE, says=said)
            elif said and status != said:
                self._doubt("status_spelled", where, DoubtKind.SPELLING, says=said, means=status)
            if marketplace in found:
                self._doubt("twice", where, DoubtKind.NOTE, field=marketplace)
            elif marketplace:
                found[marketplace] = status
        return found

    def _metrics(self, entries: object) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for number, entry in enumerate(self._list(entries, "performanceMetrics")):
            where = f"performanceMetrics[{number}]"
            marketplace = self._text(entry, "marketplaceId", where) or (f"performanceMetrics[{number}]" if entry else "")
            if marketplace in found:
                self._doubt("twice", where, DoubtKind.NOTE, field=marketplace)
            elif marketplace:
                found[marketplace] = entry
        return found

    def _store(self, marketplace: str, place: str, status: str | None, written: Mapping[str, Any]) -> StoreReport:
        fields = self._spelled(written, place)
        rates = [rate for name in self.form.rates if (rate := self._rate(name, fields, place))] if written else []
        counts = [count for name in self.form.counts if (count := self._count(name, fields, place))] if written else []
        rating = self._spelled(_mapping(fields.get("accountHealthRating")), f"{place}.accountHealthRating")
        for name in fields.keys() - {name.partition(".")[0] for name in self.form.rates} - self.form.counts.keys() - _KNOWN_BESIDE:
            self._doubt("unknown_field", f"{place}.{name}", DoubtKind.NOTE)
        warnings = [
            (self._text(entry, "warningType", f"{place}.warningStates"), self._text(entry, "status", f"{place}.warningStates"))
            for entry in self._list(fields.get("warningStates", []), f"{place}.warningStates")
        ]
        return StoreReport(
            marketplace,
            self.form.stores.get(marketplace, ""),
            status,
            rating_status=str(rating["accountHealthRatingStatus"]) if "accountHealthRatingStatus" in rating else None,
            rates=tuple(rates),
            counts=tuple(counts),
            warnings=tuple(warnings),
            doubts=self._taken(),
        )

    def _spelled(self, written: Mapping[str, Any], place: str) -> dict[str, Any]:
        """The fields under the names that the schema gives them."""
        fields: dict[str, Any] = {}
        for name, value in written.items():
            meant = self.form.aliases.get(name, name)
            if meant != name and meant in written:
                self._doubt("twice", f"{place}.{name}", DoubtKind.NOTE, field=meant)
                continue
            if meant != name:
                self._doubt("field_spelled", f"{place}.{name}", DoubtKind.SPELLING, means=meant)
            fields[meant] = value
        return fields

    def _rate(self, name: str, fields: Mapping[str, Any], place: str) -> ReportedRate | None:
        form, where = self.form.rates[name], f"{place}.{name}"
        entry = _at(fields, name)
        if entry is None:
            if not form.only or place in form.only:
                self._doubt("missing", where, DoubtKind.MISSING)
            return None
        table = _mapping(entry)
        numerator, denominator = (self._whole(table, key, where) for key in (form.numerator, form.denominator))
        if numerator is None or denominator is None:
            return None
        parts = {part: self._whole(table, part, where) for part in form.parts}
        return ReportedRate(
            field=name,
            rule=form.rule,
            numerator=numerator,
            denominator=denominator,
            parts={part: count for part, count in parts.items() if count is not None} if None not in parts.values() else {},
            rate=_decimal(table.get("rate")),
            status=_status(table),
            target=self._target(table, where, is_rate=True),
            first=_day(table, "reportingDateFrom"),
            last=_day(table, "reportingDateTo"),
            fulfilment=form.fulfilment,
            says=str(table.get("fulfillmentType", "")) if form.fulfilment else "",
        )

    def _count(self, name: str, fields: Mapping[str, Any], place: str) -> ReportedCount | None:
        where = f"{place}.{name}"
        if name not in fields:
            self._doubt("missing", where, DoubtKind.MISSING)
            return None
        table = _mapping(fields[name])
        count = self._whole(table, "defectsCount", where)
        if count is None:
            return None
        target = self._target(table, where, is_rate=False)
        reasons = self.form.counts[name]
        return ReportedCount(name, count, _status(table), target, _day(table, "reportingDateFrom"), _day(table, "reportingDateTo"), reasons)

    def _target(self, table: Mapping[str, Any], where: str, *, is_rate: bool) -> Target | None:
        value, operator = _decimal(table.get("targetValue")), self.form.conditions.get(str(table.get("targetCondition")))
        if value is None or operator is None or value < 0:
            if "targetValue" in table or "targetCondition" in table:
                self._doubt("unreadable_target", where, DoubtKind.NOTE)
            return None
        if not is_rate:
            return Target(operator, Fraction(value), f"{operator} {value.normalize():f}")
        share = value / 100 if value > 1 else value
        return Target(operator, Fraction(share), f"{operator} {(share * 100).normalize():f} %")

    def _whole(self, table: Mapping[str, Any], key: str, where: str) -> int | None:
        value = _at(table, key)
        number = _decimal(value)
        if number is None or number != number.to_integral_value() or not 0 <= number <= MOST:
            self._doubt("missing" if value is None else "no_count", f"{where}.{key}", DoubtKind.MISSING, says=str(value)[:40])
            return None
        return int(number)

    def _text(self, entry: Mapping[str, Any], key: str, where: str) -> str:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._doubt("missing", f"{where}.{key}", DoubtKind.MISSING)
        return ""

    def _list(self, entries: object, where: str) -> Iterator[Mapping[str, Any]]:
        if isinstance(entries, dict) and ("marketplaceId" in entries or "warningType" in entries):
            entries = [entries]  # a lone entry without its list
        if not isinstance(entries, list):
            self._doubt("missing", where, DoubtKind.MISSING)
            return
        for entry in entries:
            yield _mapping(entry)

    def _doubt(self, code: str, where: str, kind: DoubtKind, **values: object) -> None:
        self.doubts.append(Doubt(code, where, kind, values))

    def _taken(self) -> tuple[Doubt, ...]:
        taken, self.doubts = tuple(self.doubts), []
        return taken


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _at(table: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    value: Any = table
    for key in path.split("."):
        value = _mapping(value).get(key)
    return value


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal) or len(str(value)) > 40:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= MOST else None


def _status(table: Mapping[str, Any]) -> str | None:
    value = table.get("status")
    return value if isinstance(value, str) else None


def _day(table: Mapping[str, Any], key: str) -> date | None:
    """A day of the reporting range; moments there are UTC and have no seconds."""
    value = _mapping(table.get("reportingDateRange")).get(key)
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None
