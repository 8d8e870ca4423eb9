"""The letters to a holder, as plain text for mail and portal, in the holder's language.

Each is generated from a decision and the state that results from it, with the pack's own words; no sentence lives here (requirements
C1, C3, C5). All letters share a `Letter`, who it goes to and which case it is about.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from goodstanding.core.appeals.evidence import ALLOWED, RefusedFile
from goodstanding.core.enforcement.reasons import FactRow, ReasonGiven, StatementOfReasons, say_window
from goodstanding.core.facts import KINDS
from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import fill, say_date, say_fact, say_list, say_moment
from goodstanding.core.terms import Act, DecisionOutcome, HolderKind, MailCause, NoticeKind, ReleaseCause

MOST_ITEMS = 20
"""How many items of one reason a letter lists itself; all of them are in the attached list."""

LONGEST_VALUE = 200
"""How many characters of one fact (a buyer's text, say) a letter shows."""

ACTS_OF = {
    HolderKind.SELLER: (Act.SIGN_IN, Act.SEE_ORDERS, Act.SELL, Act.LIST, Act.WITHDRAW, Act.USE_BENEFITS, Act.APPEAL),
    HolderKind.BUYER: (Act.SIGN_IN, Act.SEE_ORDERS, Act.BUY, Act.USE_BENEFITS, Act.APPEAL),
}
"""The acts that mean something to each kind of holder, so a letter never tells a buyer that he may not withdraw funds."""

UTC_ZONE = ZoneInfo("UTC")
"""The zone of moments where the pack names none for the store."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CODED = {column.name for kind in KINDS.values() for column in kind.columns if column.allowed or column.type == "flag"} | {"defects", "shares"}
"""Columns whose values are codes and so have a word; every other value is shown as it is, because it is evidence."""

_DECIDED = {
    "AUTOMATED_DECISION_FULLY": "decided_fully",
    "AUTOMATED_DECISION_PARTIALLY": "decided_partially",
    "AUTOMATED_DECISION_NOT_AUTOMATED": "decided_by_person",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Whom a letter goes to and which case it is about. `case_url` opens the case; `reply_to` takes answers, '' where none does; moments are told in `zone`."""

    words: Words
    account_name: str
    case_number: str
    case_url: str
    zone: ZoneInfo = UTC_ZONE
    reply_to: str = ""

    def say(self, template: str, /, **values: object) -> str:
        """A template of the pack, filled; platform, account and case are always at hand."""
        always = {"platform": self.words.platform, "account_name": _one_line(self.account_name), "case_number": self.case_number}
        return fill(self.words, template, **(always | values))

    def moment(self, moment: datetime) -> str:
        """A moment in the letter's zone and language."""
        return say_moment(self.words, moment, self.zone)


@dataclass(frozen=True, slots=True)
class RemainingLimit:
    """A limit that is in force because of another action. `reasons` are reason codes; `until` None: until lifted."""

    act: Act
    reasons: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ViolationDecided:
    """What a reviewer decided of one violation and why, in the reviewer's words to the holder."""

    reason: str
    outcome: DecisionOutcome
    explanation: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A commitment that reinstatement rests on, the day it is due, and the metric (if any) that is within its target from then on."""

    commitment: str
    due: date
    metric: str = ""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """One letter, finished. `attachment_rows` is the list of items with its header row; empty: nothing is attached."""

    kind: NoticeKind
    subject: str
    body: str
    language: str
    attachment_rows: tuple[tuple[str, ...], ...] = ()
    reply_to: str = ""


def compose_action_notice(
    statement: StatementOfReasons, letter: Letter, *, appeal_until: datetime, in_force: Sequence[RemainingLimit] = (), is_later: bool = False
) -> NoticeText:
    """The notice of an action (requirement C1). `in_force`: limits that other actions have set and that stay beside these.

    `is_later`: the action is announced and takes effect at the statement's `applies_from`.

    `letter.words` must be in the statement's language; `letter.case_url` is where the appeal opens.
    """
    paragraphs = [
        [letter.say("greeting")],
        [_opening(statement, letter, is_later=is_later)],
        [letter.say("reasons_heading")],
        *(reason_lines(number, given, letter) for number, given in enumerate(statement.reasons, 1)),
        [letter.say("decided_heading"), letter.say(_DECIDED[statement.automated_decision])],
        _limit_lines(statement, letter, in_force),
        _remaining_lines(in_force, letter) if in_force else [],
        asked_lines(statement.evidence, letter),
        _appeal_lines(statement, letter, appeal_until),
        [letter.say("signature")],
    ]
    subject = letter.say("action_subject", action=letter.words.actions[statement.action])
    return NoticeText(
        NoticeKind.ACTION, _one_line(subject), _join(paragraphs), statement.language, fact_table(statement, letter.words), letter.reply_to
    )


def compose_acknowledgement(letter: Letter, *, received_at: datetime, files: Sequence[str], answer_by: datetime) -> NoticeText:
    """The receipt of an appeal or an answer: when it came, which files with it, who acts next and by when (requirement G2)."""
    if files:
        named = say_list(letter.words, (_one_line(name) for name in files))
        files_line = letter.say("acknowledgement_files", count=len(files), files=named)
    else:
        files_line = letter.say("acknowledgement_no_files")
    paragraphs = [
        [letter.say("greeting")],
        [letter.say("acknowledgement_opening", received=letter.moment(received_at))],
        [files_line],
        [letter.say("acknowledgement_next", answer_by=letter.moment(answer_by)), _case_line(letter)],
        [letter.say("signature")],
    ]
    return _finished(NoticeKind.ACKNOWLEDGEMENT, letter.say("acknowledgement_subject"), paragraphs, letter)


def compose_information_asked(letter: Letter, *, items: Sequence[str], due_at: datetime, message: str = "") -> NoticeText:
    """A question to the holder (requirement H2). `items`: evidence kinds of the pack, or what else is asked in the reviewer's words."""
    due = letter.moment(due_at)
    paragraphs = [
        [letter.say("greeting")],
        [letter.say("information_opening", due=due)],
        asked_lines(items, letter),
        [letter.say("information_message", message=message.strip())] if message.strip() else [],
        [letter.say("information_how", case_url=letter.case_url, due=due), *_answerable(letter), letter.say("information_silence", due=due)],
        [letter.say("signature")],
    ]
    return _finished(NoticeKind.INFORMATION_ASKED, letter.say("information_subject", due=due), paragraphs, letter)


def compose_upheld(
    letter: Letter,
    *,
    decided: Sequence[ViolationDecided],
    next_steps: Sequence[str],
    attempts_left: int,
    appeal_until: datetime,
    lifted: Sequence[Act] = (),
    in_force: Sequence[RemainingLimit] = (),
) -> NoticeText:
    """The answer to an appeal of which at least one violation is upheld: reasons each, next steps, attempts left (requirements H2, H4, H6).

    `next_steps` are evidence kinds or words of the reviewer; without any, the pack's cure of each upheld reason is given. `in_force`:
    every limit that is in force now, this action's own among them.
    """
    upheld = [one.reason for one in decided if one.outcome is DecisionOutcome.UPHELD]
    free = _truly_lifted(lifted, in_force)
    steps = [_evidence_name(step, letter) for step in next_steps] or [letter.words.cures.get(code, code) for code in dict.fromkeys(upheld)]
    if attempts_left > 0:
        again = [letter.say("attempts_left", count=attempts_left, appeal_until=letter.moment(appeal_until), appeal_url=letter.case_url)]
        again += _answerable(letter)
    else:
        again = [letter.say("attempts_none")]
    paragraphs = [
        [letter.say("greeting")],
        [letter.say("upheld_opening")],
        _decision_lines(decided, letter),
        _lifted_lines(free, letter) if free else [],
        _remaining_lines(in_force, letter, "still_limited_heading") if in_force else [],
        [letter.say("next_steps_heading"), *(letter.say("next_step_line", step=step) for step in steps)],
        [*again, letter.say("redress"), _case_line(letter)],
        [letter.say("signature")],
    ]
    return _finished(NoticeKind.UPHELD, letter.say("upheld_subject"), paragraphs, letter)


def compose_reinstated(
    letter: Letter,
    *,
    lifted: Sequence[Act],
    in_force: Sequence[RemainingLimit] = (),
    decided: Sequence[ViolationDecided] = (),
    conditions: Sequence[Condition] = (),
) -> NoticeText:
    """The letter that an action is lifted: which limits go, which stay because of other actions, on which conditions (requirements H2, I1).

    `lifted` and `in_force` must come from the state after the decision: an act still forbidden by another limit is not named as lifted.
    """
    paragraphs = [
        [letter.say("greeting")],
        [letter.say("reinstated_opening")],
        _decision_lines(decided, letter),
        _lifted_lines(_truly_lifted(lifted, in_force), letter),
        _remaining_lines(in_force, letter),
        condition_lines(conditions, letter),
        [_case_line(letter)],
        [letter.say("signature")],
    ]
    return _finished(NoticeKind.REINSTATED, letter.say("reinstated_subject"), paragraphs, letter)


def compose_update(
    letter: Letter,
    kind: NoticeKind,
    *,
    due: datetime | None = None,
    because: str = "",
    lifted: Sequence[Act] = (),
    in_force: Sequence[RemainingLimit] = (),
) -> NoticeText:
    """A short letter on what became of a case (the kinds of `policy.templates.UPDATES`): what happened, why, what is free and what stays limited.

    `due`: the moment the letter speaks of. `because`: the reason in words, where a person gave one. `in_force` as in `compose_reinstated`.
    """
    due_said = letter.moment(due) if due else "-"
    free = _truly_lifted(lifted, in_force)
    paragraphs = [
        [letter.say(f"{kind}_opening", due=due_said)],
        [letter.say("because_line", because=because.strip())] if because.strip() else [],
        _lifted_lines(free, letter) if free else [],
        _remaining_lines(in_force, letter, "still_limited_heading") if in_force else [],
        [_case_line(letter)],
    ]
    return plain_letter(kind, letter.say(f"{kind}_subject"), paragraphs, letter)


def compose_freed(letter: Letter, *, cause: ReleaseCause, lifted: Sequence[Act], in_force: Sequence[RemainingLimit] = ()) -> NoticeText:
    """The letter that an action is lifted without a decision on an appeal, because the relation it rested on no longer counts (requirement I1).

    It names no other account and says nothing of one (requirement K5).
    """
    paragraphs = [
        [letter.say("greeting")],
        [letter.say(f"freed_{cause}")],
        _lifted_lines(_truly_lifted(lifted, in_force), letter),
        _remaining_lines(in_force, letter),
        [_case_line(letter)],
        [letter.say("signature")],
    ]
    return _finished(NoticeKind.REINSTATED, letter.say("freed_subject"), paragraphs, letter)


def compose_mail_answer(
    letter: Letter, kind: NoticeKind, *, cause: MailCause = MailCause.NONE, asks_route: bool = False, refused: Sequence[RefusedFile] = ()
) -> NoticeText:
    """The answer to a mail that came in (requirements C2, G2): that it is filed, that it waits and how to prove it, or which files were not taken.

    `asks_route`: it could be an appeal if its writer says which. `refused`: the files that were not taken.
    """
    paragraphs = [
        [letter.say(f"{kind}_opening")],
        [letter.say(f"mail_{cause}")] if cause is not MailCause.NONE else [],
        [letter.say("mail_prove", case_url=letter.case_url)] if cause is not MailCause.NONE else [],
        [letter.say("mail_choose", case_url=letter.case_url)] if asks_route else [],
        _refused_lines(refused, letter),
        [_case_line(letter)],
    ]
    return plain_letter(kind, letter.say(f"{kind}_subject"), paragraphs, letter)


def compose_messages(letter: Letter, messages: Sequence[tuple[datetime, str]]) -> NoticeText:
    """The letter that brings an absent holder what was said in the conversation about a case: (when, text), oldest first."""
    said = [[letter.say("messages_line", moment=letter.moment(at)), text] for at, text in messages]
    paragraphs = [[letter.say("messages_opening")], *said, [_case_line(letter)]]
    return plain_letter(NoticeKind.MESSAGES, letter.say("messages_subject"), paragraphs, letter)


def say_refused(words: Words, refused: RefusedFile) -> str:
    """Why one file was not taken and what to do about it, in a line."""
    return fill(words, f"file_{refused.trouble}", name=_one_line(refused.name), most=refused.most)


def _refused_lines(refused: Sequence[RefusedFile], letter: Letter) -> list[str]:
    if not refused:
        return []
    lines = (f"- {say_refused(letter.words, one)}" for one in refused)
    return [letter.say("refused_heading"), *lines, letter.say("refused_next", allowed=ALLOWED)]


def _answerable(letter: Letter) -> list[str]:
    """The promise that the letter can be answered, where it can (requirement C2)."""
    return [letter.say("answer_by_mail")] if letter.reply_to else []


def fact_table(statement: StatementOfReasons, words: Words) -> tuple[tuple[str, ...], ...]:
    """Every item of a statement as rows under one header; empty where no violation has an item."""
    items = [(given, item) for given in statement.reasons for item in given.items]
    if not items:
        return ()
    columns = list(dict.fromkeys(column for _, item in items for column, _ in item.facts))
    header = (words.term("reason"), words.term("kind"), words.term("id"), *(words.term(column) for column in columns))
    rows = (_table_row(given, item, columns, words) for given, item in items)
    return (header, *rows)


def facts_csv(statement: StatementOfReasons, words: Words) -> str:
    """The attached list as CSV (RFC 4180), with the mark that makes spreadsheets read it as UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, because buyers' texts end up in these cells.
    """
    return rows_csv(fact_table(statement, words))


def rows_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV for a spreadsheet, guarded as `facts_csv` says."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_guarded(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def plain_letter(
    kind: NoticeKind, subject: str, paragraphs: Sequence[Sequence[str]], letter: Letter, attachment_rows: tuple[tuple[str, ...], ...] = ()
) -> NoticeText:
    """A letter of any kind: its paragraphs, which are lists of lines, between greeting and signature."""
    whole = [[letter.say("greeting")], *paragraphs, [letter.say("signature")]]
    return NoticeText(kind, _one_line(subject), _join(whole), letter.words.language, attachment_rows, letter.reply_to)


