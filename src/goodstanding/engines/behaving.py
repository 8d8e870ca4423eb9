"""Behaviour out of line at scale: DuckDB leaves the few accounts that may have some, `core.health.behaviour` decides.

Each sieve is wider than the rule behind it, so what it leaves out the rule would leave alone too.
"""

# ruff: noqa: S608 - names come from the tables below and from the pack's rules, values are numbers of the pack or parameters

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

import duckdb
import pyarrow as pa

from goodstanding.core.facts import KINDS
from goodstanding.core.health.behaviour import Alarm, Tally, Visit, share_alarms, surge_alarms, travel_alarms
from goodstanding.core.health.violations import AlarmSpan, alarm_spans
from goodstanding.core.health.watched import SUBJECTS
from goodstanding.core.policy.pack import PolicyPack, Share, Surge, Travel, Watch
from goodstanding.core.terms import BehaviourRule
from goodstanding.engines.statements import sql, template

HALF_ROUND_EARTH_KM = 20_100
_BY_ACCOUNT = itemgetter(0)

_FIRST_VERSIONS = """
SELECT f.* EXCLUDE (known_to), greatest(f.{own}_day, f.known_from) AS known
FROM {table} f LEFT JOIN (
    SELECT {key}, min(known_from) AS first_known FROM {table}
    WHERE known_from < known_to AND ({key}) IN (SELECT ({key}) FROM {table} WHERE known_to < DATE '9999-12-31')
    GROUP BY {key}
) c USING ({key})
WHERE f.known_from < f.known_to AND f.caused_by IS NULL AND (c.first_known IS NULL OR c.first_known = f.known_from)
"""

# account_id, subject_id, day, known, value, grp
_ONE_EACH = "SELECT account_id, {key} AS subject_id, at_day AS day, known, 1 AS value, '' AS grp FROM ({first}) WHERE {kept}"
_ORDERS = (
    "SELECT {who} AS account_id, order_id AS subject_id, placed_at_day AS day, known, {value} AS value, {group} AS grp FROM ({first}) WHERE {kept}"
)
_ABROAD = """
SELECT o.buyer_id AS account_id, o.order_id AS subject_id, o.placed_at_day AS day, o.known, 1 AS value, '' AS grp
FROM ({first}) o JOIN sums.holders h ON h.account_id = o.buyer_id AND h.from_day <= o.known AND o.known < h.to_day
WHERE o.marketplace <> h.marketplace
"""


