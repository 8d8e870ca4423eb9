"""Facts told bit by bit into a state folder end in the same numbers as all of them told at once (requirement A6)."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import KINDS, Account, Complaint, Order
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.policy.pack import PolicyPack, Surge
from goodstanding.core.terms import BehaviourRule
from goodstanding.engines import standing
from goodstanding.engines.base import FactSource
from goodstanding.engines.daily import Daily
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.engines.kept import KeptCounts
from goodstanding.engines.rows import Collected
from goodstanding.engines.standing import Kept
from goodstanding.engines.state import Extended, State
from tests.engines.test_agreement import FIRST, LAST, SELLERS, START, crowded, small_windows_pack
from tests.fact_tables import TYPES
from tests.factories import CITED

KEPT = ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins")


def listed(facts: AccountFacts) -> AccountFacts:
    """The same with the accounts listed long before anything happens, as a marketplace's own table has them."""
    early = START - timedelta(days=30)
    seller = [Account(name, "seller", "US", early) for name in SELLERS]
    return replace(facts, accounts=[*seller, Account("cyd", "buyer", "US", early)])


def write(folder: Path, facts: dict[str, Sequence[object]]) -> FactSource:
    folder.mkdir(parents=True)
    for name, rows in facts.items():
        columns = {c.name: pa.array([getattr(row, c.name, None) for row in rows], TYPES[c.type]) for c in KINDS[name].columns}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return FactSource(folder)


def dealt(facts: AccountFacts, batches: int, dice: Random) -> list[dict[str, list[object]]]:
    """All rows dealt out to batches, each row at random: corrections may come before what they correct."""
    hands: list[dict[str, list[object]]] = [{name: [] for name in KEPT} for _ in range(batches)]
    for name in KEPT:
        for row in getattr(facts, name):
            first = name == "accounts" and dice.random() < 0.7
            hands[0 if first else dice.randrange(batches)][name].append(row)
    return hands


def joined(hands: Sequence[dict[str, list[object]]]) -> dict[str, list[object]]:
    return {name: [row for hand in hands for row in hand[name]] for name in KEPT}


PACK = small_windows_pack()


def told_at_once(folder: Path, hands: Sequence[dict[str, list[object]]], pack: PolicyPack = PACK) -> tuple[pa.Table, ...]:
    sink = Collected()
    DuckDBEngine(threads=1).run(write(folder, joined(hands)), pack, sink, FIRST, LAST)
    return sink.tables()


def extend(state: Path, source: FactSource, pack: PolicyPack = PACK) -> tuple[Extended, tuple[pa.Table, ...]]:
    sink = Collected()
    run = State(state, threads=1).extend(source, pack, sink, FIRST, LAST)
    return run, sink.tables()


SEEDS = int(os.environ.get("STATE_SEEDS", "3"))
"""How many drawn marketplaces are told in parts; set STATE_SEEDS for more, as after a change of what a state keeps (60 take some minutes)."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_batches_in_any_order_end_in_the_same_numbers_as_one_run(tmp_path: Path, seed: int):
    """Whatever a batch holds: new facts, corrections, withdrawals, facts about orders that are told later."""
    dice = Random(seed)
    facts = listed(crowded(seed)) if seed % 4 else crowded(seed)
    hands = dealt(facts, 3, dice)
    was_extended = []
    for n, hand in enumerate(hands):
        run, tables = extend(tmp_path / "state", write(tmp_path / f"new-{n}", hand))
        was_extended.append(run.is_extended)
        for own, whole in zip(tables, told_at_once(tmp_path / f"all-{n}", hands[: n + 1]), strict=True):
            assert own.to_pylist() == whole.to_pylist()
    assert not was_extended[0]


def test_a_later_batch_is_counted_on_top_of_what_is_kept(tmp_path: Path):
    facts = listed(crowded(1))
    hands = dealt(facts, 2, Random(1))
    hands = [{**hands[0], "accounts": list(facts.accounts)}, {**hands[1], "accounts": []}]
    runs = [extend(tmp_path / "state", write(tmp_path / str(n), hand)) for n, hand in enumerate(hands)]
    assert [run.is_extended for run, _ in runs] == [False, True]
    assert runs[1][1][2].to_pylist() == told_at_once(tmp_path / "all", hands)[2].to_pylist()


def test_behaviour_out_of_line_is_seen_over_all_batches(tmp_path: Path):
    """B13: a surge is one against the account's own history, most of which earlier batches told."""
    watch = Surge("surge", BehaviourRule.ORDERS_RECEIVED, "late_shipment", 1, CITED, 1, 1, 5, 2, 2, 1, 150, {})
    pack = replace(small_windows_pack(), watches={"surge": watch})
    facts = listed(crowded(5))
    hands = dealt(facts, 3, Random(5))
    hands = [{**hand, "accounts": list(facts.accounts) if n == 0 else []} for n, hand in enumerate(hands)]
    runs = [extend(tmp_path / "state", write(tmp_path / str(n), hand), pack) for n, hand in enumerate(hands)]
    assert [run.is_extended for run, _ in runs] == [False, True, True]
    for own, whole in zip(runs[-1][1], told_at_once(tmp_path / "all", hands, pack), strict=True):
        assert own.to_pylist() == whole.to_pylist()
    assert any(row["explanation"] for row in runs[-1][1][2].to_pylist())