def _opening(statement: StatementOfReasons, letter: Letter, *, is_later: bool) -> str:
    applies_from = letter.moment(statement.applies_from)
    if is_later:
        return letter.say("opening_later", applies_from=applies_from, action=letter.words.actions[statement.action])
    return letter.say(f"opening_{statement.action}", applies_from=applies_from)


def reason_lines(number: int, given: ReasonGiven, letter: Letter) -> list[str]:
    """One reason of a statement, with what was counted and the items it rests on."""
    lines = [
        letter.say("reason_line", number=number, name=given.name, code=given.code),
        letter.say("rule_line", clause=given.clause, rule=given.rule),
    ]
    if given.counts and given.metric and given.window:
        lines.append(letter.say("counts_line", metric=given.metric, counts=given.counts, window=say_window(letter.words, given.window)))
    lines.append(letter.say("opened_line", opened=say_date(letter.words, given.opened)))
    lines.append(letter.say(f"found_{given.found_by}"))
    if given.explanation:
        lines.append(letter.say("explained_line", explanation=given.explanation))
    if given.items:
        lines.append(letter.say("items_heading", count=len(given.items), subject=letter.words.term(given.subject_kind)))
        lines += [_item_line(item, letter) for item in given.items[:MOST_ITEMS]]
    if len(given.items) > MOST_ITEMS:
        lines.append(letter.say("items_more", count=len(given.items) - MOST_ITEMS))
    return [*lines, letter.say("cure_line", cure=given.cure)]