def add_behaviour(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> None:
    """Add to `sums.spells` the violations that the pack's watches see up to the end of `last`."""
    for watch in pack.watches.values():
        if isinstance(watch, Travel):
            alarms = dict(_travels(con, watch, last))
        else:
            assert isinstance(watch, Surge | Share), "there are three kinds of watches"
            if watch.rule in _ORDER_RULES:
                _sieve_orders(con, watch)
            con.execute(f"CREATE OR REPLACE TEMP VIEW deeds AS {_deeds(watch)}")
            alarms = dict(_surges(con, watch, last) if isinstance(watch, Surge) else _shares(con, watch, last))
            alarms = _with_items(con, alarms)
        _add(con, pack, watch, alarms, last)


def _first_versions(kind: str) -> str:
    table = "suspect_orders" if kind == "orders" else f"facts.{kind}"
    return _FIRST_VERSIONS.format(table=table, key=", ".join(KINDS[kind].key), own=KINDS[kind].own_time)


def _one_each(kind: str, kept: str = "TRUE") -> str:
    return _ONE_EACH.format(key=KINDS[kind].key[0], first=_first_versions(kind), kept=kept)


@dataclass(frozen=True, slots=True)
class _OrderRule:
    """Whose orders a rule counts, and what each adds to which group."""

    who: str = "buyer_id"
    value: str = "1"
    group: str = "''"

    @property
    def deeds(self) -> str:
        """The SQL of what is counted."""
        kept = f"{self.who} IS NOT NULL AND {self.value} IS NOT NULL"
        return _ORDERS.format(who=self.who, value=self.value, group=self.group, first=_first_versions("orders"), kept=kept)


_RECEIVED = _OrderRule("account_id")
_ORDER_RULES: Mapping[BehaviourRule, _OrderRule] = {
    BehaviourRule.ORDERS_RECEIVED: _RECEIVED,
    BehaviourRule.PURCHASES: _OrderRule(),
    BehaviourRule.PURCHASES_ABROAD: _OrderRule(),
    BehaviourRule.UNITS_BOUGHT: _OrderRule(value="coalesce(units, 1)"),
    BehaviourRule.AMOUNT_SPENT: _OrderRule(value="floor(amount)::BIGINT", group="coalesce(currency, '')"),
}


def _sieve_orders(con: duckdb.DuckDBPyConnection, watch: Watch) -> None:
    """Make `suspect_orders`: all versions of the orders of the accounts that the watch may strike."""
    assert isinstance(watch, Surge), "orders are counted day by day"
    rule = _ORDER_RULES[watch.rule]
    sieve = template("behaviour_order_sieve").substitute(
        who=rule.who,
        value=rule.value,
        group=rule.group,
        minimum=_minimum(watch),
        history=watch.history_days,
        least=watch.least_history_days if watch.rule is not BehaviourRule.PURCHASES_ABROAD else 0,
        # Which orders go abroad is not known yet, so their mean is not either.
        times=watch.times if watch.rule is not BehaviourRule.PURCHASES_ABROAD else 0,
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE suspects AS {sieve}")
    # Of a corrected order all versions are kept, or one with another buyer would pass for the first.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE suspect_orders AS SELECT * FROM sums.orders WHERE hash({rule.who}) IN (SELECT h FROM suspects) "
        "OR order_id IN (SELECT order_id FROM facts.orders WHERE known_to < DATE '9999-12-31')"
    )


def _minimum(watch: Surge) -> int:
    return min([watch.minimum, *watch.minimums.values()])


def _deeds(watch: Watch) -> str:
    """The SQL of what a watch counts: `core.health.watched.DEEDS`, for all accounts."""
    sent = "direction = 'to_buyer'"
    match watch.rule:
        case BehaviourRule.MESSAGES_TO_BUYERS | BehaviourRule.MESSAGES_PER_ORDER:
            return _one_each("messages", sent)
        case BehaviourRule.OFF_TOPIC_MESSAGES:
            assert isinstance(watch, Share), "off-topic messages are a share of all"
            topics = ", ".join("'" + topic.replace("'", "''") + "'" for topic in sorted(watch.topics)) or "NULL"
            return _one_each("messages", f"{sent} AND topic IN ({topics})")
        case BehaviourRule.LISTING_CHANGES:
            return _one_each("listing_changes")
        case BehaviourRule.COMPLAINTS_RECEIVED:
            return _one_each("complaints", "coalesce(source, 'buyer') = 'buyer'")
        case BehaviourRule.PURCHASES_ABROAD:
            return _ABROAD.format(first=_first_versions("orders"))
        case _:
            return _ORDER_RULES[watch.rule].deeds


Found = Iterator[tuple[str, list[Alarm]]]


def _surges(con: duckdb.DuckDBPyConnection, watch: Surge, last: date) -> Found:
    numbers = {
        "last": last,
        "minimum": _minimum(watch),
        "history": watch.history_days,
        "least": watch.least_history_days,
        "times": watch.times,
    }
    rows = con.execute(sql("behaviour_surges"), numbers).fetchall()
    for account, tallies in groupby(rows, _BY_ACCOUNT):
        if alarms := surge_alarms(watch, (Tally(*tally) for _, *tally in tallies)):
            yield account, alarms


def _shares(con: duckdb.DuckDBPyConnection, watch: Share, last: date) -> Found:
    whole = _one_each("messages", "direction = 'to_buyer'")
    if watch.rule is BehaviourRule.MESSAGES_PER_ORDER:
        busy = f"SELECT account_id FROM deeds GROUP BY account_id HAVING count(*) >= {watch.minimum}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE suspect_orders AS SELECT * FROM sums.orders WHERE account_id IN ({busy})")
        whole = _RECEIVED.deeds
    con.execute(f"CREATE OR REPLACE TEMP VIEW whole AS {whole}")
    rows = con.execute(sql("behaviour_shares"), {"last": last, "minimum": watch.minimum}).fetchall()
    for account, tallies in groupby(rows, _BY_ACCOUNT):
        both = [(is_part, Tally(*tally)) for _, is_part, *tally in tallies]
        if alarms := share_alarms(watch, [tally for is_part, tally in both if is_part], [tally for is_part, tally in both if not is_part]):
            yield account, alarms


