"""Reading one table of a pack: typed getters that note a mistake with its place and a hint, and go on, so that all are found at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import OURS, Citation
from goodstanding.core.terms import FindingSeverity

Named = TypeVar("Named", bound=StrEnum)

CITING = frozenset({"source", "as_of"})
"""The keys with which a table says where its numbers come from."""

_KIND_NAMES = {str: "a text", int: "a whole number", bool: "true or false", date: "a date like 2026-11-22", list: "a list", dict: "a table"}
_KIND_HINTS = {
    str: 'write it in quotes, like "text"',
    int: "write digits without quotes, like 30",
    bool: "write true or false without quotes",
    date: "write year-month-day without quotes",
    list: 'write it in brackets, like ["one", "two"]',
}
_NEVER_CITED = Citation("?", date(1970, 1, 1))


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a pack, parsed: its name as users know it and its tables."""

    name: str
    content: Mapping[str, Any]


def nearest(wanted: str, allowed: Iterable[str]) -> str:
    """A hint: the allowed name that was probably meant, else all allowed names."""
    names = sorted(allowed)
    begun = [name for name in names if wanted and name.startswith(wanted)]
    near = begun[:1] or get_close_matches(wanted, names, n=1, cutoff=0.6) or get_close_matches(wanted.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"allowed: {', '.join(names)}" if names else "none is defined"


@dataclass(slots=True)
class Problems:
    """Every mistake found so far; knows in which file a key of the pack is written."""

    files: Sequence[PackFile]
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, path: str, message: str, hint: str = "") -> None:
        """Note one mistake at a key path."""
        self.findings.append(Finding(code, FindingSeverity.ERROR, message, hint, f"{self.file_of(path)}: {path}" if path else self.files[0].name))

    def file_of(self, path: str) -> str:
        """The file that holds the longest part of a key path; the first file where none does."""
        return max(self.files, key=lambda file: _depth(file.content, path)).name


def _depth(content: Any, path: str) -> int:
    depth = 0
    for key in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(content, Mapping) and key in content:
            content = content[key]
        elif isinstance(content, list) and key.isdigit() and int(key) <= len(content):
            content = content[int(key) - 1]
        else:
            break
        depth += 1
    return depth


class Table:
    """One table of the pack. Each getter marks its key as known; `close` notes the keys that nobody asked for.

    `content` None: the table is missing, which was noted already, so its keys are not noted as missing too.
    """

    def __init__(self, content: object, path: str, problems: Problems, sources: Collection[str] = ()) -> None:
        self.path = path
        self.problems = problems
        self.sources = sources
        self._known: set[str] = set()
        self._is_there = isinstance(content, Mapping)
        self.content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        if content is not None and not self._is_there:
            problems.add("wrong-type", path, f"should be a table but is {_say_kind(content)}", f"write its keys under [{path}], or within braces")

    def at(self, key: str) -> str:
        """The full path of a key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the key is written; asking makes it one that may be."""
        self._known.add(key)
        return key in self.content

    def note(self, code: str, key: str, message: str, hint: str = "") -> None:
        """Note a mistake at a key of this table."""
        self.problems.add(code, self.at(key) if key else self.path, message, hint)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._get(key, str, default)
        if value is not None and not value.strip() and key in self.content:
            self.note("empty", key, "is empty", "write a text")
        return value or ""

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = self._get(key, int, default)
        if value is None:
            return least
        if value < least:
            self.note("out-of-range", key, f"is {value}", f"write a whole number of at least {least}")
        return int(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return bool(self._get(key, bool, default))

    def day(self, key: str) -> date:
        """A calendar date."""
        value = self._get(key, date, None)
        return value if isinstance(value, date) else _NEVER_CITED.as_of

    def one_of(self, key: str, allowed: type[Named], default: Named | None = None) -> Named:
        """One value of an enumeration; the first one where it is none of them (the mistake is noted)."""
        value = self._get(key, str, default)
        found = self.member(key, value, allowed) if value is not None else None
        return found or next(iter(allowed))

    def member(self, key: str, value: str, allowed: type[Named]) -> Named | None:
        """The member of an enumeration that a text names; notes it where there is none."""
        if value in set(allowed):
            return allowed(value)
        self.note("unknown-value", key, f"'{value}' is not known", nearest(value, allowed))
        return None

    def texts(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts, each once."""
        values = self._get(key, list, None if required else [])
        if values is None:
            return ()
        for value in values:
            if not isinstance(value, str):
                self.note("wrong-type", key, f"holds {_say_kind(value)}", "a list of texts is wanted")
            elif values.count(value) > 1:
                self.note("repeated", key, f"names '{value}' more than once", "write it once")
                break
        return tuple(dict.fromkeys(value for value in values if isinstance(value, str)))

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, none below 0."""
        values = self._get(key, list, None)
        if values is None:
            return ()
        if any(not isinstance(value, int) or isinstance(value, bool) or value < 0 for value in values):
            self.note("wrong-type", key, "should hold whole numbers of at least 0", "write them in brackets, like [0, 24]")
            return ()
        return tuple(values)

    def members(self, key: str, allowed: type[Named], *, required: bool = True) -> frozenset[Named]:
        """A list of values of an enumeration."""
        found = (self.member(key, value, allowed) for value in self.texts(key, required=required))
        return frozenset(value for value in found if value is not None)

    def table(self, key: str, *, required: bool = True) -> "Table":
        """A table inside this one; an empty one where it is missing."""
        self._known.add(key)
        if key not in self.content and required and self._is_there:
            self.note("missing", key, "is missing", "a table is wanted")
        return Table(self.content.get(key), self.at(key), self.problems, self.sources)

    def tables(self, key: str, *, required: bool = True) -> "dict[str, Table]":
        """A table of tables: name -> table."""
        whole = self.table(key, required=required)
        return {name: Table(content, whole.at(name), self.problems, self.sources) for name, content in whole.content.items()}

    def rows(self, key: str) -> "list[Table]":
        """A list of tables (`[[key]]`); places count from 1, as people do."""
        values = self._get(key, list, None) or []
        return [Table(content, f"{self.at(key)}[{number}]", self.problems, self.sources) for number, content in enumerate(values, 1)]

    def citation(self) -> Citation:
        """The source and date that a table with numbers has to give."""
        hint = f'every table with numbers cites; write source = "..." ({OURS} for numbers this project chose)'
        source = OURS
        if not self._is_there:
            return _NEVER_CITED
        if not self.has("source"):
            self.note("no-source", "source", "is missing", hint)
        else:
            source = self.text("source")
            if source not in self.sources:
                self.note("unknown-source", "source", f"'{source}' is no source of this pack", nearest(source, self.sources))
        return Citation(source, self.day("as_of"))

    def close(self) -> None:
        """Note every key that no getter asked for; call it last."""
        for key in self.content:
            if key not in self._known:
                self.note("unknown-key", key, "is no key of this table", nearest(key, self._known))

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._known.add(key)
        if key not in self.content:
            if default is None and self._is_there:
                self.note("missing", key, "is missing", f"{_KIND_NAMES[kind]} is wanted")
            return default
        value = self.content[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or isinstance(value, datetime):
            self.note("wrong-type", key, f"should be {_KIND_NAMES[kind]} but is {_say_kind(value)}", _KIND_HINTS[kind])
            return default
        return value


def _say_kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    for kind, name in _KIND_NAMES.items():
        if isinstance(value, kind) and not (kind is date and isinstance(value, datetime)):
            return name.split(" like")[0] if kind is date else name
    return "a number with a point" if isinstance(value, float) else "something else"
