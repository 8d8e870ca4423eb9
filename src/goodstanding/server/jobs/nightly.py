"""The nightly run: facts are assessed, what an engine found is taken in, and the pack says what follows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Max

from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind, FoundBy
from goodstanding.core.values import day_of
from goodstanding.engines import base, forecasting, rows
from goodstanding.engines.duckdb import assess_facts, last_order_day, unknown_reasons
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import relate
from goodstanding.server.jobs.behind import items_behind
from goodstanding.server.jobs.diagnosing import diagnose_violations
from goodstanding.server.jobs.items import snapshots
from goodstanding.server.jobs.relations import judged_violations, pairs_to_keep, struck_accounts
from goodstanding.server.services.actions import propose_actions
from goodstanding.server.services.assessments import record_assessment
from goodstanding.server.services.audit import erase_audit
from goodstanding.server.services.call import Call
from goodstanding.server.services.commitments import Followed, follow_commitments
from goodstanding.server.services.cures import cure_cases
from goodstanding.server.services.diagnoses import record_diagnoses, violations_to_diagnose
from goodstanding.server.services.enrollments import Reviewed, review_memberships
from goodstanding.server.services.factors import clear_sessions
from goodstanding.server.services.judgements import all_judgements
from goodstanding.server.services.metric_items import record_metric_items
from goodstanding.server.services.outlooks import Foretold, record_outlooks
from goodstanding.server.services.relations import record_relations
from goodstanding.server.services.releases import free_related
from goodstanding.server.services.retention import erase_due, erase_unsent
from goodstanding.server.services.standing import open_violations
from goodstanding.server.store.models import Assessment, EnforcementAction

STEPS = (
    "reading facts",
    "assessing",
    "looking ahead",
    "relating accounts",
    "recording",
    "proposing actions",
    "looking for causes",
    "following up",
)
FOREVER = date(9999, 12, 31)
_ACCOUNTS = "SELECT * FROM facts.accounts WHERE known_from <= $as_of AND known_to > $as_of"
_OWN = pa.schema(
    [
        ("action_id", pa.string()),
        ("account_id", pa.string()),
        ("kind", pa.string()),
        ("at_day", pa.date32()),
        ("lifted_at_day", pa.date32()),
        ("caused_by", pa.string()),
        ("known_from", pa.date32()),
        ("known_to", pa.date32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one nightly run came to.

    `findings`: fact rows that could not be used; `problems` says what they are. `members`: who joined and left the assurance programme;
    `followed`: cases on conditions that were looked at, and re-opened; `erased`: kinds of records whose time was over.
    """

    as_of: date
    accounts: int
    open_violations: int
    findings: int
    proposed: int
    in_force: int
    problems: tuple[Finding, ...]
    members: Reviewed = field(default_factory=Reviewed)
    followed: Followed = field(default_factory=Followed)
    erased: int = 0


class LastDay(rows.Collected):
    """A sink that keeps of the metrics each account's latest row only, since pages show no others; a block holds whole accounts."""

    def metrics(self, table: pa.Table) -> None:
        """Keep the latest row of each metric of each account."""
        plain = rows.plain([table], base.METRICS_SCHEMA)
        names = [name for name in plain.column_names if name not in ("account_id", "metric")]
        latest = plain.group_by(["account_id", "metric"], use_threads=False).aggregate([(name, "last", _KEEP_NULLS) for name in names])
        latest = latest.rename_columns({f"{name}_last": name for name in names})
        super().metrics(latest.select(base.METRICS_SCHEMA.names))


_KEEP_NULLS = pc.ScalarAggregateOptions(skip_nulls=False, min_count=0)


def run_assessment(*, call: Call, pack: PolicyPack, source: base.FactSource, as_of: date | None = None, progress: base.Progress | None = None) -> Run:
    """Assess a source up to a day (None: the last day with an order), record what came of it, and propose what the pack calls for.

    The first run takes in the rating's whole window as history, later ones what is new since; a second run of a day proposes nothing.
    Raises UnusableInput where the facts cannot be read, MissingFacts as `propose_actions` does.
    """
    tell = _teller(progress)
    tell(0)
    zones = {code: str(store.time_zone) for code, store in pack.marketplaces.items()}
    con, problems = open_facts(source, zones=zones, progress=progress)
    with con:
        last = as_of or last_order_day(con)
        tell(1)
        assessment = _assess(con, pack, source, last, problems, progress)
        tell(2)
        foretold = _foretell(con, pack, last, progress)
        tell(3)
        add_own_actions(con, pack)
        related, struck = relate(con, pack, last), struck_accounts(con, last)
        judged = judged_violations(related.violations, all_judgements())
        assessment = replace(assessment, violations=pa.concat_tables([assessment.violations, judged]))
        pairs = tuple(pairs_to_keep(con, pack, related, struck))
        items = snapshots(con, pack, assessment.violations, related.relations, last)
        behind = items_behind(con, pack, assessment.metrics, last)
        accounts: pa.Table = con.sql(_ACCOUNTS, params={"as_of": last}).to_arrow_table()
        tell(4)
        facts, mapping = str(source.folder), str(source.mapping or "")
        record_assessment(call=call, pack=pack, assessment=assessment, accounts=accounts, items=items, facts=facts, mapping=mapping)
        record_outlooks(call=call, foretold=foretold)
        record_metric_items(as_of=last, behind=behind)
        record_relations(pairs=pairs, struck=struck, as_of=last)
        free_related(call=call, pack=pack)
        tell(5)
        members = review_memberships(call=call, pack=pack, as_of=last)
        cure_cases(call=call, pack=pack)
        made = propose_actions(call=call, pack=pack, as_of=last)
        tell(6)
        record_diagnoses(call=call, as_of=last, found=diagnose_violations(con, pack, list(violations_to_diagnose()), last))
    tell(7)
    followed = follow_commitments(call=call, pack=pack, as_of=last)
    erased = erase_due(call=call, pack=pack)
    erase_unsent(call=call)
    erase_audit(call=call)
    clear_sessions(call=call)
    tell(len(STEPS))
    in_force = sum(action.effective_at is not None for action in made)
    return Run(
        last, len(accounts), open_violations().count(), len(assessment.findings), len(made), in_force, assessment.findings, members, followed, erased
    )


