"""Requirements B1-B20: every reason of the reference pack is found where it is planted, with its items, and not one step short of it."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from goodstanding.core.health.explaining import say_explanation
from goodstanding.core.terms import FoundBy
from goodstanding.engines.base import FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import relate
from goodstanding.packs.loader import load_pack
from tests.reasons.plants import BY_PERSON, LAST, PLANTS, Tables

PACK = load_pack("amazon")
Found = dict[str, list[dict]]


def name_of(code: str, way: str, *, near: bool) -> str:
    return f"{'near' if near else 'found'} {code} {way}"


def is_found_in_that_way(row: dict, way: str) -> bool:
    if way in PACK.watches:
        return row["explanation"] is not None and json.loads(row["explanation"])["rule"] == PACK.watches[way].rule
    return row["explanation"] is None and row["metric"] == (way if way in PACK.metrics else None)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, dict[str, set[str]]]:
    """One marketplace with every plant and every near miss: what is found of each account, and the items each should be found by."""
    tables, expected = Tables(), {}
    for (code, way), plant in PLANTS.items():
        for near in (False, True):
            account = name_of(code, way, near=near)
            expected[account] = plant(tables, account, near)
    folder: Path = tmp_path_factory.mktemp("planted")
    for kind, rows in tables.rows.items():
        (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row, default=datetime.isoformat) + "\n" for row in rows), encoding="utf-8")
    assessed = DuckDBEngine().assess(FactSource(folder), PACK, LAST.date(), LAST.date())
    con, findings = open_facts(FactSource(folder))
    assert not assessed.findings
    assert not findings
    found: Found = {}
    for row in [*assessed.violations.to_pylist(), *relate(con, PACK, LAST.date()).violations.to_pylist()]:
        found.setdefault(row["account_id"], []).append(row)
    return found, expected


def test_every_reason_has_its_pair_and_so_has_every_metric_and_watch() -> None:
    """A reason added to the pack without a plant and a near miss fails here."""
    assert {code for code, _ in PLANTS} | set(BY_PERSON) == set(PACK.reasons)
    assert not {code for code, _ in PLANTS} & set(BY_PERSON)
    ways = {way for _, way in PLANTS}
    assert ways >= set(PACK.watches)
    assert {PACK.metrics[way].reason for way in ways & set(PACK.metrics)} == {metric.reason for metric in PACK.metrics.values()} - {None}


def test_every_way_in_which_a_reason_may_be_found_is_planted() -> None:
    planted_ways = {(code, FoundBy.METRIC if way in PACK.metrics else FoundBy.BEHAVIOUR if way in PACK.watches else way) for code, way in PLANTS}
    assert planted_ways | {(code, FoundBy.PERSON) for code in BY_PERSON} == {
        (reason.code, way) for reason in PACK.reasons.values() for way in FoundBy if reason.is_found_by(way)
    }


@pytest.mark.parametrize(("code", "way"), PLANTS)
def test_a_planted_reason_is_found_with_its_items(planted: tuple[Found, dict[str, set[str]]], code: str, way: str) -> None:
    found, expected = planted
    account = name_of(code, way, near=False)
    rows = [row for row in found.get(account, []) if row["reason"] == code and is_found_in_that_way(row, way)]
    assert len(rows) == 1, [(row["reason"], row["explanation"]) for row in found.get(account, [])]
    (violation,) = rows
    assert set(violation["subject_ids"]) == expected[account]
    assert (violation["severity"], violation["points"]) == (PACK.reasons[code].severity, PACK.rating.points[PACK.reasons[code].severity])
    assert (violation["explanation"] is not None) == (way in PACK.watches)


@pytest.mark.parametrize(("code", "way"), PLANTS)
def test_one_step_short_of_a_reason_nothing_is_found(planted: tuple[Found, dict[str, set[str]]], code: str, way: str) -> None:
    found, _ = planted
    assert [row["reason"] for row in found.get(name_of(code, way, near=True), []) if row["reason"] == code] == []


@pytest.mark.parametrize("language", PACK.languages)
@pytest.mark.parametrize("way", PACK.watches)
def test_behaviour_out_of_line_is_explained_in_every_language(planted: tuple[Found, dict[str, set[str]]], way: str, language: str) -> None:
    """A person can check it: what was seen and what was expected stand in one sentence."""
    found, expected = planted
    account = name_of(PACK.watches[way].reason, way, near=False)
    (told,) = [row["explanation"] for row in found[account] if row["explanation"]]
    said = say_explanation(PACK.words[language], told)
    assert "$" not in said
    assert "_" not in said
    if way == "listing_burst":
        assert "31" in said
        assert "2026-11-15" in said
        assert "55" in said
    if "travel" not in way:
        assert json.loads(told)["seen"] >= len(expected[account]) or way == "units_burst"


def test_the_explanation_of_a_burst_reads_as_a_sentence(planted: tuple[Found, dict[str, set[str]]]) -> None:
    (row,) = planted[0][name_of("LISTING_CHANGE_RATE", "listing_burst", near=False)]
    assert say_explanation(PACK.words["en"], row["explanation"]) == (
        "31 listing changes on 2026-11-15. In the 55 days before: at most 1 a day, median 0. "
        "By the account's own habit the odds of that many are below 1 in 10^10."
    )
