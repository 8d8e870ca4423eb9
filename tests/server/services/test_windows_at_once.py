"""Settling, ending, asking and calling at the same instant: each window still ends once. Only PostgreSQL shows what a missing lock would do."""

import pytest
from django.db import connection

from goodstanding.core.errors import IllegalTransition
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services.calls import take_call
from goodstanding.server.services.enrollments import review_memberships
from goodstanding.server.store.models import ContactAttempt, Enrollment, Notice
from tests.server.factories import TODAY, automation, specialist
from tests.server.services.assuring import ask_for_call, assured_pack, at, make_assured, make_window
from tests.server.services.test_at_once import at_once

pytestmark = pytest.mark.usefixtures("transactional_db")
PACK = assured_pack()
WORKERS, ROUNDS = 4, 5


@pytest.fixture(autouse=True)
def _on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite lets one writer in at a time, which hides lost updates")


def test_two_nights_at_once_enrol_each_account_once():
    for _ in range(8):
        make_assured()
    came = at_once(*[lambda: review_memberships(call=automation(), pack=PACK, as_of=TODAY).enrolled] * WORKERS)
    assert sum(came) == Enrollment.objects.count() == Notice.objects.filter(kind=NoticeKind.ENROLLED).count() == 8


def test_a_call_asked_for_by_many_fingers_is_one_and_taken_by_one():
    case = make_window(PACK)
    asked = at_once(*[lambda: ask_for_call(PACK, case, hours=1).pk] * WORKERS)
    assert len(set(asked)) == ContactAttempt.objects.count() == 1
    took = at_once(*[lambda n=n: take_call(call=specialist(f"user:{n}", now=at(1)), attempt_id=asked[0]) for n in range(WORKERS)])
    assert sum(isinstance(one, IllegalTransition) for one in took) == WORKERS - 1
