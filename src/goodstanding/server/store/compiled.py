"""Statements of the ORM whose SQL is made once in a process, for the few that every step of a case takes.

Django puts each query together anew: that takes ten times as long as PostgreSQL needs to answer it, and was two thirds of the time of a
decision (benchmarks/RESULTS.md). Here it puts it together once, with a mark for each value; later calls put their values in its place. What
is read and written is the ORM's word either way, so tables and columns are still named in the models only. On SQLite the ORM is asked each time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, JSONField, Model, QuerySet
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]

Row = TypeVar("Row", bound=Model)

MOST_AT_ONCE = 12
"""Rows that one compiled INSERT writes at most; there is one statement for each number of rows. More go the ORM's way."""


class _Text(str):
    """Stands for a text in a query that is put together."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query put together: what it asks, where values go (a name, or None for a value that never changes), and how a row is read."""

    sql: str
    params: Sequence[tuple[str | None, object]]
    model: type[Model]
    names: Sequence[str]
    columns: slice
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    related: Sequence[Any]
    annotations: Mapping[str, int]


class Query(Generic[Row]):
    """A query for rows of one model, with its `select_related` and annotations.

    `make` gives it for named values, each a text (`texts`) or a moment (`moments`). Not for a query that reads its values itself, as one with
    a list of them does.
    """

    def __init__(self, make: Callable[..., QuerySet[Row]], *, texts: Sequence[str] = (), moments: Sequence[str] = ()) -> None:
        self.make, self.texts, self.moments = make, texts, moments
        self._plan: _Plan | None = None

    def __call__(self, **values: object) -> list[Row]:
        """The rows for these values."""
        if connection.vendor != "postgresql":
            return list(self.make(**values))
        plan = self._plan = self._plan or self._compile()
        with connection.cursor() as cursor:
            given: list[Any] = [fixed if name is None else values[name] for name, fixed in plan.params]
            cursor.execute(plan.sql, given)
            return [_read(plan, list(row)) for row in cursor.fetchall()]

    def _compile(self) -> _Plan:
        marks: dict[str, object] = {name: _Text(f"<{name}>") for name in self.texts}
        # Any moments will do, as long as no query has them as a value of its own.
        marks |= {name: datetime(1900, 1, 1, 0, 0, 0, number, UTC) for number, name in enumerate(self.moments, 1)}
        compiler = self.make(**marks).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        found = [(next((name for name, mark in marks.items() if mark is value), None), value) for value in params]
        if missing := marks.keys() - {name for name, _ in found}:
            raise TypeError(f"the query has no place for {', '.join(sorted(missing))}")
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        converters = compiler.get_converters([column for column, *_ in select])
        return _Plan(
            sql,
            found,
            info["model"],
            [column.target.attname for column, *_ in select[first:last]],
            slice(first, last),
            [(place, how, column) for place, (how, column) in converters.items()],
            get_related_populators(info, select, connection.alias),
            compiler.annotation_col_map or {},
        )


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Insert new rows of one model, in order; each then has its key, also one that the database numbers (not where conflicts are ignored)."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql" or len(rows) > MOST_AT_ONCE:
        model._default_manager.bulk_create(rows, ignore_conflicts=ignore_conflicts)
        return
    sql, fields, numbered = _insertion(model, len(rows), ignore_conflicts)
    with connection.cursor() as cursor:
        cursor.execute(sql, [_prepared(row, field) for row in rows for field in fields])
        keys: Iterable[tuple[Any, ...]] = cursor.fetchall() if numbered else ()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update(row: Model, fields: Sequence[str]) -> None:
    """Write fields of one row by its key. Raises LookupError where it is not there."""
    if connection.vendor != "postgresql":
        row.save(update_fields=fields)
        return
    sql, columns = _change(type(row), tuple(fields))
    with connection.cursor() as cursor:
        cursor.execute(sql, [_prepared(row, column) for column in columns])
        if cursor.rowcount != 1:
            raise LookupError(f"{type(row).__name__} {row.pk} is not there")


def _prepared(row: Model, field: Any) -> Any:
    """What a row has in a field, as the database takes it; texts and nothing are taken as they are, but where JSON is made of them."""
    value = getattr(row, field.attname)
    if value is None or (isinstance(value, str) and not isinstance(field, JSONField)):
        return value
    return field.get_db_prep_save(value, connection)


def _read(plan: _Plan, values: list[Any]) -> Any:
    for place, how, column in plan.converters:
        for convert in how:
            values[place] = convert(values[place], column, connection)
    row: Any = plan.model.from_db(connection.alias, plan.names, values[plan.columns])
    for related in plan.related:
        related.populate(values, row)
    for name, place in plan.annotations.items():
        setattr(row, name, values[place])
    return row


@lru_cache(maxsize=500)
def _insertion(model: type[Model], rows: int, ignore_conflicts: bool) -> tuple[str, "list[Field[Any, Any]]", bool]:
    """The statement, the fields whose values it takes for each row, and whether it gives keys."""
    quote, key = connection.ops.quote_name, _key(model)
    fields = [field for field in model._meta.local_concrete_fields if not (key.db_returning and field.primary_key)]
    columns, one = ", ".join(quote(str(field.column)) for field in fields), f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - names of the models
    if ignore_conflicts:
        return f"{sql} ON CONFLICT DO NOTHING", fields, False
    return (f"{sql} RETURNING {quote(key.column)}" if key.db_returning else sql), fields, key.db_returning


@lru_cache(maxsize=500)
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, "list[Field[Any, Any]]"]:
    """The statement, and the fields whose values it takes, the key last."""
    quote, key = connection.ops.quote_name, _key(model)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s", [*fields, key]  # noqa: S608 - as above


def _key(model: type[Model]) -> Any:
    key: Any = model._meta.pk
    return key
