"""The client against a real server: each operation of the document has its method and its fields, and what goes wrong on the way is got over."""

import inspect
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from goodstanding.client import ApiError, Client, answers, holder_answers
from goodstanding.client.answers import read
from goodstanding.core.terms import ActionKind, DecisionOutcome, Role
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Case, FactBatch
from tests.conftest import REPOSITORY
from tests.server.factories import NOW, call_as, make_account, make_action_in_force
from tests.server.services.appealing import appealed, decide

DOCUMENT: dict[str, Any] = json.loads((REPOSITORY / "docs" / "reference" / "openapi.json").read_text("utf-8"))
OPERATIONS = {one["operationId"]: one for path in DOCUMENT["paths"].values() for one in path.values()}
KINDS: dict[str, type] = {
    "MeasureOut": holder_answers.Measure,
    "WindowOut": holder_answers.Window,
    "DoneOut": holder_answers.Done,
    "QuestionOut": holder_answers.Question,
    "FormOut": holder_answers.Form,
    "PlacedFindingOut": holder_answers.PlacedFinding,
    "ChecksOut": holder_answers.Checks,
    "MessageOut": holder_answers.Message,
    "MessagesOut": holder_answers.Messages,
    "TurnOut": holder_answers.Turn,
    "PossibleOut": holder_answers.Possible,
    "VerdictOut": holder_answers.Verdict,
    "CauseOut": holder_answers.Cause,
    "DayOut": holder_answers.Day,
    "DiagnosisOut": holder_answers.Diagnosis,
    "TaskOut": holder_answers.Task,
    "ReasonOut": holder_answers.Reason,
    "FileOut": holder_answers.File,
    "AskedOut": holder_answers.Asked,
    "PartOut": holder_answers.Part,
    "SentAppealOut": holder_answers.SentAppeal,
    "CommitmentOut": holder_answers.Commitment,
    "HappeningOut": holder_answers.Happening,
    "HoldersBriefOut": holder_answers.HoldersBrief,
    "HoldersCasesOut": holder_answers.HoldersCases,
    "HoldersCaseOut": holder_answers.HoldersCase,
    "HeldOut": answers.Held,
    "LimitOut": answers.Limit,
    "StandingOut": answers.Standing,
    "MayOut": answers.May,
    "ViolationOut": answers.Violation,
    "DecisionOut": answers.Decision,
    "AppealOut": answers.Appeal,
    "CaseBriefOut": answers.CaseBrief,
    "CaseOut": answers.Case,
    "CasesOut": answers.CasePage,
    "NoticeOut": answers.Notice,
    "NoticesOut": answers.Notices,
    "FindingOut": answers.Finding,
    "BatchOut": answers.Batch,
}


def order(number: int, **more: object) -> dict[str, object]:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    return {"order_id": f"o{number}", "account_id": "S-1", "placed_at": moment, "ship_by": moment + timedelta(days=1)} | more


def connect(url: str, scopes: list[Scope] | None = None) -> Client:
    manager = call_as(Role.POLICY_MANAGER, "user:8", now=timezone.now())
    return Client(url, make_key(call=manager, name="marketplace", scopes=scopes or list(Scope)))


def scripted(*script: httpx.Response | Exception) -> tuple[Client, list[httpx.Request], list[float]]:
    """A client whose server answers by a script; with what it was asked and how long the client waited."""
    asked, waited, left = [], [], list(script)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        said = left.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    return Client("https://standing.example/", "gs_x", transport=httpx.MockTransport(answer), sleep=waited.append), asked, waited


def test_every_operation_of_the_document_has_its_method_with_its_parameters() -> None:
    for name, operation in OPERATIONS.items():
        takes = set(inspect.signature(getattr(Client, name)).parameters)
        for parameter in operation.get("parameters", []):
            assert parameter["name"].replace("-", "_").lower() in takes, f"{name} takes no {parameter['name']}"


