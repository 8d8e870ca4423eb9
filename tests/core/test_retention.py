"""What is kept of a closed account, why and until when (requirement A3)."""

from datetime import UTC, datetime

from goodstanding.core.retention import answer_erasure, due_kinds, keep_until
from goodstanding.core.terms import RecordKind
from goodstanding.packs.loader import load_pack

RULES = load_pack("amazon").retention
CLOSED = datetime(2026, 3, 31, 12, tzinfo=UTC)


def kept(closed_at, now, *, has_open_case=False):
    return {one.kind: one for one in answer_erasure(RULES, closed_at, now, has_open_case=has_open_case)}


def test_tax_records_stay_ten_years_from_the_end_of_the_year():
    assert keep_until(RULES[RecordKind.IDENTITY], CLOSED) == datetime(2037, 1, 1, tzinfo=UTC)


def test_a_closure_on_the_31st_keeps_six_calendar_months():
    assert keep_until(RULES[RecordKind.EVIDENCE], CLOSED) == datetime(2026, 9, 30, 12, tzinfo=UTC)


def test_what_no_law_asks_for_is_due_at_once_and_the_rest_in_its_time():
    assert due_kinds(RULES, CLOSED, CLOSED) == (RecordKind.CONTACT,)
    later = datetime(2026, 10, 1, tzinfo=UTC)
    assert due_kinds(RULES, CLOSED, later) == (RecordKind.CONTACT, RecordKind.STANDING, RecordKind.EVIDENCE)
    assert due_kinds(RULES, CLOSED, datetime(2037, 1, 1, tzinfo=UTC)) == tuple(RecordKind)


def test_the_answer_says_of_every_kind_whether_it_goes_or_until_when_it_stays_and_why():
    answer = kept(CLOSED, CLOSED)
    assert answer[RecordKind.CONTACT].is_erased
    assert not answer[RecordKind.CASES].is_erased
    assert answer[RecordKind.CASES].until == datetime(2031, 3, 31, 12, tzinfo=UTC)
    assert answer[RecordKind.IDENTITY].basis == "basis_tax"
    assert set(answer) == set(RecordKind)


def test_an_open_case_holds_back_what_would_go():
    one = kept(CLOSED, CLOSED, has_open_case=True)[RecordKind.CONTACT]
    assert (one.is_erased, one.held_by_case) == (False, True)


def test_of_an_open_account_nothing_is_erased_and_no_date_is_promised():
    assert {(one.is_erased, one.until) for one in kept(None, CLOSED).values()} == {(False, None)}
