"""Why two accounts are held to be related, for staff only: a holder never learns whose the other account is (requirements B16, K5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from goodstanding.core.policy.pack import Words

FOR_STAFF = "for_staff"
"""Under which key an item keeps what no holder may read."""


@dataclass(frozen=True, slots=True)
class SharedShown:
    """One identifier that both accounts use, its value masked. Days are ISO texts, the account's own first; a last day may be missing."""

    kind: str
    value: str
    sharers: int
    share: int
    first: tuple[str, str]
    last: tuple[str, str]


@dataclass(frozen=True, slots=True)
class RelatedShown:
    """The other account of a relation with its evidence, the weightiest first."""

    account_id: str
    score: int | None
    shared: tuple[SharedShown, ...]


def show_relations(account_id: str, items: Sequence[Mapping[str, object]], words: Words) -> tuple[RelatedShown, ...]:
    """The relations behind the items of an account's violation; nothing for items of any other kind."""
    kept = [item.get(FOR_STAFF) for item in items]
    return tuple(_related(account_id, one, words) for one in kept if isinstance(one, dict))


def _related(account_id: str, kept: Mapping[str, object], words: Words) -> RelatedShown:
    other, score = str(kept.get("account_id", "")), kept.get("score")
    rows = sorted(_rows(kept.get("evidence")), key=lambda row: -int(str(row.get("share") or 0)))
    # Evidence calls the account whose id sorts first `a`.
    sides = ("a", "b") if account_id < other else ("b", "a")
    return RelatedShown(other, score if isinstance(score, int) else None, tuple(_shared(row, sides, words) for row in rows))


def _rows(evidence: object) -> Iterable[Mapping[str, object]]:
    return [row for row in evidence if isinstance(row, dict)] if isinstance(evidence, list) else []


def _shared(row: Mapping[str, object], sides: tuple[str, str], words: Words) -> SharedShown:
    return SharedShown(
        kind=words.term(str(row.get("kind", ""))),
        value=str(row.get("value", "")),
        sharers=int(str(row.get("sharers") or 0)),
        share=int(str(row.get("share") or 0)),
        first=(_day(row.get(f"first_{sides[0]}")), _day(row.get(f"first_{sides[1]}"))),
        last=(_day(row.get(f"last_{sides[0]}")), _day(row.get(f"last_{sides[1]}"))),
    )


def _day(moment: object) -> str:
    return str(moment or "")[:10]
