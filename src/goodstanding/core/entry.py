"""The letter that brings a one-time code to who comes in by a link (requirement C2)."""

from datetime import datetime

from goodstanding.core.notices import Letter, NoticeText, plain_letter
from goodstanding.core.terms import NoticeKind


def compose_entry_code(letter: Letter, *, code: str, until: datetime) -> NoticeText:
    """The mail with a code, which also stands first in its subject: there a phone shows it without opening the mail.

    It names no link, so that nobody learns to follow links of such mails, and asks for nothing.
    """
    paragraphs = [
        [letter.say("entry_code_opening")],
        [code],
        [letter.say("entry_code_until", until=letter.moment(until))],
        [letter.say("entry_code_not_you")],
    ]
    return plain_letter(NoticeKind.ENTRY_CODE, letter.say("entry_code_subject", code=code), paragraphs, letter)