def test_every_field_of_the_document_is_a_field_of_the_client_that_may_be_none_where_it_may_be_null() -> None:
    answered = {
        ref["$ref"].rpartition("/")[2]
        for operation in OPERATIONS.values()
        for status, response in operation["responses"].items()
        if status < "300" and (ref := response["content"]["application/json"]["schema"])
    }
    assert answered <= KINDS.keys()
    for name, kind in KINDS.items():
        told, hints = DOCUMENT["components"]["schemas"][name]["properties"], get_type_hints(kind)
        assert hints.keys() == told.keys(), name
        for field, schema in told.items():
            nullable = {"type": "null"} in schema.get("anyOf", [])
            assert nullable == (type(None) in get_args(hints[field])), f"{name}.{field}"
            formats = {schema.get("format"), *(one.get("format") for one in schema.get("anyOf", []))}
            expected = datetime if "date-time" in formats else date if "date" in formats else None
            assert expected is None or expected in (hints[field], *get_args(hints[field])), f"{name}.{field}"


@pytest.mark.django_db(transaction=True)
def test_every_operation_against_a_real_server(
    live_server: LiveServer, settings: Any, tmp_path: Any, pack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FACTS = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=30))
    case = make_action_in_force(reasons=["counterfeit", "related_account"], account=make_account("S 1?ü%"))
    decide(appealed(case, pack), pack, {"counterfeit": DecisionOutcome.OVERTURNED, "related_account": DecisionOutcome.UPHELD})
    others = [make_action_in_force(ActionKind.RESTRICT) for _ in range(2)]
    with connect(live_server.url) as client:
        standing = client.read_standing(case.account_id)
        assert (standing.status, standing.acts["sell"], standing.limits[0].case_id) == ("deactivated", False, case.pk)
        may = client.read_may(case.account_id, "sell")
        assert (may.allowed, may.because[0].reasons, may.act_on_it.endswith(f"/case/{case.pk}/")) == (False, ["related_account"], True)
        assert client.read_may(case.account_id, "see_orders").allowed
        found = client.read_case(case.pk)
        assert (found.state, found.appeals[0].decisions[0].outcome in ("overturned", "upheld")) == ("upheld", True)
        assert found.violations[0].opened == case.action.violations.order_by("opened", "violation_id")[0].opened
        assert found.opened_at == Case.objects.get(pk=case.pk).opened_at
        assert client.list_notices(case.pk).notices[0].kind == "action"
        assert {one.case_id for one in client.each_case()} == {case.pk, *(one.pk for one in others)}
        page = client.list_cases(limit=2, changed_since=timezone.now() - timedelta(days=3650))
        assert (len(page.cases), page.more, client.list_cases(after=page.cursor).more) == (2, True, False)
        assert [one.case_id for one in client.list_cases(account_id=case.account_id, state="upheld").cases] == [case.pk]
        batch = client.send_facts("orders", [order(1), order(2, placed_at="yesterday")])
        assert (batch.accepted, batch.refused, batch.findings[0].where) == (1, 1, "line 2 column placed_at")
        assert client.send_facts("orders", [order(1), order(2, placed_at="yesterday")]).again
        (brief,) = client.list_holders_cases(case.account_id, language="zh-Hans").cases
        assert (brief.case_id, brief.turn.who, brief.possible) == (case.pk, "you", ["appeal", "write"])
        assert client.list_holders_cases(case.account_id, also_over=True).account_id == case.account_id
        whole = client.read_holders_case(case.account_id, case.pk)
        assert (whole.may("appeal"), whole.may("withdraw"), len(whole.reasons), whole.appeals[0].parts[0].part) == (True, False, 2, "root_cause")
        with pytest.raises(ApiError) as refused:
            client.read_standing("S-NONE")
        assert (refused.value.status, refused.value.kind, str(refused.value)) == (404, "not-found", "there is no account S-NONE")
    with connect(live_server.url, [Scope.CASES_READ]) as client, pytest.raises(ApiError) as refused:
        client.send_facts("orders", [order(3)])
    assert (refused.value.status, refused.value.members) == (403, {"who_may": ["keys with the scope facts:write"]})
    with Client(live_server.url, "gs_wrong") as client, pytest.raises(ApiError) as refused:
        client.read_may(case.account_id, "sell")
    assert (refused.value.status, refused.value.kind) == (401, "no-key")