def _item_line(item: FactRow, letter: Letter) -> str:
    pairs = [
        letter.say(
            "fact_pair", column=letter.words.term(column), value=_one_line(say_fact(letter.words, _value(column, value, letter.words), letter.zone))
        )
        for column, value in item.facts
        if value
    ]
    return letter.say("item_line", id=_one_line(item.id), facts=letter.words.templates["fact_separator"].join(pairs)).rstrip()


def _limit_lines(statement: StatementOfReasons, letter: Letter, in_force: Sequence[RemainingLimit]) -> list[str]:
    words = letter.words
    if statement.limits:
        since = letter.moment(statement.applies_from)
        lasts = (
            letter.say("lasts_until", applies_from=since, ends=letter.moment(statement.ends_at))
            if statement.ends_at
            else letter.say("lasts_open", applies_from=since)
        )
        lines = [letter.say("limits_heading"), *(letter.say("limit_line", act=words.acts[act]) for act in statement.limits), lasts]
    else:
        lines = [letter.say("limits_none")]
    lines.append(letter.say("territory", marketplaces=say_list(words, (words.term(code) for code in statement.territorial_scope))))
    forbidden = {*statement.limits, *(limit.act for limit in in_force)}
    allowed = [words.acts[act] for act in ACTS_OF[statement.holder_kind] if act not in forbidden]
    return [*lines, letter.say("still_allowed", acts=say_list(words, allowed))] if allowed else lines


