"""What colleagues write to each other about a case: who may be asked, and when a question is off the table. Holders read nothing of it."""

from enum import StrEnum

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import Role

LONGEST_NOTE = 4000
"""Characters of one note; what is longer belongs into a file."""


class NoteAbout(StrEnum):
    """What a note is: words among colleagues, or the reason for which a proposal was refused, brought to who had recorded what it rested on."""

    WORDS = "words"
    REFUSAL = "refusal"


class Settled(StrEnum):
    """How a note is off the list of whom it was written to."""

    ANSWERED = "answered"
    SET_ASIDE = "set_aside"


def clean_note(text: str) -> str:
    """The words of a note as they are kept. Raises UnusableInput for none, and for too many."""
    said = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not said:
        raise UnusableInput("write the note first")
    if len(said) > LONGEST_NOTE:
        raise UnusableInput(f"a note has at most {LONGEST_NOTE} characters; this one has {len(said)}")
    return said


def check_addressee(author: str, addressee: str, role: Role | None) -> None:
    """Raise UnusableInput where nobody can be asked so: oneself, and who reviews no cases (any more). `role`: None for who is not active."""
    if addressee == author:
        raise UnusableInput("ask somebody else; a note that asks nobody is kept with the case all the same")
    if role not in REVIEWERS:
        raise UnusableInput("choose a colleague who reviews cases")


def check_may_settle(actor: str, *, author: str, addressee: str) -> None:
    """Raise NotPermitted for who neither was asked nor asked: a question is nobody else's to set aside."""
    if actor not in (author, addressee):
        raise NotPermitted("setting a colleague's question aside", [addressee, author])
