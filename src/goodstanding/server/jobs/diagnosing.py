"""The night's look at why: a diagnosis and ticked tasks for every violation that an action rests on (requirements D2, E1)."""

from collections.abc import Iterator, Sequence
from datetime import date

import duckdb

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose
from goodstanding.core.appeals.tasks import subject_of_items, tick_tasks
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.account import AccountRecords, read_accounts
from goodstanding.server.services.diagnoses import Diagnosed
from goodstanding.server.store.models import Violation

ACCOUNTS_AT_ONCE = 200
"""Accounts whose facts are read in one pass over the tables and held in memory together."""


def diagnose_violations(con: duckdb.DuckDBPyConnection, pack: PolicyPack, violations: Sequence[Violation], as_of: date) -> dict[str, Diagnosed]:
    """Violation id -> what explains it and what of it is put right, from the tables `facts.*`. Accounts that the facts do not hold are left out."""
    rules = pack.diagnosis
    columns = {*rules.dimensions, *rules.sign_in_dimensions} if rules else set()
    found: dict[str, Diagnosed] = {}
    for block in _blocks(violations):
        records = read_accounts(con, {violation.account_id for violation in block}, columns)
        for violation in block:
            if violation.account_id in records and violation.reason in pack.reasons:
                found[violation.pk] = _look_at(pack, violation, records[violation.account_id], as_of)
    return found


def _blocks(violations: Sequence[Violation]) -> Iterator[list[Violation]]:
    """The violations of so many accounts at a time; they come in the order of their accounts."""
    block: list[Violation] = []
    accounts: set[str] = set()
    for violation in violations:
        if violation.account_id not in accounts and len(accounts) == ACCOUNTS_AT_ONCE:
            yield block
            block, accounts = [], set()
        block.append(violation)
        accounts.add(violation.account_id)
    if block:
        yield block


def _look_at(pack: PolicyPack, violation: Violation, records: AccountRecords, as_of: date) -> Diagnosed:
    zone, metric = pack.zone(violation.account.marketplace), pack.metrics.get(violation.metric)
    why = None
    if metric is not None and pack.diagnosis is not None:
        why = diagnose(pack, metric, records.facts, as_of, zone, records.background)
    subject = subject_of_items(violation.subject_kind, (str(item["id"]) for item in violation.items), violation.opened)
    return Diagnosed(why, tick_tasks(pack, pack.reasons[violation.reason], records.facts, subject, as_of, zone))
