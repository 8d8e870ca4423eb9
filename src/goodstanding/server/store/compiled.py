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

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import CharField, DateTimeField, ForeignKey, Model, QuerySet, TextField
from django.db.models.base import ModelState
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]
from django.db.models.sql import UpdateQuery

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
        database = connections[DEFAULT_DB_ALIAS]
        if database.vendor != "postgresql":
            return list(self.make(**values))
        plan = self._plan = self._plan or self._compile()
        return [_read(plan, list(row), database) for row in _executed(database, plan.sql, _given(plan.params, values)).fetchall()]

    def _compile(self) -> _Plan:
        marks = _marks(self.texts, self.moments)
        compiler = self.make(**marks).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        converters = compiler.get_converters([column for column, *_ in select])
        return _Plan(
            sql,
            _places(params, marks),
            info["model"],
            [column.target.attname for column, *_ in select[first:last]],
            slice(first, last),
            [(place, how, column) for place, (how, column) in converters.items()],
            get_related_populators(info, select, connection.alias),
            compiler.annotation_col_map or {},
        )


class Change:
    """A change of all rows that a query finds: `make` gives the query and the columns' new values, for named values as in `Query`."""

    def __init__(self, make: Callable[..., tuple[QuerySet[Any], Mapping[str, object]]], *, texts: Sequence[str], moments: Sequence[str]) -> None:
        self.make, self.texts, self.moments = make, texts, moments
        self._plan: tuple[str, Sequence[tuple[str | None, object]]] | None = None

    def __call__(self, **values: object) -> int:
        """Change the rows for these values; gives how many there were."""
        database = connections[DEFAULT_DB_ALIAS]
        if database.vendor != "postgresql":
            rows, columns = self.make(**values)
            return rows.update(**columns)
        sql, places = self._plan = self._plan or self._compile()
        done: int = _executed(database, sql, _given(places, values)).rowcount
        return done

    def _compile(self) -> tuple[str, Sequence[tuple[str | None, object]]]:
        marks = _marks(self.texts, self.moments)
        rows, columns = self.make(**marks)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(columns)
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, _places(params, marks)


def _marks(texts: Sequence[str], moments: Sequence[str]) -> dict[str, object]:
    """For each name something that is found again among the values of a query."""
    # Any moments will do, as long as no query has them as a value of its own.
    when: dict[str, object] = {name: datetime(1900, 1, 1, 0, 0, 0, number, UTC) for number, name in enumerate(moments, 1)}
    return {name: _Text(f"<{name}>") for name in texts} | when


def _places(params: Sequence[object], marks: Mapping[str, object]) -> Sequence[tuple[str | None, object]]:
    """Where the named values go, and those that never change."""
    found = [(next((name for name, mark in marks.items() if mark is value), None), value) for value in params]
    if missing := marks.keys() - {name for name, _ in found}:
        raise TypeError(f"the query has no place for {', '.join(sorted(missing))}")
    return found


def _given(places: Sequence[tuple[str | None, object]], values: Mapping[str, object]) -> list[object]:
    return [fixed if name is None else values[name] for name, fixed in places]


Made = TypeVar("Made", bound=Model)


def new(model: type[Made], **values: object) -> Made:
    """A new row as `model(**values)` makes it, for rows that are made by the dozen; foreign keys are given by their column, like `case_id`."""
    fixed, made = _defaults(model)
    columns = fixed | {name: make() for name, make in made.items()} | values
    if len(columns) > len(fixed) + len(made):
        raise TypeError(f"{model.__name__} has no column {', '.join(sorted(columns.keys() - fixed.keys() - made.keys()))}")
    row: Made = _row(model, columns)
    row._state.adding, row._state.db = True, None
    return row


