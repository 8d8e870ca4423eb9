"""Order, shipment, feedback and return reports of one seller, joined into fact tables. What no report says stays empty and is named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from goodstanding.core.errors import Finding
from goodstanding.intake.tables import FlatFile, day_first, left_out, moment_of
from goodstanding.packs.reports import TableForms

NEGATIVE = 2
"""Stars up to which a feedback is negative (amazon.md: 1 and 2)."""

_MOMENTS = ("placed_at", "ship_by", "shipped_at", "deliver_by", "delivered_at")
_TEXTS = ("product_id", "sku", "currency", "carrier", "warehouse", "service", "destination")
_SHIPPED = ("shipped_at", "carrier", "warehouse", "service")
_ID = re.compile(r"[0-9A-Za-z\-]{5,40}")

Row = dict[str, object]


@dataclass(slots=True)
class Facts:
    """Fact tables made from reports: kind -> rows.

    `notes`: (key of what to say, its values); `findings`: rows that were left out; `told`: the columns that at least one file has.
    """

    orders: list[Row] = field(default_factory=list)
    defects: list[Row] = field(default_factory=list)
    returns: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    notes: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    told: frozenset[str] = frozenset()

    def tables(self) -> dict[str, list[Row]]:
        """Those that hold something."""
        named = {"accounts": self.accounts, "orders": self.orders, "defects": self.defects, "returns": self.returns}
        return {kind: rows for kind, rows in named.items() if rows}


def facts_from_reports(
    files: Sequence[FlatFile], forms: TableForms, stores: Mapping[str, str], account: str, store: str = "", dates: str = ""
) -> Facts:
    """The facts of all files together. `stores`: sales channel -> store; `store`: where the orders name none; `dates`: dmy or mdy where no date tells."""
    facts, joining = Facts(), _Joining(forms, stores, account, store, dates)
    for file in sorted(files, key=lambda file: ("orders", "shipments", "feedback", "returns").index(file.form.name)):
        facts.findings += file.findings
        if file.encoding not in ("utf-8", "cp1252"):
            facts.notes.append(("encoding", {"file": file.name, "encoding": file.encoding}))
        joining.take(file, facts)
    facts.orders = [dict(order) for order in joining.orders.values()]
    if facts.orders:
        first = min(facts.orders, key=lambda order: str(order["placed_at"]))
        marketplace = store or next((str(order["marketplace"]) for order in facts.orders if order.get("marketplace")), "")
        if marketplace:
            facts.accounts.append({"account_id": account, "holder_kind": "seller", "marketplace": marketplace, "opened_at": first["placed_at"]})
    facts.notes += joining.notes()
    facts.told = frozenset(joining.told)
    return facts


class _Joining:
    """Orders by number, as the files tell of them one after the other."""

    def __init__(self, forms: TableForms, stores: Mapping[str, str], account: str, store: str, dates: str) -> None:
        self.forms, self.stores, self.account, self.store, self.dates = forms, stores, account, store, dates
        self.orders: dict[str, Row] = {}
        self.unknown: set[str] = set()
        self.told: set[str] = set()
        self.said: list[tuple[str, Mapping[str, object]]] = []

    def take(self, file: FlatFile, facts: Facts) -> None:
        """One file."""
        is_day_first = self._day_first(file)
        self.told |= file.meanings
        for number, cells in file.rows:
            if not _ID.fullmatch(cells["order_id"]):
                facts.findings.append(left_out(file.name, number, f"'{cells['order_id'][:30]}' is no order number", "mend or leave out the line"))
                continue
            moments, wrong = self._moments(cells, is_day_first)
            if wrong:
                facts.findings.append(left_out(file.name, number, f"{wrong} '{cells[wrong][:30]}' is no date", "write it like 2026-03-01"))
                continue
            match file.form.name:
                case "orders":
                    self._order(cells, moments)
                case "shipments":
                    self._shipment(cells, moments)
                case "feedback":
                    self._feedback(file, number, cells, moments, facts)
                case _:
                    self._return(cells, moments, facts)

    def _day_first(self, file: FlatFile) -> bool:
        if self.dates:
            return self.dates == "dmy"
        columns = [meaning for meaning in ("at", "placed_at", "shipped_at", "ship_by") if meaning in file.meanings]
        values = [cells[meaning] for _, cells in file.rows for meaning in columns]
        told = day_first(values)
        has_numbers = any(re.match(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2}", value) for value in values)
        if has_numbers:
            self.said.append(("day_first" if told else "month_first", {"file": file.name}))
        return bool(told)

    def _moments(self, cells: Mapping[str, str], is_day_first: bool) -> tuple[dict[str, datetime], str]:
        """The moments of a row by meaning, and the meaning of the first cell that should be one and is none."""
        found = {}
        for meaning in (*_MOMENTS, "at", "changed_at"):
            if cells.get(meaning):
                moment = moment_of(cells[meaning], is_day_first=is_day_first)
                if moment is None:
                    return {}, meaning
                found[meaning] = moment
        needed = next((meaning for meaning in ("placed_at", "at") if meaning in cells and meaning not in found), "")
        return found, needed

    def _order(self, cells: Mapping[str, str], moments: Mapping[str, datetime]) -> None:
        """A line of an order: an order of several products has several lines, which add up."""
        order = self.orders.setdefault(cells["order_id"], {"order_id": cells["order_id"], "account_id": self.account})
        for meaning in _MOMENTS:
            if meaning in moments:
                order.setdefault(meaning, moments[meaning].isoformat())
        for meaning in _TEXTS:
            if cells.get(meaning):
                order.setdefault(meaning, cells[meaning])
        store = self.stores.get(cells.get("store", "").casefold()) or self.store
        if store:
            order.setdefault("marketplace", store)
        if fulfilment := self._word("fulfilment", cells):
            order.setdefault("fulfilment", fulfilment)
        if cells.get("tracking"):
            order["tracking_valid"] = "true"
        for meaning in ("units", "amount"):
            _add(order, meaning, cells.get(meaning, ""))
        if self._word("status", cells) == "cancelled":
            order["cancelled_at"] = moments.get("changed_at", moments["placed_at"]).isoformat()
            if self._word("buyer_cancel", cells) == "buyer":
                order["cancelled_by"] = "buyer"

    def _shipment(self, cells: Mapping[str, str], moments: Mapping[str, datetime]) -> None:
        """What the seller confirmed: of several parcels of an order the last one counts, since the order has left with it."""
        order = self._known(cells)
        if order is None:
            return
        if "shipped_at" in moments:
            order["shipped_at"] = max(str(order.get("shipped_at", "")), moments["shipped_at"].isoformat())
        for meaning in _SHIPPED[1:]:
            if cells.get(meaning):
                order[meaning] = cells[meaning]
        if cells.get("tracking"):
            order["tracking_valid"] = "true"

    def _feedback(self, file: FlatFile, number: int, cells: Mapping[str, str], moments: Mapping[str, datetime], facts: Facts) -> None:
        if not cells["rating"].isdigit() or not 1 <= int(cells["rating"]) <= 5:
            facts.findings.append(left_out(file.name, number, f"'{cells['rating'][:30]}' is no rating", "it is a number from 1 to 5"))
            return
        if int(cells["rating"]) > NEGATIVE or self._known(cells) is None:
            return
        row: Row = {"defect_id": f"feedback-{cells['order_id']}", "order_id": cells["order_id"], "account_id": self.account}
        facts.defects.append(row | {"kind": "negative_feedback", "at": moments["at"].isoformat(), "text": cells.get("text", "")})

    def _return(self, cells: Mapping[str, str], moments: Mapping[str, datetime], facts: Facts) -> None:
        if self._known(cells) is None:
            return
        return_id = cells.get("return_id") or f"return-{cells['order_id']}-{len(facts.returns) + 1}"
        row: Row = {"return_id": return_id, "order_id": cells["order_id"], "account_id": self.account, "at": moments["at"].isoformat()}
        _add(row, "amount", cells.get("amount", ""))
        facts.returns.append(row | {"reason": cells.get("reason", "")})

    def _known(self, cells: Mapping[str, str]) -> Row | None:
        order = self.orders.get(cells["order_id"])
        if order is None:
            self.unknown.add(cells["order_id"])
        return order

    def _word(self, column: str, cells: Mapping[str, str]) -> str:
        said = cells.get(column, "").casefold()
        return self.forms.words.get(column, {}).get(said, "")

    def notes(self) -> Iterable[tuple[str, Mapping[str, object]]]:
        """What a reader has to know before believing a number from these facts."""
        yield from self.said
        if self.unknown:
            yield "no_orders", {"n": len(self.unknown)}
        yield from ((key, {}) for key, meaning in (("no_ship_by", "ship_by"), ("no_shipped", "shipped_at")) if meaning not in self.told)
        yield ("tracking" if "tracking" in self.told else "no_tracking"), {}
        if "delivered_at" not in self.told:
            yield "no_delivery", {}
        if any("cancelled_at" in order and "cancelled_by" not in order for order in self.orders.values()):
            yield "cancelled_by", {}


def _add(row: Row, meaning: str, cell: str) -> None:
    """Add a number to what the row has; a comma before the last two digits is the decimal point of many countries."""
    text = cell.replace("\u00a0", "").replace(" ", "")
    text = re.sub(r",(\d{1,2})$", r".\1", text.replace(".", "")) if re.search(r",\d{1,2}$", text) else text.replace(",", "")
    try:
        number = float(text)
    except ValueError:
        return
    total = round(float(str(row.get(meaning, 0))) + number, 2)
    row[meaning] = int(total) if meaning == "units" else total
