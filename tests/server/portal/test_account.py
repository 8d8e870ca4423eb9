"""The holder's page of an account (requirement A5)."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from goodstanding.server.store.models import Case, Outlook, Violation
from tests.server.showcase import PASSWORD, Showcase

Enter = Callable[[Case], Client]


def test_the_only_account_opens_at_once(show: Showcase, holder_of: Enter) -> None:
    assert holder_of(show.cases["in_force"]).get("/account/")["Location"] == "/account/S-1001/"


def test_the_page_shows_rating_metrics_violations_and_cases(show: Showcase, holder_of: Enter) -> None:
    text = holder_of(show.cases["in_force"]).get("/account/S-1001/").content.decode()
    assert "<b>168</b>" in text or "<b>160</b>" in text
    assert "<svg" in text
    assert "Target missed" in text
    assert "−16 points" in text
    assert "What lifts it:" in text
    assert show.cases["in_force"].pk in text


def test_what_to_do_now_comes_before_everything_else(show: Showcase, holder_of: Enter) -> None:
    """G2: whoever is restricted finds the way to answer without scrolling through the metrics."""
    case = show.cases["in_force"]
    text = holder_of(case).get("/account/S-1001/").content.decode()
    assert text.index("Your account is restricted") < text.index(f'href="/case/{case.pk}/appeal/"') < text.index('id="rating"')
    assert "Next: you." in text
    text = holder_of(show.cases["reinstated"]).get(f"/account/{show.cases['reinstated'].account_id}/").content.decode()
    assert "Next:" not in text, "nothing is open"


def test_a_holder_with_two_accounts_chooses(client: Client, show: Showcase) -> None:
    """A1."""
    show.holder.accounts.add(show.cases["submitted"].account)
    client.login(username=show.holder.email, password=PASSWORD)
    text = client.get("/account/").content.decode()
    assert "Harbour Lane Goods" in text
    assert "Mill Street Prints" in text


def test_another_account_does_not_exist(show: Showcase, holder_of: Enter) -> None:
    """K5."""
    assert holder_of(show.cases["in_force"]).get("/account/S-1004/").status_code == 404


def test_staff_are_told_that_the_page_is_the_holders(client: Client, show: Showcase) -> None:
    client.login(username=show.senior.email, password=PASSWORD)
    page = client.get("/account/")
    assert page.status_code == 403
    assert b"belongs to the holder" in page.content


def test_the_page_tells_what_lies_ahead(show: Showcase, holder_of: Enter) -> None:
    """A5, I3: the dashed rating, what wins back most, what is missing, warnings and what to do now."""
    account = show.cases["in_force"].account
    violation = Violation.objects.filter(account=account).order_by("opened").first()
    assert violation is not None
    latest = account.rating_readings.latest("as_of")
    today = max(latest.as_of, account.metric_readings.latest("as_of").as_of)
    Outlook.objects.create(
        account=account,
        as_of=today,
        until=today + timedelta(days=180),
        recorded_at=timezone.now(),
        steps=[{"on": (today + timedelta(days=60)).isoformat(), "fulfilled_orders": 0}],
        expected=[
            {
                "violation_id": violation.pk,
                "reason": violation.reason,
                "opened": violation.opened.isoformat(),
                "closed": (today + timedelta(days=9)).isoformat(),
                "severity": violation.severity,
                "points": violation.points,
            }
        ],
        warnings=[{"code": "little_headroom", "metric": "order_defect_rate", "numerator": 1, "denominator": 150, "headroom": 0}],
        tasks=[{"code": "overdue_orders", "on": today.isoformat(), "count": 22, "ids": ["O-1", "O-2"]}],
    )
    text = holder_of(show.cases["in_force"]).get(f"/account/{account.pk}/").content.decode()
    assert 'class="line ahead"' in text
    assert "What wins back most" in text
    assert "the next one misses the target (&lt; 1 %)" in text
    assert "orders past their ship-by day and not shipped: 22" in text
    assert "O-2" in text
    assert "and 20 more" in text


def test_without_a_forecast_the_page_stays_silent_about_what_lies_ahead(show: Showcase, holder_of: Enter) -> None:
    text = holder_of(show.cases["in_force"]).get("/account/S-1001/").content.decode()
    assert "What lies ahead" not in text
    assert 'class="line ahead"' not in text