@pytest.mark.django_db(transaction=True)
def test_many_facts_go_in_batches_and_each_tells_where_it_began(
    live_server: LiveServer, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FACTS = tmp_path
    monkeypatch.setattr("goodstanding.client.calls.MOST_ROWS", 4)
    monkeypatch.setattr("goodstanding.client.calls.MOST_BYTES", 600)
    rows = [order(number, note="x" * (400 if number == 6 else 1)) for number in range(11)]
    with connect(live_server.url) as client:
        sent = list(client.send_all_facts("orders", iter(rows)))
        assert sum(batch.accepted for _, batch in sent) == 11
        assert [first for first, _ in sent] == [0, 4, 6, 7]
        assert all(batch.again for _, batch in client.send_all_facts("orders", rows))
        assert list(client.send_all_facts("orders", [])) == []
    assert FactBatch.objects.count() == 4


BATCH = {"batch": "x", "kind": "orders", "accepted": 1, "refused": 0, "again": False, "findings": []}


def test_a_batch_is_sent_again_with_the_same_key_until_it_is_answered() -> None:
    client, asked, waited = scripted(
        httpx.ReadTimeout("slow"),
        httpx.Response(503, text="<html>busy</html>"),
        httpx.Response(429, json={"type": "urn:goodstanding:problem:too-often", "detail": "wait", "status": 429}, headers={"Retry-After": "7"}),
        httpx.Response(200, json=BATCH),
    )
    assert client.send_facts("orders", [order(1)]).accepted == 1
    assert len({(one.headers["Idempotency-Key"], one.content) for one in asked}) == 1
    assert waited == [0.5, 1.0, 7]
    other, sent, _ = scripted(httpx.Response(200, json=BATCH), httpx.Response(200, json=BATCH))
    other.send_facts("orders", [order(2)])
    other.send_facts("orders", [order(1)], idempotency_key="night-1")
    assert sent[0].headers["Idempotency-Key"] != asked[0].headers["Idempotency-Key"]
    assert sent[1].headers["Idempotency-Key"] == "night-1"


@pytest.mark.parametrize(
    ("script", "tries", "status"),
    [
        ([httpx.ConnectError("nobody")] * 5, 5, 0),
        ([httpx.Response(500, json={"detail": "our fault"})] * 5, 5, 500),
        ([httpx.Response(422, json={"type": "urn:goodstanding:problem:unusable-input", "detail": "no"})], 1, 422),
        ([httpx.Response(429, json={"detail": "later"}, headers={"Retry-After": "3600"})], 1, 429),
        ([httpx.Response(200, text="<html>a proxy's page</html>")], 1, 200),
        ([httpx.Response(302, headers={"Location": "https://elsewhere.example/"})], 1, 302),
    ],
)
def test_what_no_further_try_gets_over_is_one_error(script: list[Any], tries: int, status: int) -> None:
    client, asked, _ = scripted(*script)
    with pytest.raises(ApiError) as failed:
        client.read_standing("S-1")
    assert (len(asked), failed.value.status) == (tries, status)
    assert "\n" not in str(failed.value)
    assert "gs_x" not in str(failed.value)


def test_what_a_newer_server_adds_is_passed_over() -> None:
    assert read(answers.Batch, BATCH | {"later": 1}).accepted == 1


@pytest.mark.parametrize("row", [{"a": float("nan")}, {"a": object()}])
def test_what_no_json_can_say_is_told_before_anything_is_sent(row: dict[str, object]) -> None:
    client, asked, _ = scripted()
    with pytest.raises(ValueError):
        client.send_facts("orders", [row])
    assert asked == []


def test_a_moment_without_its_offset_is_refused() -> None:
    client, asked, _ = scripted()
    with pytest.raises(ValueError, match="offset"):
        client.list_cases(changed_since=datetime(2026, 1, 1))
    assert asked == []
