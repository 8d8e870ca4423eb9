"""Who may be asked, what a note may say, and whose question it is to set aside."""

import pytest

from goodstanding.core.cases.notes import LONGEST_NOTE, check_addressee, check_may_settle, clean_note
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import Role


def test_a_note_is_kept_as_it_was_written_but_for_its_ends() -> None:
    assert clean_note("  Is this\r\ngenuine?\0 ") == "Is this\ngenuine?"
    assert clean_note("云" * LONGEST_NOTE) == "云" * LONGEST_NOTE
    for text, word in ((" \n ", "write the note first"), ("x" * (LONGEST_NOTE + 1), "at most 4000")):
        with pytest.raises(UnusableInput, match=word):
            clean_note(text)


def test_only_a_colleague_who_reviews_can_be_asked_and_never_oneself() -> None:
    check_addressee("user:1", "user:2", Role.SPECIALIST)
    for addressee, role in (("user:1", Role.SPECIALIST), ("user:2", None), ("user:2", Role.AUDITOR), ("user:2", Role.HOLDER)):
        with pytest.raises(UnusableInput):
            check_addressee("user:1", addressee, role)


def test_a_question_is_set_aside_by_who_was_asked_or_who_asked_alone() -> None:
    check_may_settle("user:1", author="user:1", addressee="user:2")
    check_may_settle("user:2", author="user:1", addressee="user:2")
    with pytest.raises(NotPermitted):
        check_may_settle("user:3", author="user:1", addressee="user:2")
