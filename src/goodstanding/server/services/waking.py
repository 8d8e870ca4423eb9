"""Telling open pages that something about a case has changed: they look again, nothing is pushed."""

from django.db import connection

WAKE = "goodstanding_live"
"""The channel on which PostgreSQL tells listeners; the SQLite file is watched for commits instead."""


def wake(*, case_id: str) -> None:
    """Tell who listens, once this transaction is committed; where it is not, nobody hears anything."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [WAKE, case_id])
