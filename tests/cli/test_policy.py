"""`goodstanding policy`: findings like a compiler's, and a pack a person can read (requirement K2)."""

import json
import os
import shutil
from pathlib import Path

import pytest

from goodstanding.cli.main import main
from goodstanding.packs import loader

SHIPPED = Path(loader.__file__).parent


@pytest.fixture
def run(capsys):
    """Run the command line; gives (exit code, stdout, stderr)."""

    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out = capsys.readouterr()
        return caught.value.code, out.out, out.err

    return call


@pytest.fixture
def broken_pack(tmp_path):
    """A copy of the minimal pack with two mistakes."""
    path = tmp_path / "shop.toml"
    text = (SHIPPED / "minimal" / "pack.toml").read_text("utf-8")
    path.write_text(text.replace('target = "< 5 %"', 'target = "five"').replace('"shipping_records"]', '"shiping_records"]'), "utf-8")
    return path


@pytest.mark.parametrize("name", ["amazon", "minimal"])
def test_a_shipped_pack_has_no_mistakes(run, name):
    code, out, err = run("policy", "validate", name)
    assert (code, err) == (0, "")
    assert out.startswith(f"{name}@")
    assert "no mistakes" in out


def test_every_mistake_is_printed_with_its_place_and_the_exit_code_is_1(run, broken_pack):
    code, out, err = run("policy", "validate", str(broken_pack))
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0].startswith("shop.toml: metrics.late_shipment_rate.target: error: 'five' is no target")
    assert "shop.toml: words.en.evidence.shiping_records: error: is missing (a text is wanted)" in lines
    assert lines[-1].endswith(": 3 mistakes")


def test_the_findings_come_as_one_json_document_too(run, broken_pack):
    code, out, _ = run("policy", "validate", str(broken_pack), "--json")
    document = json.loads(out)
    assert (code, document["valid"]) == (1, False)
    assert set(document["findings"][0]) == {"code", "severity", "message", "hint", "where"}


def test_a_missing_file_is_exit_code_2_and_one_line(run):
    code, out, err = run("policy", "validate", "nowhere/pack.toml")
    assert (code, out) == (2, "")
    assert err.startswith("goodstanding: no policy pack at nowhere/pack.toml")
    assert err.count("\n") == 1


def test_show_of_a_broken_pack_is_exit_code_2_with_the_first_mistake(run, broken_pack):
    code, _, err = run("policy", "show", str(broken_pack))
    assert code == 2
    assert "has 3 mistakes; first: shop.toml: metrics" in err


def test_show_tells_targets_windows_sources_and_rules_in_words(run):
    code, out, _ = run("policy", "show", "amazon")
    assert code == 0
    told = " ".join(out.split())
    for wanted in ("< 2.5 %", "14 d, lag 7 d", "[4] 2024-09-25", "critical 100, high 40, medium 16, low 4", "6 months", "at most 3"):
        assert wanted in told
    assert "Restriction (may not: list products), once a specialist agrees: any open of: Late shipment" in told


def test_show_speaks_the_language_asked_for(run):
    _, out, _ = run("policy", "show", "amazon", "--language", "zh-TW")
    assert "訂單缺陷率" in out


def test_show_as_json_names_every_metric_with_its_source(run):
    _, out, _ = run("policy", "show", "amazon", "--json")
    document = json.loads(out)
    assert {"metric", "target", "window_days", "lag_days", "source", "as_of"} <= set(document["metrics"][0])
    assert document["deadlines"]["appeal_window"] == {"span": "6 months", "source": "dsa", "as_of": "2026-09-25"}


def test_an_own_pack_in_a_folder_is_shown_without_installing_anything(run, tmp_path):
    shutil.copy(SHIPPED / "minimal" / "pack.toml", tmp_path / "pack.toml")
    code, out, _ = run("policy", "show", str(tmp_path))
    assert code == 0
    assert "A small marketplace" in out


TWELVE = (
    ('target = "< 5 %"', 'target = "< 5"'),
    ("window_days = 30", 'window_days = "30"'),
    ("minimum_volume = 20", "minimum_volum = 20"),
    ("steadiness = {", 'from = { SHIP = 2026-06-01, source = "term", as_of = 2026-01-01 }\nsteadiness = {'),
    ("at_risk = 100", "at_risk = 250"),
    ('severity = "medium"', 'severity = "middling"'),
    ('keyword = "KEYWORD_OTHER"', 'keyword = "KEYWORD_PATENT_INFRINGEMENT"'),
    ('id = "late-warning"\nreasons = ["LATE_SHIPMENT"]', 'id = "late-warning"\nreasons = ["LATE_SHIPMNT"]'),
    ('limits = ["list"]', 'limits = ["list", "appeal"]'),
    ("follow_up = { hours = 48", "follow_up = { hours = 48, days = 2"),
    ('cures = { LATE_SHIPMENT = "The rate back within the target and staying there." }', "cures = {}"),
)


def test_twelve_mistakes_are_all_told_in_one_run_with_key_and_remedy(run, tmp_path):
    """Eleven lines of the minimal pack are broken; one of them twice (an unknown store and an unknown source)."""
    text = (SHIPPED / "minimal" / "pack.toml").read_text("utf-8")
    for right, wrong in TWELVE:
        assert text.count(right) >= 1, right
        text = text.replace(right, wrong, 1)
    (tmp_path / "pack.toml").write_text(text, "utf-8")
    code, out, _ = run("policy", "validate", str(tmp_path))
    golden = Path(__file__).parents[1] / "core" / "golden" / "twelve_mistakes.txt"
    told = out.replace(str(tmp_path), "PACK")
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(told, "utf-8")
    assert code == 1
    assert told == golden.read_text("utf-8")
    *lines, last = told.splitlines()
    assert last == f"PACK: {len(lines)} mistakes"
    assert len(lines) >= 12
    assert all(line.endswith(")") and line.startswith("pack.toml: ") for line in lines), "each has its key and a remedy"


def test_show_says_how_early_holders_are_warned(run):
    """I3: as our own choice, not the marketplace's."""
    code, out, _ = run("policy", "show", "amazon", "--json")
    early = json.loads(out)["early_warning"]
    assert (code, early["days_ahead"], early["headroom"], early["citation"]["source"]) == (0, 14, 1, "ours")
    assert "14 days ahead" in run("policy", "show", "amazon")[1]
