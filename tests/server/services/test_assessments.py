"""Taking in what an engine found: again and again without harm, and never over a reviewer's verdict."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from goodstanding.core.terms import DecisionOutcome, FoundBy
from goodstanding.engines.base import METRICS_SCHEMA, RATINGS_SCHEMA, VIOLATIONS_SCHEMA, Assessment
from goodstanding.server.services import assessments
from goodstanding.server.services.assessments import record_assessment
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.store.models import Account, EnforcementAction, MetricReading, RatingReading, Violation
from tests.server.factories import NOW, TODAY, automation, make_account, make_item, make_rating, make_violation

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


def account(account_id="S-1", **fields):
    return {"account_id": account_id, "holder_kind": "seller", "marketplace": "US", "opened_at": datetime(2024, 1, 1)} | fields


def violation(**fields):
    return {
        "violation_id": "V-1",
        "account_id": "S-1",
        "reason": "late_shipment",
        "opened": YESTERDAY,
        "closed": None,
        "severity": "medium",
        "points": 16,
        "numerator": 5,
        "denominator": 100,
        "metric": "late_shipment_rate",
        "subject_kind": "orders",
        "subject_ids": ["O-1", "O-2"],
    } | fields


def rating(as_of=TODAY, **fields):
    return {"account_id": "S-1", "as_of": as_of, "rating": 244, "band": "healthy", "fulfilled_orders": 3000, "points": 16} | fields


def metric(as_of=TODAY, **fields):
    return {
        "account_id": "S-1",
        "as_of": as_of,
        "metric": "late_shipment_rate",
        "window_days": 30,
        "lag_days": 0,
        "numerator": 5,
        "denominator": 100,
        "target": "< 4 %",
        "met": False,
    } | fields


def record(pack, *, accounts=None, violations=(), ratings=(), metrics=(), items=None, first: date = TODAY, last: date = TODAY):
    assessment = Assessment(
        first,
        last,
        pa.Table.from_pylist(list(metrics), METRICS_SCHEMA),
        pa.Table.from_pylist(list(ratings), RATINGS_SCHEMA),
        pa.Table.from_pylist(list(violations), VIOLATIONS_SCHEMA),
        (),
    )
    table = pa.Table.from_pylist(accounts or [account()])
    return record_assessment(call=automation(), pack=pack, assessment=assessment, accounts=table, items=items or {}, facts="facts")


def everything():
    models = (Account, Violation, MetricReading, RatingReading)
    ignored = {"id", "assessment_id"}
    return [{key: value for key, value in row.items() if key not in ignored} for model in models for row in model.objects.order_by("pk").values()]


def test_recording_the_same_assessment_again_changes_nothing(pack):
    night = {"violations": [violation()], "ratings": [rating()], "metrics": [metric()], "items": {"V-1": [make_item("O-1"), make_item("O-2")]}}
    record(pack, **night)
    before = everything()
    record(pack, **night)
    assert everything() == before
    assert [item["id"] for item in Violation.objects.get().items] == ["O-1", "O-2"]


def test_an_account_follows_its_facts(pack):
    record(pack, accounts=[account(email="old@example.com", display_name="Old")])
    record(pack, accounts=[account(email="new@example.com", display_name="新名字", closed_at=datetime(2026, 11, 1))])
    found = Account.objects.get()
    assert (found.email, found.display_name, found.closed_at.date()) == ("new@example.com", "新名字", date(2026, 11, 1))


def test_of_two_versions_of_an_account_the_later_one_counts(pack):
    versions = [account(email="b@example.com", recorded_at=datetime(2026, 5, 2)), account(email="a@example.com", recorded_at=datetime(2026, 5, 1))]
    record(pack, accounts=versions)
    assert Account.objects.get().email == "b@example.com"


def test_an_address_nobody_can_write_to_is_no_address(pack):
    record(pack, accounts=[account(email="x@y\nBcc: everybody@example.com", display_name="n" * 300)])
    found = Account.objects.get()
    assert (found.email, len(found.display_name)) == ("", 200)


def test_what_a_reviewer_decided_stays(pack):
    """Requirement H7: an overturned violation is not opened again by the next night."""
    record(pack, violations=[violation()])
    Violation.objects.update(decided=DecisionOutcome.OVERTURNED)
    record(pack, violations=[violation(numerator=9)])
    found = Violation.objects.get()
    assert (found.decided, found.is_open, found.numerator) == (DecisionOutcome.OVERTURNED, False, 9)


def test_a_snapshot_follows_the_facts_until_an_action_rests_on_it(pack):
    record(pack, violations=[violation()], items={"V-1": [make_item("O-1")]})
    record(pack, violations=[violation()], items={"V-1": [make_item("O-1"), make_item("O-9")]})
    stored = Violation.objects.get()
    assert [item["id"] for item in stored.items] == ["O-1", "O-9"], "until an action rests on it, it follows the facts"
    action = EnforcementAction.objects.create(
        action_id="A-1",
        account=stored.account,
        kind="warn",
        rule="r",
        approval="none",
        pack_name="p@1",
        pack_digest="0" * 64,
        as_of=TODAY,
        proposed_at=NOW,
        proposed_by="goodstanding",
        decided_by="goodstanding",
        decided_at=NOW,
        effective_at=NOW,
    )
    action.violations.add(stored)
    record(pack, violations=[violation()], items={"V-1": [make_item("O-77")]})
    assert [item["id"] for item in Violation.objects.get().items] == ["O-1", "O-9"]


def test_items_nobody_looked_up_are_named_at_least(pack):
    record(pack, violations=[violation()])
    assert Violation.objects.get().items == [{"id": "O-1", "kind": "orders", "facts": {}}, {"id": "O-2", "kind": "orders", "facts": {}}]


def test_a_violation_that_facts_no_longer_show_is_closed_and_a_persons_is_not(pack):
    record(pack, violations=[violation()])
    entered = make_violation(Account.objects.get(), "fraud")
    assert entered.found_by == FoundBy.PERSON
    record(pack)
    assert Violation.objects.get(pk="V-1").closed == TODAY
    assert Violation.objects.get(pk=entered.pk).closed is None


def test_accounts_of_other_facts_are_left_alone(pack):
    other = make_violation(make_account("elsewhere"))
    make_rating(other.account)
    record(pack, violations=[violation()], ratings=[rating()])
    other.refresh_from_db()
    assert other.closed is None
    assert RatingReading.objects.filter(account="elsewhere").count() == 1


def test_a_rating_has_a_row_only_where_it_changed(pack):
    record(pack, ratings=[rating(YESTERDAY)], first=YESTERDAY, last=YESTERDAY)
    record(pack, ratings=[rating(TODAY)])
    assert RatingReading.objects.count() == 1
    record(pack, ratings=[rating(TODAY, rating=100, band="at_risk")])
    assert list(RatingReading.objects.order_by("as_of").values_list("rating", flat=True)) == [244, 100]


def test_an_overturned_violation_does_not_count_in_the_next_nights_rating(pack):
    """Requirement H6: the engine still counts it, the account's rating does not."""
    record(pack, violations=[violation()], ratings=[rating()])
    Violation.objects.update(decided=DecisionOutcome.OVERTURNED)
    record(pack, violations=[violation()], ratings=[rating()])
    found = RatingReading.objects.get()
    assert (found.rating, found.points) == (260, 0)