def test_an_interrupted_run_leaves_what_was_and_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    facts = listed(crowded(2))
    hands = dealt(facts, 2, Random(2))
    hands[0]["accounts"], hands[1]["accounts"] = list(facts.accounts), []
    sources = [write(tmp_path / str(n), hand) for n, hand in enumerate(hands)]
    extend(tmp_path / "state", sources[0])
    with monkeypatch.context() as patch:
        patch.setattr(State, "_commit", lambda self, manifest: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            extend(tmp_path / "state", sources[1])
    run, tables = extend(tmp_path / "state", sources[1])
    assert run.is_extended
    for own, whole in zip(tables, told_at_once(tmp_path / "all", hands), strict=True):
        assert own.to_pylist() == whole.to_pylist()


def test_the_same_facts_told_twice_change_nothing(tmp_path: Path):
    facts = listed(crowded(3))
    source = write(tmp_path / "new", {name: list(getattr(facts, name)) for name in KEPT})
    once, again = extend(tmp_path / "state", source)[1], extend(tmp_path / "state", source)[1]
    assert [table.to_pylist() for table in once] == [table.to_pylist() for table in again]


def test_a_contradiction_to_an_earlier_batch_is_told(tmp_path: Path):
    facts = listed(crowded(4))
    order = replace(facts.orders[0], recorded_at=START)
    nothing: dict[str, list[object]] = {name: [] for name in KEPT}
    extend(tmp_path / "state", write(tmp_path / "1", {**nothing, "accounts": list(facts.accounts), "orders": [order]}))
    other = replace(order, placed_at=order.placed_at + timedelta(hours=1))
    run, _ = extend(tmp_path / "state", write(tmp_path / "2", {**nothing, "orders": [other]}))
    assert [(finding.code, finding.where) for finding in run.findings] == [("conflict", "orders/000002.parquet row 1")]


def test_a_folder_that_is_no_state_is_refused_in_one_line(tmp_path: Path):
    (tmp_path / "state.json").write_text("{", encoding="utf-8")
    with pytest.raises(UnusableInput, match="give another folder with --state"):
        State(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    with pytest.raises(UnusableInput, match="another version"):
        State(tmp_path)


def day_by_day(facts: AccountFacts, dice: Random) -> list[dict[str, list[object]]]:
    """Rows told about when they were recorded, in four hands: some of them late, and some long before what they are about."""
    hands: list[dict[str, list[object]]] = [{name: [] for name in KEPT} for _ in range(4)]
    for name in KEPT:
        for row in getattr(facts, name):
            moment = getattr(row, "recorded_at", None) or getattr(row, KINDS[name].own_time)
            nth = min(3, max(0, (moment - START).days * 4 // 12))
            late = dice.random() < 0.15
            hands[0 if name == "accounts" and dice.random() < 0.8 else dice.randrange(nth, 4) if late else nth][name].append(row)
    return hands


@pytest.mark.parametrize("seed", range(SEEDS))
def test_one_more_day_on_top_ends_in_the_same_numbers_as_one_run(tmp_path: Path, seed: int):
    """A6: only the days since the last assessment are summed up, and accounts whose past a late fact changes."""
    dice = Random(seed)
    hands = day_by_day(listed(crowded(seed)) if seed % 6 else crowded(seed), dice)
    days = [FIRST + timedelta(days=n) for n in (2, 5, 5 + seed % 3, 12)]
    for n, (hand, day) in enumerate(zip(hands, days, strict=True)):
        first = days[n - 1] if n and seed % 2 else day
        own, whole = Collected(), Collected()
        State(tmp_path / "state", threads=1).extend(write(tmp_path / f"new-{n}", hand), PACK, own, first, day)
        DuckDBEngine(threads=1).run(write(tmp_path / f"all-{n}", joined(hands[: n + 1])), PACK, whole, first, day)
        for mine, theirs in zip(own.tables(), whole.tables(), strict=True):
            assert mine.to_pylist() == theirs.to_pylist()


def told(orders: Sequence[Order] = (), **others: Sequence[object]) -> dict[str, list[object]]:
    return {name: list(orders if name == "orders" else others.get(name, ())) for name in KEPT}


def an_order(name: str, seller: str, day: int, **more: object) -> Order:
    """An order of a day counted from `START`, shipped a day late."""
    placed = START + timedelta(days=day)
    shipped = placed + timedelta(days=2)
    return Order(name, seller, placed, ship_by=placed + timedelta(days=1), shipped_at=shipped, fulfilment="merchant", tracking_valid=True, **more)


def listed_sellers() -> list[object]:
    return list(listed(crowded(0)).accounts)


def test_only_accounts_whose_past_changes_are_judged_again(tmp_path: Path):
    """A6: a day that is new redoes nobody; a fact about a past day redoes the account that it is about."""
    day = FIRST + timedelta(days=8)
    hands = [
        told([an_order("o1", "ann", 0), an_order("o2", "bob", 1)], accounts=listed_sellers()),
        told([an_order("o3", "ann", 9), an_order("o4", "bob", 9)]),
        told([an_order("o5", "bob", 3)]),
    ]
    runs = []
    for n, hand in enumerate(hands):
        sink = Collected()
        runs.append(State(tmp_path / "state", threads=1).extend(write(tmp_path / str(n), hand), PACK, sink, day, day))
        day += timedelta(days=1)
    assert [run.redone for run in runs] == [3, 0, 1]


def test_what_the_facts_leave_in_doubt_is_told_of_all_batches(tmp_path: Path):
    """Complaints of a reason that the pack does not know are told again with each batch, as of one run over everything."""
    at = START + timedelta(days=1)
    complaint = Complaint("c1", "ann", "nobody_knows", at)
    silent = replace(an_order("o1", "ann", 0), tracking_valid=None)
    hands = [told([silent], accounts=listed_sellers(), complaints=[complaint]), told([replace(silent, order_id="o2")])]
    for n, hand in enumerate(hands):
        run, _ = extend(tmp_path / "state", write(tmp_path / str(n), hand))
        assert [finding.code for finding in run.findings] == ["complaint.unknown_reason", "orders.no_tracking"]


@pytest.mark.parametrize("broken", ["changed", "write", "renew_violations", "write_violations"])
def test_a_run_that_breaks_off_anywhere_leaves_the_state_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str):
    hands = day_by_day(listed(crowded(2)), Random(2))[:2]
    sources = [write(tmp_path / str(n), hand) for n, hand in enumerate(hands)]
    extend(tmp_path / "state", sources[0])
    place = {"changed": KeptCounts, "write": Kept}.get(broken, standing)
    with monkeypatch.context() as patch:
        patch.setattr(place, broken, lambda *rest, **others: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            extend(tmp_path / "state", sources[1])
    _, tables = extend(tmp_path / "state", sources[1])
    for own, whole in zip(tables, told_at_once(tmp_path / "all", hands), strict=True):
        assert own.to_pylist() == whole.to_pylist()


def test_spans_of_days_on_disk_give_back_what_was_counted(tmp_path: Path):
    """Rows that come later read as nothing in spans written before them; counts too great for two bytes keep their value."""
    daily = Daily(PACK, 2, 1, LAST, room=(20_000, 40))
    daily.placed[3] = [70_000 + (2 << 32), 1]
    daily.first_used = daily.last_used = 3
    empty = KeptCounts(tmp_path, {}, 20_000, 40, daily.few, 3, 1)
    counts = KeptCounts(tmp_path, empty.changed(1, daily, None), 20_000, 40, daily.few, 4, 1)
    assert counts.counts("placed", slice(0, 4), 20_002, 20_005).tolist() == [[0, 70_000, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert counts.counts("placed_by_merchant", np.array([3, 0]), 20_003, 20_004).tolist() == [[0], [2]]
    assert counts.window("placed", 19_990, 20_010).tolist() == [70_000, 1, 0, 0]
    without = KeptCounts(tmp_path, counts.changed(2, Daily(PACK, 4, 1, LAST, room=(20_000, 40)), daily), 20_000, 40, daily.few, 4, 1)
    assert without.window("placed", 19_990, 20_010).tolist() == [0, 0, 0, 0]