def asked_lines(items: Sequence[str], letter: Letter) -> list[str]:
    """What the holder is asked for: evidence kinds of the pack, or other words; nothing where nothing is."""
    if not items:
        return []
    return [letter.say("asked_heading"), *(letter.say("asked_line", item=_evidence_name(item, letter)) for item in items)]


def _appeal_lines(statement: StatementOfReasons, letter: Letter, appeal_until: datetime) -> list[str]:
    return [
        letter.say("appeal_heading"),
        letter.say("appeal_how", appeal_url=letter.case_url, appeal_until=letter.moment(appeal_until)),
        *_answerable(letter),
        *(letter.say(f"route_{route}") for route in statement.routes),
        letter.say("appeal_rights"),
        letter.say("redress"),
    ]


def _decision_lines(decided: Sequence[ViolationDecided], letter: Letter) -> list[str]:
    if not decided:
        return []
    lines = [letter.say("decisions_heading")]
    for number, one in enumerate(decided, 1):
        name = letter.words.reasons.get(one.reason, one.reason)
        lines.append(letter.say(f"decision_{one.outcome}", number=number, name=name, explanation=one.explanation.strip()))
    return lines


def _truly_lifted(lifted: Sequence[Act], in_force: Sequence[RemainingLimit]) -> list[Act]:
    """What the holder may really do again: a limit of another action on the same act keeps it forbidden (requirement A7)."""
    held = {limit.act for limit in in_force}
    return [act for act in lifted if act not in held]


