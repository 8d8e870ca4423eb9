"""The letter that brings the code to come in by, in every language of the reference pack (requirements C2, C3)."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goodstanding.core.entry import compose_entry_code
from goodstanding.core.notices import Letter
from goodstanding.packs.loader import load_pack

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_the_letter_with_a_code_reads_as_agreed(language: str) -> None:
    pack = load_pack("amazon")
    letter = Letter(pack.words_for(language), "Harbour Lane Goods", "C-7K2M9QXW4TPB", "", pack.zone("US"))
    made = compose_entry_code(letter, code="042917", until=datetime(2026, 11, 22, 16, 53, tzinfo=UTC))
    golden, text = GOLDEN / f"entry_code.{language}.txt", f"Subject: {made.subject}\n\n{made.body}"
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    assert made.subject.startswith("042917 "), "a phone shows the first words of a subject"
    assert "http" not in made.body, "it brings no link to follow"
