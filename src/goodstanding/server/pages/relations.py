"""Why two accounts are held to be related, for staff only: a holder never learns whose the other account is (requirements B16, K5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from goodstanding.core.linkage.judgements import Pair
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import Role
from goodstanding.server.services.judgements import judgements_of
from goodstanding.server.services.relations import values_for
from goodstanding.server.services.statements import FOR_STAFF
from goodstanding.server.store.models import Judgement


@dataclass(frozen=True, slots=True)
class SharedShown:
    """One identifier that both accounts use, its value masked or empty. `doubt`: the code of an innocent explanation, where there is one. `company`: others who use it are related anyway. Days are ISO texts, the account's own first; a last day may be missing."""

    kind: str
    value: str
    sharers: int
    share: int
    first: tuple[str, str]
    last: tuple[str, str]
    doubt: str
    company: bool


@dataclass(frozen=True, slots=True)
class RelatedShown:
    """The other account of a relation with its evidence, the weightiest first; `verdict` and `ground` are empty where nobody has judged it."""

    account_id: str
    score: int | None
    shared: tuple[SharedShown, ...]
    verdict: str
    ground: str


def show_relations(account_id: str, items: Sequence[Mapping[str, object]], words: Words, role: Role) -> tuple[RelatedShown, ...]:
    """The relations behind the items of an account's violation, as a role may see them; nothing for items of any other kind."""
    kept = [one for item in items if isinstance(one := item.get(FOR_STAFF), dict)]
    said = judgements_of([account_id]) if kept else {}
    return tuple(_related(account_id, one, words, role, said) for one in kept)


def show_evidence(rows: Iterable[Mapping[str, object]], sides: tuple[str, str], words: Words) -> tuple[SharedShown, ...]:
    """Evidence in words, the weightiest first; `sides`: which of `a` and `b` comes first."""
    return tuple(_shared(row, sides, words) for row in sorted(rows, key=lambda row: -int(str(row.get("share") or 0))))


def _related(account_id: str, kept: Mapping[str, object], words: Words, role: Role, said: Mapping[Pair, Judgement]) -> RelatedShown:
    other, score = str(kept.get("account_id", "")), kept.get("score")
    # Evidence calls the account whose id sorts first `a`.
    sides = ("a", "b") if account_id < other else ("b", "a")
    judged = said.get((account_id, other) if account_id < other else (other, account_id))
    shared = show_evidence(values_for(role, list(_rows(kept.get("evidence")))), sides, words)
    ground = words.term(judged.ground) if judged else ""
    return RelatedShown(other, score if isinstance(score, int) else None, shared, judged.verdict if judged else "", ground)


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
        doubt=str(row.get("doubt") or ""),
        company=bool(row.get("company")),
    )


def _day(moment: object) -> str:
    return str(moment or "")[:10]
