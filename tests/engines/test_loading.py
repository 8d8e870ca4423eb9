"""From a folder of files to the tables `facts.<kind>`: files, types, days (requirement K1)."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import KINDS
from tests.engines.fact_files import ORDERS, Loaded, load, write

TWO = {"order_id": ["a", "b"], "account_id": ["s", "s"], "placed_at": pa.array([datetime(2024, 1, 1), datetime(2024, 1, 2, 23, 59)])}


def test_every_kind_is_a_table_even_where_its_file_is_missing(tmp_path: Path) -> None:
    loaded = load(tmp_path, {})
    for kind in KINDS.values():
        names = [row[0] for row in loaded.con.execute(f"DESCRIBE facts.{kind.name}").fetchall()]
        assert names[: len(kind.columns)] == [column.name for column in kind.columns]
        assert names[-2:] == ["known_from", "known_to"]
        assert loaded.rows("count(*)", kind.name) == [(0,)]
    assert loaded.findings == ()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "parts"])
def test_all_file_forms_give_the_same_typed_table(tmp_path: Path, form: str) -> None:
    moment = datetime(2024, 5, 1, 13, 45)
    table = pa.table(
        {"order_id": ["007"], "account_id": ["s"], "placed_at": [moment], "tracking_valid": [True], "amount": [9.5], "units": [3], "carrier": ["dhl"]}
    )
    files = {
        "csv": {"orders.csv": ORDERS.strip() + ",tracking_valid,amount,units,carrier\n007,s,2024-05-01T13:45:00Z,true,9.5,3,dhl\n"},
        "jsonl": {
            "orders.jsonl": '{"order_id":"007","account_id":"s","placed_at":"2024-05-01 15:45:00+02:00","tracking_valid":true,"amount":9.5,"units":3,"carrier":"dhl"}'
        },
        "parquet": {"orders.parquet": table},
        "parts": {"orders/day=2024-05-01/part-0.parquet": table},
    }[form]
    loaded = load(tmp_path, files)
    assert loaded.findings == ()
    assert loaded.rows(
        "order_id, account_id, placed_at, tracking_valid, amount, units, carrier, placed_at_day, shipped_at, known_from, known_to"
    ) == [("007", "s", moment, True, 9.5, 3, "dhl", date(2024, 5, 1), None, date(2024, 5, 1), date(9999, 12, 31))]


def test_folder_names_of_parts_are_columns_and_keep_their_zeros(tmp_path: Path) -> None:
    part = pa.table({"order_id": ["a"], "placed_at": [datetime(2024, 1, 1)]})
    loaded = load(tmp_path, {"orders/account_id=007/p.parquet": part, "orders/account_id=8/p.parquet": part})
    assert loaded.rows("account_id, order_id") == [("007", "a"), ("8", "a")]


def test_two_files_of_one_kind_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"orders\.csv and orders\.jsonl are both the table 'orders'"):
        load(tmp_path, {"orders.csv": ORDERS, "orders.jsonl": ""})


def test_a_misspelt_file_is_named_with_what_was_meant(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"order.csv": "x", "orders.csv.gz": "x", "defects.json": "[]", "README.md": "x", ".hidden.csv": "x"})
    assert loaded.lines == [
        "defects.json: warning: this is no fact table and was not read (give it as defects.parquet, defects.csv or defects.jsonl)",
        "order.csv: warning: this is no fact table and was not read (did you mean 'orders'?)",
        "orders.csv.gz: warning: this is no fact table and was not read (give it as orders.parquet, orders.csv or orders.jsonl)",
    ]


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no such folder"):
        load(tmp_path / "nowhere", {})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("orders.parquet", b"PAR1 but not really", "orders.parquet: cannot be read: "),
        ("orders.csv", b"", "is empty; the first row has to name the columns of 'orders'"),
        ("orders.csv", ORDERS.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("orders.csv", b"order_id,account_id,placed_at,Order_ID\n", "names the column 'order_id' twice"),
        ("orders.csv", b"order_id,account_id\na,b\n", "orders.csv: lacks the column 'placed_at'"),
        ("orders.csv", b"\n1,2\n", "the first row is blank"),
    ],
)
def test_a_file_that_is_unusable_as_a_whole_is_one_clear_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        load(tmp_path, {name: content})
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_required_parquet_column_of_an_impossible_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"orders\.parquet column placed_at: holds BIGINT"):
        load(tmp_path, {"orders.parquet": pa.table({**TWO, "placed_at": [1, 2]})})


def test_an_optional_parquet_column_of_an_impossible_type_is_reported_once_and_empty(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"orders.parquet": pa.table({**TWO, "shipped_at": [1, 2]})})
    assert loaded.places == [("wrong_type", "orders.parquet column shipped_at")]
    assert loaded.rows("order_id, shipped_at") == [("a", None), ("b", None)]


def test_a_parquet_column_without_any_value_has_no_wrong_type(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"orders.parquet": pa.table({**TWO, "shipped_at": pa.nulls(2, pa.int32()), "ship_by": pa.nulls(2)})})
    assert loaded.findings == ()


def test_parquet_moments_of_every_precision_and_zone_become_utc(tmp_path: Path) -> None:
    second = 1_704_067_200
    for n, (unit, factor) in enumerate({"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}.items()):
        for zone in (None, "Asia/Tokyo"):
            table = pa.table({**TWO, "placed_at": pa.array([second * factor] * 2, pa.timestamp(unit, tz=zone))})
            loaded = load(tmp_path / f"{n}{zone is None}", {"orders.parquet": table})
            assert loaded.findings == ()
            assert loaded.rows("DISTINCT placed_at") == [(datetime(2024, 1, 1),)]


def test_days_are_those_of_the_accounts_marketplace(tmp_path: Path) -> None:
    files = {
        "accounts.csv": "account_id,holder_kind,marketplace,opened_at\nam,seller,US,2020-01-01\neu,seller,DE,2020-01-01\n",
        "orders.csv": ORDERS + "1,am,2024-01-02T07:59:59Z\n2,am,2024-01-02T08:00:00Z\n3,eu,2024-01-01T23:30:00Z\n4,nobody,2024-01-02T01:00:00Z\n",
    }
    in_utc = load(tmp_path, files)
    assert [day.day for _, day in in_utc.rows("order_id, placed_at_day")] == [2, 2, 1, 2]
    local = load(tmp_path, files, {"US": "America/Los_Angeles", "DE": "Europe/Berlin"})
    assert [day.day for _, day in local.rows("order_id, placed_at_day")] == [1, 2, 2, 2]
    assert local.rows("account_id, opened_at_day", "accounts") == [("am", date(2019, 12, 31)), ("eu", date(2020, 1, 1))]
    assert local.con.execute("SELECT count(*) FROM facts.orders WHERE known_from <> placed_at_day").fetchall() == [(0,)]


def test_kinds_that_are_not_asked_for_stay_empty(tmp_path: Path) -> None:
    source = write(tmp_path, {"orders.csv": ORDERS + "a,b,2024-01-01\n", "defects.csv": "broken"})
    assert Loaded(source, kinds=["orders"]).rows("count(*)", "defects") == [(0,)]


def test_extra_columns_are_kept_but_cannot_take_the_names_of_ours(tmp_path: Path) -> None:
    names = ["known_from", "placed_at_day", "__row", "nth", "x", "t0", "p", "content", 'a"b; DROP TABLE x', "file_row_number", "filename"]
    table = pa.table({**TWO, **{name: ["1", "2"] for name in names}})
    for form in ("orders.parquet", "orders/p.parquet"):
        loaded = load(tmp_path / form.replace("/", "-"), {form: table})
        assert [code for code, _ in loaded.places] == ["reserved_column"] * 3
        assert loaded.rows('nth, x, t0, p, content, "a""b; DROP TABLE x", file_row_number, filename') == [("1",) * 8, ("2",) * 8]


def test_the_columns_of_a_file_may_be_in_any_case_and_order_and_separated_by_semicolons(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"orders.csv": "Placed_At;ACCOUNT_ID;Order_Id\r\n2024-01-01;s;a\r\n"})
    assert loaded.rows("order_id, account_id, placed_at_day") == [("a", "s", date(2024, 1, 1))]


def test_paths_with_quotes_and_wildcards_are_plain_paths(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s [1]*? "x"; DROP'
    part = pa.table(TWO)
    loaded = load(folder, {"orders/o[a]'*.parquet": part, "defects.csv": "defect_id,order_id,account_id,kind,at\n", "complaints.jsonl": ""})
    assert loaded.rows("count(*)") == [(2,)]
    assert loaded.findings == ()
