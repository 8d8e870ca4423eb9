"""How much a program may ask in a minute: by key and scope, and for facts by rows as well. Exact, however many processes answer.

One statement counts and decides, so two processes never both take the last place. What is refused does not count.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection

from goodstanding.core.errors import TooOften
from goodstanding.server.store.models import ApiKey

ROWS = "rows"
"""The quota of rows of facts, beside those of the scopes."""

MINUTE = 60

_COUNT = """
INSERT INTO store_quotause AS kept (key_id, what, minute, used) VALUES (%s, %s, %s, %s)
ON CONFLICT (key_id, what) DO UPDATE SET
    used = CASE WHEN kept.minute < excluded.minute THEN excluded.used ELSE kept.used + excluded.used END,
    minute = CASE WHEN kept.minute < excluded.minute THEN excluded.minute ELSE kept.minute END
WHERE kept.minute < excluded.minute OR kept.used + excluded.used <= %s
RETURNING used
"""
"""A process whose clock is behind counts into the minute that has begun elsewhere; it never opens an old one again."""

_UNHURRIED = "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
_COUNT_ON_POSTGRESQL = _UNHURRIED + _COUNT.replace("VALUES (%s, %s, %s, %s)", "SELECT %s::bigint, %s, %s::bigint, %s::bigint FROM unhurried")
"""Counting alone need not wait for the disk: a count that a power failure loses harms nobody, and asking is what programs do most."""


def use_quota(*, key: ApiKey, what: str, amount: int, now: datetime) -> None:
    """Count `amount` against a key's quota of this minute. Raises TooOften where that would be more than the setting allows.

    A quota of 0, or none, is no limit.
    """
    most = settings.API_QUOTAS.get(what, 0)
    if most == 0 or amount == 0:
        return
    minute, second = divmod(int(now.timestamp()), MINUTE)
    if amount > most:
        raise TooOften(f"{amount:,} {what} at once are more than a minute allows ({most:,}); send them in smaller parts", MINUTE - second)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ON_POSTGRESQL if connection.vendor == "postgresql" else _COUNT, [key.pk, what, minute, amount, most])
        counted = cursor.fetchone()
    if counted is None:
        unit = what if what == ROWS else f"requests with the scope {what}"
        raise TooOften(f"the key '{key.name}' has had its {most:,} {unit} of this minute; go on in {MINUTE - second} seconds", MINUTE - second)
