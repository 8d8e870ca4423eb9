"""What changes from one policy pack to another, as values: each change names the part, the thing, the field, and both values."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from goodstanding.core.policy.facets import Facets, Part, Value, facets_of, lists_of, named, texts_of
from goodstanding.core.policy.pack import PolicyPack, Words

WORDS = "words"
"""The part of changes of text, whose name is the language."""

ORDER = "order"
"""The field that tells that the rules stand in another order: of equally grave ones the first takes the violations."""

_CITING = ("source", "as_of")
_OF_REASONS = ("reasons", "cures", "clauses")


class ChangeKind(StrEnum):
    """What happened to a thing or to one field of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `field` is empty where the whole thing was added or removed; `details` then says what it is, field by field.

    `called` is the thing's name for people, `days` the window of a metric. `old` and `new` are empty where there was or is nothing.
    """

    part: str
    name: str
    called: str
    field: str
    kind: ChangeKind
    old: Value = ()
    new: Value = ()
    details: tuple[tuple[str, Value], ...] = ()
    days: int | None = None

    @property
    def is_citation(self) -> bool:
        """Whether only the source or the date of a number changed, and no number."""
        return self.part == Part.SOURCES or (self.part != WORDS and _cites(self.field))


def compare(old: PolicyPack, new: PolicyPack, language: str | None = None) -> tuple[Change, ...]:
    """All changes from one pack to the other, part by part in the order a reader meets them. `language` is that of names and values."""
    before, after = facets_of(old), facets_of(new)
    keys = sorted({**before, **after}, key=lambda key: list(Part).index(key[0]))
    changes: list[Change] = []
    for key in keys:
        changes += _changes(key, _Side(old, before.get(key), language), _Side(new, after.get(key), language))
        if key == _last_rule(keys):
            changes += _order(old, new)
    return (*changes, *_texts(old, new), *_lists(old, new))


@dataclass(frozen=True, slots=True)
class _Side:
    """One pack's view of one thing; `facets` None: it has no such thing."""

    pack: PolicyPack
    facets: Facets | None
    language: str | None

    @property
    def words(self) -> Words:
        return self.pack.words_for(self.language)

    def value(self, field: str) -> Value:
        return named(field, (self.facets or {}).get(field, ()), self.words)

    def called(self, part: Part, name: str) -> str:
        if part is Part.REASONS:
            return self.words.reasons[name]
        return self.words.metrics[name] if part is Part.METRICS else name


def _changes(key: tuple[Part, str], old: _Side, new: _Side) -> Iterator[Change]:
    part, name = key
    there = new if new.facets is not None else old
    called, days = there.called(part, name), there.pack.metrics[name].window.days if part is Part.METRICS else None
    if old.facets is None or new.facets is None:
        kind = ChangeKind.ADDED if old.facets is None else ChangeKind.REMOVED
        details = ((field, there.value(field)) for field, value in (there.facets or {}).items() if value and not _cites(field))
        yield Change(part, name, called, "", kind, details=tuple(details), days=days)
        return
    for field in {**old.facets, **new.facets}:
        was, now = old.facets.get(field, ()), new.facets.get(field, ())
        if was != now:
            yield Change(part, name, called, field, _kind(was, now), old.value(field), new.value(field), days=days)


def _kind(was: object, now: object) -> ChangeKind:
    if was and now:
        return ChangeKind.CHANGED
    return ChangeKind.ADDED if now else ChangeKind.REMOVED


def _cites(field: str) -> bool:
    return field.rpartition(".")[2] in _CITING


def _last_rule(keys: list[tuple[Part, str]]) -> tuple[Part, str] | None:
    return next((key for key in reversed(keys) if key[0] is Part.RULES), None)


def _order(old: PolicyPack, new: PolicyPack) -> Iterator[Change]:
    both = {rule.id for rule in old.rules} & {rule.id for rule in new.rules}
    was, now = (tuple(rule.id for rule in pack.rules if rule.id in both) for pack in (old, new))
    if was != now:
        yield Change(Part.RULES, "", "", ORDER, ChangeKind.CHANGED, was, now)


def _texts(old: PolicyPack, new: PolicyPack) -> Iterator[Change]:
    """Changed texts of the languages that both have. What is new or gone with its reason or metric is not told again."""
    for language in (language for language in new.languages if language in old.words):
        was, now = texts_of(old.words[language]), texts_of(new.words[language])
        for key in {**was, **now}:
            before, after = was.get(key, ""), now.get(key, "")
            if before != after and not _comes_or_goes(key, old, new):
                yield Change(WORDS, language, language, key, _kind(before, after), (before,) if before else (), (after,) if after else ())


def _lists(old: PolicyPack, new: PolicyPack) -> Iterator[Change]:
    """Changed lists and numbers of what plans are checked by: of a list only what left it and what came into it."""
    for language in (language for language in new.languages if language in old.words):
        was, now = lists_of(old.words[language]), lists_of(new.words[language])
        for key in {**was, **now}:
            before, after = was.get(key, ()), now.get(key, ())
            gone, come = tuple(one for one in before if one not in after), tuple(one for one in after if one not in before)
            if gone or come:
                yield Change(WORDS, language, language, key, _kind(gone, come), gone, come)


def _comes_or_goes(key: str, old: PolicyPack, new: PolicyPack) -> bool:
    table, _, code = key.partition(".")
    if table in _OF_REASONS:
        return (code in old.reasons) != (code in new.reasons)
    if table == "metrics":
        return (code in old.metrics) != (code in new.metrics)
    return table == "evidence" and (code in old.words[old.languages[0]].evidence) != (code in new.words[new.languages[0]].evidence)
