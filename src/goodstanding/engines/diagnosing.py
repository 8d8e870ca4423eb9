"""From a folder of facts to the diagnosis of one account: read what bears on it, then the pure rules decide."""

from dataclasses import dataclass
from datetime import date

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose, metric_to_diagnose
from goodstanding.core.appeals.diagnosis.model import Diagnosis
from goodstanding.core.errors import Finding
from goodstanding.core.health.known import Days, account_on
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.account import KINDS_READ, AccountRecords, read_account
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.duckdb import last_order_day
from goodstanding.engines.loading import open_facts


@dataclass(frozen=True, slots=True)
class Asked:
    """Which metric of which account is to be explained, and as of which day (None: the last day with an order, the metric furthest over target)."""

    account_id: str
    as_of: date | None = None
    metric: str | None = None
    reason: str | None = None


def read_one(
    source: FactSource, pack: PolicyPack, account_id: str, progress: Progress | None = None
) -> tuple[AccountRecords, date, tuple[Finding, ...]]:
    """The facts of one account, the last day with an order of anybody, and what could not be used. Raises NotFound for an account without facts."""
    zones = {code: str(store.time_zone) for code, store in pack.marketplaces.items()}
    rules = pack.diagnosis
    columns = {*rules.dimensions, *rules.sign_in_dimensions} if rules else set()
    con, findings = open_facts(source, zones=zones, kinds=KINDS_READ, progress=progress)
    with con:
        return read_account(con, account_id, columns), last_order_day(con), findings


def diagnose_account(source: FactSource, pack: PolicyPack, asked: Asked, progress: Progress | None = None) -> tuple[Diagnosis, tuple[Finding, ...]]:
    """The diagnosis of one account of a folder of facts, and what could not be used of the facts."""
    records, last, findings = read_one(source, pack, asked.account_id, progress)
    return diagnose_records(records, pack, asked, asked.as_of or last), findings


def diagnose_records(records: AccountRecords, pack: PolicyPack, asked: Asked, as_of: date) -> Diagnosis:
    """The diagnosis of facts that were read before."""
    account = account_on(records.facts, as_of, Days())
    zone = pack.zone(account.marketplace) if account else None
    metric = metric_to_diagnose(pack, records.facts, as_of, zone, metric=asked.metric, reason=asked.reason)
    return diagnose(pack, metric, records.facts, as_of, zone, records.background)
