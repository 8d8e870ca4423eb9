"""When a reply is to be asked after."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals.followups import Sent, follow_up
from goodstanding.core.terms import FollowUpState
from goodstanding.core.values import Span

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
TWO_DAYS = Span(hours=48)
HOURS = st.integers(0, 2000)


def test_a_reply_waits_until_the_span_is_over_and_not_a_moment_less():
    sent = Sent(1, MONDAY, "Re: x")
    before, after = MONDAY + timedelta(hours=48, seconds=-1), MONDAY + timedelta(hours=48)
    assert follow_up(sent, TWO_DAYS, before).state is FollowUpState.WAITING
    assert follow_up(sent, TWO_DAYS, after).state is FollowUpState.ASK_NOW


def test_an_answer_ends_it_and_a_missed_deadline_stays_said():
    sent = Sent(1, MONDAY, "Re: x", must_by=MONDAY - timedelta(hours=1), answered_at=MONDAY)
    found = follow_up(sent, TWO_DAYS, MONDAY + timedelta(days=9))
    assert (found.state, found.ask_at, found.late) == (FollowUpState.ANSWERED, None, True)


@given(st.lists(HOURS, max_size=5), HOURS)
def test_it_is_due_exactly_when_the_last_contact_is_a_span_old(asked: list[int], now: int):
    moments = tuple(MONDAY + timedelta(hours=hours) for hours in asked)
    found = follow_up(Sent(1, MONDAY, "", asked=moments), TWO_DAYS, MONDAY + timedelta(hours=now))
    assert (found.state is FollowUpState.ASK_NOW) == (now - max([0, *asked]) >= 48)
