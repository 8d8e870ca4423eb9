"""What a Parquet file's own statistics prove need not be looked at, and what they do not prove is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goodstanding.core.facts import KINDS
from goodstanding.engines import loading
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.proofs import is_ascending, sound_columns

ORDERS = KINDS["orders"]
TYPES = {"order_id": "VARCHAR", "account_id": "VARCHAR", "placed_at": "TIMESTAMP", "tracking_valid": "BOOLEAN", "units": "BIGINT", "amount": "DOUBLE"}
DAY = datetime(2026, 3, 1)


def write(path: Path, columns: Mapping[str, Sequence[object]], **how: object) -> Path:
    types = {"placed_at": pa.timestamp("us"), "amount": pa.float64(), "units": pa.int64(), "tracking_valid": pa.bool_()}
    pq.write_table(pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}), path, **how)
    return path


def orders(**others: Sequence[object]) -> dict[str, Sequence[object]]:
    usual: dict[str, Sequence[object]] = {"order_id": ["1", "2"], "account_id": ["A", "A"], "placed_at": [DAY, DAY]}
    return usual | {"tracking_valid": [True, None], "units": [1, None], "amount": [1.0, 2.0]} | others


def test_columns_within_what_is_allowed_are_sound_but_for_amounts(tmp_path: Path):
    """The least and greatest amount say nothing of what is no number."""
    path = write(tmp_path / "orders.parquet", orders())
    assert sound_columns([path], ORDERS, TYPES) >= {"order_id", "account_id", "placed_at", "tracking_valid", "units"}
    assert "amount" not in sound_columns([path], ORDERS, TYPES)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("order_id", ["1", None]),
        ("order_id", ["1", ""]),
        ("placed_at", [DAY, None]),
        ("placed_at", [DAY, datetime(1899, 12, 31)]),
        ("placed_at", [DAY, datetime(2200, 1, 1)]),
        ("units", [1, -1]),
    ],
)
def test_one_value_that_is_not_allowed_is_told_of_as_ever(tmp_path: Path, column: str, values: Sequence[object]):
    path = write(tmp_path / "orders.parquet", orders(**{column: values}), row_group_size=1)
    assert column not in sound_columns([path], ORDERS, TYPES)
    con, findings = open_facts(FactSource(tmp_path))
    with con:
        assert [finding.where for finding in findings] == [f"orders.parquet row 2 column {column}"]
        assert con.execute("SELECT count(*) FROM facts.orders").fetchall() == [(1,)]


def test_a_file_without_statistics_proves_nothing(tmp_path: Path):
    path = write(tmp_path / "orders.parquet", orders(), write_statistics=False)
    assert not sound_columns([path], ORDERS, TYPES)
    assert not is_ascending([path], "order_id")


def test_a_column_that_one_part_lacks_is_sound_only_if_it_may_be_empty(tmp_path: Path):
    whole = write(tmp_path / "1.parquet", orders())
    part = write(tmp_path / "2.parquet", {name: values for name, values in orders().items() if name not in ("account_id", "units")})
    assert sound_columns([whole, part], ORDERS, TYPES) == {"order_id", "placed_at", "tracking_valid", "units"}


@pytest.mark.parametrize(
    ("parts", "ascends"),
    [
        ([["1", "2"], ["3", "4"]], True),
        ([["1", "2"], ["2", "4"]], False),
        ([["3", "4"], ["1", "2"]], False),
        ([["1", "3", "2"], ["4"]], False),
        ([["1", "1"]], False),
        ([["1", None]], False),
        ([["1"], ["2"]], True),
    ],
)
def test_keys_ascend_only_if_each_is_greater_than_the_one_before(tmp_path: Path, parts: Sequence[Sequence[str]], ascends: bool):
    paths = [write(tmp_path / f"{n}.parquet", {"order_id": ids}) for n, ids in enumerate(parts)]
    assert is_ascending(paths, "order_id") is ascends


def test_a_repeated_key_is_found_whatever_the_order_of_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A key told twice breaks the order, so the proof fails and the rows are compared."""
    monkeypatch.setattr(loading, "MANY", 1)
    later = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    for ids, conflicts in ((["1", "2"], 0), (["2", "1"], 0), (["1", "1"], 1)):
        write(tmp_path / "orders.parquet", orders(order_id=ids, placed_at=[DAY, later]))
        con, findings = open_facts(FactSource(tmp_path))
        with con:
            assert len([finding for finding in findings if finding.code == "conflict"]) == conflicts
            assert con.execute("SELECT count(*) FROM facts.orders").fetchall() == [(2 - conflicts,)]
