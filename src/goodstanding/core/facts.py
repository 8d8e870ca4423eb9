"""What happened: the fact tables of `facts.md` section 1 as data, and light values for the rules.

`KINDS` is the schema that every reader, engine and generator goes by. The dataclasses are what the pure rules
in `core/health` read, one object a row; engines never build them in bulk.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ColumnType = Literal["text", "moment", "flag", "whole", "amount"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a fact table. `allowed` lists the only values a text may have, where there is such a list."""

    name: str
    type: ColumnType = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactKind:
    """One fact table: its columns, what identifies a row, and which column is the row's own time.

    `is_standing_data`: a row says how something is from then on, so that a later row with other values is news; of the other kinds,
    which say what happened, it is a correction.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    own_time: str
    is_standing_data: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, None for an extra one."""
        return next((c for c in self.columns if c.name == name), None)


def _must(name: str, type: ColumnType = "text", *allowed: str) -> Column:
    return Column(name, type, True, allowed)


def _may(name: str, type: ColumnType = "text", *allowed: str) -> Column:
    return Column(name, type, False, allowed)


COMMON = (_may("recorded_at", "moment"), _may("caused_by"))
"""Columns that every fact table may carry: when the platform learned the row, and which of its own actions caused it."""

IDENTIFIERS = (
    "ip",
    "mac",
    "device",
    "wifi",
    "payment_instrument",
    "bank_account",
    "phone",
    "email",
    "address",
    "tax_id",
    "company_number",
    "document",
)

