"""The SQL files of `sql/`, with their `$names` filled in."""

from collections.abc import Iterable
from functools import cache
from importlib import resources
from string import Template


@cache
def template(name: str) -> Template:
    """One file as it is written; its `$names` stand for SQL."""
    return Template(resources.files("goodstanding.engines").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8"))


class Raw(str):
    """A piece of SQL that goes into a file as it is: the name of a relation or a condition of our own."""

    __slots__ = ()


def sql(name: str, **values: object) -> str:
    """The SQL of one file with its `$names` filled in; words are quoted, lists become `'a', 'b'`."""
    return template(name).substitute({key: value if isinstance(value, Raw) else _literal(value) for key, value in values.items()})


def _literal(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    words = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [str(value)]
    return ", ".join("'" + str(word).replace("'", "''") + "'" for word in words)
