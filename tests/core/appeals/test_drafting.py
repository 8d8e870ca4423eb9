"""A first draft: real numbers, marked gaps, nothing invented; checked, it shows its gaps and nothing else (requirement F4)."""

import re
from datetime import date

import pytest

from goodstanding.core.appeals.checks.asking import asked_by, checks_of, names_of
from goodstanding.core.appeals.checks.context import Checked, FactSummary, Tally
from goodstanding.core.appeals.checks.reading import GAP, Source, read_plan
from goodstanding.core.appeals.checks.registry import run_checks
from goodstanding.core.appeals.checks.routes import route_of
from goodstanding.core.appeals.diagnosis.model import Cause, CauseKind, Confidence, Diagnosis
from goodstanding.core.appeals.drafting import DraftOf, draft, usual_route
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import Route
from goodstanding.intake.spelling import slips_of
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
WORDS = checks_of(PACK)
TODAY = date(2026, 11, 22)
SLOW = Cause(CauseKind.GROUP, "carrier", "SlowShip", date(2026, 3, 2), date(2026, 3, 9), 14, 40, 16, 348, 1e-9, 30, Confidence.HIGH, ("O-1",))
LATE = Diagnosis(
    "S-1",
    date(2026, 3, 10),
    "late_shipment_rate_30d",
    "PERF_LATE_SHIPMENT",
    "orders",
    date(2026, 2, 9),
    date(2026, 3, 10),
    16,
    348,
    False,
    16,
    30,
    (SLOW,),
    (),
)
FACTS = FactSummary(date(2026, 3, 10), tallies={"refunded": Tally(9, 12), "shipped": Tally(330, 348), "late": Tally(16, 348)}, first=date(2026, 1, 1))


def checked(text, language, reasons, facts=None):
    words = WORDS[language]
    plan = read_plan(Source(text), words)
    beside = {"asked": asked_by(PACK, language, reasons, ("B0TEST0001",)), "facts": facts, "slips": slips_of(text, language, words.words)}
    beside["quoted"] = names_of(PACK, language)
    return run_checks(Checked(plan, route_of(plan), TODAY, **beside))


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("route", Route)
def test_a_fresh_draft_shows_exactly_its_gaps_for_every_reason(language, route):
    for code in (code for code, reason in PACK.reasons.items() if route in reason.routes):
        text = draft(PACK, language, DraftOf(route, (code,), ("B0TEST0001",)))
        report = checked(text, language, (code,))
        assert report.route is route, code
        assert [finding.code for finding in report.findings] == ["gap"] * len(GAP.findall(text)), code
        assert report.answered == {code: True}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("route", Route)
def test_a_draft_on_facts_holds_against_these_facts(language, route):
    basis = DraftOf(route, ("PERF_LATE_SHIPMENT", "PERF_ODR"), ("B0TEST0001",), diagnosis=LATE, facts=FACTS)
    text = draft(PACK, language, basis)
    report = checked(text, language, basis.reasons, FACTS)
    assert {finding.code for finding in report.findings} == {"gap"}
    assert "16" in text
    assert "348" in text


def test_numbers_and_days_of_the_diagnosis_are_filled_in():
    text = draft(PACK, "en", DraftOf(Route.PLAN, ("PERF_LATE_SHIPMENT", "PERF_ODR"), diagnosis=LATE, facts=FACTS))
    assert "16 of 348" in text
    assert "SlowShip" in text
    assert "330 of 348 shipped as of 2026-03-10; [[the rest" in text
    assert "9 of 12 refunded as of 2026-03-10; [[the rest" in text


@pytest.mark.parametrize("language", WORDS)
def test_nothing_is_invented_without_facts(language):
    for code in PACK.reasons:
        text = draft(PACK, language, DraftOf(usual_route(PACK, (code,)), (code,)))
        written = text.rpartition("\n## ")[0]  # the documents asked for, last, name their own windows
        assert not re.search(r"\d", GAP.sub("", written)), f"{code}: a number that nobody gave"


def test_the_route_is_the_plan_where_one_is_open():
    assert usual_route(PACK, ("PERF_ODR",)) is Route.PLAN
    for code, reason in PACK.reasons.items():
        assert usual_route(PACK, (code,)) in reason.routes


def test_an_unknown_reason_is_refused_with_what_to_do():
    with pytest.raises(UnusableInput, match="name one with --reason"):
        draft(PACK, "en", DraftOf(Route.PLAN, ("NONSENSE",)))
