"""What all pages share: languages, dates, errors, catalogues."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.terms import AccountStatus, Approval, Band, DecisionOutcome, FoundBy, NoticeKind, OwnerKind, Role, Route, Severity
from goodstanding.server.pages import moments, plots
from goodstanding.server.pages.labels import TABLES
from goodstanding.server.pages.tags import say_target
from goodstanding.server.policy import current_pack
from goodstanding.server.store.models import RatingReading
from tools import messages

NOW = datetime(2026, 11, 22, 16, 43, tzinfo=UTC)


def test_every_text_of_the_pages_is_said_in_both_chinese_scripts() -> None:
    """C3: also that the compiled catalogues are those of the texts."""
    assert messages.problems() == []


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("< 4 %", "below 4\u00a0%"),
        (">= 90 %", "at least 90\u00a0%"),
        ("> 95 %", "above 95\u00a0%"),
        ("<= 2", "at most 2"),
        ("= 0", "0"),
        ("odd", "odd"),
    ],
)
def test_a_target_is_told_in_words(target: str, told: str) -> None:
    assert say_target(target) == told


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("state", CaseState),
        ("event", CaseEvent),
        ("severity", Severity),
        ("band", Band),
        ("status", AccountStatus),
        ("role", Role),
        ("route", Route),
        ("verdict", DecisionOutcome),
        ("notice", NoticeKind),
        ("owner", OwnerKind),
        ("found", FoundBy),
        ("approval", Approval),
    ],
)
def test_every_word_of_the_core_has_a_word_for_people(table: str, kind: type) -> None:
    assert set(kind) <= set(TABLES[table])


@pytest.mark.parametrize(
    ("language", "moment", "left"),
    [
        ("en", "22 November 2026, 16:43 UTC", "in 3 days"),
        ("zh-hans", "2026年11月22日 16:43（UTC）", "还有 3 天"),
        ("zh-hant", "2026年11月22日 16:43（UTC）", "還有 3 天"),
    ],
)
def test_moments_are_said_as_each_language_writes_them(language: str, moment: str, left: str) -> None:
    with translation.override(language):
        assert moments.say_moment(NOW) == moment
        assert moments.say_until(NOW + timedelta(days=3, hours=5), NOW) == left


def test_a_deadline_that_has_gone_by_says_by_how_much() -> None:
    with translation.override("en"):
        assert moments.say_until(NOW - timedelta(hours=7), NOW) == "7 hours overdue"
        assert moments.say_until(NOW + timedelta(seconds=20), NOW) == "in less than a minute"


def test_a_page_that_does_not_exist_says_what_to_do(client: Client, db: None) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert b"open the link in your notice again" in page.content


def test_choosing_a_language_stays_chosen(client: Client, db: None) -> None:
    assert client.post("/language/", {"language": "zh-hant", "next": "/"})["Location"] == "/"
    page = client.get("/").content.decode()
    assert '<html lang="zh-hant">' in page
    assert "了解您的帳戶狀況" in page


def test_a_browsers_own_language_is_spoken_at_once(client: Client, db: None) -> None:
    assert "了解您的账户状况" in client.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()


def test_choosing_a_language_leads_to_no_other_site(client: Client, db: None) -> None:
    assert client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})["Location"] == "/"


def test_a_form_without_its_token_is_answered_kindly(db: None) -> None:
    page = Client(enforce_csrf_checks=True).post("/console/sign-in/", {"login": "a@b.example", "password": "x"})
    assert page.status_code == 403
    assert b"Please send the form again" in page.content


def test_a_fault_of_ours_has_a_page_of_its_own(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr("goodstanding.server.portal.entry.demo_entries", broken)
    client.raise_request_exception = False
    page = client.get("/")
    assert page.status_code == 500
    assert b"Something went wrong on our side" in page.content


def test_a_rating_is_drawn_in_steps_within_its_frame() -> None:
    days = [NOW.date() - timedelta(days=day) for day in (30, 10)]
    readings = [
        RatingReading(as_of=day, rating=rating, band="healthy", fulfilled_orders=0, points=0) for day, rating in zip(days, (200, 1000), strict=True)
    ]
    plot = plots.plot_rating(readings, current_pack().rating, NOW.date())
    assert plot is not None
    assert plot.path.count("V") == 1
    assert plot.end_y == plots.TOP
    assert [stripe.band for stripe in plot.stripes] == ["healthy", "at_risk", "unhealthy"]
    assert plots.plot_rating([], current_pack().rating, NOW.date()) is None
