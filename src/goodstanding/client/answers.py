"""What the API answers, as frozen values: a field for each that its OpenAPI document names, which a test holds them to.

Words like `status` or `act` are plain text, so that a word added later breaks no program. Fields that a later server adds are passed over.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """Money that a limit holds: `amount` in the currency's smallest unit."""

    amount: int
    currency: str
    because: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in force: which act an action forbids, for which reasons, until when (None: until it is lifted)."""

    limit: str
    act: str
    action: str
    action_kind: str
    reasons: list[str]
    since: datetime
    until: datetime | None
    case_id: str
    held: Held | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands at a moment: `acts` says what it may do, `rating` is None where it was never assessed."""

    account_id: str
    at: datetime
    status: str
    rating: int | None
    band: str | None
    closed_by: str | None
    acts: dict[str, bool]
    limits: list[Limit]


@dataclass(frozen=True, slots=True)
class May:
    """Whether an account may do one act; if not, `message` is for its holder and `act_on_it` where something can be done."""

    account_id: str
    act: str
    at: datetime
    allowed: bool
    closed: bool
    because: list[Limit]
    act_on_it: str | None
    message: str
    language: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation that a case's action rests on; `decided` is what the last appeal decided of it."""

    violation_id: str
    reason: str
    severity: str
    points: int
    opened: date
    closed: date | None
    decided: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one appeal came to for one violation."""

    violation_id: str
    outcome: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """One attempt to appeal; `outcome` is None until it is decided."""

    appeal_id: str
    attempt: int
    route: str
    submitted_at: datetime
    outcome: str | None
    decided_at: datetime | None
    decisions: list[Decision]


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """One case in a list."""

    case_id: str
    account_id: str
    state: str
    severity: str
    outcome: str | None
    action: str
    action_kind: str
    rule: str
    policy: str
    effective_at: datetime | None
    ends_at: datetime | None
    lifted_at: datetime | None
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    appeal_until: datetime | None
    act_on_it: str


@dataclass(frozen=True, slots=True)
class Case(CaseBrief):
    """One case with what it rests on, its limits in force and its appeals."""

    violations: list[Violation]
    limits: list[Limit]
    appeals: list[Appeal]


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases; `cursor` goes on from there, now or later."""

    cases: list[CaseBrief]
    cursor: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """One letter to a holder, and what became of its mail."""

    notice_id: str
    kind: str
    language: str
    subject: str
    body: str
    statement: dict[str, Any] | None
    created_at: datetime
    mailed: bool
    sent_at: datetime | None
    given_up_at: datetime | None
    bounced_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notices:
    """The letters of a case, oldest first."""

    case_id: str
    notices: list[Notice]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that was left out, or a column that could not be used; `where` is like `line 3 column placed_at`."""

    code: str
    severity: str
    message: str
    hint: str
    where: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one batch of facts; `again` where it had been taken before."""

    batch: str
    kind: str
    accepted: int
    refused: int
    again: bool
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a webhook. `id` is the same on every try: keep the ones you acted on. `data` is the whole of it."""

    id: str
    type: str
    at: datetime
    account_id: str
    case_id: str
    data: Mapping[str, Any]


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """A value of a class of this file out of JSON. Raises KeyError or ValueError where it is none."""
    hints = _hints(kind)  # type: ignore[arg-type]  # a class is hashable
    return kind(**{field.name: _value(hints[field.name], data[field.name]) for field in fields(kind)})  # type: ignore[arg-type]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: Any) -> Any:
    """A value of JSON as its type says."""
    if get_origin(hint) is types.UnionType:
        return None if value is None else _value(get_args(hint)[0], value)
    if get_origin(hint) is list:
        return [_value(get_args(hint)[0], one) for one in value]
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    return read(hint, value) if hasattr(hint, "__dataclass_fields__") else value
