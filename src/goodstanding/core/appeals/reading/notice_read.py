"""What came out of reading a notice, as values and as the one JSON document of `read-notice --json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """One reason or clause with how sure it is (0 to 1) and the passage that shows it."""

    code: str
    confidence: float
    where: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked for. `max_age_days`: how old a document may be; `is_implied`: usual at this stage, but not said."""

    code: str
    where: str
    is_document: bool = False
    max_age_days: int | None = None
    evidence: str = ""
    is_implied: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """Until when something is to happen: hours from the notice, or a day."""

    what: str
    where: str
    within_hours: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a reader should know: a sign of fraud, or what could not be told. `values` fill the text of that code."""

    code: str
    where: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """A notice, read. None and empty mean: the notice does not say, and `warnings` tells so where that matters."""

    language: str | None
    system: str | None
    stage: Found | None
    reasons: tuple[Found, ...] = ()
    legal_basis: tuple[Found, ...] = ()
    products: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    deadlines: tuple[Due, ...] = ()
    channel: str | None = None
    funds_hold_days: int | None = None
    warnings: tuple[Caution, ...] = ()

    @property
    def is_suspicious(self) -> bool:
        """Whether anything speaks for a forged message."""
        return any(caution.code in SIGNS_OF_FRAUD for caution in self.warnings)

    def as_document(self) -> dict[str, Any]:
        """The stable document; `asks` are codes, `documents` the files among them with their age windows."""
        return {
            "language": self.language,
            "system": self.system,
            "stage": self.stage.code if self.stage else None,
            "reasons": [{"code": found.code, "confidence": found.confidence, "where": found.where} for found in self.reasons],
            "legal_basis": [found.code for found in self.legal_basis],
            "products": list(self.products),
            "orders": list(self.orders),
            "asks": [ask.code for ask in self.asks],
            "documents": [
                {"ask": ask.code, "max_age_days": ask.max_age_days, "evidence": ask.evidence or None, "where": ask.where}
                for ask in self.asks
                if ask.is_document
            ],
            "implied_asks": [ask.code for ask in self.asks if ask.is_implied],
            "deadlines": [_due(due) for due in self.deadlines],
            "channel": self.channel,
            "funds_hold_days": self.funds_hold_days,
            "warnings": [{"code": caution.code, "where": caution.where, **caution.values} for caution in self.warnings],
        }


SIGNS_OF_FRAUD = frozenset({"asks_fee", "asks_password", "foreign_contact", "misleading_link", "lookalike_host", "reply_elsewhere", "not_authentic"})
"""Cautions that speak for a forged message."""


def _due(due: Due) -> dict[str, Any]:
    when = {"within_hours": due.within_hours} if due.on is None else {"on": due.on.isoformat()}
    return {"what": due.what, **when, "where": due.where}
