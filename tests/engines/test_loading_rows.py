"""Bad rows are left out and named, the rest goes on (requirement K1)."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.engines.checking import MOST_FINDINGS
from tests.engines.fact_files import ORDERS, load, only

GOOD = "good,s,2024-01-01\n"


def test_each_bad_value_is_told_with_row_column_value_and_what_is_allowed(tmp_path: Path) -> None:
    header = "order_id,account_id,placed_at,fulfilment,units,amount,tracking_valid\n"
    rows = "a,s,yesterday,,,,\nb,,2024-01-01,,,,\nc,s,2024-01-01,drone,,,\nd,s,2024-01-01,,-1,,\ne,s,2024-01-01,,1.5,,\nf,s,2024-01-01,,,1,perhaps\n"
    loaded = load(tmp_path, {"orders.csv": header + rows + "good,s,2024-01-01,merchant,1,1.5,no\n"})
    assert loaded.lines == [
        "orders.csv row 2 column placed_at: error: 'yesterday' cannot be read; the row was left out "
        "(allowed: a moment like 2024-05-01T13:45:00Z, from 1900-01-01 to before 2200-01-01)",
        "orders.csv row 3 column account_id: error: nothing is given, but every row needs it; the row was left out (give any text)",
        "orders.csv row 4 column fulfilment: error: 'drone' is not one of the values that are allowed; the row was left out (allowed: merchant, platform)",
        "orders.csv row 5 column units: error: '-1' is negative; the row was left out (allowed: a whole number from 0)",
        "orders.csv row 6 column units: error: '1.5' cannot be read; the row was left out (allowed: a whole number from 0)",
        "orders.csv row 7 column tracking_valid: error: 'perhaps' cannot be read; the row was left out (allowed: true or false)",
    ]
    assert loaded.rows("order_id, units, amount, tracking_valid") == [("good", 1, 1.5, False)]


def test_rows_with_too_few_and_too_many_fields_are_told_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    rows = 'a,s\n\nb,s,2024-01-01,x\nc,s,2024-01-01,x,y,z\n"two\nlines",s,2024-01-01\n\nd,s,zzz\n'
    loaded = load(tmp_path, {"orders.csv": ORDERS + rows + GOOD})
    assert loaded.places == [
        ("broken_row", "orders.csv row 2"),
        ("broken_row", "orders.csv row 4"),
        ("broken_row", "orders.csv row 5"),
        ("unreadable_value", "orders.csv row 8 column placed_at"),
    ]
    assert loaded.rows("order_id") == [("good",), ("two\nlines",)]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (b"a\xff,s,2024-01-01\n", "broken_row", "the row is not UTF-8"),
        (b"a\0,s,2024-01-01\n", "broken_row", "the row holds a NUL character"),
        (b"x" * 10_000_000 + b",s,2024-01-01\n", "broken_row", "the row is longer than 2 MB"),
        (b'"a"b,s,2024-01-01\n', "broken_row", "a quote inside a quoted field"),
        (b"x" * 500 + b",s,never\n", "unreadable_value", "'never' cannot be read"),
        (b"a,s,\x1b[31m" + b"9" * 500 + b"\n", "unreadable_value", "' [31m" + "9" * 55 + "…' cannot be read"),
    ],
    ids=["not UTF-8", "NUL", "10 MB", "quote", "long neighbour", "control characters"],
)
def test_hostile_rows_are_one_short_finding_and_the_next_row_is_read(tmp_path: Path, row: bytes, code: str, words: str) -> None:
    loaded = load(tmp_path, {"orders.csv": ORDERS.encode() + row + GOOD.encode()})
    finding = only(loaded.findings)
    assert (finding.code, finding.where.split(" column")[0]) == (code, "orders.csv row 2")
    assert words in finding.message
    assert len(finding.line()) < 300
    assert finding.line().isprintable()
    assert loaded.rows("order_id") == [("good",)]


def test_a_quote_that_is_never_closed_is_not_silent_however_large_the_file(tmp_path: Path) -> None:
    lost = "".join(f"o{i},s,2024-01-01\n" for i in range(200_000))
    loaded = load(tmp_path, {"orders.csv": ORDERS + GOOD + '"open,s,2024-01-01\n' + lost})
    assert ("open_quote", "orders.csv") in loaded.places


def test_bad_lines_of_json_are_told_by_line(tmp_path: Path) -> None:
    good = '{"order_id": "good", "account_id": 5, "placed_at": "2024-01-01", "extra": {"a": 1}}\n'
    lines = '{"order_id": \n\n[1]\n"text"\n{"order_id": "a", "account_id": "s", "placed_at": 17}\n{"account_id": "s", "placed_at": "2024-01-01"}\n'
    loaded = load(tmp_path, {"orders.jsonl": lines.encode() + b'{"order_id": "\xff"}\n' + good.encode()})
    assert loaded.places == [
        ("broken_row", "orders.jsonl line 1"),
        ("broken_row", "orders.jsonl line 3"),
        ("broken_row", "orders.jsonl line 4"),
        ("unreadable_value", "orders.jsonl line 5 column placed_at"),
        ("missing_value", "orders.jsonl line 6 column order_id"),
        ("broken_row", "orders.jsonl line 7"),
    ]
    assert loaded.rows("order_id, account_id, extra") == [("good", "5", '{"a":1}')]


def test_parquet_rows_are_checked_like_text_and_named_by_part_and_row(tmp_path: Path) -> None:
    moments = [datetime(2024, 1, 1)] * 3
    part = pa.table(
        {
            "order_id": ["a", None, "c"],
            "account_id": ["s", "s", ""],
            "placed_at": moments,
            "fulfilment": ["me", "merchant", None],
            "units": [1.0, 2.5, None],
        }
    )
    good = pa.table({"order_id": ["good"], "account_id": ["s"], "placed_at": moments[:1]})
    loaded = load(tmp_path, {"orders/p1.parquet": part, "orders/p2.parquet": good})
    assert loaded.places == [
        ("not_allowed_value", "orders/p1.parquet row 1 column fulfilment"),
        ("missing_value", "orders/p1.parquet row 2 column order_id"),
        ("unreadable_value", "orders/p1.parquet row 2 column units"),
        ("missing_value", "orders/p1.parquet row 3 column account_id"),
    ]
    assert loaded.rows("order_id") == [("good",)]


def test_not_a_number_and_moments_far_from_our_time_do_not_pass(tmp_path: Path) -> None:
    moments = [datetime(1, 1, 1), datetime(9999, 12, 31), datetime(2024, 1, 1)]
    table = pa.table({"order_id": ["a", "b", "c"], "account_id": ["s"] * 3, "placed_at": moments, "amount": [1.0, 1.0, float("nan")]})
    loaded = load(tmp_path, {"orders.parquet": table})
    assert [code for code, _ in loaded.places] == ["out_of_range_value", "out_of_range_value", "unreadable_value"]


def test_findings_are_listed_up_to_a_thousand_and_the_others_are_counted(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"orders.csv": ORDERS + "".join(f"o{i},s,never\n" for i in range(5_000))})
    assert len(loaded.findings) == MOST_FINDINGS + 1
    assert loaded.findings[-1].message == "4,000 more problems like these are not listed"
    assert loaded.places[999] == ("unreadable_value", "orders.csv row 1001 column placed_at")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01", datetime(2024, 1, 1)),
        ("2024-01-01T10:00", datetime(2024, 1, 1, 10)),
        ("2024-01-01 10:00:00", datetime(2024, 1, 1, 10)),
        (" 2024-01-01T10:00:00.25Z ", datetime(2024, 1, 1, 10, 0, 0, 250_000)),
        ("2024-01-01T10:00:00+09:00", datetime(2024, 1, 1, 1)),
        ("2024-01-01T10:00:00-0230", datetime(2024, 1, 1, 12, 30)),
        ("2024-01-01T10:00:00+02", datetime(2024, 1, 1, 8)),
        ("2024-02-30", None),
        ("2024-1-1", None),
        ("01.02.2024", None),
        ("2024-01-01T10:00:00+25:00", None),
        ("2024-01-01T25:00", None),
        ("infinity", None),
        ("now", None),
        ("1704067200", None),
        ("2024-01-01 10:00 CET", None),
    ],
)
def test_moments_are_iso_8601_and_become_utc(tmp_path: Path, text: str, moment: datetime | None) -> None:
    loaded = load(tmp_path, {"orders.csv": f"{ORDERS}a,s,{text}\n"})
    assert loaded.rows("placed_at") == ([(moment,)] if moment else [])
    assert len(loaded.findings) == (moment is None)


_FIELDS = st.text(st.characters(exclude_characters='",\r\n\0', exclude_categories=["Cs"]), min_size=1, max_size=5).filter(str.strip)
_LINES = st.lists(
    st.one_of(
        st.just(""),
        st.tuples(_FIELDS).map(",".join),
        st.tuples(_FIELDS, st.just("s"), st.just("nonsense")).map(",".join),
        st.tuples(_FIELDS, st.just("s"), st.just("2024-01-01"), _FIELDS, _FIELDS).map(",".join),
        st.just('"a\n\n""b",s,nonsense'),
        st.just("good,s,2024-01-01"),
    ),
    max_size=8,
)


@given(lines=_LINES)
def test_row_numbers_are_those_a_person_counts_whatever_stands_between(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    loaded = load(tmp_path_factory.mktemp("facts"), {"orders.csv": ORDERS + "".join(f"{line}\n" for line in lines)})
    bad = [n for n, line in enumerate(lines, 2) if line and not line.startswith("good")]
    assert list(dict.fromkeys(int(where.split(" row ")[1].split()[0]) for _, where in loaded.places)) == bad
    assert len(loaded.rows("order_id")) == any(line.startswith("good") for line in lines)
