"""Reading a policy pack: every mistake at once, each with its place and what to do (requirement K2)."""

import os
import tomllib
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.pack import PolicyPack, Talking
from goodstanding.core.policy.reading import read_pack
from goodstanding.core.policy.tables import PackFile
from goodstanding.packs import loader

GOLDEN = Path(__file__).parents[1] / "golden"
PACKS = Path(loader.__file__).parent
MINIMAL = tomllib.loads((PACKS / "minimal" / "pack.toml").read_text("utf-8"))
WORDS = {key: value for key, value in tomllib.loads((PACKS / "words" / "en.toml").read_text("utf-8")).items() if key != "language"}


def content():
    """The minimal pack's content, free to be broken."""
    return deepcopy(MINIMAL)


def read(broken) -> PolicyPack:
    return read_pack([PackFile("pack.toml", broken)], "0" * 64, [PackFile("standard/en.toml", {"words": {"en": WORDS}})])


def lines_of(broken) -> list[str]:
    with pytest.raises(InvalidPack) as caught:
        read(broken)
    return [finding.line() for finding in caught.value.findings]


def only_line(broken) -> str:
    (line,) = lines_of(broken)
    return line


def test_a_pack_without_mistakes_is_read_into_values():
    pack = read(content())
    assert pack.name == "minimal@1"
    assert pack.metrics["late_shipment_rate"].target.text == "< 5 %"
    assert str(pack.deadlines["appeal_window"]) == "6 months"
    assert pack.words["en"].templates["greeting"].startswith("Dear")


def test_an_unknown_key_is_told_with_the_nearest_name():
    broken = content()
    broken["metrics"]["late_shipment_rate"]["windw_days"] = 30
    assert only_line(broken) == "pack.toml: metrics.late_shipment_rate.windw_days: error: is no key of this table (did you mean 'window_days'?)"


def test_an_unknown_value_is_told_with_the_nearest_one():
    broken = content()
    broken["rules"][1]["limits"] = ["lst"]
    assert "rules[2].limits: error: 'lst' is not known (did you mean 'list'?)" in lines_of(broken)[0]


def test_a_reason_that_no_part_defines_is_told_with_the_nearest_one():
    broken = content()
    broken["rules"][0]["reasons"] = ["LATE_SHIPMNT"]
    assert only_line(broken) == "pack.toml: rules[1].reasons: error: 'LATE_SHIPMNT' is no reason of this pack (did you mean 'LATE_SHIPMENT'?)"


def test_numbers_without_a_source_are_refused():
    broken = content()
    del broken["metrics"]["late_shipment_rate"]["source"]
    assert 'write source = "..." (ours' in only_line(broken)


def test_the_limits_of_conversations_are_the_packs_and_need_a_source():
    broken = content()
    assert read(broken).talking == Talking(letter_after=5, most_an_hour=30, citation=None)
    broken["conversation"] = {"letter_after_minutes": 15, "most_an_hour": 12, "source": "ours", "as_of": date(2026, 11, 23)}
    talking = read(broken).talking
    assert (talking.letter_after, talking.most_an_hour, talking.citation.source) == (15, 12, "ours")
    del broken["conversation"]["source"]
    assert "conversation" in only_line(broken)


def test_a_source_that_the_pack_does_not_have_is_refused():
    broken = content()
    broken["rating"]["source"] = "temrs"
    assert only_line(broken) == "pack.toml: rating.source: error: 'temrs' is no source of this pack (did you mean 'terms'?)"


def test_a_machine_alone_may_never_deactivate():
    broken = content()
    broken["rules"][1] |= {"action": "deactivate", "approval": "none"}
    assert "a machine alone never does this" in only_line(broken)


def test_relations_alone_let_no_rule_act_without_a_person():
    """B16: a relation is evidence, not guilt; not even a warning goes out by it alone."""
    broken = content()
    reason = next(iter(broken["reasons"].values()))
    broken["reasons"]["RELATED"] = {**reason, "requirement": "B16", "found_by": "relation"}
    broken["rules"].append({**broken["rules"][0], "id": "related", "reasons": ["RELATED"], "approval": "none"})
    told = [line for line in lines_of(broken) if ".approval" in line]
    where = f"pack.toml: rules[{len(broken['rules'])}].approval: error: is 'none', but RELATED is found by relations alone"
    assert told == [f"{where} (a relation is evidence, not guilt; write 'person' or 'senior')"]


