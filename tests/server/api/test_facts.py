"""Facts by HTTP (requirement K1): each batch once, bad rows told line by line, and what was kept is what the nightly run reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Account, FactBatch

pytestmark = pytest.mark.usefixtures("db")

ORDER = {"account_id": "S-1", "placed_at": "2026-03-01T10:00:00Z", "ship_by": "2026-03-02T10:00:00Z"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.FACTS = tmp_path / "facts"
    return tmp_path / "facts"


def lines(*rows: object) -> str:
    return "\n".join(json.dumps(row) for row in rows) + "\n"


def send(kind: str, body: str | bytes, *, scope: Scope | None = Scope.FACTS_WRITE) -> tuple[int, dict[str, Any]]:
    headers = {}
    if scope:
        headers["Authorization"] = f"Bearer {make_key(call=Call(AUTOMATION, timezone.now()), name='warehouse', scopes=[scope])}"
    response = Client().post(f"/api/v1/facts/{kind}", body, content_type="application/x-ndjson", headers=headers)
    return response.status_code, json.loads(response.content)


def test_good_rows_are_kept_and_each_bad_one_is_told_with_its_line_and_reason(folder: Path) -> None:
    body = lines(ORDER | {"order_id": "o1"}, ORDER | {"order_id": "o2", "placed_at": "yesterday"}, {"order_id": "o3"}, ORDER | {"order_id": "o4"})
    status, said = send("orders", body)
    assert (status, said["accepted"], said["refused"], said["again"]) == (200, 2, 2, False)
    assert {finding["where"] for finding in said["findings"]} >= {"line 2 column placed_at", "line 3 column account_id"}
    assert [path.suffix for path in (folder / "orders").iterdir()] == [".parquet"]


def test_the_same_batch_sent_again_is_taken_once_and_answered_alike(folder: Path) -> None:
    body = lines(ORDER | {"order_id": "o1"}, {"order_id": "o3"})
    first, second = send("orders", body)[1], send("orders", body)[1]
    assert (first.pop("again"), second.pop("again")) == (False, True)
    assert first == second
    assert FactBatch.objects.count() == len(list((folder / "orders").iterdir())) == 1


def test_the_nightly_run_reads_what_came_by_http_however_often_a_row_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    send("accounts", lines({"account_id": "S-1", "holder_kind": "seller", "marketplace": "US", "opened_at": "2025-01-01T00:00:00Z"}))
    late = [ORDER | {"order_id": f"o{n}", "shipped_at": "2026-03-04T10:00:00Z"} for n in range(5)]
    send("orders", lines(*late))
    send("orders", lines(*late[:3], ORDER | {"order_id": "o9", "shipped_at": "2026-03-01T12:00:00Z"}))
    call_command("assess_accounts", "--as-of", "2026-03-05")
    assert "1 accounts" in capsys.readouterr().out
    reading = Account.objects.get(pk="S-1").metric_readings.get(metric="late_shipment_rate_30d")
    assert (reading.numerator, reading.denominator) == (5, 6)


@pytest.mark.parametrize(
    ("kind", "body", "status", "says"),
    [
        ("orders", "", 422, "the batch is empty"),
        ("wishes", lines(ORDER), 404, "there is no kind of fact 'wishes'"),
        ("orders", b'{"order_id": "' + b"x" * (3 << 20) + b'"}', 422, "send it in parts"),
    ],
)
def test_a_batch_of_which_nothing_can_be_read_is_one_problem_and_leaves_nothing(
    kind: str, body: str | bytes, status: int, says: str, folder: Path
) -> None:
    got, said = send(kind, body)
    assert (got, said["status"]) == (status, status)
    assert says in said["detail"]
    assert FactBatch.objects.count() == 0
    assert not list(folder.rglob("*.parquet"))


@pytest.mark.parametrize("body", ["not json at all\n", lines({"order_id": "o1"}), b"\xff\xfe\x00\n", "[1, 2]\n"])
def test_a_batch_without_a_good_row_keeps_none_and_says_why(body: str | bytes, folder: Path) -> None:
    status, said = send("orders", body)
    assert (status, said["accepted"], said["refused"]) == (200, 0, 1)
    assert said["findings"][0]["where"].startswith("line 1")
    assert not list(folder.rglob("*.parquet"))


def test_a_key_without_the_scope_and_no_key_are_refused() -> None:
    assert send("orders", lines(ORDER), scope=Scope.CASES_READ)[0] == 403
    assert send("orders", lines(ORDER), scope=None)[0] == 401
