"""A marketplace's own tables, mapped by one SELECT a kind, and nothing more than that (requirement K1)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.engines.base import FactSource
from tests.engines.fact_files import Loaded, write

SALES = {
    "sales.csv": "no,shop,day,colour\n1,ann,2024-01-01,red\n2,ann,2024-01-02,\n3,,2024-01-03,blue\n",
    "shops.jsonl": '{"shop":"ann","open":"2020-01-01"}\n',
}
SELECT = "SELECT CAST(no AS VARCHAR) AS order_id, shop AS account_id, day AS placed_at, colour FROM source.sales ORDER BY no"


def mapped(folder: Path, statements: Mapping[str, str], files: Mapping[str, str] = SALES) -> Loaded:
    write(folder / "own", files)
    write(folder / "mapping", {f"{name}.sql": text for name, text in statements.items()})
    return Loaded(FactSource(folder / "own", folder / "mapping"))


def test_a_mapping_gives_facts_from_tables_of_any_shape(tmp_path: Path) -> None:
    accounts = "SELECT shop AS account_id, 'seller' AS holder_kind, 'US' AS marketplace, open AS opened_at FROM source.shops;"
    loaded = mapped(tmp_path, {"orders": f"-- a comment\n{SELECT};\n", "accounts": accounts})
    assert loaded.lines == [
        "orders.sql row 3 column account_id: error: nothing is given, but every row needs it; the row was left out (give any text)"
    ]
    assert loaded.rows("order_id, account_id, colour") == [("1", "ann", "red"), ("2", "ann", None)]
    assert loaded.rows("account_id, year(opened_at)", "accounts") == [("ann", 2020)]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1; SELECT 2", "has to be exactly one SELECT"),
        ("CREATE TABLE x AS SELECT 1", "has to be exactly one SELECT"),
        ("COPY (SELECT 1) TO 'stolen.csv'", "has to be exactly one SELECT"),
        ("", "has to be exactly one SELECT"),
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM source.sales", 'Referenced column "nothing" not found'),
        ("SELECT * FROM source.nowhere", "nowhere does not exist"),
        ("SELECT * FROM source.sales WHERE no = $1", "has a parameter (1)"),
        ("SELECT no AS order_id FROM source.sales", "orders.sql: lacks the column 'account_id'"),
        ("SELECT * FROM read_text('/etc/hostname')", "Cannot access file"),
        ("SELECT * FROM '/etc/hostname'", "does not exist"),
        ("SELECT * FROM glob('/etc/*')", "Cannot access file"),
        ("SELECT * FROM read_csv('https://example.invalid/x.csv')", "disabled"),
        ("SELECT CAST(colour AS INTEGER) AS order_id, shop AS account_id, day AS placed_at FROM source.sales", 'Could not convert string "red"'),
    ],
)
def test_a_mapping_that_is_wrong_or_wants_more_is_refused_in_one_line(tmp_path: Path, sql: str, words: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        mapped(tmp_path, {"orders": sql})
    assert words in str(refused.value)
    assert "orders.sql" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Path("stolen.csv").exists()


def test_a_mapping_sees_none_of_the_programs_own_values(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="does not exist"):
        mapped(tmp_path, {"orders": "SELECT * FROM SALES_PY"})


def test_a_mapping_that_names_no_kind_is_told_with_the_nearest(tmp_path: Path) -> None:
    loaded = mapped(tmp_path, {"orders": SELECT, "order": SELECT})
    assert "order.sql: warning: this names no kind of fact and was not run (did you mean 'orders.sql'?)" in loaded.lines


def test_a_mapping_folder_without_mappings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mapping").mkdir()
    with pytest.raises(UnusableInput, match=r"holds no mapping; write <kind>\.sql"):
        mapped(tmp_path, {})
    with pytest.raises(UnusableInput, match="no such folder"):
        Loaded(FactSource(tmp_path, tmp_path / "nowhere"))


def test_row_numbers_and_findings_of_a_mapping_are_the_same_at_every_run(tmp_path: Path) -> None:
    many = "no,shop,day\n" + "".join(f"{n % 5_000},s{n % 7},2024-01-0{1 + n % 9}\n" for n in range(50_000))
    sql = "SELECT CAST(no AS VARCHAR) AS order_id, shop AS account_id, CASE WHEN no % 100 = 0 THEN 'bad' ELSE CAST(max(day) AS VARCHAR) END AS placed_at FROM source.sales GROUP BY no, shop"
    runs = [mapped(tmp_path, {"orders": sql}, {"sales.csv": many}).lines for _ in range(3)]
    assert len(runs[0]) == 350
    assert runs[0] == runs[1] == runs[2]
