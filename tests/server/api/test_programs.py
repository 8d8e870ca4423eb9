"""What a program meets at the door: its key rotated under it, too much at once, and the same batch under one Idempotency-Key."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.services.keys import Scope, make_key, revoke_key, rotate_key
from goodstanding.server.store.models import ApiKey, FactBatch
from tests.server.factories import call_as, make_account

pytestmark = pytest.mark.django_db

ROW = {"account_id": "S-1", "placed_at": "2026-03-01T10:00:00Z", "ship_by": "2026-03-02T10:00:00Z"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.FACTS = tmp_path / "facts"
    return tmp_path / "facts"


def manager():
    return call_as(Role.POLICY_MANAGER, "user:8", now=timezone.now())


def standing(secret: str, account: str = "S-NONE") -> int:
    return Client().get(f"/api/v1/accounts/{account}/standing", headers={"Authorization": f"Bearer {secret}"}).status_code


def send(secret: str, *orders: str, key: str = ""):
    body = "\n".join(json.dumps(ROW | {"order_id": order}) for order in orders)
    headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
    return Client().post("/api/v1/facts/orders", body, content_type="application/x-ndjson", headers=headers)


def test_a_program_goes_on_while_its_key_is_rotated_and_stops_the_moment_it_is_revoked() -> None:
    account = make_account().pk
    old = make_key(call=manager(), name="checkout", scopes=[Scope.STANDING_READ])
    key = ApiKey.objects.get().pk
    new = rotate_key(call=manager(), key_id=key, overlap=timedelta(days=7))
    assert [standing(old, account), standing(new, account)] == [200, 200]
    revoke_key(call=manager(), key_id=key)
    assert [standing(old, account), standing(new, account)] == [401, 401]


@pytest.mark.usefixtures("an_hour_later")  # a quota begins anew with each minute
def test_too_much_at_once_is_429_and_says_when_to_go_on(settings) -> None:
    settings.API_QUOTAS = {"standing:read": 2, "rows": 3}
    secret = make_key(call=manager(), name="checkout", scopes=list(Scope))
    other = make_key(call=manager(), name="warehouse", scopes=list(Scope))
    assert [standing(secret) for _ in range(3)] == [404, 404, 429]
    assert standing(other) == 404
    response = Client().get("/api/v1/accounts/S-NONE/standing", headers={"Authorization": f"Bearer {secret}"})
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "checkout" in json.loads(response.content)["detail"]


@pytest.mark.usefixtures("an_hour_later")  # a quota begins anew with each minute
def test_rows_of_facts_are_counted_too_and_a_batch_sent_again_costs_none(settings, folder: Path) -> None:
    settings.API_QUOTAS = {"rows": 3}
    secret = make_key(call=manager(), name="warehouse", scopes=list(Scope))
    assert [send(secret, "o1", "o2").status_code for _ in range(3)] == [200, 200, 200]
    assert send(secret, "o3", "o4").status_code == 429
    assert send(secret, "o3").status_code == 200
    assert (FactBatch.objects.count(), len(list(folder.rglob("*.parquet")))) == (2, 2)


def test_one_idempotency_key_is_one_batch(folder: Path) -> None:
    secret = make_key(call=manager(), name="warehouse", scopes=list(Scope))
    other = make_key(call=manager(), name="backup", scopes=list(Scope))
    first, again = send(secret, "o1", key="night-1"), send(secret, "o1", key="night-1")
    assert [json.loads(one.content)["again"] for one in (first, again)] == [False, True]
    refused = send(secret, "o2", key="night-1")
    assert (refused.status_code, "another batch" in json.loads(refused.content)["detail"]) == (422, True)
    assert send(other, "o2", key="night-1").status_code == 200
    assert (FactBatch.objects.count(), len(list(folder.rglob("*.parquet")))) == (2, 2)
    assert send(secret, "o3", key="x" * 201).status_code == 422