def test_no_rule_may_take_the_appeal_away():
    broken = content()
    broken["rules"][1]["limits"] = ["list", "appeal"]
    assert "an action never takes the appeal against it away" in only_line(broken)


def test_a_warning_limits_nothing():
    broken = content()
    broken["rules"][0]["limits"] = ["sell"]
    assert "a warning limits nothing" in only_line(broken)


def test_bands_that_leave_a_gap_at_the_bottom_are_refused():
    broken = content()
    broken["rating"]["bands"]["unhealthy"] = 10
    assert only_line(broken) == "pack.toml: rating.bands: error: leave ratings from 0 to 9 in no band (let unhealthy begin at 0)"


def test_bands_out_of_order_are_refused():
    broken = content()
    broken["rating"]["bands"] = {"healthy": 100, "at_risk": 200, "unhealthy": 0}
    assert "are not ordered: healthy 100, at_risk 200, unhealthy 0" in only_line(broken)


def test_a_rate_target_without_percent_sign_is_doubted():
    broken = content()
    broken["metrics"]["late_shipment_rate"]["target"] = "< 5"
    assert only_line(broken).endswith("'< 5' is more than 100 % (did you mean '< 5 %'?)")


def test_a_deadline_names_exactly_one_length():
    broken = content()
    broken["deadlines"]["follow_up"]["days"] = 2
    assert only_line(broken) == "pack.toml: deadlines.follow_up: error: names hours and days (write exactly one of hours, days, months)"


def test_a_placeholder_nothing_fills_is_told_with_those_that_are():
    broken = content()
    broken["words"]["en"]["templates"] = {"cure_line": "Do this: ${cur}"}
    assert only_line(broken) == ("pack.toml: words.en.templates.cure_line: error: uses ${cur}, which nothing fills here (did you mean 'cure'?)")


def test_a_lone_dollar_sign_in_a_template_is_found():
    broken = content()
    broken["words"]["en"]["templates"] = {"cure_line": "Pay $5: ${cure}"}
    assert "write ${name}, or $$ for a dollar sign" in only_line(broken)


def test_a_declared_language_without_words_is_missing():
    broken = content()
    broken["languages"] = ["en", "zh-Hans"]
    assert only_line(broken) == (
        "pack.toml: words.zh-Hans: error: is missing (the pack declares the language 'zh-Hans'; bring its words or take it out)"
    )


def test_a_reason_without_its_text_in_a_language_is_found():
    broken = content()
    broken["words"]["en"]["cures"] = {}
    assert only_line(broken) == "pack.toml: words.en.cures.LATE_SHIPMENT: error: is missing (a text is wanted)"


def test_a_keyword_of_another_category_is_refused():
    broken = content()
    broken["reasons"]["LATE_SHIPMENT"]["keyword"] = "KEYWORD_PATENT_INFRINGEMENT"
    assert "does not belong to STATEMENT_CATEGORY_OTHER_VIOLATION_TC" in only_line(broken)


def test_a_metric_that_reveals_a_reason_found_otherwise_is_a_contradiction():
    broken = content()
    broken["reasons"]["LATE_SHIPMENT"]["found_by"] = "complaint"
    assert only_line(broken).startswith("pack.toml: metrics.late_shipment_rate.reason: error: 'LATE_SHIPMENT' is found by complaint")


def test_a_table_that_is_missing_is_told_once_and_not_key_by_key():
    broken = content()
    del broken["rating"]
    assert only_line(broken) == "pack.toml: rating: error: is missing (a table is wanted)"


def test_the_same_key_in_two_files_is_told_with_the_second_file():
    more = PackFile("more.toml", {"title": "Another"})
    with pytest.raises(InvalidPack) as caught:
        read_pack([PackFile("pack.toml", content()), more], "0" * 64, [PackFile("standard/en.toml", {"words": {"en": WORDS}})])
    assert [finding.line() for finding in caught.value.findings] == [
        "pack.toml: title: error: is written again in more.toml (write it in one file only)"
    ]


@pytest.mark.parametrize("key", sorted(MINIMAL))
def test_whatever_a_top_level_key_is_replaced_by_it_is_a_finding_and_never_a_traceback(key):
    for nonsense in (7, "x", [1], [{}], {"a": 1}, 1.5):
        broken = content() | {key: nonsense}
        if key in ("title", "id", "version") and nonsense == "x":
            continue
        assert lines_of(broken)


