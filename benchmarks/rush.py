"""Whether a known bad time shows as a time cause for the real sellers it hit.

    python -m benchmarks.rush

Reads the Olist data (GOODSTANDING_DATA, default ../shared/data), which is no part of this project. On 24 November 2017 Olist had by far its most
orders of a day; in the two weeks after, much was shipped late. Looked at are all sellers whose 30-day late shipment rate misses 4 % on 10
December 2017 on at least 26 shipments. A seller was *hit* where at least 5 shipments were late from 24 November to 7 December, more than blind
chance would put there in one of 100 sellers (the exact test on these days against its other days of the 60 compared; no correction, for only
these days are asked about); *shown* where the first cause is a run of days that shares a day with that time.
"""

import os
import sys
from datetime import date
from math import log
from pathlib import Path

from goodstanding.core.appeals.diagnosis.exact import log_tail
from goodstanding.core.appeals.diagnosis.gathering import gather
from goodstanding.core.appeals.diagnosis.model import Diagnosis
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.account import KINDS_READ, AccountRecords, read_accounts
from goodstanding.engines.base import FactSource
from goodstanding.engines.diagnosing import Asked, diagnose_records
from goodstanding.engines.loading import open_facts
from goodstanding.packs.loader import load_pack

AS_OF, FIRST, LAST = date(2017, 12, 10), date(2017, 11, 24), date(2017, 12, 7)
METRIC = "late_shipment_rate_30d"
LEAST_LATE, ONE_IN = 5, 100
EXAMPLE = Path("examples/olist")


def main() -> int:
    """Print one line a seller and the sums; 1 where fewer than half of those hit show the time, 2 without the data."""
    data = Path(os.environ.get("GOODSTANDING_DATA", "../shared/data")) / "olist"
    if not data.is_dir():
        print(f"no real data: {data} is not there; set GOODSTANDING_DATA to the folder that holds it")
        return 2
    pack = load_pack(str(EXAMPLE / "pack.toml"))
    assert pack.diagnosis is not None
    con, _ = open_facts(FactSource(data, EXAMPLE), kinds=KINDS_READ)
    with con:
        shipped = "SELECT account_id FROM facts.orders WHERE shipped_at_day BETWEEN ? AND ? GROUP BY account_id HAVING count(*) >= 26"
        ids = [row[0] for row in con.execute(shipped, [date(2017, 11, 11), AS_OF]).fetchall()]
        records = read_accounts(con, ids, pack.diagnosis.dimensions)
    breached = hit = shown = 0
    for account in sorted(records):
        told = diagnose_records(records[account], pack, Asked(account, metric=METRIC), AS_OF)
        if told.met is not False:
            continue
        was_hit, is_shown = _was_hit(pack, records[account]), _is_shown(told)
        breached, hit, shown = breached + 1, hit + was_hit, shown + (was_hit and is_shown)
        cause = told.causes[0] if told.causes else None
        named = f"{cause.dimension} {cause.value or ''} {cause.first} to {cause.last}: {cause.defects} of {cause.orders}" if cause else "nothing"
        print(f"{account[:8]}  {told.numerator} of {told.denominator} late  {'hit' if was_hit else '   '}  named: {named}")
    print(f"{breached} sellers miss the target; {hit} were hit beyond chance, of which {shown} show the time as their first cause")
    return int(2 * shown < hit)


def _was_hit(pack: PolicyPack, records: AccountRecords) -> bool:
    rules = pack.diagnosis
    assert rules is not None
    items = gather(pack.metrics[METRIC], records.facts, records.background, rules, AS_OF, None).items
    inside = [item for item in items if FIRST <= item.days["shipped_at"] <= LAST]
    bad, bad_inside = sum(item.is_bad for item in items), sum(item.is_bad for item in inside)
    return bad_inside >= LEAST_LATE and log_tail(bad_inside, len(inside), bad, len(items)) <= -log(ONE_IN)


def _is_shown(told: Diagnosis) -> bool:
    return any(cause.kind == "span" and cause.first <= LAST and cause.last >= FIRST for cause in told.causes[:1])


if __name__ == "__main__":
    sys.exit(main())
