"""Accounts whose names, addresses and numbers are nearly equal: a profile that they share, found by `alike` and weighed like any other identifier."""

# ruff: noqa: S608 - names are ours, every value is a parameter

from datetime import date

import duckdb
import pyarrow as pa

from goodstanding.core.policy.pack import Linkage
from goodstanding.core.terms import IdentifierKind
from goodstanding.engines.alike import find_alike, groups_of

PROFILES = "links.profiles"
"""account_id, kind, value, first_seen, last_seen, as `linking.USES`; a profile is named after the first account that has it."""
# What a hub shares says nothing of a profile either: a warehouse's address is that of thousands.
_RECORDS = """
    WITH known AS (SELECT account_id, kind, value, last_seen FROM facts.identifiers
        WHERE known_from <= $as_of AND known_to > $as_of AND kind IN ('address', 'phone', 'email', 'tax_id')),
    hubs AS (SELECT kind, value FROM known GROUP BY ALL HAVING count(*) > $hub),
    told AS (SELECT account_id, kind, arg_max(value, coalesce(last_seen, TIMESTAMP '9999-12-31')) AS value FROM known ANTI JOIN hubs USING (kind, value) GROUP BY ALL),
    wide AS (SELECT account_id, max(value) FILTER (kind = 'address') AS address, max(value) FILTER (kind = 'phone') AS phone,
            max(value) FILTER (kind = 'email') AS email, max(value) FILTER (kind = 'tax_id') AS number FROM told GROUP BY ALL)
    SELECT account_id AS record_id, display_name AS name, address, coalesce(phone, emergency_phone) AS phone, coalesce(wide.email, a.email) AS email, number
    FROM facts.accounts AS a LEFT JOIN wide USING (account_id)
    WHERE known_from <= $as_of AND known_to > $as_of AND (display_name IS NOT NULL OR address IS NOT NULL)
"""


def find_profiles(con: duckdb.DuckDBPyConnection, linkage: Linkage, as_of: date) -> None:
    """Make `PROFILES` from what is known of accounts at the end of a day; used since the account was opened."""
    records = con.execute(_RECORDS, {"as_of": as_of, "hub": linkage.hub}).to_arrow_table()
    groups = groups_of(find_alike(records, linkage.alike_at / 100))
    con.register("links_groups", pa.table({"account_id": pa.array(list(groups), pa.string()), "value": pa.array(list(groups.values()), pa.string())}))
    con.execute(
        f"""CREATE OR REPLACE TABLE {PROFILES} AS SELECT account_id, '{IdentifierKind.PROFILE}' AS kind, value, opened_at AS first_seen, closed_at AS last_seen
        FROM links_groups JOIN facts.accounts USING (account_id) WHERE known_from <= $as_of AND known_to > $as_of""",
        {"as_of": as_of},
    )
    con.unregister("links_groups")
