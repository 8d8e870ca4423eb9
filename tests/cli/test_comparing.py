"""`goodstanding policy diff` and `policy try`: words, numbers and a page that needs nothing else (requirement K2)."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from goodstanding.packs import loader
from goodstanding.telling.charts import step_chart

SHIPPED = Path(loader.__file__).parent


@pytest.fixture
def packs(tmp_path):
    """The minimal pack, and one with a target so wide that seller S-1 is within it and S-2 is not."""
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    shutil.copy(SHIPPED / "minimal" / "pack.toml", old)
    new.write_text(old.read_text("utf-8").replace('"< 5 %"', '"< 25 %"').replace('version = "1"', 'version = "2"'), "utf-8")
    return old, new


@pytest.fixture
def facts(tmp_path):
    """Thirty orders of each seller in January: S-1 ships 5 of 25 late, S-2 20 of 25, S-3 none; one order in March."""
    folder = tmp_path / "facts"
    folder.mkdir()
    rows = [
        f"O-{s}-{n},S-{s},2026-01-{1 + n:02}T08:00:00,2026-01-{2 + n:02}T08:00:00,2026-01-{2 + n + (n < late):02}T08:00:00"
        for s, late in ((1, 5), (2, 20), (3, 0))
        for n in range(25)
    ]
    (folder / "orders.csv").write_text("\n".join(["order_id,account_id,placed_at,ship_by,shipped_at", *rows, "O-9,S-9,2026-03-10,,"]) + "\n")
    return folder


@pytest.fixture
def outcomes(tmp_path):
    path = tmp_path / "outcomes.csv"
    path.write_text("account_id,reason,outcome,decided_at\nS-1,LATE_SHIPMENT,overturned,2026-03-02\n")
    return path


def test_diff_says_what_changes(run, packs):
    code, out, err = run("policy", "diff", *packs)
    assert (code, err) == (0, "")
    assert out == "The pack\n  The pack: version 1 becomes 2\nMetrics\n  Late shipment rate, 30 days: target < 5 % becomes < 25 %\n"


def test_diff_as_json_gives_each_change_with_its_place(run, packs):
    _, out, _ = run("policy", "diff", *packs, "--json")
    change = json.loads(out)["changes"][1]
    assert {key: change[key] for key in ("part", "name", "field", "kind", "old", "new")} == {
        "part": "metrics", "name": "late_shipment_rate", "field": "target", "kind": "changed", "old": ["< 5 %"], "new": ["< 25 %"],
    }  # fmt: skip


def test_diff_speaks_chinese(run, packs):
    _, out, _ = run("policy", "diff", *packs, "--language", "zh-TW")
    assert "目標由 < 5 % 改為 < 25 %" in out


def test_try_tells_who_is_freed_and_how_their_appeals_went(run, packs, facts, outcomes):
    code, out, err = run("policy", "try", *packs, "--facts", facts, "--outcomes", outcomes)
    assert code == 0, err
    told = " ".join(out.split())
    assert "0 newly limited, 1 newly free, 1 limited by both" in told
    assert "Of the 1 newly freed, 1 had won their appeal." in told
    assert "no order says" not in err


def test_try_as_json_holds_every_account_with_its_days(run, packs, facts):
    _, out, _ = run("policy", "try", *packs, "--facts", facts, "--json")
    document = json.loads(out)
    assert document["counts"] == {"newly_limited": 0, "newly_free": 1, "kept": 1, "unlimited": 2}
    assert document["accounts"] == 4
    assert [account["account_id"] for account in document["newly_free"]] == ["S-1"]
    days = {pack: sum(row[pack] for row in document["days"]) for pack in ("old", "new")}
    assert days == document["account_days"]
    assert document["appeals"] is None
    (restriction,) = [rule for rule in document["rules"] if rule["rule"] == "late-restriction"]
    assert (restriction["old"], restriction["new"], restriction["lost"]) == (2, 1, 1)


def test_try_swapped_limits_whom_it_freed(run, packs, facts):
    _, out, _ = run("policy", "try", packs[1], packs[0], "--facts", facts, "--json")
    assert [account["account_id"] for account in json.loads(out)["newly_limited"]] == ["S-1"]


@pytest.mark.parametrize(("language", "title"), [("en", "newly free"), ("zh-Hans", "新解除"), ("zh-Hant", "新解除")])
def test_the_page_is_whole_in_itself_and_in_the_language_asked_for(run, packs, facts, outcomes, tmp_path, language, title):
    code, _, _ = run("policy", "try", *packs, "--facts", facts, "--outcomes", outcomes, "--out", tmp_path / "out", "--language", language)
    assert code == 0
    text = (tmp_path / "out" / "policy-try.html").read_text("utf-8")
    assert f'<html lang="{language}">' in text
    assert title in text
    assert not re.search(r"<script|https?:|src=|@import|url\(|<link", text)
    assert "prefers-color-scheme:dark" in text
    assert "S-1" in text
    well_formed(text)
    assert json.loads((tmp_path / "out" / "policy-try.json").read_text("utf-8"))["counts"]["newly_free"] == 1


def well_formed(text: str) -> None:
    """Every element that is opened is closed in its place."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag, attrs):
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

        def handle_startendtag(self, tag, attrs):
            pass

    reader = Reader()
    reader.feed(text)
    assert reader.open == []


def test_text_of_a_pack_is_never_read_as_html(run, packs, facts, tmp_path):
    old, new = packs
    new.write_text(
        new.read_text("utf-8").replace("[reasons.LATE_SHIPMENT]", "[notes]\nx = '<script>alert(1)</script>'\n[reasons.LATE_SHIPMENT]", 1), "utf-8"
    )
    code, _, err = run("policy", "try", old, new, "--facts", facts, "--out", tmp_path / "out")
    assert code == 0, err
    assert "<script" not in (tmp_path / "out" / "policy-try.html").read_text("utf-8")


def test_one_day_and_many_days_are_not_mixed(run, packs, facts):
    code, _, err = run("policy", "try", *packs, "--facts", facts, "--as-of", "2026-02-01", "--from", "2026-01-01")
    assert (code, err) == (2, "goodstanding: --as-of names one day and --from/--to many; give one of the two\n")


def test_a_folder_that_cannot_be_written_is_told_in_one_line(run, packs, facts, tmp_path):
    (tmp_path / "out").write_text("a file")
    code, _, err = run("policy", "try", *packs, "--facts", facts, "--out", tmp_path / "out")
    assert code == 2
    assert err.endswith("give another folder with --out\n")


def test_a_chart_of_a_day_without_anybody_is_drawn_all_the_same():
    from datetime import date

    assert "<path" in step_chart([(date(2026, 3, 1), 0, 0)], ("old", "new"), "limited")
