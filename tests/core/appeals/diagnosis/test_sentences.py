"""What a diagnosis says, in every language; the texts are golden files."""

import os
from pathlib import Path

import pytest

from goodstanding.core.appeals.diagnosis.sentences import say_cause, say_causes_in_short, say_facts, say_happening, say_odds, say_surface
from goodstanding.core.facts import ListingChange, SignIn
from tests.core.appeals.diagnosis.made import PACK, diagnosis_of, shipped_on, values_of

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_causes_and_their_facts_are_told_in_the_readers_language(language: str):
    """Requirement D2: each cause with the facts."""
    words = PACK.words_for(language)
    bad_carrier = diagnosis_of(lambda n: (values_of(n)["carrier"] == "Heron" and n * 37 % 5 == 0) or n * 37 % 97 == 0)
    sign_in = SignIn("s-1", "ann", shipped_on(0), "office", "US", True), SignIn("s-2", "ann", shipped_on(390), "phone-9", "US", True)
    change = ListingChange("c-1", "ann", "P-4", shipped_on(380), "title")
    bad_week = diagnosis_of(lambda n: 380 <= n < 450 and n % 2 == 0, sign_ins=sign_in, changes=(change,))
    none = diagnosis_of(lambda n: n * 37 % 17 == 0)
    lines = []
    for told in (bad_carrier, bad_week, none):
        lines += [say_surface(PACK, words, told), say_causes_in_short(words, told)]
        for cause in told.causes:
            lines += [f"  {say_cause(words, told, cause)}", *(f"    {fact}" for fact in say_facts(PACK, words, told, cause))]
        lines += [f"  {one.day}: {say_happening(PACK, words, one)}" for day in told.timeline for one in day.happenings]
    text, path = "\n".join(lines) + "\n", GOLDEN / f"diagnosis.{language}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_odds_are_told_as_people_read_them():
    assert [say_odds(chance) for chance in (0.04, 0.0005, 3e-7, 0.0)] == ["25", "2,000", "10^6", "10^300"]
