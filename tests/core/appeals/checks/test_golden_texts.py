"""For each rule one failing and one passing text in each language, and a good plan in which nothing is found (requirement F2)."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.checks.context import Asked, Attached, Checked, DocumentAsked, FactSummary, ReasonAsked, Slip, Tally
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import PLAN_PARTS, Source, read_plan
from goodstanding.core.appeals.checks.registry import CHECKS, run_checks
from goodstanding.core.policy.pack import Citation, EvidenceAsked
from goodstanding.core.terms import Route
from goodstanding.intake.spelling import slips_of
from goodstanding.packs.loader import load_pack

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)
WORDS = checks_of(load_pack("amazon"))
TEXTS = {language: tomllib.loads((HERE / f"texts.{language}.toml").read_text("utf-8")) for language in WORDS}
ONLY_ENGLISH, ONLY_CHINESE = {"spelling", "grammar"}, {"chinese-marks", "mixed-scripts"}

INVOICE = DocumentAsked("invoice", ("invoice*",), EvidenceAsked("invoices_365d", ("pdf", "png"), Citation("ours", TODAY), 365))
GOOD_FILE = Attached("invoice-204.pdf", "pdf", 20_000, date(2026, 3, 3))
FACTS = FactSummary(
    as_of=TODAY,
    tallies={"refunded": Tally(9, 12), "late": Tally(16, 348)},
    rates={"order_defect_rate": (Tally(12, 1000),)},
    first=date(2026, 1, 1),
    days={"refunded": frozenset({date(2026, 3, 10)})},
    orders=frozenset({"111-0000000-0000001"}),
)
RESENT = {
    "en": "The second warehouse was opened on the first of March without a written plan for its shifts.",
    "zh-Hans": "第二仓库于三月一日启用时，没有书面的排班计划。",
    "zh-Hant": "第二倉庫於三月一日啟用時，沒有書面的排班計劃。第二倉庫於三月一日啟用時，沒有書面的排班計畫。",
}
SETTINGS = {
    **{key: {"facts": FACTS} for key in ("false-count", "other-count", "false-rate", "false-day", "strange-order")},
    "reason-unanswered": {"asked": Asked(reasons=(ReasonAsked("IP_TRADEMARK", "Trademark complaint", "intellectual_property"),))},
    "product-unanswered": {"asked": Asked(products=("B0TEST0001",))},
    "attachment-forgotten": {"attached": ()},
    "grounds-missing": {"route": Route.DISPUTE},
}
"""What stands beside the text, for rules that look there too."""

FILES = {
    "document-missing": Attached("photo.png", "png", 20_000),
    "document-kind": replace(GOOD_FILE, kind="docx"),
    "document-old": replace(GOOD_FILE, dated=date(2024, 3, 3)),
    "document-large": replace(GOOD_FILE, size=50_000_000),
}
"""For rules on files: the file that fails. The one that passes is GOOD_FILE."""

CASES = [(language, check.code) for language in WORDS for check in CHECKS if check.code not in (ONLY_CHINESE if language == "en" else ONLY_ENGLISH)]


def text_of(language: str, rule: dict[str, object], told: str) -> str:
    """The plan of a language with a rule's text in its place."""
    told = told * int(rule.get("repeat", 1))
    if rule["part"] == "whole":
        return told
    parts, headings = dict(TEXTS[language]["plan"]), TEXTS[language]["headings"]
    parts[rule["part"]] = told if rule.get("instead") else f"{parts[rule['part']]}\n{told}"
    lines = [f"{'' if rule.get('no_heading') and part == rule['part'] else headings[part]}\n{parts[part]}" for part in PLAN_PARTS]
    return "\n\n".join(lines)


def codes_of(language: str, text: str, **beside: object) -> list[str]:
    spoken = language_of(text, WORDS)
    words = WORDS[spoken]
    slips: tuple[Slip, ...] = slips_of(text, spoken, words.words)
    checked = Checked(**{"plan": read_plan(Source(text), words), "route": Route.PLAN, "today": TODAY, "slips": slips, **beside})
    return [finding.code for finding in run_checks(checked).findings]


def beside(language: str, code: str, *, fails: bool) -> dict[str, object]:
    if code in FILES:
        return {"asked": Asked(documents=(INVOICE,)), "attached": (FILES[code] if fails else GOOD_FILE,), "most_bytes": 10_000_000}
    if code == "resend":
        return {"previous": (RESENT[language],)}
    if code == "wrong-language":
        return {"asked": Asked(language=language)}
    return dict(SETTINGS.get(code, {}))


@pytest.mark.parametrize("language", WORDS)
def test_nothing_is_found_in_a_good_plan(language):
    text = text_of(language, {"part": "preventive"}, "")
    assert codes_of(language, text) == []


@pytest.mark.parametrize(("language", "code"), CASES)
def test_each_rule_finds_its_failing_text(language, code):
    rule = TEXTS[language]["rules"][code]
    assert code in codes_of(language, text_of(language, rule, rule["fail"]), **beside(language, code, fails=True))


@pytest.mark.parametrize(("language", "code"), CASES)
def test_each_rule_lets_its_passing_text_pass(language, code):
    rule = TEXTS[language]["rules"][code]
    assert code not in codes_of(language, text_of(language, rule, rule["pass"]), **beside(language, code, fails=False))


@pytest.mark.parametrize("language", WORDS)
def test_every_rule_has_its_texts_and_every_text_its_rule(language):
    wanted = {code for spoken, code in CASES if spoken == language}
    assert set(TEXTS[language]["rules"]) == wanted
    assert {check.code for check in CHECKS} == set(WORDS[language].texts)
