"""What those who run the server ask it: alive, ready, figures."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from goodstanding.server.probes import views
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


def test_a_database_that_is_away_is_said_and_the_process_stays_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> None:
        raise DatabaseError("connection refused to 10.0.0.7")

    monkeypatch.setattr(views, "lateness_at", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["wrong"]) == (503, ["the database cannot be used"])
    assert Client().get("/healthz").status_code == 200


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
    (line,) = [record.getMessage() for record in caplog.records if record.name == "goodstanding.requests"]
    assert json.loads(line).keys() == {"route", "method", "status", "ms"}
    assert "SECRET" not in line
    assert "nora" not in line
