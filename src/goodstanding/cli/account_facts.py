"""The facts of one account, as `check` and `draft` take them from `--facts` and `--account`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from goodstanding.cli.assess import show_progress
from goodstanding.cli.diagnose import tell_findings
from goodstanding.core.appeals.checks.context import FactSummary
from goodstanding.core.appeals.checks.summary import summarise
from goodstanding.core.appeals.diagnosis.model import Diagnosis
from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.known import Days, account_on
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.account import AccountRecords
from goodstanding.engines.base import FactSource
from goodstanding.engines.diagnosing import Asked, diagnose_records, read_one


@dataclass(frozen=True, slots=True)
class OneAccount:
    """What the facts show of one account at the end of `as_of`."""

    records: AccountRecords
    as_of: date
    summary: FactSummary


def read_facts(pack: PolicyPack, facts: Path | None, mapping: Path | None, account: str | None, as_of: date | None) -> OneAccount | None:
    """The facts of the account that was named; None where no facts were given. Raises UnusableInput where one of the two is missing."""
    if facts is None and account is None:
        return None
    if facts is None or account is None:
        missing, given = ("--facts", "--account") if facts is None else ("--account", "--facts")
        raise UnusableInput(f"{given} needs {missing}: facts are held against the account that writes")
    with show_progress() as progress:
        records, last, findings = read_one(FactSource(facts, mapping), pack, account, progress)
    tell_findings(findings)
    day = as_of or last
    holder = account_on(records.facts, day, Days())
    zone = pack.zone(holder.marketplace) if holder else None
    return OneAccount(records, day, summarise(records.facts, pack, day, zone))


def diagnosis_of(pack: PolicyPack, one: OneAccount, reasons: tuple[str, ...]) -> Diagnosis | None:
    """What explains the first of the reasons that a metric is behind; None where none is."""
    judged = {metric.reason for metric in pack.metrics.values()}
    reason = next((code for code in reasons if code in judged), None)
    if reason is None or pack.diagnosis is None:
        return None
    return diagnose_records(one.records, pack, Asked(one.records.facts.account_id, one.as_of, reason=reason), one.as_of)
