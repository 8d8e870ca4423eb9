"""Two packs compared: every change told once, in words a policy manager reads (requirement K2)."""

import os
import tomllib
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from goodstanding.core.policy.diff import ChangeKind, compare
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.reading import read_pack
from goodstanding.core.policy.tables import PackFile
from goodstanding.packs import loader
from goodstanding.packs.loader import load_pack
from goodstanding.telling.wording import LANGUAGES, wording

GOLDEN = Path(__file__).parents[1] / "golden"
PACKS = Path(loader.__file__).parent
MINIMAL = tomllib.loads((PACKS / "minimal" / "pack.toml").read_text("utf-8"))
WORDS = {key: value for key, value in tomllib.loads((PACKS / "words" / "en.toml").read_text("utf-8")).items() if key != "language"}
CITED = {"source": "ours", "as_of": tomllib.loads("d = 2026-04-01")["d"]}


def read(content) -> PolicyPack:
    return read_pack([PackFile("pack.toml", content)], "0" * 64, [PackFile("standard/en.toml", {"words": {"en": WORDS}})])


OLD = read(MINIMAL)


def changed_everywhere() -> PolicyPack:
    """The minimal pack with a change of every kind."""
    content = deepcopy(MINIMAL)
    content |= {"version": "2", "notes": {"days": "A day is that of the store."}}
    content["marketplaces"]["SHOP_JP"] = {"time_zone": "Asia/Tokyo"}
    metric = content["metrics"]["late_shipment_rate"]
    metric |= {"target": "< 4 %", "window_days": 14, "from": {"SHOP_JP": tomllib.loads("d = 2026-06-01")["d"]} | CITED}
    metric["steadiness"]["recover_days"] = 1
    content["metrics"]["overdue_unshipped"] = {"rule": "overdue_unshipped", "holder_kind": "seller", "window_days": 30} | CITED
    content["rating"]["points"]["medium"] = 20
    content["rating"]["source"] = "terms"
    content["reasons"]["LATE_SHIPMENT"] |= {"severity": "high", "routes": ["plan"]}
    content["reasons"]["FRAUD"] = MINIMAL["reasons"]["LATE_SHIPMENT"] | {"found_by": "person", "clause": "9"}
    content["rules"] = [
        MINIMAL["rules"][1] | {"open_days": 21, "limits": ["list", "sell"], "lasts": {"days": 30}},
        {"id": "fraud", "reasons": ["FRAUD"], "action": "close", "limits": ["sell"], "approval": "senior"} | CITED,
    ]
    content["deadlines"]["review_due"] = {"days": 5} | CITED
    content["appeals"]["most"] = 2
    words = content["words"]["en"]
    words |= {"templates": {"greeting": "Good day ${account_name},"}}
    words["reasons"] |= {"FRAUD": "Fraud", "LATE_SHIPMENT": "Shipped late"}
    for table in ("clauses", "cures"):
        words[table] |= {"FRAUD": "No fraud."}
    words["metrics"] |= {"overdue_unshipped": "Overdue orders"}
    return read(content)


def test_the_same_pack_has_no_changes():
    for name in ("amazon", "minimal"):
        assert compare(load_pack(name), load_pack(name)) == ()
    assert wording("en").diff(()) == "The two packs say the same."


def test_changes_are_told_in_words():
    told = wording("en").diff(compare(OLD, changed_everywhere())) + "\n"
    golden = GOLDEN / "policy_diff.en.txt"
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")


def test_a_change_of_target_is_one_value():
    content = deepcopy(MINIMAL)
    content["metrics"]["late_shipment_rate"]["target"] = "< 4 %"
    (change,) = compare(OLD, read(content))
    assert (change.part, change.name, change.field, change.old, change.new) == ("metrics", "late_shipment_rate", "target", ("< 5 %",), ("< 4 %",))
    assert not change.is_citation


def test_a_source_or_a_date_alone_stands_apart():
    content = deepcopy(MINIMAL)
    content["metrics"]["late_shipment_rate"]["source"] = "ours"
    content["sources"]["terms"]["title"] = "Our terms, section 5"
    changes = compare(OLD, read(content))
    assert [change.is_citation for change in changes] == [True, True]
    assert wording("en").diff(changes).startswith("Sources and dates only\n")


def test_turning_the_packs_round_turns_every_change_round():
    new = changed_everywhere()
    turned = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED, ChangeKind.CHANGED: ChangeKind.CHANGED}
    there = {(c.part, c.name, c.field, c.kind, c.old, c.new) for c in compare(OLD, new)}
    back = {(c.part, c.name, c.field, turned[c.kind], c.new, c.old) for c in compare(new, OLD)}
    assert there == back


def test_a_new_order_of_rules_is_told_since_the_first_of_equals_takes_the_violations():
    content = deepcopy(MINIMAL)
    content["rules"].reverse()
    assert wording("en").diff(compare(OLD, read(content))) == (
        "Rules\n  Rules: the order of the rules late-warning, late-restriction becomes late-restriction, late-warning"
    )


def test_lists_that_check_plans_are_told_by_what_left_and_what_came():
    pack = load_pack("amazon")
    checks = pack.words["en"].checks
    phrases = {**checks.phrases, "vague": (*(one for one in checks.phrases["vague"] if one != "lately"), "one of these days")}
    other = replace(checks, phrases=phrases, bounds={**checks.bounds, "most_words": 700})
    changes = compare(pack, replace(pack, words={**pack.words, "en": replace(pack.words["en"], checks=other)}))
    assert {(change.name, change.field, change.old, change.new) for change in changes} == {
        ("en", "checks.bounds.most_words", ("800",), ("700",)),
        ("en", "checks.phrases.vague", ("lately",), ("one of these days",)),
    }
    for language in LANGUAGES:
        assert "one of these days" in wording(language).diff(changes)


def test_every_language_says_the_same_with_the_same_holes():
    import re

    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{\w+\}", text))

    english = wording("en").tables
    for language in LANGUAGES[1:]:
        tables = wording(language).tables
        assert set(tables) == set(english)
        for table in ("diff", "diagnose", "parts", "page", "tasks", "units"):
            assert set(tables[table]) == set(english[table]), (language, table)
        for table in ("diff", "diagnose", "page", "tasks", "units"):
            assert {key: holes(text) for key, text in tables[table].items()} == {key: holes(text) for key, text in english[table].items()}, language


def test_chinese_texts_hold_no_character_of_the_other_script():
    simplified, traditional = (
        "订单发货账户诉认证时间关闭买卖权证规则变数两从对违处级险键风",
        "訂單發貨賬戶訴認證時間關閉買賣權證規則變數兩從對違處級險鍵風",
    )
    for language, foreign in (("zh-Hans", set(traditional) - set(simplified)), ("zh-Hant", set(simplified) - set(traditional))):
        text = "".join(value for table in wording(language).tables.values() for value in table.values())
        assert not foreign & set(text)
