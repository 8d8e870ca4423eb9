"""The same fact twice, corrections, contradictions: what was known on which day (requirements K1, A6)."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.facts import Order
from goodstanding.core.health.known import Days, versions
from tests.engines.fact_files import Loaded, load

HEADER = "order_id,account_id,placed_at,recorded_at,units\n"
END = date(9999, 12, 31)


def loaded(folder: Path, rows: Sequence[str]) -> Loaded:
    return load(folder, {"orders.csv": HEADER + "".join(f"o,s,2024-01-01,{row}\n" for row in rows)})


def spans(facts: Loaded) -> list[tuple[object, ...]]:
    return [(units, start.isoformat()[5:], end if end != END else None) for units, start, end in facts.rows("units, known_from, known_to")]  # type: ignore[attr-defined]


def test_a_correction_begins_a_new_version_on_the_day_it_was_recorded(tmp_path: Path) -> None:
    facts = loaded(tmp_path, [",1", "2024-01-05T12:00,2", "2024-01-09T12:00,1"])
    assert facts.lines == [
        "orders.csv row 3: info: order_id 'o', account_id 's' is corrected: units was told otherwise in orders.csv row 2 "
        "(counts from 2024-01-05 on; days before keep what was known then)",
        "orders.csv row 4: info: order_id 'o', account_id 's' is corrected: units was told otherwise in orders.csv row 3 "
        "(counts from 2024-01-09 on; days before keep what was known then)",
    ]
    assert spans(facts) == [(1, "01-01", date(2024, 1, 5)), (1, "01-09", None), (2, "01-05", date(2024, 1, 9))]


def test_the_same_content_counts_once_and_keeps_its_earliest_recording(tmp_path: Path) -> None:
    facts = loaded(tmp_path, ["2024-01-05,1", "2024-01-03,1", "2024-01-03,1", "2024-01-08,2", "2024-01-09,2"])
    assert facts.places == [("correction", "orders.csv row 5")]
    assert spans(facts) == [(1, "01-03", date(2024, 1, 8)), (2, "01-08", None)]


def test_of_several_versions_on_one_day_the_last_stays(tmp_path: Path) -> None:
    assert spans(loaded(tmp_path, ["2024-01-03T09:00,1", "2024-01-03T10:00,2", "2024-01-03T11:00,3"])) == [(3, "01-03", None)]


def test_what_is_learned_later_is_no_correction(tmp_path: Path) -> None:
    """A6: an order is placed, then shipped; only what takes something back shows as a correction."""
    header = "order_id,account_id,placed_at,recorded_at,shipped_at,units\n"
    rows = "o,s,2024-01-01,2024-01-01,,\no,s,2024-01-01,2024-01-03,2024-01-03,1\no,s,2024-01-01,2024-01-08,2024-01-02,2\n"
    facts = load(tmp_path, {"orders.csv": header + rows})
    assert [(finding.severity, finding.where) for finding in facts.findings] == [("info", "orders.csv row 4")]
    assert "shipped_at, units were told otherwise in orders.csv row 3" in facts.findings[0].message


def test_what_an_account_tells_anew_is_news_and_no_correction(tmp_path: Path) -> None:
    rows = "a,seller,US,individual,2024-01-01,2024-01-01\na,seller,US,professional,2024-01-01,2024-01-05\n"
    facts = load(tmp_path, {"accounts.csv": "account_id,holder_kind,marketplace,plan,opened_at,recorded_at\n" + rows})
    assert facts.findings == ()


@pytest.mark.parametrize("recorded", ["", "2024-01-03"])
def test_other_content_that_is_not_recorded_later_is_a_conflict_and_the_first_read_stays(tmp_path: Path, recorded: str) -> None:
    facts = loaded(tmp_path, [f"{recorded},1", f"{recorded},1", f"{recorded},2"])
    assert facts.lines == [
        "orders.csv row 4: error: order_id 'o', account_id 's' is already given in orders.csv row 2 with other content; the row was left out "
        "(keep one of the two, or give the correction a later recorded_at)"
    ]
    assert facts.rows("units") == [(1,)]


def test_other_own_times_without_a_recording_are_a_conflict_not_a_correction(tmp_path: Path) -> None:
    facts = load(tmp_path, {"orders.csv": "order_id,account_id,placed_at\no,s,2024-01-01\no,s,2024-01-02\n"})
    assert [code for code, _ in facts.places] == ["conflict"]
    assert facts.rows("placed_at_day") == [(date(2024, 1, 1),)]


def test_extra_columns_and_causes_are_content_too(tmp_path: Path) -> None:
    header = "order_id,account_id,placed_at,caused_by,carrier\n"
    facts = load(tmp_path, {"orders.csv": header + "o,s,2024-01-01,,dhl\no,s,2024-01-01,,ups\np,s,2024-01-01,,\np,s,2024-01-01,act-1,\n"})
    assert facts.places == [("conflict", "orders.csv row 3"), ("conflict", "orders.csv row 5")]


def test_keys_of_several_columns_are_one_key(tmp_path: Path) -> None:
    facts = load(tmp_path, {"orders.csv": "order_id,account_id,placed_at\no,s,2024-01-01\no,t,2024-01-01\n"})
    assert facts.findings == ()
    assert len(facts.rows("order_id")) == 2


def test_corrections_are_found_across_parts_of_a_large_table(tmp_path: Path) -> None:
    def part(units: int, recorded: datetime, ids: range) -> pa.Table:
        many = len(ids)
        return pa.table(
            {
                "order_id": [f"o{i}" for i in ids],
                "account_id": ["s"] * many,
                "placed_at": [datetime(2024, 1, 1)] * many,
                "recorded_at": [recorded] * many,
                "units": [units] * many,
            }
        )

    facts = load(
        tmp_path,
        {"orders/a.parquet": part(1, datetime(2024, 1, 1), range(1000)), "orders/b.parquet": part(2, datetime(2024, 1, 7), range(990, 1010))},
    )
    assert facts.places == [("correction", f"orders/b.parquet row {row}") for row in range(1, 11)]
    counted = facts.con.execute("SELECT units, known_to < DATE '9999-12-31', count(*) FROM facts.orders GROUP BY ALL ORDER BY ALL").fetchall()
    assert counted == [(1, False, 990), (1, True, 10), (2, False, 20)]


_ROWS = st.lists(st.tuples(st.sampled_from(["o", "p"]), st.integers(0, 12), st.integers(1, 3)), max_size=7, unique_by=lambda row: (row[0], row[1]))


@given(rows=_ROWS, seed=st.integers(0, 5))
def test_versions_are_those_of_the_rules_in_core_in_whatever_order_rows_come(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int, int]], seed: int
) -> None:
    start = datetime(2024, 1, 1)
    random.Random(seed).shuffle(rows)
    lines = [f"{order},s,2024-01-01,{start + timedelta(hours=8 * step)},{content}\n" for order, step, content in rows]
    facts = load(tmp_path_factory.mktemp("facts"), {"orders.csv": HEADER.replace("units", "buyer_id") + "".join(lines)})
    assert {finding.code for finding in facts.findings} <= {"correction"}
    history = [Order(order, "s", start, str(content), recorded_at=start + timedelta(hours=8 * step)) for order, step, content in rows]
    expected = versions(history, Days())
    for day in (start.date() + timedelta(days=n) for n in range(6)):
        known = sorted((row.order_id, row.buyer_id) for row, first, end in expected if first <= day and (end is None or day < end))
        found = facts.con.execute(
            "SELECT order_id, buyer_id FROM facts.orders WHERE known_from <= $1 AND $1 < known_to ORDER BY ALL", [day]
        ).fetchall()
        assert found == known