def test_a_dozen_mistakes_are_told_all_at_once():
    broken = content()
    metric, rating, reason = broken["metrics"]["late_shipment_rate"], broken["rating"], broken["reasons"]["LATE_SHIPMENT"]
    metric |= {"rule": "late_shipping_rate", "target": "below 5 %", "reason": "LATE_SHIPPING"}
    metric["steadiness"]["recover_days"] = "three"
    del rating["source"]
    rating["bands"]["at_risk"] = 300
    reason |= {"severity": "hihg", "category": "STATEMENT_CATEGORY_OTHER", "routes": []}
    broken["rules"][1] |= {"id": "late-warning", "limits": ["apeal"], "approval": "nobody"}
    broken["deadlines"]["apeal_window"] = broken["deadlines"].pop("appeal_window")
    broken["marketplaces"]["SHOP"]["time_zone"] = "Mars/Olympus"
    broken["words"]["en"]["templates"] = {"greeting": "Dear ${name},"}
    broken["languges"] = broken.pop("languages")
    told = "\n".join(lines_of(broken)) + "\n"
    golden = GOLDEN / "a_dozen_mistakes.txt"
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")


def with_from(**days):
    broken = content()
    broken["metrics"]["late_shipment_rate"]["from"] = {"source": "ours", "as_of": broken["effective_from"]} | days
    return broken


def test_a_store_enforces_a_metric_from_the_day_the_pack_names():
    pack = read(with_from(SHOP=date(2026, 6, 1)))
    metric = pack.metrics["late_shipment_rate"]
    assert (metric.first_enforced("SHOP"), metric.first_enforced("elsewhere")) == (date(2026, 6, 1), date.min)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (with_from(SHIP=date(2026, 6, 1)), ".from.SHIP: error: 'SHIP' is no marketplace of this pack (did you mean 'SHOP'?)"),
        (with_from(SHOP="soon"), ".from.SHOP: error: should be a date like 2026-11-22 but is a text (write year-month-day without quotes)"),
        (with_from(), ".from: error: names no store (write store = day, like US = 2024-09-25, or leave the table out)"),
    ],
)
def test_a_mistake_in_the_days_of_stores_is_told_with_its_place(broken, told):
    assert only_line(broken) == f"pack.toml: metrics.late_shipment_rate{told}"


def test_days_of_stores_without_a_source_are_refused():
    broken = with_from(SHOP=date(2026, 6, 1))
    del broken["metrics"]["late_shipment_rate"]["from"]["source"]
    assert only_line(broken).startswith("pack.toml: metrics.late_shipment_rate.from.source: error: is missing")


def test_a_store_that_has_not_got_the_metric_cannot_enforce_it():
    broken = with_from(SHOP=date(2026, 6, 1))
    broken["marketplaces"]["OTHER"] = {}
    broken["metrics"]["late_shipment_rate"]["marketplaces"] = ["OTHER"]
    assert "'SHOP' has not got this metric, which is for OTHER only" in only_line(broken)


def test_a_metric_that_is_only_shown_has_no_day_of_enforcement():
    broken = with_from(SHOP=date(2026, 6, 1))
    shown = {k: v for k, v in broken["metrics"]["late_shipment_rate"].items() if k not in ("reason", "target")}
    del broken["metrics"]["late_shipment_rate"]["from"]
    broken["metrics"]["shown"] = shown
    broken["words"]["en"]["metrics"]["shown"] = "Shown"
    assert only_line(broken).startswith("pack.toml: metrics.shown.from: error: is set, but the metric has no reason")


def test_how_early_to_warn_is_read_with_its_source_and_its_mistakes_are_told():
    """I3, K6."""
    good = content() | {"early_warning": {"days_ahead": 14, "headroom": 1, "source": "ours", "as_of": date(2026, 1, 1)}}
    early = read(good).early_warning
    assert early is not None
    assert (early.days_ahead, early.headroom, early.citation.source) == (14, 1, "ours")
    assert read(content()).early_warning is None
    broken = content() | {"early_warning": {"days_ahed": 14, "headroom": -1, "source": "ours", "as_of": date(2026, 1, 1)}}
    assert lines_of(broken) == [
        "pack.toml: early_warning.days_ahead: error: is missing (a whole number is wanted)",
        "pack.toml: early_warning.headroom: error: is -1 (write a whole number of at least 0)",
        "pack.toml: early_warning.days_ahed: error: is no key of this table (did you mean 'days_ahead'?)",
    ]