@lru_cache(maxsize=100)
def _defaults(model: type[Model]) -> tuple[dict[str, object], dict[str, Callable[[], object]]]:
    """What each column has where nothing is given: the same for all rows, or made for each."""
    fields = model._meta.concrete_fields
    fixed = {field.attname: field.get_default() for field in fields if not callable(field.default)}
    return fixed, {field.attname: field.get_default for field in fields if callable(field.default)}


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Insert new rows of one model, in order; each then has its key, also one that the database numbers (not where conflicts are ignored)."""
    if not rows:
        return
    model, database = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql" or len(rows) > MOST_AT_ONCE:
        model._default_manager.bulk_create(rows, ignore_conflicts=ignore_conflicts)
        return
    sql, columns, numbered = _insertion(model, len(rows), ignore_conflicts)
    done = _executed(database, sql, [column.prepared(row, database) for row in rows for column in columns])
    keys: Iterable[tuple[Any, ...]] = done.fetchall() if numbered else ()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, fields: Sequence[str]) -> None:
    """Write fields of one row by its key. Raises LookupError where it is not there."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        row.save(update_fields=fields)
        return
    sql, columns = _change(type(row), tuple(fields))
    if _executed(database, sql, [column.prepared(row, database) for column in columns]).rowcount != 1:
        raise LookupError(f"{type(row).__name__} {row.pk} is not there")


def _executed(database: Any, sql: str, params: Sequence[object]) -> Any:
    """The cursor of psycopg after a statement. Its rows must be fetched before the statement comes again.

    A connection keeps one for each statement: a new one has to learn anew how each type of value is written and read.
    """
    if database.queries_logged:  # for a while, by a cursor that writes down what it is given
        cursor = database.cursor()
    else:
        kept = vars(database).setdefault("cursors_of_compiled_statements", {})
        cursor = kept.get(sql)
        if cursor is None or cursor.cursor.connection is not database.connection:
            cursor = kept[sql] = database.cursor()
    cursor.execute(sql, params)
    return cursor.cursor


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is written. The field prepares its values, but for texts and moments that the database takes as they are."""

    field: Any
    name: str
    is_text: bool
    is_moment: bool

    def prepared(self, row: Model, database: Any) -> Any:
        """What a row has there, as the database takes it."""
        value = getattr(row, self.name)
        if value is None or (self.is_text and isinstance(value, str)) or (self.is_moment and isinstance(value, datetime) and value.tzinfo):
            return value
        return self.field.get_db_prep_save(value, database)


def _column(field: Any) -> _Column:
    kind = field
    while isinstance(kind, ForeignKey):
        kind = kind.target_field
    return _Column(field, field.attname, isinstance(kind, CharField | TextField), isinstance(kind, DateTimeField))


def _read(plan: _Plan, values: list[Any], database: Any) -> Any:
    for place, how, column in plan.converters:
        for convert in how:
            values[place] = convert(values[place], column, database)
    row = _row(plan.model, dict(zip(plan.names, values[plan.columns], strict=True)))
    for related in plan.related:
        _populate(related, values, row)
    for name, place in plan.annotations.items():
        setattr(row, name, values[place])
    return row


def _row(model: type[Model], columns: Mapping[str, object]) -> Any:
    """A row as `Model.from_db` makes it, but without asking each field and every listener of signals, of which there are none."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    row.__dict__.update(columns)
    return row


def _populate(related: Any, values: list[Any], row: Any) -> None:
    """Put the row that was read along with another into its place, as Django's `RelatedPopulator` does."""
    own = related.reorder_for_init(values) if related.reorder_for_init else values[related.cols_start : related.cols_end]
    other = None if own[related.pk_idx] is None else _row(related.model_cls, dict(zip(related.init_list, own, strict=True)))
    related.local_setter(row, other)
    if other is not None:
        related.remote_setter(other, row)
        for further in related.related_populators:
            _populate(further, values, other)


@lru_cache(maxsize=500)
def _insertion(model: type[Model], rows: int, ignore_conflicts: bool) -> tuple[str, list[_Column], bool]:
    """The statement, the fields whose values it takes for each row, and whether it gives keys."""
    quote, key = connection.ops.quote_name, _key(model)
    fields = [field for field in model._meta.local_concrete_fields if not (key.db_returning and field.primary_key)]
    names, one = ", ".join(quote(str(field.column)) for field in fields), f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - names of the models
    columns = [_column(field) for field in fields]
    if ignore_conflicts:
        return f"{sql} ON CONFLICT DO NOTHING", columns, False
    return (f"{sql} RETURNING {quote(key.column)}" if key.db_returning else sql), columns, key.db_returning


@lru_cache(maxsize=500)
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[_Column]]:
    """The statement, and the fields whose values it takes, the key last."""
    quote, key = connection.ops.quote_name, _key(model)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s", [_column(field) for field in [*fields, key]]  # noqa: S608 - as above


def _key(model: type[Model]) -> Any:
    key: Any = model._meta.pk
    return key