def _lifted_lines(lifted: Sequence[Act], letter: Letter) -> list[str]:
    if not lifted:
        return [letter.say("lifted_none")]
    return [letter.say("lifted_heading"), *(letter.say("lifted_line", act=letter.words.acts[act]) for act in lifted)]


def _remaining_lines(in_force: Sequence[RemainingLimit], letter: Letter, heading: str = "remaining_heading") -> list[str]:
    if not in_force:
        return [letter.say("remaining_none")]
    lines = [letter.say(heading)]
    for limit in in_force:
        act, names = letter.words.acts[limit.act], (letter.words.reasons.get(code, code) for code in limit.reasons)
        reasons = say_list(letter.words, names) or "-"
        if limit.until:
            lines.append(letter.say("remaining_line_until", act=act, reasons=reasons, until=letter.moment(limit.until)))
        else:
            lines.append(letter.say("remaining_line", act=act, reasons=reasons))
    return lines


def condition_lines(conditions: Sequence[Condition], letter: Letter) -> list[str]:
    """The dated measures a holder has committed to; nothing where there are none."""
    if not conditions:
        return []
    lines = (letter.say("condition_line", commitment=_one_line(one.commitment), due=say_date(letter.words, one.due)) for one in conditions)
    return [letter.say("conditions_heading"), *lines]


def _evidence_name(item: str, letter: Letter) -> str:
    return letter.words.evidence.get(item, item.strip())


def _case_line(letter: Letter) -> str:
    return letter.say("case_line", case_url=letter.case_url)


def _finished(kind: NoticeKind, subject: str, paragraphs: Sequence[Sequence[str]], letter: Letter) -> NoticeText:
    return NoticeText(kind, _one_line(subject), _join(paragraphs), letter.words.language, reply_to=letter.reply_to)


def _join(paragraphs: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


def _table_row(given: ReasonGiven, item: FactRow, columns: Sequence[str], words: Words) -> tuple[str, ...]:
    facts = dict(item.facts)
    return (given.name, words.term(item.kind), item.id, *(_value(column, facts.get(column, ""), words) for column in columns))


def _value(column: str, value: str, words: Words) -> str:
    """A coded value, or several with commas between them, in the holder's words; anything else as it stands."""
    return ", ".join(words.terms.get(part, part) for part in value.split(", ")) if column in _CODED else value


def _one_line(text: str) -> str:
    """Line breaks in a name or a buyer's text must neither forge a line of the letter nor a header of the mail."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_VALUE else flat[: LONGEST_VALUE - 1] + "…"


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