def test_a_related_account_counts_in_the_rating_from_its_day_on(pack):
    related = violation(
        violation_id="V-2",
        reason="related_account",
        severity="critical",
        points=100,
        numerator=None,
        denominator=None,
        metric=None,
        subject_kind="accounts",
        subject_ids=["S-2"],
        opened=TODAY,
    )
    record(pack, violations=[related], ratings=[rating(YESTERDAY, rating=260, points=0)], first=YESTERDAY)
    assert list(RatingReading.objects.order_by("as_of").values_list("rating", "points", "band")) == [(260, 0, "healthy"), (99, 100, "unhealthy")]


def test_metrics_are_those_of_the_last_day(pack):
    record(pack, metrics=[metric(YESTERDAY, numerator=4), metric(TODAY, numerator=6), metric(YESTERDAY, metric="return_rate")], first=YESTERDAY)
    found = {reading.metric: (reading.numerator, reading.as_of) for reading in MetricReading.objects.all()}
    assert found == {"late_shipment_rate": (6, TODAY), "return_rate": (5, TODAY)}
    record(pack, metrics=[metric(metric="return_rate")])
    assert MetricReading.objects.count() == 1


def test_a_marketplace_of_many_blocks_is_taken_in_whole(pack, monkeypatch):
    monkeypatch.setattr(assessments, "BLOCK", 7)
    many = [f"S-{n:03}" for n in range(50)]
    record(pack, accounts=[account(name) for name in many], ratings=[rating(account_id=name) for name in many])
    assert list(RatingReading.objects.order_by("account_id").values_list("account_id", flat=True)) == many


def test_a_refreshed_rating_is_that_of_the_violations_as_decided(pack):
    holder = make_account()
    make_rating(holder, 220, points=40)
    found = make_violation(holder, "order_defects")
    assert refresh_rating(call=automation(), pack=pack, account_id=holder.account_id).rating == 220
    Violation.objects.filter(pk=found.pk).update(decided=DecisionOutcome.OVERTURNED)
    assert refresh_rating(call=automation(), pack=pack, account_id=holder.account_id).rating == 260
    assert RatingReading.objects.count() == 1


def test_an_account_that_was_never_rated_has_no_rating_to_refresh(pack):
    assert refresh_rating(call=automation(), pack=pack, account_id=make_account().account_id) is None
