"""Plans of our own, good and bad, in three languages and many layouts: written before the checks saw them, kept so that they stay told apart (F2)."""

import pytest

from benchmarks.checks import check_text, findings_of, mean_findings, own_rounds
from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.checks.reading import PLAN_PARTS, Source, count_words, read_plan
from goodstanding.core.terms import FindingSeverity, Route
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
WORDS = checks_of(PACK)
ROUNDS = own_rounds()
REPORTS = {name: findings_of(PACK, plans) for name, plans in ROUNDS.items()}


@pytest.mark.parametrize("name", ROUNDS)
def test_bad_plans_get_many_times_the_findings_of_good_ones(name):
    assert mean_findings(REPORTS[name]["poa_bad"]) >= 3 * mean_findings(REPORTS[name]["poa_good"])


@pytest.mark.parametrize("name", ROUNDS)
def test_a_good_plan_gets_hints_at_most(name):
    grave = [one.line() for report in REPORTS[name]["poa_good"].values() for one in report.findings if one.severity is not FindingSeverity.INFO]
    assert not grave


@pytest.mark.parametrize("name", ROUNDS)
def test_no_bad_plan_passes_with_less_than_three_findings(name):
    assert not {plan for plan, report in REPORTS[name]["poa_bad"].items() if len(report.findings) < 3}


def test_good_disputes_are_taken_for_disputes():
    routes = {plan: report.route for reports in REPORTS.values() for plan, report in reports["poa_good"].items()}
    assert {plan for plan, route in routes.items() if route is Route.DISPUTE} == {plan for plan in routes if "dispute" in plan}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("## Root cause\nA.\n## Correction of it all\nB.\n## Prevention\nC.", "en"),
        ("Step 1: How we fell short\nA.\nStep 2: What we changed\nB.\nStep 3: Staying there\nC.", "en"),
        ("CAUSE - the shelf was mixed.\nDOINGS - we sorted it.\nPREVENTION - a cage.", "en"),
        ("Root cause: the shelf was mixed. Corrective: we sorted it on 2 May. Preventive: a cage with a lock.", "en"),
        ("【原因分析】\n甲。\n【做了些什么】\n乙。\n【预防措施】\n丙。", "zh-Hans"),
        ("（一）原因說明\n甲。\n（二）已執行的事項\n乙。\n（三）預防做法\n丙。", "zh-Hant"),
    ],
)
def test_headings_of_strange_names_are_told_by_their_place_and_form(text, language):
    plan = read_plan(Source(text), WORDS[language])
    assert tuple(heading.part for heading in plan.headings) == PLAN_PARTS
    assert all(plan.part(part) for part in PLAN_PARTS)


def test_a_strange_heading_written_otherwise_is_none():
    plan = read_plan(Source("## Root cause\nA.\nThank you\n## Prevention\nC."), WORDS["en"])
    assert [heading.part for heading in plan.headings] == ["root_cause", "preventive"]


def test_chinese_signs_after_a_number_count():
    assert count_words("3月12日发货9单") == 8


def test_half_width_marks_of_a_chinese_plan_are_told_once_and_a_misspelt_word_too():
    codes = [one.code for one in check_text(PACK, "我们已发货,已退款,已道歉,已培训。", "plan").findings]
    assert codes.count("chinese-marks") == 1
    codes = [one.code for one in check_text(PACK, "We cheked the stock. We cheked it on 2 May. We cheked it twice.", "plan").findings]
    assert codes.count("spelling") == 1


def test_a_term_still_to_come_is_no_false_day():
    codes = [
        one.code for one in check_text(PACK, "We dispute the refusal. The passport is valid until 30 June 2029; it is attached.", "plan").findings
    ]
    assert "false-day" not in codes
    assert "false-day" in [one.code for one in check_text(PACK, "We refunded all buyers on 30 June 2029.", "plan").findings]
