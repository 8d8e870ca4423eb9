"""What the commands say, in the reader's language: the files in `words/`, and changes as sentences."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from goodstanding.core.policy.diff import WORDS, Change, ChangeKind
from goodstanding.core.policy.facets import Part, Value
from goodstanding.core.policy.pack import nearest_language

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
SHOWN_OF_A_TEXT = 80
"""Characters of a changed text that a line shows, from shortly before the first difference on."""
_BEFORE = 20
_SPAN = re.compile(r"(\d+) (hour|day|month|year)s?")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language, by table."""

    language: str
    tables: Mapping[str, Mapping[str, str]]

    def __call__(self, table: str, key: str, /, **values: object) -> str:
        """A text with its holes filled."""
        return self.tables[table][key].format(**values)

    def days(self, number: int) -> str:
        """A number of days, in words."""
        return _counted(self.tables["units"]["days"], number)

    def accounts(self, number: int) -> str:
        """A number of accounts, in words."""
        forms = self.tables["page"]["accounts"].split("|")
        return f"{number:,} {forms[0] if number == 1 else forms[-1]}"

    def field(self, field: str) -> str:
        """What a field of a pack is called."""
        names = self.tables["fields"]
        place, _, rest = field.partition(".")
        if field in names:
            return names[field]
        if place == "from" and rest:
            return names["from.store"].format(store=rest)
        if rest and place in self.tables["prefixes"]:
            return self.tables["prefixes"][place].format(rest=self.tables["values"].get(rest, rest.replace("_", " ")))
        return field.replace(".", " ").replace("_", " ")

    def value(self, field: str, value: Value) -> str:
        """A value as people write it, with its unit."""
        unit = self.tables["units"].get(field)
        texts = [_counted(unit, int(text)) if unit and text.isdigit() else self._word(text) for text in value]
        return self.tables["diff"]["separator"].join(texts)

    def _word(self, text: str) -> str:
        """A code or a span of time in words; what is neither stays as it is."""
        if span := _SPAN.fullmatch(text):
            return _counted(self.tables["spans"][span[2]], int(span[1]))
        return self.tables["values"].get(text, text)

    def change(self, change: Change) -> str:
        """A change as one line."""
        if change.part == WORDS:
            return self._text_change(change)
        called = change.called or self("parts", change.part)
        if change.days is not None and str(change.days) not in called:
            called = self("diff", "metric", called=called, days=self.days(change.days))
        if not change.field:
            details = [self("diff", "detail", field=self.field(field), value=self.value(field, value)) for field, value in change.details]
            return self("diff", change.kind, called=called, details=self.tables["diff"]["detail_separator"].join(details))
        key = {ChangeKind.CHANGED: "changed", ChangeKind.ADDED: "added_field", ChangeKind.REMOVED: "removed_field"}[change.kind]
        old, new = self.value(change.field, change.old), self.value(change.field, change.new)
        if change.part == Part.NOTES:
            old, new = (self("diff", "quoted", text=text) if text else "" for text in excerpts(old, new))
        return self("diff", key, called=called, field=self.field(change.field), old=old, new=new)

    def _text_change(self, change: Change) -> str:
        old, new = (self("diff", "quoted", text=text) if text else "" for text in excerpts("".join(change.old), "".join(change.new)))
        key = {ChangeKind.CHANGED: "changed", ChangeKind.ADDED: "added_field", ChangeKind.REMOVED: "removed_field"}[change.kind]
        return self("diff", key, called=change.called, field=change.field, old=old, new=new)

    def diff(self, changes: Sequence[Change]) -> str:
        """All changes, part by part; those of sources and dates alone apart, at the end."""
        if not changes:
            return self("diff", "same")
        lines: list[str] = []
        for part in dict.fromkeys(change.part for change in changes):
            own = [change for change in changes if change.part == part and not change.is_citation]
            lines += [self("parts", part), *(f"  {self.change(change)}" for change in own)] if own else []
        cited = [change for change in changes if change.is_citation]
        lines += [self("diff", "citations"), *(f"  {self.change(change)}" for change in cited)] if cited else []
        return "\n".join(lines)


@cache
def wording(language: str | None) -> Wording:
    """The words of the nearest language there is; English where none was asked for."""
    name = nearest_language(language or "en", LANGUAGES)
    text = resources.files("goodstanding.telling").joinpath("words", f"{name}.toml").read_text(encoding="utf-8")
    return Wording(name, tomllib.loads(text))


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Both texts on one line each, cut to the place where they begin to differ."""
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - _BEFORE)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    shown = text[start : start + SHOWN_OF_A_TEXT].replace("\n", " ")
    return ("…" if start and text else "") + shown + ("…" if len(text) > start + SHOWN_OF_A_TEXT else "")


def _counted(forms: str, number: int) -> str:
    one, _, many = forms.partition("|")
    return (one if number == 1 or not many else many).format(n=f"{number:,}")
