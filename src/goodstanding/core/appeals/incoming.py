"""What becomes of a mail that answers a letter, and which route it takes (requirements C2, F0, G1).

Two things at once make a mail the holder's: a reply address that only the receiver of the letter knows, and proof (DKIM or SPF, aligned
with From as DMARC, RFC 7489, has it) that it was sent by the domain of the registered address. With less, a person decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import CORRECTIVE, OTHER, PLAN_PARTS, PREVENTIVE, ROOT_CAUSE, Plan, Source, read_plan
from goodstanding.core.appeals.plan import Answer
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.terms import MailCause, MailVerdict, Route

MOST_A_DAY = 20
"""Mails about one case that are taken within a day; what comes beyond waits for a person and is not answered, so that no loop can grow."""

_TOLD_PARTS = 2
"""How many parts of a plan a text without headings must speak of to be one."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is known of a mail before it is judged.

    `case_id`: the case it belongs to by address or thread, '' where none. `token`: `good`, `expired`, `other` (two cases at once) or ''.
    `is_registered`: From is the account's registered address. `is_proved`: an aligned DKIM signature or SPF pass. `is_known`: From is the
    registered address of any account. `today`: mails of this case taken within a day.
    """

    is_too_large: bool = False
    is_whole: bool = True
    from_headers: int = 1
    senders: int = 1
    is_bounce: bool = False
    is_automatic: bool = False
    is_bulk: bool = False
    case_id: str = ""
    token: str = ""
    is_registered: bool = False
    is_known: bool = False
    is_proved: bool = False
    is_replayed: bool = False
    is_empty: bool = False
    today: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a mail and why. `is_answered`: the holder is told what was missing."""

    verdict: MailVerdict
    cause: MailCause
    is_answered: bool = False


def judge(mail: Arrived) -> Judged:
    """The verdict on a mail. A machine's mail is never answered; a forged one is answered to the registered address only."""
    if refused := _refused(mail):
        return Judged(MailVerdict.REFUSED, refused)
    if mail.is_bounce:
        return Judged(MailVerdict.IGNORED, MailCause.BOUNCE)
    if mail.is_automatic or mail.is_bulk:
        return Judged(MailVerdict.IGNORED, MailCause.AUTOMATIC if mail.is_automatic else MailCause.BULK)
    held = _held(mail)
    if held == MailCause.NONE:
        return Judged(MailVerdict.ACCEPTED, held)
    return Judged(MailVerdict.HELD, held, is_answered=held not in (MailCause.REPLAYED, MailCause.TOO_MANY) and bool(mail.case_id))


def _refused(mail: Arrived) -> MailCause | None:
    if mail.is_too_large:
        return MailCause.TOO_LARGE
    if not mail.is_whole:
        return MailCause.UNREADABLE
    if not mail.is_bounce and (mail.from_headers != 1 or mail.senders != 1):
        return MailCause.SENDERS
    # A stranger's mail about no case is not even kept: the sending server is told, and nobody else.
    return None if mail.case_id or (mail.is_known and mail.is_proved) else MailCause.NO_CASE


def _held(mail: Arrived) -> MailCause:
    reasons = (
        (mail.token == "other", MailCause.OTHER_CASE),  # noqa: S105 - no password
        (mail.today >= MOST_A_DAY, MailCause.TOO_MANY),
        (mail.is_replayed, MailCause.REPLAYED),
        (bool(mail.case_id) and not mail.is_registered, MailCause.OTHER_SENDER),
        (not mail.is_proved, MailCause.UNPROVED),
        (mail.token == "expired", MailCause.EXPIRED_TOKEN),  # noqa: S105 - no password
        (mail.token != "good", MailCause.NO_TOKEN),  # noqa: S105 - no password
        (mail.is_empty, MailCause.EMPTY),
    )
    return next((cause for holds, cause in reasons if holds), MailCause.NONE)


def told_answer(text: str, languages: Mapping[str, PlanWords]) -> Answer | None:
    """The answer that a mail's own words make, or None where they do not tell the route: then the writer is asked, and nothing is guessed.

    A dispute says so in a heading, or denies and admits nothing. A plan has a heading of one of its parts, or speaks of two of them.
    """
    if not languages or not text.strip():
        return None
    words = languages[language_of(text, languages)]
    plan = read_plan(Source(text), words)
    if plan.is_dispute:
        return Answer(Route.DISPUTE, grounds=text)
    told = {sentence.part for sentence in plan.sentences} & set(PLAN_PARTS)
    if any(heading.part in PLAN_PARTS for heading in plan.headings):
        return as_plan(plan)
    if phrases.has(words.list("denial"), text) and not phrases.has(words.list("admission"), text):
        return Answer(Route.DISPUTE, grounds=text)
    return as_plan(plan) if len(told) >= _TOLD_PARTS else None


def chosen_answer(text: str, route: Route, languages: Mapping[str, PlanWords]) -> Answer:
    """The answer by a route that the writer chose afterwards. A plan's text is parted as far as its words tell; the rest is its root cause."""
    if route == Route.DISPUTE:
        return Answer(Route.DISPUTE, grounds=text)
    if not languages:
        return Answer(Route.PLAN, root_cause=text)
    return as_plan(read_plan(Source(text), languages[language_of(text, languages)]))


def as_plan(plan: Plan) -> Answer:
    """A plan's text by its parts, every word of it kept: what belongs to no part stays with what stands before it, or begins the root cause."""
    parts: dict[str, list[str]] = {ROOT_CAUSE: [], CORRECTIVE: [], PREVENTIVE: []}
    at, into = 0, ROOT_CAUSE
    for start, part in _begins(plan):
        parts[into].append(plan.text[at:start])
        at, into = start, part
    parts[into].append(plan.text[at:])
    said = {name: "".join(pieces).strip() for name, pieces in parts.items()}
    return Answer(Route.PLAN, said[ROOT_CAUSE], said[CORRECTIVE], said[PREVENTIVE])


def _begins(plan: Plan) -> list[tuple[int, str]]:
    """Where each part begins: at its headings, or where there are none at the sentences that speak of it."""
    if plan.headings:
        return [(heading.start, heading.part if heading.part in PLAN_PARTS else ROOT_CAUSE) for heading in plan.headings]
    return [(sentence.start, sentence.part) for sentence in plan.sentences if sentence.part != OTHER and sentence.part in PLAN_PARTS]