def _assess(
    con: duckdb.DuckDBPyConnection,
    pack: PolicyPack,
    source: base.FactSource,
    last: date,
    problems: tuple[Finding, ...],
    progress: base.Progress | None,
) -> base.Assessment:
    first, sink = _first_day(pack, source, last), LastDay()
    assess_facts(con, pack, sink, first, last, changes_only=True, progress=progress)
    return base.Assessment(first, last, *sink.tables(), (*problems, *unknown_reasons(con, pack)))


class StepsAhead(forecasting.Collected):
    """A sink that keeps of the forecasts the rows of ratings only; those of metrics are told by warnings."""

    def forecasts(self, table: pa.Table) -> None:
        """Keep the rows of ratings."""
        super().forecasts(table.filter(pc.equal(table["metric"], forecasting.RATING)))


def _foretell(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date, progress: base.Progress | None) -> Foretold:
    """As far as anything that is known now counts: the rating's window."""
    until, sink = last + timedelta(days=pack.rating.window_days), StepsAhead()
    forecasting.forecast_facts(con, pack, sink, last, until, progress=progress)
    return Foretold(last, until, sink.changes, sink.expected_violations, sink.early_warnings, sink.audits)


def add_own_actions(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> None:
    """Add what this server has done to accounts to the facts about actions, so that relations to accounts under our own enforcement count.

    An action that rests on relations alone is marked as caused by another one, as it would be by any other system: it spreads no further.
    """
    actions = EnforcementAction.objects.filter(kind__in=(ActionKind.DEACTIVATE, ActionKind.CLOSE), effective_at__isnull=False)
    own = [_as_fact(action, pack.zone(action.account.marketplace)) for action in actions.select_related("account").prefetch_related("violations")]
    if not own:
        return
    con.register("own", pa.Table.from_pylist(own, schema=_OWN))
    con.execute("CREATE TABLE facts.own_actions AS SELECT * FROM own")
    con.unregister("own")
    (kind,) = con.execute("SELECT table_type FROM information_schema.tables WHERE table_schema = 'facts' AND table_name = 'actions'").fetchone() or (
        "",
    )
    con.execute(f"ALTER {'VIEW' if kind == 'VIEW' else 'TABLE'} facts.actions RENAME TO told_actions")
    con.execute(
        "CREATE VIEW facts.actions AS SELECT * FROM facts.told_actions "
        "UNION ALL BY NAME SELECT * FROM facts.own_actions WHERE action_id NOT IN (SELECT action_id FROM facts.told_actions)"
    )


def _as_fact(action: EnforcementAction, zone: ZoneInfo) -> dict[str, object]:
    assert action.effective_at is not None, "only actions that took effect"
    until = action.lifted_at or action.ends_at
    by_relation = all(violation.found_by == FoundBy.RELATION for violation in action.violations.all())
    return {
        "action_id": action.action_id,
        "account_id": action.account_id,
        "kind": str(action.kind),
        "at_day": day_of(action.effective_at, zone),
        "lifted_at_day": day_of(until, zone) if until else None,
        "caused_by": action.rule if by_relation else None,
        "known_from": day_of(action.effective_at, zone),
        "known_to": FOREVER,
    }


def _first_day(pack: PolicyPack, source: base.FactSource, last: date) -> date:
    """From the day after the last run over these facts; at most as far back as pages and the assurance programme look."""
    start = last - timedelta(days=pack.rating.window_days - 1)
    if pack.assurance is not None:
        start = min(start, pack.assurance.period.first_day(last))
    before = Assessment.objects.filter(facts=str(source.folder)).aggregate(last=Max("as_of"))["last"]
    return start if before is None else min(last, max(start, before + timedelta(days=1)))


def _teller(progress: base.Progress | None) -> Callable[[int], None]:
    def tell(step: int) -> None:
        if progress is not None:
            progress(STEPS[min(step, len(STEPS) - 1)], step, len(STEPS))

    return tell
