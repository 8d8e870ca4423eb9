"""A plan is taken apart with every place kept (requirement F1), and phrases are found as packs write them."""

import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.appeals.checks import days, phrases
from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.checks.context import Checked
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import Source, read_plan
from goodstanding.core.appeals.checks.registry import run_checks
from goodstanding.core.appeals.checks.routes import route_of
from goodstanding.core.terms import Route
from goodstanding.packs.loader import load_pack

WORDS = checks_of(load_pack("amazon"))
TODAY = date(2026, 11, 22)


def parts(text, language="en"):
    return [(sentence.part, sentence.text) for sentence in read_plan(Source(text), WORDS[language]).sentences]


@pytest.mark.parametrize(
    "heading", ["## Root cause", "**Root cause**", "Root cause:", "1. Root cause", "I. Root cause analysis:", "ROOT CAUSE", "What went wrong:"]
)
def test_a_heading_is_known_in_many_forms(heading):
    assert parts(f"{heading}\nThe schedule had no pick-up.") == [("root_cause", "The schedule had no pick-up.")]


def test_what_follows_a_heading_on_its_line_belongs_to_it():
    told = parts("Root cause: - the schedule had no pick-up; - nobody stood in.\nPrevention: 1) a list; 2) a second person.")
    assert [part for part, _ in told] == ["root_cause"] * 2 + ["preventive"] * 2
    assert told[1][1] == "nobody stood in."


def test_without_headings_sentences_are_told_by_their_words():
    told = dict(
        reversed(one)
        for one in parts("Orders were late because the schedule had no pick-up. We refunded the buyers. Every week a manager reads the rate.")
    )
    assert set(told.values()) == {"root_cause", "corrective", "preventive"}


def test_the_route_is_told_from_the_text():
    assert route_of(read_plan(Source("Grounds: the complaint is wrong."), WORDS["en"])) is Route.DISPUTE
    assert route_of(read_plan(Source("Our products are genuine. We never sold fakes."), WORDS["en"])) is Route.DISPUTE
    assert route_of(read_plan(Source("We failed to check the schedule."), WORDS["en"])) is Route.PLAN


@pytest.mark.parametrize(
    ("text", "language"), [("We shipped late.", "en"), ("我们的订单发货晚了。", "zh-Hans"), ("我們的訂單發貨晚了。", "zh-Hant"), ("", "en")]
)
def test_the_language_is_told_from_the_signs(text, language):
    assert language_of(text, WORDS) == language


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("soon", "too soon.", "soon"),
        ("soon", "sooner", None),
        ("apolog*", "We apologise", "apologise"),
        ("(we/I) (really)? hope", "I hope", "I hope"),
        ("carrier ~ lost", "the carrier in Leeds has lost it", "carrier in Leeds has lost"),
        ("carrier ~ lost", "the carrier came. It was lost", None),
        ("in (due/good) time", "In due time", "In due time"),
        ("didn't", "we didn’t", "didn’t"),
        ("(?<!how )many", "how many", None),
        ("恳(求|请)", "在此恳请", "恳请"),
        ("最近", "我们最近发现", "最近"),
    ],
)
def test_phrases_are_found_as_they_are_written(phrase, text, found):
    hits = [text[start:end] for start, end in phrases.found((phrase,), text)]
    assert hits == ([found] if found else [])


@pytest.mark.parametrize("language", WORDS)
def test_every_phrase_of_the_packs_is_an_expression_that_finds_words_and_not_nothing(language):
    words = WORDS[language]
    listed = [phrase for table in (words.parts, words.phrases, words.reasons, words.documents) for some in table.values() for phrase in some]
    assert len(listed) > 100
    assert [phrase for phrase in listed if re.search(phrases.pattern(phrase), "")] == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-09", date(2026, 3, 9)),
        ("9 March 2026", date(2026, 3, 9)),
        ("March 9th, 2026", date(2026, 3, 9)),
        ("on 3 May", date(2026, 5, 3)),
        ("Dec 24", date(2025, 12, 24)),
        ("2026年3月9日", date(2026, 3, 9)),
        ("3月9号", date(2026, 3, 9)),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    assert [found for _, _, found in days.found(text, TODAY)] == [day]


@given(st.text(alphabet=st.sampled_from(list("ab #*-:.;?!\n[]【】()12%我们退款的，。：将")), max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_checked_and_every_place_lies_in_it(text):
    plan = read_plan(Source(text), WORDS[language_of(text, WORDS)])
    report = run_checks(Checked(plan, route_of(plan), TODAY))
    lines = text.split("\n")
    for finding in report.findings:
        place = finding.place
        assert 1 <= place.line <= place.end_line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert 1 <= place.end_column <= len(lines[place.end_line - 1]) + 1
    assert 0 <= report.score.total <= report.score.best


@pytest.mark.parametrize(
    "text", ["a " * 50_000, "- " * 20_000, "[" * 20_000, "we are not we are not " * 5_000, "我们将" * 10_000, "carrier " * 20_000]
)
def test_no_text_takes_long(text):
    began = time.process_time()
    plan = read_plan(Source(text), WORDS[language_of(text, WORDS)])
    run_checks(Checked(plan, Route.PLAN, TODAY))
    assert time.process_time() - began < 10
