"""What those who run the server ask it: alive, ready, figures."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from goodstanding.server.jobs.management.commands.work import work_once
from goodstanding.server.probes import views
from goodstanding.server.probes.logs import Lines
from goodstanding.server.store.models import Deadline, OutboxMessage
from tests.server.factories import make_action_in_force

pytestmark = pytest.mark.django_db


def test_a_server_says_that_it_lives_and_that_it_is_ready() -> None:
    assert Client().get("/healthz").content == b"alive\n"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "wrong": []})


def test_a_worker_that_is_behind_makes_the_server_unready_and_says_so() -> None:
    case = make_action_in_force()
    OutboxMessage.objects.update(sent_at=timezone.now())
    Deadline.objects.filter(case=case).update(due_at=timezone.now() - timedelta(hours=1))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "the worker is 3600 seconds behind" in answer.json()["wrong"][0]


def test_a_version_that_is_older_than_the_tables_says_so() -> None:
    """Going back to the version before without its backup must not look well."""
    MigrationRecorder.Migration.objects.create(app="store", name="9999_of_a_later_version")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert "belong to a newer version" in answer.json()["wrong"][0]


def test_a_database_that_is_away_is_said_and_the_process_stays_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> None:
        raise DatabaseError("connection refused to 10.0.0.7")

    monkeypatch.setattr(views, "lateness_at", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["wrong"]) == (503, ["the database cannot be used"])
    assert Client().get("/healthz").status_code == 200


@pytest.mark.usefixtures("an_hour_later")
def test_figures_need_the_token_and_are_absent_without_one(settings) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "scrape-me"
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    case = make_action_in_force()
    Client().get(f"/case/{case.pk}/")
    shown = Client().get("/metrics", headers={"Authorization": "Bearer scrape-me"}).content.decode()
    assert 'goodstanding_cases{state="in_force"} 1.0' in shown
    assert "goodstanding_overdue_deadlines 0.0" in shown
    assert 'goodstanding_requests_total{method="GET",route="case/<str:case_id>/",status="403"}' in shown
    assert case.pk not in shown
    assert case.account_id not in shown


def test_a_request_is_one_line_without_a_person(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "goodstanding.requests"):
        Client().get("/case/C-SECRET/?email=nora@shop.example")
    (record,) = [record for record in caplog.records if record.name == "goodstanding.requests"]
    line = Lines(as_json=True, with_errors=False).format(record)
    assert json.loads(line).keys() == {"at", "level", "logger", "message", "route", "method", "status", "ms"}
    assert "SECRET" not in line
    assert "nora" not in line


def test_an_address_that_went_wrong_is_logged_as_its_route(caplog: pytest.LogCaptureFixture) -> None:
    """A letter's link opens a case: whoever reads the log must not get in by it."""
    Client().get("/n/a-token-of-a-letter/")
    Client().get("/nowhere/nora@shop.example")
    lines = [Lines(as_json=False, with_errors=False).format(record) for record in caplog.records if record.name == "django.request"]
    assert lines[0].endswith("404 GET n/<str:token>/")
    assert lines[1].endswith("404 GET unknown")
    assert not any("a-token" in line or "nora" in line for line in lines)


@pytest.mark.parametrize(("with_errors", "quoted"), [(False, False), (True, True)])
def test_an_error_is_told_by_its_class_and_place_and_quotes_nobody(with_errors: bool, quoted: bool) -> None:
    def refused() -> None:
        raise ValueError("550 no such user nora@shop.example")

    log, kept = logging.getLogger("goodstanding.test"), []
    log.addHandler(keeper := logging.Handler())
    keeper.emit = kept.append  # type: ignore[method-assign]
    try:
        refused()
    except ValueError as error:
        log.exception("a mail could not be taken")
        log.warning("message %s, attempt %d: %s", "<N-1@market.example>", 2, error)
    finally:
        log.removeHandler(keeper)
    formatter = Lines(as_json=True, with_errors=with_errors)
    thrown, named = (json.loads(formatter.format(record)) for record in kept)
    assert thrown["error"] == "builtins.ValueError"
    assert "refused" in thrown["where"]
    assert named["message"].startswith("message <N-1@market.example>, attempt 2: ")
    assert ("nora" in json.dumps([thrown, named])) is quoted


@pytest.mark.usefixtures("an_hour_later")
def test_figures_tell_what_waits_on_which_clock_and_when_each_job_last_came_to_its_end(settings) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    make_action_in_force()
    work_once()
    shown = Client().get("/metrics", headers={"Authorization": "Bearer scrape-me"}).content.decode()
    assert 'goodstanding_running_clocks{clock="appeal_window"} 1.0' in shown
    (told,) = [line for line in shown.splitlines() if line.startswith('goodstanding_last_success_timestamp_seconds{job="work"}')]
    assert float(told.split()[1]) == timezone.now().timestamp()
