"""Every engine gives what the rules in `core` give, to the integer: many accounts side by side, so that an engine slow to start is asked seldom (A6)."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from operator import itemgetter
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from goodstanding.core.health.known import AccountFacts, Days
from goodstanding.core.health.violations import behaviour_violations, violations
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import LateBy
from goodstanding.engines.duckdb import assess_facts
from goodstanding.engines.rows import Collected
from tests.engines.test_agreement import (
    BUYERS,
    FIRST,
    LAST,
    SELLERS,
    all_days,
    as_row,
    crowded,
    metrics_by_core,
    of_account,
    ratings_by_core,
    small_windows_pack,
)
from tests.engines.test_behaving import HOLDERS, watching_pack
from tests.engines.test_behaving import crowded as behaving
from tests.fact_tables import fill, fill_views

WORLDS = 12
IDS = ("change_id", "account_id", "buyer_id", "order_id", "defect_id", "complaint_id", "return_id", "message_id", "sign_in_id")
KINDS = ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins", "listing_changes")

Assess = Callable[..., tuple[pa.Table, pa.Table, pa.Table]]


def assess_on_duckdb(facts: AccountFacts, pack: PolicyPack, zone: ZoneInfo | None, **options: object) -> tuple[pa.Table, pa.Table, pa.Table]:
    with duckdb.connect(config={"threads": 1}) as con:
        fill(con, facts, zone)
        sink = Collected()
        assess_facts(con, pack, sink, FIRST, LAST, **options)
        return sink.tables()


@pytest.fixture(params=["duckdb", "spark"])
def assess(request: pytest.FixtureRequest) -> Assess:
    """The engine under test, over facts made in the test."""
    if request.param == "duckdb":
        return assess_on_duckdb
    session = request.getfixturevalue("spark").newSession()

    def assess_on_spark(facts: AccountFacts, pack: PolicyPack, zone: ZoneInfo | None, **options: object) -> tuple[pa.Table, pa.Table, pa.Table]:
        from goodstanding.engines.spark.engine import assess_views
        from goodstanding.engines.spark.facts import Kept

        fill_views(session, facts, zone)
        sink = Collected()
        assess_views(Kept(session), pack, sink, FIRST, LAST, **options)
        return sink.tables()

    return assess_on_spark


def world(seed: int, crowded: Callable[[int], AccountFacts] = crowded) -> AccountFacts:
    """Crowded facts whose ids no other world has."""
    facts = crowded(seed)

    def own(row: object) -> object:
        ids = {field.name: getattr(row, field.name) for field in fields(row) if field.name in IDS}
        return replace(row, **{name: value and f"{seed:02}-{value}" for name, value in ids.items()})

    return replace(facts, **{kind: [own(row) for row in getattr(facts, kind)] for kind in KINDS})


def together(worlds: list[AccountFacts]) -> AccountFacts:
    return AccountFacts("all", **{kind: [row for one in worlds for row in getattr(one, kind)] for kind in KINDS})


def accounts_of(worlds: list[AccountFacts]) -> Iterator[AccountFacts]:
    """The facts of each account of each world, in the order in which engines give them."""
    for seed, facts in enumerate(worlds):
        yield from (of_account(facts, f"{seed:02}-{name}") for name in sorted({*SELLERS, *BUYERS}))


@pytest.mark.parametrize(("late_by", "zone"), [(LateBy.DAY, None), (LateBy.TIMESTAMP, "Asia/Tokyo")])
def test_every_engine_equals_the_rules(assess: Assess, late_by: LateBy, zone: str | None):
    """Metrics of every day, ratings of some days and all violations with what they point to."""
    pack, local, worlds = small_windows_pack(late_by), ZoneInfo(zone) if zone else None, [world(seed) for seed in range(WORLDS)]
    metrics, ratings, found = assess(together(worlds), pack, local)
    assert metrics.to_pylist() == [row for own in accounts_of(worlds) for day in all_days() for row in metrics_by_core(pack, own, day, local)]
    some_days = all_days()[4::6]
    assert [row for row in ratings.to_pylist() if row["as_of"] in some_days] == [
        row for own in accounts_of(worlds) for day in some_days for row in ratings_by_core(pack, own, day, local)
    ]
    expected = [as_row(violation) for own in accounts_of(worlds) for violation in violations(pack, own, LAST, local)]
    assert found.to_pylist() == sorted(expected, key=lambda row: (row["account_id"], row["opened"], row["reason"], row["violation_id"]))


def test_every_engine_sees_the_same_behaviour_out_of_line(assess: Assess):
    """B13-B15: with what each alarm rests on and its explanation, also where a correction gave a fact to another account."""
    pack, worlds = watching_pack(), [world(seed, behaving) for seed in range(WORLDS)]
    found = assess(together(worlds), pack, None)[2]
    own = [of_account(facts, f"{seed:02}-{name}") for seed, facts in enumerate(worlds) for name in HOLDERS]
    expected = [as_row(violation) for facts in own for violation in behaviour_violations(pack, facts, LAST, Days())]
    assert len(expected) > 100
    assert sorted((row for row in found.to_pylist() if row["explanation"]), key=itemgetter("violation_id")) == sorted(
        expected, key=itemgetter("violation_id")
    )


def test_every_engine_tells_the_same_changes(assess: Assess):
    """`changes_only` gives the same rows everywhere (A6)."""
    pack, facts = small_windows_pack(), together([world(seed) for seed in range(WORLDS)])
    told, expected = (one(facts, pack, None, changes_only=True) for one in (assess, assess_on_duckdb))
    assert [table.num_rows > 0 for table in told] == [True, True, True]
    assert all(mine.equals(theirs) for mine, theirs in zip(told, expected, strict=True))