KINDS: dict[str, FactKind] = {
    kind.name: kind
    for kind in (
        FactKind(
            "accounts",
            (
                _must("account_id"),
                _must("holder_kind", "text", "seller", "buyer"),
                _must("marketplace"),
                _may("plan", "text", "professional", "individual"),
                _must("opened_at", "moment"),
                _may("closed_at", "moment"),
                _may("language"),
                _may("country"),
                _may("display_name"),
                _may("email"),
                _may("emergency_phone"),
                _may("emergency_phone_verified_at", "moment"),
                _may("information_complete", "flag"),
                _may("identity_verified_at", "moment"),
                *COMMON,
            ),
            ("account_id",),
            "opened_at",
            is_standing_data=True,
        ),
        FactKind(
            "orders",
            (
                _must("order_id"),
                _must("account_id"),
                _may("buyer_id"),
                _may("marketplace"),
                _must("placed_at", "moment"),
                _may("ship_by", "moment"),
                _may("shipped_at", "moment"),
                _may("deliver_by", "moment"),
                _may("delivered_at", "moment"),
                _may("cancelled_at", "moment"),
                _may("cancelled_by", "text", "seller", "buyer", "platform"),
                _may("fulfilment", "text", "merchant", "platform"),
                _may("tracking_valid", "flag"),
                _may("product_id"),
                _may("amount", "amount"),
                _may("currency"),
                _may("units", "whole"),
                *COMMON,
            ),
            ("order_id", "account_id"),
            "placed_at",
        ),
        FactKind(
            "defects",
            (
                _must("defect_id"),
                _must("order_id"),
                _must("account_id"),
                _must("kind", "text", "negative_feedback", "claim", "chargeback"),
                _must("at", "moment"),
                _may("withdrawn_at", "moment"),
                _may("reason"),
                _may("text"),
                *COMMON,
            ),
            ("defect_id",),
            "at",
        ),
        FactKind(
            "complaints",
            (
                _must("complaint_id"),
                _must("account_id"),
                _must("reason"),
                _must("at", "moment"),
                _may("product_id"),
                _may("order_id"),
                _may("source", "text", "buyer", "rights_owner", "authority", "platform"),
                _may("resolved_at", "moment"),
                _may("text"),
                *COMMON,
            ),
            ("complaint_id",),
            "at",
        ),
        FactKind(
            "returns",
            (
                _must("return_id"),
                _must("order_id"),
                _must("account_id"),
                _may("buyer_id"),
                _must("at", "moment"),
                _may("reason"),
                _may("refunded_at", "moment"),
                _may("amount", "amount"),
                *COMMON,
            ),
            ("return_id",),
            "at",
        ),
        FactKind(
            "listing_changes",
            (_must("change_id"), _must("account_id"), _must("product_id"), _must("at", "moment"), _may("field"), _may("note"), *COMMON),
            ("change_id",),
            "at",
        ),
        FactKind(
            "messages",
            (
                _must("message_id"),
                _must("account_id"),
                _may("buyer_id"),
                _may("order_id"),
                _must("at", "moment"),
                _must("direction", "text", "to_buyer", "from_buyer"),
                _may("answered_at", "moment"),
                _may("topic"),
                *COMMON,
            ),
            ("message_id",),
            "at",
        ),
        FactKind(
            "sign_ins",
            (
                _must("sign_in_id"),
                _must("account_id"),
                _must("at", "moment"),
                _may("ip"),
                _may("mac"),
                _may("device_id"),
                _may("wifi"),
                _may("country"),
                _may("succeeded", "flag"),
                *COMMON,
            ),
            ("sign_in_id",),
            "at",
        ),
        FactKind(
            "identifiers",
            (
                _must("account_id"),
                _must("kind", "text", *IDENTIFIERS),
                _must("value"),
                _must("first_seen", "moment"),
                _may("last_seen", "moment"),
                *COMMON,
            ),
            ("account_id", "kind", "value"),
            "first_seen",
            is_standing_data=True,
        ),
        FactKind(
            "actions",
            (_must("action_id"), _must("account_id"), _must("kind"), _must("at", "moment"), _may("lifted_at", "moment"), *COMMON),
            ("action_id",),
            "at",
        ),
    )
}
"""Every kind of fact, by name."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who holds an account and where; `information_complete` None: nobody has said."""

    account_id: str
    holder_kind: str
    marketplace: str
    opened_at: datetime
    information_complete: bool | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None
    identity_verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The seller's part of an order."""

    order_id: str
    account_id: str
    placed_at: datetime
    buyer_id: str | None = None
    ship_by: datetime | None = None
    shipped_at: datetime | None = None
    deliver_by: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    fulfilment: str | None = None
    tracking_valid: bool | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None
    marketplace: str | None = None
    amount: float | None = None
    currency: str | None = None
    units: int | None = None
    product_id: str | None = None

    @property
    def is_merchant_fulfilled(self) -> bool:
        """No word on fulfilment means the merchant ships."""
        return self.fulfilment != "platform"


@dataclass(frozen=True, slots=True)
class Defect:
    """A negative feedback, a claim or a chargeback about one order."""

    defect_id: str
    order_id: str
    account_id: str
    kind: str
    at: datetime
    withdrawn_at: datetime | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Somebody's report that the account breached a reason of the pack."""

    complaint_id: str
    account_id: str
    reason: str
    at: datetime
    order_id: str | None = None
    resolved_at: datetime | None = None
    source: str | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """A returned order."""

    return_id: str
    order_id: str
    account_id: str
    at: datetime
    buyer_id: str | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message between a seller and a buyer."""

    message_id: str
    account_id: str
    at: datetime
    direction: str
    answered_at: datetime | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class ListingChange:
    """One edit of a product page by the account."""

    change_id: str
    account_id: str
    product_id: str
    at: datetime
    field: str | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One attempt to sign in to an account."""

    sign_in_id: str
    account_id: str
    at: datetime
    device_id: str | None = None
    country: str | None = None
    succeeded: bool | None = None
    ip: str | None = None
    recorded_at: datetime | None = None
    caused_by: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something an account used that another account might use too."""

    account_id: str
    kind: str
    value: str
    first_seen: datetime
    last_seen: datetime | None = None
