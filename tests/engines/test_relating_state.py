"""Facts told bit by bit come to what they come to told at once, in whatever order their rows are.

`GOODSTANDING_EXAMPLES` sets how many drawn cases the slow properties try (default 4).
"""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.errors import UnusableInput
from goodstanding.engines import linking
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import EVERYTHING, FACTS_READ, take_uses
from goodstanding.engines.relating_files import write_relations
from goodstanding.engines.relating_state import STATE_FILE, RelatingState
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
LINKAGE = replace(PACK.linkage, relate_at=1, hub=5)
NOON = datetime(2026, 1, 1, 12)
ACCOUNTS = "ABCDEFG"
EXAMPLES = int(os.environ.get("GOODSTANDING_EXAMPLES", "4"))
SCHEMAS = {
    "identifiers": {"account_id": "s", "kind": "s", "value": "s", "first_seen": "t", "last_seen": "t", "recorded_at": "t"},
    "sign_ins": {"sign_in_id": "s", "account_id": "s", "at": "t", "ip": "s", "device_id": "s", "recorded_at": "t"},
    "accounts": {"account_id": "s", "holder_kind": "s", "marketplace": "s", "opened_at": "t", "recorded_at": "t"},
    "actions": {"action_id": "s", "account_id": "s", "kind": "s", "at": "t", "lifted_at": "t", "recorded_at": "t"},
}
Fact = tuple[str, dict[str, Any]]


def moment(days: int | None) -> datetime | None:
    return None if days is None else NOON + timedelta(days=days)


days = st.integers(0, 60).map(moment)
recorded = st.none() | st.integers(61, 64).map(moment)
who = st.sampled_from(ACCOUNTS)
facts = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "account_id": who,
                "kind": st.sampled_from(["bank_account", "device", "wifi", "phone"]),
                "value": st.sampled_from("xy"),
                "first_seen": days,
                "last_seen": st.none() | days,
                "recorded_at": recorded,
            }
        ).map(lambda row: ("identifiers", row)),
        st.fixed_dictionaries(
            {
                "sign_in_id": st.sampled_from("1234"),
                "account_id": who,
                "at": days,
                "ip": st.none() | st.sampled_from("xy"),
                "device_id": st.none() | st.sampled_from("xy"),
                "recorded_at": recorded,
            }
        ).map(lambda row: ("sign_ins", row)),
        st.fixed_dictionaries(
            {"account_id": who, "holder_kind": st.just("seller"), "marketplace": st.just("DE"), "opened_at": days, "recorded_at": recorded}
        ).map(lambda row: ("accounts", row)),
        st.fixed_dictionaries(
            {
                "action_id": st.sampled_from("XY"),
                "account_id": who,
                "kind": st.just("deactivate"),
                "at": days,
                "lifted_at": st.none() | days,
                "recorded_at": recorded,
            }
        ).map(lambda row: ("actions", row)),
    ),
    max_size=50,
)


def write(folder: Path, rows: Sequence[Fact], name: str = "1") -> FactSource:
    types = {"s": pa.string(), "t": pa.timestamp("us")}
    for kind, columns in SCHEMAS.items():
        own = [row for of, row in rows if of == kind]
        if own:
            (folder / kind).mkdir(parents=True, exist_ok=True)
            schema = pa.schema([(column, types[type]) for column, type in columns.items()])
            pq.write_table(pa.Table.from_pylist(own, schema=schema), folder / kind / f"{name}.parquet")
    folder.mkdir(exist_ok=True)
    return FactSource(folder)


def written(folder: Path) -> list[list[dict[str, Any]]]:
    return [pq.read_table(folder / name).to_pylist() for name in ("relations.parquet", "clusters.parquet")]


def at_once(work: Path, source: FactSource) -> list[list[dict[str, Any]]]:
    con, _ = open_facts(source, kinds=FACTS_READ)
    with con:
        take_uses(con, LINKAGE, EVERYTHING)
        linking.link(con, LINKAGE)
        write_relations(con, LINKAGE, work / "once")
    return written(work / "once")


