"""The labelled plans of the collection: bad ones get several times the findings of good ones, and no list holds a line of them (requirement F2)."""

import re

import pytest

from benchmarks.checks import findings_of, labelled, mean_findings
from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.packs.loader import load_pack
from tests.conftest import DATA

pytestmark = pytest.mark.real_data

MOST_WORDS_OF_A_PHRASE = 8
"""Longer expressions are lines of somebody's letter, not of the language."""

PACK = load_pack("amazon")


@pytest.fixture(scope="module")
def rows():
    if not (DATA / "notices" / "notices.jsonl").is_file():
        pytest.skip(f"no real data: {DATA}/notices is not there; set GOODSTANDING_DATA to the folder that holds it")
    return labelled(DATA)


@pytest.fixture(scope="module")
def reports(rows):
    return findings_of(PACK, rows)


def test_bad_plans_get_at_least_three_times_the_findings_of_good_ones(reports):
    assert mean_findings(reports["poa_bad"]) >= 3 * mean_findings(reports["poa_good"])


def test_the_only_errors_on_good_plans_are_holes_that_were_left_in_them(reports):
    found = {finding.code for report in reports["poa_good"].values() for finding in report.findings if finding.severity == "error"}
    assert found <= {"leftover"}


def test_no_list_holds_a_line_of_a_plan(rows):
    sentences = {" ".join(re.findall(r"\w+", sentence.lower())) for row in rows for sentence in re.split(r"[.!?;:。！？；\n]", row["text"])}
    long = {sentence for sentence in sentences if len(sentence.split()) > 3}
    for words in checks_of(PACK).values():
        for name, listed in words.phrases.items():
            for phrase in listed:
                plain = phrase
                while re.search(r"\([^()]*\)", plain):
                    plain = re.sub(r"\([^()]*\)\??", "x", plain)
                assert " ".join(re.findall(r"\w+", phrase.lower())) not in long, f"{words.language} {name}: {phrase}"
                assert len(plain.split()) <= MOST_WORDS_OF_A_PHRASE, f"{words.language} {name}: {phrase}"