def _travels(con: duckdb.DuckDBPyConnection, watch: Travel, last: date) -> Found:
    con.execute(f"CREATE OR REPLACE TEMP VIEW visits AS {_first_versions('sign_ins')}")
    longest = timedelta(hours=HALF_ROUND_EARTH_KM / watch.fastest_kmh)
    rows = con.execute(sql("behaviour_travels"), {"last": last, "longest": longest}).fetchall()
    for account, visits in groupby(rows, _BY_ACCOUNT):
        if alarms := travel_alarms(watch, (Visit(*visit) for _, *visit in visits)):
            yield account, alarms


def _with_items(con: duckdb.DuckDBPyConnection, alarms: Mapping[str, list[Alarm]]) -> dict[str, list[Alarm]]:
    """The alarms with the ids of what they are about, from the view `deeds`."""
    flat = [(account, alarm) for account, own in alarms.items() for alarm in own]
    if not flat:
        return {}
    table = {
        "number": pa.array(range(len(flat)), pa.int64()),
        "account_id": pa.array([account for account, _ in flat], pa.string()),
        "first": pa.array([alarm.first for _, alarm in flat], pa.date32()),
        "last": pa.array([alarm.last for _, alarm in flat], pa.date32()),
        "known": pa.array([alarm.known for _, alarm in flat], pa.date32()),
        "grp": pa.array([alarm.group for _, alarm in flat], pa.string()),
    }
    con.register("alarms", pa.table(table))
    ids = dict(
        con.execute(
            "SELECT a.number, list(DISTINCT d.subject_id ORDER BY d.subject_id) FROM deeds d JOIN alarms a ON d.account_id = a.account_id "
            "AND d.day BETWEEN a.first AND a.last AND d.known <= a.known AND d.grp = a.grp GROUP BY a.number"
        ).fetchall()
    )
    con.unregister("alarms")
    complete: dict[str, list[Alarm]] = {}
    for number, (account, alarm) in enumerate(flat):
        whole = Alarm(alarm.known, alarm.first, alarm.last, alarm.group, alarm.explanation, tuple(ids.get(number, ())))
        complete.setdefault(account, []).append(whole)
    return complete


@dataclass(frozen=True, slots=True)
class _Struck:
    account_id: str
    span: AlarmSpan


def _add(con: duckdb.DuckDBPyConnection, pack: PolicyPack, watch: Watch, alarms: Mapping[str, list[Alarm]], last: date) -> None:
    struck = [_Struck(account, span) for account, own in alarms.items() for span in alarm_spans(own, watch.recover_days, last)]
    if not struck:
        return
    con.register("struck", _rows(struck, watch, last))
    reason = pack.reasons[watch.reason]
    con.execute(
        """
        INSERT INTO sums.spells BY NAME
        SELECT s.*, $reason AS reason, $origin AS origin, $kind AS subject_kind, $points::INTEGER AS points, $critical AS critical
        FROM struck s LEFT JOIN sums.holders h ON h.account_id = s.account_id AND h.from_day <= s.opened AND s.opened < h.to_day
        WHERE coalesce(h.holder_kind, 'seller') = $holder
        """,
        {
            "reason": reason.code,
            "origin": watch.name,
            "kind": SUBJECTS[watch.rule],
            "points": pack.rating.points[reason.severity],
            "critical": reason.severity == "critical",
            "holder": str(reason.holder_kind),
        },
    )
    con.unregister("struck")


def _rows(struck: Iterable[_Struck], watch: Watch, last: date) -> pa.Table:
    spans = list(struck)
    opened = [one.span.opened for one in spans]
    # A span that is not over yet ends after the last day in any case, so any later day will do.
    ends = [one.span.closed or last + timedelta(days=1 + watch.recover_days) for one in spans]
    return pa.table(
        {
            "account_id": pa.array([one.account_id for one in spans], pa.string()),
            "opened": pa.array(opened, pa.date32()),
            "from_day": pa.array(opened, pa.date32()),
            "to_day": pa.array(ends, pa.date32()),
            "known_from": pa.array(opened, pa.date32()),
            "subject_ids": pa.array([sorted({id for alarm in one.span.alarms for id in alarm.ids}) for one in spans], pa.list_(pa.string())),
            "explanation": pa.array([one.span.alarms[0].explanation for one in spans], pa.string()),
        }
    )