def bit_by_bit(work: Path, batches: Sequence[Sequence[Fact]]) -> list[list[dict[str, Any]]]:
    for number, batch in enumerate(batches):
        kept = RelatingState(work / "state")
        with kept.extended(write(work / f"batch-{number}", batch), PACK, LINKAGE):
            write_relations(kept.con, LINKAGE, work / "bits")
    return written(work / "bits")


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts, st.lists(st.integers(0, 50), min_size=1, max_size=3))
def test_splitting_the_facts_into_increments_changes_nothing(rows: list[Fact], cuts: list[int]) -> None:
    """Corrections, contradictions, moved sign-ins, accounts opened and struck later: every way ends where one run over everything ends."""
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    batches = [rows[start:end] for start, end in pairwise(ends)]
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for number, batch in enumerate(batches):
            write(work / "all", batch, f"{number}")
        assert bit_by_bit(work, batches) == at_once(work, FactSource(work / "all"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: list[Fact], dice: Any) -> None:
    """Rows that contradict one another are left out here: of these the first counts, and the loader says so."""
    once = list(
        {
            (kind, row.get("sign_in_id") or row.get("action_id") or tuple(row[k] for k in ("account_id", "kind", "value") if k in row)): (kind, row)
            for kind, row in rows
        }.values()
    )
    shuffled = list(once)
    dice.shuffle(shuffled)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        assert at_once(Path(one), write(Path(one) / "f", once)) == at_once(Path(other), write(Path(other) / "f", shuffled))


def use(account: str, kind: str, value: str, first: int = 0) -> Fact:
    return "identifiers", {"account_id": account, "kind": kind, "value": value, "first_seen": moment(first)}


def scores(found: list[list[dict[str, Any]]]) -> dict[tuple[str, str], int]:
    return {(row["account_a"], row["account_b"]): row["score"] for row in found[0]}


def test_one_more_user_changes_what_the_others_share_too(tmp_path: Path) -> None:
    """The number of sharers is part of every relation of an identifier, so a newcomer touches pairs it is not in."""
    first = [use(name, "phone", "x") for name in "ABC"]
    found = bit_by_bit(tmp_path, [first])
    assert scores(found) == {("A", "B"): 80, ("A", "C"): 80, ("B", "C"): 80}
    more = bit_by_bit(tmp_path, [[use("D", "phone", "x")]])
    assert scores(more) == dict.fromkeys([(a, b) for a in "ABC" for b in "BCD" if a < b], 56)
    hub = bit_by_bit(tmp_path, [[use(name, "phone", "x") for name in "EF"]])
    assert scores(hub) == {}, "six users are more than the hub of five allows"


def test_two_who_become_related_lift_a_third_whom_the_new_facts_do_not_name(tmp_path: Path) -> None:
    """Company: what nobody touched counts for more, and for less again where the two share no longer."""
    found = bit_by_bit(tmp_path, [[use(name, "mac", "m") for name in "ABC"]])
    assert scores(found) == {("A", "B"): 28, ("A", "C"): 28, ("B", "C"): 28}
    more = bit_by_bit(tmp_path, [[use(name, "bank_account", "x") for name in "AB"]])
    assert scores(more) == {("A", "B"): 148, ("A", "C"): 45, ("B", "C"): 45}
    hub = bit_by_bit(tmp_path, [[use(name, "bank_account", "x") for name in "EFGHI"]])
    assert scores(hub) == {("A", "B"): 28, ("A", "C"): 28, ("B", "C"): 28}


def test_a_sign_in_alone_makes_a_relation(tmp_path: Path) -> None:
    signed = [("sign_ins", {"sign_in_id": f"I{n}", "account_id": name, "at": moment(n), "device_id": "d"}) for n, name in enumerate("AB")]
    found = bit_by_bit(tmp_path, [signed[:1], signed[1:]])
    assert scores(found) == {("A", "B"): 65}
    assert json.loads(found[0][0]["evidence"])[0]["first_b"] == "2026-01-02T12:00:00"


def test_an_interrupted_run_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    bit_by_bit(tmp_path, [[use("A", "bank_account", "x")]])
    source = write(tmp_path / "more", [use("B", "bank_account", "x")])
    with pytest.raises(RuntimeError), RelatingState(tmp_path / "state").extended(source, PACK, LINKAGE):
        raise RuntimeError("the machine stops here")
    assert scores(bit_by_bit(tmp_path, [[]])) == {}
    assert scores(bit_by_bit(tmp_path, [[use("B", "bank_account", "x")]])) == {("A", "B"): 120}


def test_with_another_pack_everything_kept_is_weighed_again(tmp_path: Path) -> None:
    bit_by_bit(tmp_path, [[use(name, "device", "x") for name in "AB"]])
    stricter = replace(LINKAGE, relate_at=100)
    kept = RelatingState(tmp_path / "state")
    with kept.extended(write(tmp_path / "none", []), replace(PACK, digest="another"), stricter):
        assert write_relations(kept.con, stricter, tmp_path / "bits").relations == 0


def test_a_file_that_is_no_state_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("something else")
    with (
        pytest.raises(UnusableInput, match="give another folder with --state"),
        RelatingState(tmp_path).extended(write(tmp_path / "f", []), PACK, LINKAGE),
    ):
        pass
    (tmp_path / STATE_FILE).unlink()
    with duckdb.connect(str(tmp_path / STATE_FILE)) as con:
        con.execute("CREATE TABLE mine AS SELECT 1")
    with (
        pytest.raises(UnusableInput, match="is no state of goodstanding"),
        RelatingState(tmp_path).extended(write(tmp_path / "f", []), PACK, LINKAGE),
    ):
        pass
