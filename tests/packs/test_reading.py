"""The shipped word lists: general expressions, known codes, texts in every language."""

import tomllib
from pathlib import Path

import pytest

from goodstanding.core.appeals.reading.loading import CODED, texts_of
from goodstanding.core.appeals.reading.normal import normalise
from goodstanding.core.appeals.reading.notice_read import SIGNS_OF_FRAUD
from goodstanding.packs.loader import load_pack
from goodstanding.packs.reading import load_reading, reading_texts
from tests.notice_data import rows

FILES = sorted((Path(__file__).resolve().parents[2] / "src" / "goodstanding" / "packs" / "amazon" / "reading").glob("*.toml"))
LISTS = {path.name: tomllib.loads(path.read_text("utf-8")) for path in FILES if path.stem != "rules"}
CLAUSES = {"SECTION_2", "SECTION_3", "ACCOUNT_AT_RISK"}
"""Told by notices and no reasons that an operator acts on."""


@pytest.mark.real_data
def test_no_expression_is_a_line_of_a_sample() -> None:
    """Done-when of D1: lists hold general expressions, so that unseen notices are read too."""
    samples = rows()
    if not samples:
        pytest.skip("the collection of notices is not beside the checkout")
    fold = load_reading().fold
    pieces = {
        piece.strip()
        for row in samples
        for text in (row["text"], *row.get("markers", []))
        for line in text.split("\n")
        for piece in (line, *line.split(". "))
    }
    lines = {normalise(piece, fold).text.strip(" .;\n") for piece in pieces}
    long = {line for line in lines if len(line) > (12 if any("\u4e00" <= char <= "\u9fff" for char in line) else 40)}
    for name, content in LISTS.items():
        for path, written in texts_of(content).items():
            plain = normalise(written, fold).text.strip(" .;\n")
            assert plain not in long, f"{name}: {path} is a line of a sample"
            assert not any(line in plain for line in long), f"{name}: {path} holds a line of a sample"


def test_every_reason_of_the_lists_is_a_reason_of_the_pack() -> None:
    known = set(load_pack("amazon").reasons)
    assert set(load_reading().meanings["reasons"]) - known - CLAUSES == set()


def test_every_evidence_that_an_ask_names_is_in_the_pack() -> None:
    known = set(load_pack("amazon").evidence)
    named = {meaning.evidence for meaning in load_reading().meanings["asks"].values() if meaning.evidence}
    assert named - known == set()


@pytest.mark.parametrize("kind", CODED)
def test_every_code_has_expressions_in_every_language(kind: str) -> None:
    """A reason that is read in English is read in Chinese too (L1)."""
    words = load_reading()
    for tongue in words.tongues:
        missing = set(words.meanings[kind]) - set(getattr(tongue, kind))
        assert missing - {"reminder", "notice_mailbox"} == set(), f"{tongue.language} says nothing for these {kind}"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_code_that_is_shown_has_a_name(language: str) -> None:
    words, texts = load_reading(), reading_texts(language)
    assert set(texts["stages"]) == set(words.meanings["stages"])
    assert set(texts["asks"]) == set(words.meanings["asks"])
    assert set(texts["channels"]) == set(words.meanings["channels"])
    assert set(texts["deadlines"]) == {what for tongue in words.tongues for what in tongue.deadlines}
    assert set(texts["warnings"]) >= SIGNS_OF_FRAUD
    assert {key: set(value) for key, value in texts.items()} == {key: set(value) for key, value in reading_texts("en").items()}
