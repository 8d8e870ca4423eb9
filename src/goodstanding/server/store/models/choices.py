"""Enumerations of the core as Django choices, and the fields that hold them."""

from enum import StrEnum
from typing import Any

from django.db import models


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """The members of an enumeration as (value, label)."""
    return [(member.value, member.value.replace("_", " ")) for member in kind]


def term(kind: type[StrEnum], **options: Any) -> "models.CharField[str, str]":
    """A column that holds one member of an enumeration, by its value; the database refuses others."""
    return models.CharField(max_length=40, choices=choices(kind), **options)


def term_constraint(column: str, kind: type[StrEnum], name: str, *, or_blank: bool = False) -> models.CheckConstraint:
    """The constraint that holds a column to an enumeration, also against writes that go past the code."""
    values = [member.value for member in kind] + ([""] if or_blank else [])
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": values}), name=name)
