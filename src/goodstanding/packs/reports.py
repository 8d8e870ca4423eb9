"""How a marketplace writes its reports to sellers: the files of a pack's folder `reports`, apart from the policy, which they cannot change."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.tables import Problems, Table
from goodstanding.packs.loader import find_pack, read_file

_SHIPPED = Path(__file__).parent / "amazon" / "reports"


@dataclass(frozen=True, slots=True)
class RateForm:
    """Where a rate's counts stand in the report, as dotted keys. `only`: the stores that have it; none named: all."""

    rule: str
    numerator: str
    denominator: str
    parts: tuple[str, ...] = ()
    fulfilment: str = ""
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthForm:
    """How the report on an account's health is written. `aliases`: other spellings of fields; `conditions`: word -> operator of a target."""

    stores: Mapping[str, str]
    channels: Mapping[str, str]
    aliases: Mapping[str, str]
    statuses: Mapping[str, str]
    conditions: Mapping[str, str]
    rates: Mapping[str, RateForm]
    counts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TableForm:
    """One kind of flat file: it is one where all of `known_by` are among its columns. `columns`: meaning -> headings it is met under."""

    name: str
    known_by: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TableForms:
    """All kinds of flat files, in the order in which they are tried, and the words that cells of some columns use: column -> word -> meaning."""

    tables: tuple[TableForm, ...]
    words: Mapping[str, Mapping[str, str]]


def load_health_form(pack: str = "amazon") -> HealthForm:
    """The form of a pack's health report; Amazon's where the pack brings none. Raises InvalidPack with every mistake."""
    return _health_form(_path(pack, "health.toml"))


def load_table_forms(pack: str = "amazon") -> TableForms:
    """The forms of a pack's flat files; Amazon's where the pack brings none. Raises InvalidPack with every mistake."""
    return _table_forms(_path(pack, "tables.toml"))


def _path(pack: str, name: str) -> Path:
    own = find_pack(pack).parent / "reports" / name
    return own if own.is_file() else _SHIPPED / name


def _opened(path: Path) -> tuple[Table, Problems]:
    file = read_file(path, f"reports/{path.name}")
    problems = Problems([file])
    top = Table(file.content, "", problems)
    top.text("source")
    top.day("as_of")
    return top, problems


def _closed(path: Path, top: Table, problems: Problems) -> None:
    top.close()
    if problems.findings:
        raise InvalidPack(path.name, problems.findings)


def _texts(table: Table) -> dict[str, str]:
    found = {key: table.text(key) for key in table.content}
    table.close()
    return found


@cache
def _health_form(path: Path) -> HealthForm:
    top, problems = _opened(path)
    counts = {}
    for name, table in top.tables("counts").items():
        counts[name] = table.texts("reasons", required=False)
        table.close()
    form = HealthForm(
        stores=_texts(top.table("stores")),
        channels=_texts(top.table("channels")),
        aliases=_texts(top.table("aliases")),
        statuses=_texts(top.table("statuses")),
        conditions=_texts(top.table("conditions")),
        rates={name: _rate(table) for name, table in top.tables("rates").items()},
        counts=counts,
    )
    _closed(path, top, problems)
    return form


def _rate(table: Table) -> RateForm:
    form = RateForm(
        table.text("rule"),
        table.text("numerator"),
        table.text("denominator"),
        table.texts("parts", required=False),
        table.text("fulfilment", ""),
        table.texts("only", required=False),
    )
    table.close()
    return form


@cache
def _table_forms(path: Path) -> TableForms:
    top, problems = _opened(path)
    tables = []
    for name, table in top.tables("tables").items():
        columns = table.table("columns")
        tables.append(TableForm(name, table.texts("known_by"), {meaning: columns.texts(meaning) for meaning in columns.content}))
        table.close()
    words = {column: _texts(table) for column, table in top.tables("words").items()}
    _closed(path, top, problems)
    return TableForms(tuple(tables), words)
