"""The texts a pack has to bring for its letters, which placeholders each may use, and how they are filled.

A template is plain text with `${name}` holes; there is no code in a pack. Every language-dependent habit (dates, lists) is a template
too, so a new language is one file of words.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from string import Template
from zoneinfo import ZoneInfo

from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import ActionKind, DelegationEnd, FoundBy, MailCause, NoticeKind, ReleaseCause, Right, Route, TaskCode
from goodstanding.core.values import day_of

_UTC = ZoneInfo("UTC")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$")
_HEAD = ("platform", "account_name", "case_number")

_RATING = ("floor", "period", "rating", "days", "allowed", "first", "known_since")
UPDATES = (
    NoticeKind.CURED,
    NoticeKind.EXPIRED,
    NoticeKind.POSTPONED,
    NoticeKind.ASKED_AFTER,
    NoticeKind.MONITORING_ENDED,
    NoticeKind.MONEY_HELD,
    NoticeKind.MONEY_RELEASED,
)
"""Letters that tell what became of a case in a sentence or two."""

MAIL_ANSWERS = (NoticeKind.MAIL_FILED, NoticeKind.MAIL_HELD, NoticeKind.FILES_REFUSED, NoticeKind.FILE_QUARANTINED)
"""Letters about a mail or a file that came in."""

MAIL_CAUSES = (
    MailCause.OTHER_SENDER,
    MailCause.UNPROVED,
    MailCause.EXPIRED_TOKEN,
    MailCause.NO_TOKEN,
    MailCause.OTHER_CASE,
    MailCause.EMPTY,
)
"""Why a mail waits for a person, as far as its sender is told."""

TEMPLATES: dict[str, frozenset[str]] = {
    name: frozenset(holes)
    for name, holes in (
        # habits of the language
        ("date", ("year", "month", "day")),
        ("moment", ("date", "hour", "minute", "zone")),
        ("list_separator", ()),
        ("fact_pair", ("column", "value")),
        ("fact_separator", ()),
        # every letter
        ("greeting", _HEAD),
        ("signature", _HEAD),
        ("case_line", ("case_number", "case_url")),
        # what a violation rests on
        ("counts_rate", ("numerator", "denominator", "unit", "rate", "target")),
        ("counts_number", ("numerator", "unit", "target")),
        ("window", ("first", "last")),
        ("public_items", ("count", "subject")),
        # the notice of an action
        ("action_subject", ("action", *_HEAD)),
        *((f"opening_{kind}", (*_HEAD, "applies_from")) for kind in ActionKind),
        ("opening_later", (*_HEAD, "applies_from", "action")),
        ("reasons_heading", ()),
        ("reason_line", ("number", "name", "code")),
        ("rule_line", ("clause", "rule")),
        ("counts_line", ("metric", "counts", "window")),
        ("opened_line", ("opened",)),
        ("explained_line", ("explanation",)),
        ("unlike_past", ("seen", "what", "day", "history", "most", "median", "odds", "unit")),
        ("unlike_share", ("seen", "what", "days", "day", "whole", "of", "limit")),
        ("unlike_travel", ("from", "to", "left", "arrived", "km", "minutes", "fastest")),
        *((f"found_{kind}", ()) for kind in FoundBy),
        ("items_heading", ("count", "subject")),
        ("item_line", ("id", "facts")),
        ("items_more", ("count",)),
        ("cure_line", ("cure",)),
        ("decided_heading", ()),
        ("decided_fully", ()),
        ("decided_partially", ()),
        ("decided_by_person", ()),
        ("limits_heading", ()),
        ("limit_line", ("act",)),
        ("limits_none", ()),
        ("still_allowed", ("acts",)),
        ("lasts_until", ("applies_from", "ends")),
        ("lasts_open", ("applies_from",)),
        ("territory", ("marketplaces",)),
        ("asked_heading", ()),
        ("asked_line", ("item",)),
        ("appeal_heading", ()),
        ("appeal_how", ("appeal_url", "appeal_until", "case_number")),
        *((f"route_{route}", ()) for route in Route),
        ("appeal_rights", ()),
        ("redress", ()),
        # the receipt of an appeal
        ("acknowledgement_subject", _HEAD),
        ("acknowledgement_opening", ("received", "case_number")),
        ("acknowledgement_files", ("count", "files")),
        ("acknowledgement_no_files", ()),
        ("acknowledgement_next", ("answer_by",)),
        # a question to the holder
        ("information_subject", ("due", *_HEAD)),
        ("information_opening", ("due",)),
        ("information_message", ("message",)),
        ("information_how", ("case_url", "due")),
        ("information_silence", ("due",)),
        # the answer to an appeal
        # what a reviewer's answer on one violation can begin with
        *((name, ("name", "facts", "opened", "gap")) for name in ("answer_upheld", "answer_overturned", "answer_cured")),
        ("answer_gap", ()),
        ("upheld_subject", _HEAD),
        ("upheld_opening", ()),
        ("decisions_heading", ()),
        ("decision_upheld", ("number", "name", "explanation")),
        ("decision_overturned", ("number", "name", "explanation")),
        ("still_limited_heading", ()),
        ("next_steps_heading", ()),
        ("next_step_line", ("step",)),
        ("attempts_left", ("count", "appeal_until", "appeal_url")),
        ("attempts_none", ()),
        ("reinstated_subject", _HEAD),
        ("reinstated_opening", ()),
        # an action lifted because the relation it rested on no longer counts
        ("freed_subject", _HEAD),
        *((f"freed_{cause}", ()) for cause in ReleaseCause),
        ("lifted_heading", ()),
        ("lifted_line", ("act",)),
        ("lifted_none", ()),
        ("remaining_heading", ()),
        ("remaining_line", ("act", "reasons")),
        ("remaining_line_until", ("act", "reasons", "until")),
        ("remaining_none", ()),
        ("conditions_heading", ()),
        ("condition_line", ("commitment", "due")),
        # the assurance programme: its criteria
        ("months", ("count",)),
        ("days", ("count",)),
        ("marketplace_met", ("marketplace", "since")),
        ("marketplace_not_met", ("marketplace",)),
        ("plan_met", ("plan", "wanted")),
        ("plan_not_met", ("plan", "wanted")),
        ("plan_unknown", ("wanted",)),
        ("rating_met", (*_RATING, "since")),
        ("rating_not_met", (*_RATING, "since")),
        ("rating_young", (*_RATING, "since")),
        ("rating_unknown", (*_RATING, "since")),
        ("contact_met", ()),
        ("contact_not_met", ()),
        ("contact_unverified", ()),
        ("do_wait", ("on",)),
        ("do_plan", ("wanted",)),
        ("do_rating", ("floor",)),
        ("do_contact", ()),
        ("do_verify", ()),
        # its letters
        ("programme_line", ("case_url",)),
        ("enrolled_subject", _HEAD),
        ("enrolled_opening", ("floor", "period")),
        ("enrolled_what", ("hours",)),
        ("enrolled_keep", ("floor", "days")),
        ("contact_needed_subject", _HEAD),
        ("contact_needed_opening", ("floor", "period")),
        ("contact_needed_how", ()),
        ("membership_ended_subject", _HEAD),
        ("membership_ended_opening", _HEAD),
        ("lost_rating", ("floor", "days", "since")),
        ("ended_for_harm", ()),
        ("membership_ended_means", ()),
        ("membership_again", ()),
        # the solve window
        ("window_subject", ("ends", *_HEAD)),
        ("window_opening", ("ends", *_HEAD)),
        ("window_active", ()),
        ("calls_heading", ("number",)),
        ("call_line", ("at",)),
        ("window_how", ("case_url",)),
        ("window_call_required", ()),
        ("window_at_the_end", ("ends",)),
        ("call_missed_subject", _HEAD),
        ("call_missed_opening", ("tried",)),
        ("call_next", ("at",)),
        ("call_none_left", ()),
        ("call_missed_how", ("case_url",)),
        ("settled_subject", _HEAD),
        ("settled_opening", _HEAD),
        ("monitored_until", ("until",)),
        # afterwards
        ("reopened_subject", _HEAD),
        ("reopened_opening", _HEAD),
        ("reopened_broken", ("measure", "counts")),
        ("reopened_again", ("reason", "opened")),
        ("reopened_next", ()),
        # what is kept of a closed account
        ("erasure_subject", _HEAD),
        ("erasure_opening", ("asked",)),
        ("erased_heading", ()),
        ("erased_line", ("record",)),
        ("kept_heading", ()),
        ("kept_line", ("record", "basis", "until")),
        ("kept_while_open", ("record", "basis")),
        ("kept_for_case", ("record",)),
        ("erasure_rights", ()),
        # what happens to a case between and after the decisions
        *((f"{kind}_subject", _HEAD) for kind in UPDATES),
        *((f"{kind}_opening", (*_HEAD, "due")) for kind in UPDATES),
        ("because_line", ("because",)),
        # answers to mails that came in
        ("answer_by_mail", ()),
        ("messages_subject", _HEAD),
        ("messages_opening", _HEAD),
        ("messages_line", ("moment",)),
        *((f"{kind}_{part}", _HEAD) for kind in MAIL_ANSWERS for part in ("subject", "opening")),
        *((f"mail_{cause}", ()) for cause in MAIL_CAUSES),
        ("mail_prove", ("case_url",)),
        ("mail_choose", ("case_url",)),
        ("refused_heading", ()),
        *((f"file_{trouble}", ("name", "most")) for trouble in FileTrouble),
        ("refused_next", ("allowed",)),
        # the code of who comes in by a link
        ("entry_code_subject", ("code", *_HEAD)),
        ("entry_code_opening", _HEAD),
        ("entry_code_until", ("until",)),
        ("entry_code_not_you", ()),
        # delegates
        ("delegate_invited_subject", ("holder", *_HEAD)),
        ("delegate_invited_opening", ("holder", *_HEAD)),
        ("delegate_invited_how", ("case_url", "until")),
        ("delegate_invited_stranger", ()),
        *((f"right_{right}", ()) for right in Right),
        ("delegation_right_line", ("right",)),
        ("delegation_until", ("until",)),
        ("delegation_open", ()),
        ("delegation_subject_holder", ("delegate", *_HEAD)),
        ("delegation_subject_delegate", ("holder", *_HEAD)),
        ("delegation_granted_holder", ("delegate",)),
        ("delegation_accepted_holder", ("delegate",)),
        ("delegation_changed_holder", ("delegate",)),
        ("delegation_ended_holder", ("delegate",)),
        ("delegation_changed_delegate", ("holder",)),
        ("delegation_ended_delegate", ("holder",)),
        *((f"delegation_end_{end}", ()) for end in DelegationEnd if end != DelegationEnd.ERASED),
        ("delegation_manage", ("case_url",)),
        ("delegate_code_subject", ("code", *_HEAD)),
        ("delegate_code_opening", _HEAD),
        ("delegate_copy_subject", ("subject",)),
        ("delegate_copy_opening", ("delegate", "holder", "case_url")),
        # what is ahead
        ("counts_short", ("numerator", "denominator", "rate")),
        ("to_target", ("good", "count", "target")),
        ("headroom", ("bad", "count", "target")),
        ("no_headroom", ("bad", "target")),
        ("warning_will_breach", ("metric", "counts", "target", "on", "counts_then")),
        ("warning_little_headroom", ("metric", "counts", "left")),
        ("warning_band_falls", ("on", "rating", "band", "rating_then", "band_then")),
        *((f"task_{task}", ("count", "on")) for task in TaskCode),
        # what a diagnosis says
        ("surface_target", ("metric", "counts", "first", "last", "target")),
        ("surface_shown", ("metric", "counts", "first", "last")),
        ("no_cause", ("looks", "count")),
        ("too_few", ("looks", "count")),
        *((f"what_{kind}", ("dimension", "value", "unit", "first", "last")) for kind in ("group", "span", "sign_in", "sign_in_since")),
        ("what_listing_change", ("value", "first", "last")),
        ("cause_counts", ("unit", "bad", "defects", "orders", "rate", "rest_defects", "rest_orders", "rest_rate")),
        ("cause_share", ("unit", "bad", "share", "orders_share", "excess")),
        ("cause_chance", ("odds", "looks")),
        ("cause_days", ("first", "last")),
        ("cause_also", ("unit", "what")),
        ("cause_near", ("day", "what")),
        *((f"happening_{kind}", ("count", "what", "value")) for kind in ("listing_changes", "first_sign_in", "complaints", "action")),
    )
}
"""Template name -> the placeholders it may use. A pack has each of these in each of its languages."""


def placeholders_of(text: str) -> list[str]:
    """The placeholders a template uses. Raises ValueError where a `$` is neither `$$` nor a `${name}`."""
    template = Template(text)
    if not template.is_valid():
        raise ValueError("a '$' that is no placeholder; write ${name}, or $$ for a dollar sign")
    return template.get_identifiers()


def fill(words: Words, name: str, /, **values: object) -> str:
    """A template of the pack with its holes filled. What is filled in is never read as a template again."""
    return Template(words.templates[name]).substitute({key: str(value) for key, value in values.items()})


def say_date(words: Words, day: date) -> str:
    """A day as the language writes it."""
    return fill(words, "date", year=f"{day.year:04}", month=f"{day.month:02}", day=f"{day.day:02}")


def say_moment(words: Words, moment: datetime, zone: ZoneInfo = _UTC) -> str:
    """A moment as the language writes it, with the time zone's name, since a deadline without one is none."""
    local = moment.astimezone(zone)
    day = say_date(words, day_of(moment, zone))
    return fill(words, "moment", date=day, hour=f"{local.hour:02}", minute=f"{local.minute:02}", zone=zone.key)


def say_fact(words: Words, text: str, zone: ZoneInfo = _UTC) -> str:
    """A value of a fact inside a sentence: a moment as the language writes it (without a zone it is UTC, as in `core.facts`), anything else as it stands."""
    if not _MOMENT.match(text):
        return text
    moment = datetime.fromisoformat(text)
    return say_moment(words, moment if moment.tzinfo else moment.replace(tzinfo=UTC), zone)


def say_list(words: Words, items: Iterable[str]) -> str:
    """Several things in a row as the language writes them."""
    return words.templates["list_separator"].join(items)
