"""Moments as people type them on the command line: a day, or a day and a time, UTC unless an offset is given."""

from datetime import UTC, datetime

import click

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z"])
"""The type of an option that takes a moment."""


def in_utc(moment: datetime | None) -> datetime:
    """The moment that was typed, with its zone; now where none was."""
    if moment is None:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
