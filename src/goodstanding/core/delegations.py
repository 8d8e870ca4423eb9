"""Acting for another's account: what may be granted, and the letters about it to holder and delegate (requirement A1)."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from goodstanding.core.notices import Letter, NoticeText, plain_letter
from goodstanding.core.terms import DelegationEnd, NoticeKind, Right


class Told(StrEnum):
    """What a letter about a delegation tells."""

    GRANTED = "granted"
    ACCEPTED = "accepted"
    CHANGED = "changed"
    ENDED = "ended"


def granted_rights(asked: Collection[Right]) -> tuple[Right, ...]:
    """The rights of a delegation in their usual order; reading is part of every one, because the others are nothing without it."""
    return tuple(right for right in Right if right in asked or right == Right.READ)


def compose_invitation(letter: Letter, *, holder: str, rights: Sequence[Right], until: datetime, ends_at: datetime | None) -> NoticeText:
    """To the delegate: who asks, for what, and the link to answer by, which is good until `until`."""
    paragraphs = [
        [letter.say("delegate_invited_opening", holder=holder), *_right_lines(letter, rights), _lasting(letter, ends_at)],
        [letter.say("delegate_invited_how", case_url=letter.case_url, until=letter.moment(until))],
        [letter.say("delegate_invited_stranger")],
    ]
    return plain_letter(NoticeKind.DELEGATION, letter.say("delegate_invited_subject", holder=holder), paragraphs, letter)


def compose_told_holder(
    letter: Letter, told: Told, *, delegate: str, rights: Sequence[Right] = (), ends_at: datetime | None = None, end: DelegationEnd | None = None
) -> NoticeText:
    """To the holder: what became of a delegation, what it now allows, and where to change it."""
    what = [letter.say(f"delegation_{told}_holder", delegate=delegate)]
    if end:
        what.append(letter.say(f"delegation_end_{end}"))
    else:
        what += [*_right_lines(letter, rights), _lasting(letter, ends_at)]
    paragraphs = [what, [letter.say("delegation_manage", case_url=letter.case_url)]]
    return plain_letter(NoticeKind.DELEGATION, letter.say("delegation_subject_holder", delegate=delegate), paragraphs, letter)


def compose_told_delegate(
    letter: Letter, told: Told, *, holder: str, rights: Sequence[Right] = (), ends_at: datetime | None = None, end: DelegationEnd | None = None
) -> NoticeText:
    """To the delegate: what became of a delegation, and what it allows now."""
    what = [letter.say(f"delegation_{told}_delegate", holder=holder)]
    if end:
        what.append(letter.say(f"delegation_end_{end}"))
    else:
        what += [*_right_lines(letter, rights), _lasting(letter, ends_at)]
    return plain_letter(NoticeKind.DELEGATION, letter.say("delegation_subject_delegate", holder=holder), [what], letter)


def compose_delegate_code(letter: Letter, *, code: str, until: datetime) -> NoticeText:
    """The mail with the code that a delegate comes in by."""
    paragraphs = [
        [letter.say("delegate_code_opening")],
        [code],
        [letter.say("entry_code_until", until=letter.moment(until))],
        [letter.say("entry_code_not_you")],
    ]
    return plain_letter(NoticeKind.ENTRY_CODE, letter.say("delegate_code_subject", code=code), paragraphs, letter)


def copy_for_delegate(letter: Letter, text: NoticeText, *, delegate: str, holder: str, links: re.Pattern[str]) -> NoticeText:
    """A letter to the holder as its copy to a delegate, which promises no answer by mail.

    `links` are the holder's personal ones: each gives way to `letter.case_url`, which opens nothing to who does not sign in.
    """
    promise = letter.words.templates["answer_by_mail"]
    body = "\n".join(line for line in text.body.splitlines() if line.strip() != promise)
    opening = letter.say("delegate_copy_opening", delegate=delegate, holder=holder, case_url=letter.case_url)
    copied = links.sub(lambda _: letter.case_url, body)
    return replace(text, subject=letter.say("delegate_copy_subject", subject=text.subject), body=f"{opening}\n\n{copied}\n", reply_to="")


def _right_lines(letter: Letter, rights: Sequence[Right]) -> list[str]:
    return [letter.say("delegation_right_line", right=letter.say(f"right_{right}")) for right in rights]


def _lasting(letter: Letter, ends_at: datetime | None) -> str:
    return letter.say("delegation_until", until=letter.moment(ends_at)) if ends_at else letter.say("delegation_open")
