"""Why two accounts are held to be related, for staff only: a holder never learns whose the other account is (requirements B16, K5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from goodstanding.core.policy.pack import Words

FOR_STAFF = "for_staff"
"""Under which key an item keeps what no holder may read."""


@dataclass(frozen=True, slots=True)
class SharedShown:
    """One identifier that both accounts use, its value masked. Days are ISO texts; a last day may be missing."""

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


def show_relations(items: Sequence[Mapping[str, object]], words: Words) -> tuple[RelatedShown, ...]:
    """The relations behind the items of a violation; nothing for items of any other kind."""
    kept = [item.get(FOR_STAFF) for item in items]
    return tuple(_related(one, words) for one in kept if isinstance(one, dict))


def _related(kept: Mapping[str, object], words: Words) -> RelatedShown:
    score, evidence = kept.get("score"), kept.get("evidence")
    rows = sorted(_rows(evidence), key=lambda row: -int(str(row.get("share") or 0)))
    return RelatedShown(str(kept.get("account_id", "")), score if isinstance(score, int) else None, tuple(_shared(row, words) for row in rows))


def _rows(evidence: object) -> Iterable[Mapping[str, object]]:
    return [row for row in evidence if isinstance(row, dict)] if isinstance(evidence, list) else []


def _shared(row: Mapping[str, object], words: Words) -> SharedShown:
    return SharedShown(
        kind=words.term(str(row.get("kind", ""))),
        value=str(row.get("value", "")),
        sharers=int(str(row.get("sharers") or 0)),
        share=int(str(row.get("share") or 0)),
        first=(_day(row.get("first_a")), _day(row.get("first_b"))),
        last=(_day(row.get("last_a")), _day(row.get("last_b"))),
    )


def _day(moment: object) -> str:
    return str(moment or "")[:10]
