"""What lies ahead is kept anew every night, and read with what people decided since (requirements A5, H6)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.terms import DecisionOutcome
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.pages.outlook import outlook_of
from goodstanding.server.services.outlooks import expected_strikes, rating_ahead
from goodstanding.server.store.models import Account, Outlook, RatingReading, Violation
from tests.server.factories import TODAY, automation
from tests.server.jobs.night import ACCUSED, FINE, LATE, RELATED, make_night

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def night(pack, tmp_path):
    facts = make_night(tmp_path / "facts")
    run_assessment(call=automation(), pack=pack, source=facts, as_of=TODAY)
    return facts


def ahead_of(pack, account_id: str) -> list[tuple[date, int]]:
    outlook = Outlook.objects.get(pk=account_id)
    latest = RatingReading.objects.filter(account=account_id).latest("as_of")
    strikes = expected_strikes(outlook=outlook)
    return [(day, rated.rating) for day, rated in rating_ahead(pack=pack, outlook=outlook, strikes=strikes, latest=latest)]


def test_a_night_keeps_what_lies_ahead_where_there_is_anything_to_tell(pack, night):
    assert LATE in set(Outlook.objects.values_list("pk", flat=True))
    assert FINE not in {outlook.pk for outlook in Outlook.objects.all() if outlook.expected}
    late = Outlook.objects.get(pk=LATE)
    assert (late.as_of, late.until) == (TODAY, TODAY + pack.rating.window_days * DAY)
    violation = Violation.objects.get(account=LATE)
    (expected,) = (row for row in late.expected if row["violation_id"] == violation.pk)
    closes = date.fromisoformat(expected["closed"])
    assert ahead_of(pack, LATE) == [(TODAY, 184), (closes, 200)]


def test_the_points_of_a_relation_come_back_with_its_age(pack, night):
    """Engines do not know of it; the rating ahead does."""
    violation = Violation.objects.get(account=RELATED)
    assert ahead_of(pack, RELATED)[-1][0] == violation.opened + pack.rating.window_days * DAY


def test_what_was_overturned_never_comes_back_in_the_forecast(pack, night):
    """H6."""
    assert ahead_of(pack, ACCUSED)[0][1] == 99
    Violation.objects.filter(account=ACCUSED).update(decided=DecisionOutcome.OVERTURNED)
    assert ahead_of(pack, ACCUSED) == [(TODAY, 200)]


def test_a_second_night_replaces_the_first(pack, night):
    before = Outlook.objects.count()
    run_assessment(call=automation(), pack=pack, source=night, as_of=TODAY)
    assert Outlook.objects.count() == before
    run_assessment(call=automation(), pack=pack, source=night, as_of=TODAY + 40 * DAY)
    assert set(Outlook.objects.values_list("as_of", flat=True)) == {TODAY + 40 * DAY}


def test_wins_say_the_gain_and_the_day_it_comes_by_itself(pack, night):
    """A5."""
    account = Account.objects.get(pk=ACCUSED)
    shown = outlook_of(account, pack, pack.words["en"], list(account.rating_readings.order_by("as_of")), [])
    assert shown is not None
    (won,) = shown.wins
    violation = Violation.objects.get(account=ACCUSED)
    assert (won.win.gain, won.win.rating, won.win.by_itself) == (101, 200, violation.opened + pack.rating.window_days * DAY)


def test_an_account_of_which_nothing_was_foretold_has_no_outlook(pack, night):
    Outlook.objects.all().delete()
    assert outlook_of(Account.objects.get(pk=LATE), pack, pack.words["en"], [], []) is None
