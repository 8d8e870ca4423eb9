"""The letters of the assurance programme and of what comes after a case, generated like all others from decision and state (requirement C5)."""

from collections.abc import Sequence
from datetime import datetime

from goodstanding.core.assurance.eligibility import Judged
from goodstanding.core.assurance.sentences import say_criterion, say_period
from goodstanding.core.enforcement.reasons import StatementOfReasons
from goodstanding.core.notices import Condition, Letter, NoticeText, asked_lines, condition_lines, fact_table, plain_letter, reason_lines
from goodstanding.core.policy.pack import Assurance
from goodstanding.core.policy.templates import say_date
from goodstanding.core.retention import Kept
from goodstanding.core.terms import NoticeKind


def compose_enrolled(letter: Letter, rules: Assurance) -> NoticeText:
    """The letter to one who is now in the programme (requirement J2). `letter.case_url` is the programme's page."""
    body = [
        [letter.say("enrolled_opening", floor=rules.floor, period=say_period(letter.words, rules))],
        [letter.say("enrolled_what", hours=rules.window.hours)],
        [letter.say("enrolled_keep", floor=rules.floor, days=rules.most_days_below_in_a_row)],
        [letter.say("programme_line", case_url=letter.case_url)],
    ]
    return plain_letter(NoticeKind.ENROLLED, letter.say("enrolled_subject"), body, letter)


def compose_contact_needed(letter: Letter, rules: Assurance, contact: Judged) -> NoticeText:
    """The letter to one who lacks only a valid emergency contact (requirement J2)."""
    body = [
        [letter.say("contact_needed_opening", floor=rules.floor, period=say_period(letter.words, rules))],
        [say_criterion(letter.words, rules, contact)],
        [letter.say("contact_needed_how"), letter.say("programme_line", case_url=letter.case_url)],
    ]
    return plain_letter(NoticeKind.CONTACT_NEEDED, letter.say("contact_needed_subject"), body, letter)


def compose_membership_ended(letter: Letter, rules: Assurance, lost: Sequence[Judged], *, for_harm: bool = False) -> NoticeText:
    """The letter that a membership has ended: which criterion is no longer met, or that fraud, deception, illegality or harm ended it."""
    why = [letter.say("ended_for_harm")] if for_harm else [_lost_line(letter, rules, one) for one in lost]
    again = [] if for_harm else [letter.say("membership_again")]
    body = [
        [letter.say("membership_ended_opening"), *why],
        [letter.say("membership_ended_means")],
        again,
        [letter.say("programme_line", case_url=letter.case_url)],
    ]
    return plain_letter(NoticeKind.MEMBERSHIP_ENDED, letter.say("membership_ended_subject"), body, letter)


def compose_window_opened(
    letter: Letter, statement: StatementOfReasons, *, ends_at: datetime, calls: Sequence[datetime], number_shown: str, call_required: bool
) -> NoticeText:
    """The letter that opens a solve window: what would deactivate the account, when we call, and what to do until when (requirement J3)."""
    ends = letter.moment(ends_at)
    required = [letter.say("window_call_required")] if call_required else []
    body = [
        [letter.say("window_opening", ends=ends), letter.say("window_active")],
        [letter.say("reasons_heading")],
        *(reason_lines(number, given, letter) for number, given in enumerate(statement.reasons, 1)),
        asked_lines(statement.evidence, letter),
        [letter.say("calls_heading", number=number_shown), *(letter.say("call_line", at=letter.moment(at)) for at in calls)],
        [letter.say("window_how", case_url=letter.case_url), *required],
        [letter.say("window_at_the_end", ends=ends)],
    ]
    return plain_letter(NoticeKind.WINDOW_OPENED, letter.say("window_subject", ends=ends), body, letter, fact_table(statement, letter.words))


def compose_call_missed(letter: Letter, *, tried_at: datetime, next_at: datetime | None, ends_at: datetime) -> NoticeText:
    """The letter after a call that did not reach the holder: when we tried, when the next one comes, how to be called at once."""
    following = letter.say("call_next", at=letter.moment(next_at)) if next_at else letter.say("call_none_left")
    body = [
        [letter.say("call_missed_opening", tried=letter.moment(tried_at)), following],
        [letter.say("call_missed_how", case_url=letter.case_url), letter.say("window_at_the_end", ends=letter.moment(ends_at))],
    ]
    return plain_letter(NoticeKind.CALL_MISSED, letter.say("call_missed_subject"), body, letter)


def compose_settled(letter: Letter, *, because: str, conditions: Sequence[Condition], monitored_until: datetime | None) -> NoticeText:
    """The letter that a solve window ended well: why, and which dated measures are followed from now on (requirements I2, J3)."""
    until = [letter.say("monitored_until", until=letter.moment(monitored_until))] if monitored_until and conditions else []
    body = [
        [letter.say("settled_opening"), because.strip()],
        [*condition_lines(conditions, letter), *until],
        [letter.say("case_line", case_url=letter.case_url)],
    ]
    return plain_letter(NoticeKind.SETTLED, letter.say("settled_subject"), body, letter)


def compose_reopened(letter: Letter, *, broken: Sequence[tuple[str, str]], again: Sequence[tuple[str, str]]) -> NoticeText:
    """The letter that a breach has re-opened a case. `broken`: (measure, what was counted); `again`: (reason code, day in the holder's words)."""
    lines = [letter.say("reopened_broken", measure=measure, counts=counts) for measure, counts in broken]
    lines += [letter.say("reopened_again", reason=letter.words.reasons.get(code, code), opened=opened) for code, opened in again]
    body = [
        [letter.say("reopened_opening"), *lines],
        [letter.say("reopened_next"), letter.say("case_line", case_url=letter.case_url)],
    ]
    return plain_letter(NoticeKind.REOPENED, letter.say("reopened_subject"), body, letter)


def compose_erasure_answer(letter: Letter, *, asked_at: datetime, answer: Sequence[Kept]) -> NoticeText:
    """The answer to a request for erasure: what is erased, what is kept, why and until when (requirement A3)."""
    gone = [letter.say("erased_line", record=letter.words.term(f"record_{one.kind}")) for one in answer if one.is_erased]
    body = [
        [letter.say("erasure_opening", asked=letter.moment(asked_at))],
        [letter.say("erased_heading"), *gone] if gone else [],
        [letter.say("kept_heading"), *(say_kept(letter, one) for one in answer if not one.is_erased)],
        [letter.say("erasure_rights")],
    ]
    return plain_letter(NoticeKind.ERASURE_ANSWERED, letter.say("erasure_subject"), body, letter)


def say_kept(letter: Letter, one: Kept) -> str:
    """What is kept, why, and until when, in a line."""
    record, basis = letter.words.term(f"record_{one.kind}"), letter.words.term(one.basis)
    if one.held_by_case:
        return letter.say("kept_for_case", record=record)
    if one.until is None:
        return letter.say("kept_while_open", record=record, basis=basis)
    return letter.say("kept_line", record=record, basis=basis, until=say_date(letter.words, one.until.astimezone(letter.zone).date()))


def _lost_line(letter: Letter, rules: Assurance, one: Judged) -> str:
    if "days" in one.details and one.since is not None:
        return letter.say("lost_rating", floor=rules.floor, days=one.details["days"], since=say_date(letter.words, one.since))
    return say_criterion(letter.words, rules, one)
