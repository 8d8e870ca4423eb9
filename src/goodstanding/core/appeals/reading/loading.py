"""From the parsed files of a pack's `reading` folder to word lists, or to every mistake in them, each with its place."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from goodstanding.core.appeals.reading.patterns import BadPattern, Family, Pattern, compile_family, compile_pattern
from goodstanding.core.appeals.reading.words import Implied, Meaning, Phrases, ReadingWords, Tongue
from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.tables import PackFile, Problems, Table, nearest

CODED = ("reasons", "stages", "asks", "channels")
"""The tables of a language whose codes the rules file has to know."""

_LISTS = ("says", "hints", "unless", "but_not", "not_after", "alone")
_MASK = {"9": "[0-9]", "#": "[0-9a-z]", " ": r"[\s:#.]{1,3}"}
_NUMBERED_DATE = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d)"


def read_words(files: Sequence[PackFile]) -> ReadingWords:
    """The word lists of these files: one without `language` that says what codes mean, and one or more per language, added up.

    Raises InvalidPack with every mistake found.
    """
    problems = Problems(files)
    rules = [file for file in files if "language" not in file.content]
    top = Table(rules[0].content if rules else {}, "", Problems(rules or files, problems.findings))
    fold = _fold(top)
    meanings = {kind: _meanings(top, kind) for kind in CODED}
    tongues = _tongues([file for file in files if "language" in file.content], fold, meanings, problems)
    own = top.table("system")
    words = ReadingWords(
        system=own.text("name"),
        names=own.texts("says"),
        hosts=own.texts("hosts"),
        meanings=meanings,
        implied=_implied(top),
        identifiers={kind: tuple(_shape(mask) for mask in top.table("identifiers").texts(kind)) for kind in ("products", "orders")},
        tongues=tongues,
        fold=fold,
        sure={key: top.table("sure").whole(key) / 100 for key in ("says", "hints", "more")},
    )
    own.close()
    _cited(top)
    top.close()
    if problems.findings:
        raise InvalidPack("reading", problems.findings)
    return words


def _cited(table: Table) -> None:
    """Word lists cite as numbers do: whence the expressions come and when they were last looked at."""
    table.text("source")
    table.day("as_of")


def _fold(top: Table) -> dict[str, str]:
    table = top.table("fold", required=False)
    if not table.content:
        return {}
    here, there = table.text("from"), table.text("to")
    if len(here) != len(there):
        table.note("uneven", "to", f"has {len(there)} characters but 'from' has {len(here)}", "each character needs its counterpart")
    table.close()
    return {one: other for one, other in zip(here, there, strict=False) if one != other and not one.isspace()}


def _meanings(top: Table, kind: str) -> dict[str, Meaning]:
    found = {}
    for code, table in top.tables(kind, required=False).items():
        found[code] = Meaning(
            code=code,
            yields_to=table.texts("yields_to", required=False),
            rank=table.whole("rank", 0),
            is_legal_basis=table.flag("legal_basis", False),
            is_document=table.flag("document", False),
            evidence=table.text("evidence", "") if table.has("evidence") else "",
            with_window=table.text("with_window", "") if table.has("with_window") else "",
            is_buyers=table.flag("buyers", False),
            for_buyers=table.text("for_buyers", "") if table.has("for_buyers") else "",
        )
        table.close()
    return found


def _implied(top: Table) -> tuple[Implied, ...]:
    rows = top.rows("implied") if top.has("implied") else []
    found = tuple(Implied(row.texts("asks"), row.texts("reasons"), row.texts("stages")) for row in rows)
    for row in rows:
        row.close()
    return found


def _shape(mask: str) -> re.Pattern[str]:
    """A mask such as `B0########`: `9` is a digit, `#` a digit or letter; what stands in `( )` is the number itself."""
    body = "".join(_MASK.get(char, char if char in "()" else re.escape(char.lower())) for char in mask)
    return re.compile(rf"(?<![0-9a-z\-]){body}(?![0-9a-z\-])")


def _tongues(
    files: Sequence[PackFile], fold: Mapping[str, str], meanings: Mapping[str, Mapping[str, Meaning]], problems: Problems
) -> tuple[Tongue, ...]:
    by_language: dict[str, list[Table]] = {}
    for file in files:
        table = Table(file.content, "", Problems([file], problems.findings))
        by_language.setdefault(table.text("language"), []).append(table)
    return tuple(_Reader(tables, fold, meanings).tongue(language) for language, tables in by_language.items())


class _Reader:
    """Adds up the files of one language."""

    def __init__(self, tables: Sequence[Table], fold: Mapping[str, str], meanings: Mapping[str, Mapping[str, Meaning]]) -> None:
        self.tables, self.fold, self.meanings = tables, fold, meanings
        self.units = self._numbers("units")
        self.numbers = self._numbers("numbers")
        self.months = self._numbers("months")
        self.time, self.day = self._time(), self._day()
        self.names = {"time": Family(self.time), "date": Family(self.day)}
        self._add_families()

    def tongue(self, language: str) -> Tongue:
        """Everything of this language."""
        one, several = self._phrases, self._list
        found = Tongue(
            language=language,
            reasons=one("reasons"),
            stages=one("stages"),
            asks=one("asks"),
            channels=one("channels"),
            deadlines=one("deadlines"),
            dangers=one("dangers"),
            asides=several("asides"),
            asks_for=several("asks_for"),
            windows=several("windows"),
            funds=several("funds"),
            not_deadlines=several("not_deadlines"),
            to_sellers=several("to_sellers"),
            to_buyers=several("to_buyers"),
            units=self.units,
            numbers=self.numbers,
            months=self.months,
            time=re.compile(self.time),
            day=re.compile(self.day),
        )
        for table in self.tables:
            _cited(table)
            table.close()
        return found

    def _numbers(self, key: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for top in self.tables:
            table = top.table(key, required=False)
            found |= {name: table.whole(name) for name in table.content}
        return found

    def _add_families(self) -> None:
        """Words that stand for one another; a family may use those told before it."""
        for top in self.tables:
            table = top.table("families", required=False)
            for name in table.content:
                try:
                    self.names[name] = compile_family(table.texts(name), self.fold, self.names)
                except BadPattern as bad:
                    table.note("bad-expression", name, str(bad), "see docs/how-to/teach-it-to-read-notices.md")

    def _time(self) -> str:
        named = "|".join(re.escape(name) for name in sorted(self.numbers, key=len, reverse=True))
        units = "|".join(re.escape(name) for name in sorted(self.units, key=len, reverse=True)) or "(?!)"
        number = rf"(?:(?<!\d)\d{{1,4}}{rf'|(?<![a-z])(?:{named})' if named else ''})"
        return rf"{number}(?:[\s\-]{{0,2}}\(\d{{1,4}}\))?[\s\-]{{0,2}}(?:[a-z]{{2,9}}[\s\-]{{1,2}}){{0,2}}?(?:{units})[a-z]{{0,2}}"

    def _day(self) -> str:
        months = "|".join(re.escape(name) for name in sorted(self.months, key=len, reverse=True)) or "(?!)"
        ordinal = r"\d{1,2}(?:st|nd|rd|th)?"
        year = r"(?:[\s,]{1,2}\d{4})?"
        named = rf"(?:{months})[a-z]{{0,6}}\.?\s{ordinal}{year}(?!\d)|(?<!\d){ordinal}(?:\sof)?\s(?:{months})[a-z]{{0,6}}\.?{year}(?!\d)"
        chinese = r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]"
        return rf"(?:{named}|{_NUMBERED_DATE}|{chinese})"

    def _phrases(self, kind: str) -> dict[str, Phrases]:
        found: dict[str, Phrases] = {}
        for top in self.tables:
            for code, table in top.tables(kind, required=False).items():
                if kind in CODED and code not in self.meanings[kind]:
                    top.note("unknown-code", f"{kind}.{code}", "is no code of the rules", nearest(code, self.meanings[kind]))
                one = {key: self._patterns(table, key) for key in _LISTS}
                have = found.get(code, Phrases())
                found[code] = Phrases(**{key: getattr(have, key) + one[key] for key in _LISTS})
                table.close()
        return found

    def _list(self, key: str) -> tuple[Pattern, ...]:
        return tuple(pattern for table in self.tables for pattern in self._patterns(table, key))

    def _patterns(self, table: Table, key: str) -> tuple[Pattern, ...]:
        found = []
        for written in table.texts(key, required=False):
            try:
                found.append(compile_pattern(written, self.fold, self.names))
            except BadPattern as bad:
                table.note("bad-expression", key, f"'{written}': {bad}", "see docs/how-to/teach-it-to-read-notices.md")
        return tuple(found)


def texts_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Every text in a parsed file, by its path; for checks over word lists as they are written."""
    found: dict[str, str] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{inner}": text for inner, text in texts_of(value).items()}
        elif isinstance(value, list):
            found |= {f"{key}[{number}]": text for number, text in enumerate(value, 1) if isinstance(text, str)}
        elif isinstance(value, str):
            found[key] = value
    return found
