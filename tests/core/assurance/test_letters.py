"""The letters of the programme and of what comes after a case, word for word in three languages (requirements J2, J3, I2, A3, C3)."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from goodstanding.core.assurance.eligibility import judge, lost
from goodstanding.core.assurance.letters import (
    compose_call_missed,
    compose_contact_needed,
    compose_enrolled,
    compose_erasure_answer,
    compose_membership_ended,
    compose_reopened,
    compose_settled,
    compose_window_opened,
)
from goodstanding.core.assurance.window import calls_due
from goodstanding.core.notices import Condition
from goodstanding.core.retention import answer_erasure
from goodstanding.core.terms import ActionKind
from tests.core.assurance.test_eligibility import GOOD, PACK, RULES, TODAY
from tests.core.test_notices import GOLDEN, LANGUAGES, LATE, NOW, letter, statement

ENDS = RULES.window.after(NOW)
BELOW = replace(GOOD, ratings=((date(2026, 1, 1), 300), (date(2026, 11, 12), 240)))
CLOSED = datetime(2026, 11, 20, 8, tzinfo=UTC)


def contact_needed(language):
    judged = judge(RULES, replace(GOOD, contact_verified_at=None), TODAY)
    return compose_contact_needed(letter(language), RULES, next(one for one in judged.criteria if not one.is_met))


def window_opened(language):
    stated = statement(language, (LATE,), kind=ActionKind.DEACTIVATE)
    calls = calls_due(RULES, NOW)
    return compose_window_opened(letter(language), stated, ends_at=ENDS, calls=calls, number_shown="…0123", call_required=True)


LETTERS = {
    "enrolled": lambda language: compose_enrolled(letter(language), RULES),
    "contact_needed": contact_needed,
    "membership_ended": lambda language: compose_membership_ended(letter(language), RULES, lost(RULES, BELOW, TODAY)),
    "membership_ended_harm": lambda language: compose_membership_ended(letter(language), RULES, (), for_harm=True),
    "window_opened": window_opened,
    "call_missed": lambda language: compose_call_missed(letter(language), tried_at=NOW, next_at=calls_due(RULES, NOW)[1], ends_at=ENDS),
    "settled": lambda language: compose_settled(
        letter(language), because="302-0000001 ✓", conditions=[Condition("14:00 ✓", date(2026, 12, 1))], monitored_until=datetime(2027, 2, 20, 9, tzinfo=UTC)
    ),
    "reopened": lambda language: compose_reopened(letter(language), broken=[("14:00 ✓", "9 / 100")], again=[("PERF_LATE_SHIPMENT", "2026-12-03")]),
    "erasure": lambda language: compose_erasure_answer(
        letter(language), asked_at=NOW, answer=answer_erasure(PACK.retention, CLOSED, NOW, has_open_case=False)
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_each_letter_reads_as_agreed(kind, language):
    """Golden texts; run with GOLDEN_WRITE=1 to write them anew, then read them."""
    made = LETTERS[kind](language)
    text = f"Subject: {made.subject}\n\n{made.body}"
    golden = Path(GOLDEN) / f"assurance_{kind}.{language}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert "${" not in text
