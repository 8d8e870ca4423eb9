"""The programs' door (requirement A2)."""

import json
from typing import Any

import pytest
from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import GoodstandingError, IllegalTransition, MissingFacts, NotFound, NotPermitted, TooOften, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, ActionKind, DecisionOutcome
from goodstanding.server.api import problems
from goodstanding.server.api.document import openapi_json
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.appeals import withdraw_appeal
from goodstanding.server.services.keys import Scope, digest_of
from goodstanding.server.store.models import ApiKey, Case, KeySecret
from tests.conftest import REPOSITORY
from tests.server.factories import NOW, holder, make_account, make_action_in_force, make_rating, make_violation, senior
from tests.server.services.appealing import appealed, at, decide, submit

pytestmark = pytest.mark.usefixtures("db")

KEY = "a-key-that-only-the-marketplace-knows"


@pytest.fixture(autouse=True)
def _the_same_moment_and_pack(an_hour_later: None, monkeypatch: pytest.MonkeyPatch, pack: PolicyPack) -> None:
    monkeypatch.setattr("goodstanding.server.api.accounts.current_pack", lambda: pack)


def make_key(key: str = KEY, scopes: tuple[str, ...] = tuple(Scope), **fields: Any) -> ApiKey:
    row = ApiKey.objects.create(name="checkout", scopes=list(scopes), created_at=NOW, **fields)
    row.secrets.create(sha256=digest_of(key), made_at=NOW)
    return row


def get(path: str, key: str | None = KEY) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = Client().get(f"/api/v1{path}", headers=headers)
    assert response["Cache-Control"] == "no-store"
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert json.loads(response.content).keys() >= {"type", "title", "status", "detail"}
        assert json.loads(response.content)["status"] == response.status_code
    return response.status_code, json.loads(response.content)


def test_an_account_in_good_standing_may_do_everything() -> None:
    make_key()
    account = make_account()
    make_rating(account, 320)
    status, said = get(f"/accounts/{account.pk}/standing")
    assert status == 200
    assert (said["status"], said["rating"], said["band"], said["limits"]) == ("normal", 320, "healthy", [])
    assert said["acts"] == dict.fromkeys(Act, True)
    assert get(f"/accounts/{account.pk}/may/sell")[1] == {
        "account_id": account.pk,
        "act": "sell",
        "at": "2026-11-20T10:30:00Z",
        "allowed": True,
        "closed": False,
        "because": [],
        "act_on_it": None,
        "message": "",
        "language": "en",
    }


def test_who_may_not_sell_is_told_why_and_where_to_act_on_it(settings) -> None:
    make_key()
    settings.BASE_URL = "https://standing.market.example"
    case = make_action_in_force(account=make_account(language="zh-CN"))
    status, said = get(f"/accounts/{case.account_id}/may/sell")
    assert status == 200
    assert said["allowed"] is False
    because = said["because"][0]
    assert (because["act"], because["reasons"], because["action_kind"], because["case_id"]) == ("sell", ["counterfeit"], "deactivate", case.pk)
    assert (because["since"], because["until"]) == ("2026-11-20T09:30:00Z", None)
    assert said["act_on_it"] == f"https://standing.market.example/case/{case.pk}/"
    assert said["language"] == "zh-Hans"
    assert "sell [zh-Hans]" in said["message"]
    assert "counterfeit [zh-Hans]" in said["message"]
    assert get(f"/accounts/{case.account_id}/may/appeal")[1]["allowed"] is True


def test_with_two_actions_and_one_lifted_selling_stays_forbidden(pack: PolicyPack) -> None:
    """A7: lifting one limit never lifts another."""
    make_key()
    account = make_account()
    make_violation(account, "order_defects")
    case = make_action_in_force(account=account)
    other = Case.objects.get(account=account, action__kind=ActionKind.RESTRICT)
    approve_action(call=senior("user:9"), pack=pack, case_id=other.pk)
    assert len(get(f"/accounts/{account.pk}/may/sell")[1]["because"]) == 2
    decide(appealed(case, pack), pack, DecisionOutcome.OVERTURNED)
    said = get(f"/accounts/{account.pk}/may/sell")[1]
    assert said["allowed"] is False
    assert [limit["case_id"] for limit in said["because"]] == [other.pk]
    assert get(f"/accounts/{account.pk}/may/withdraw")[1]["allowed"] is True


def test_the_holder_is_sent_where_most_can_be_done(pack: PolicyPack) -> None:
    make_key()
    account = make_account()
    make_violation(account, "order_defects")
    waiting = make_action_in_force(account=account)
    other = Case.objects.get(account=account, action__kind=ActionKind.RESTRICT)
    approve_action(call=senior("user:9"), pack=pack, case_id=other.pk)
    submit(waiting, pack)
    assert get(f"/accounts/{account.pk}/may/sell")[1]["act_on_it"].endswith(f"/case/{other.pk}/")
    withdraw_appeal(call=holder(account, now=at(2)), pack=pack, case_id=waiting.pk)
    submit(other, pack, minutes=3)
    assert get(f"/accounts/{account.pk}/may/sell")[1]["act_on_it"].endswith(f"/case/{waiting.pk}/")


def test_a_limit_with_an_end_says_when() -> None:
    make_key()
    case = make_action_in_force(ActionKind.HOLD, account=make_account(holder_kind="buyer"))
    said = get(f"/accounts/{case.account_id}/may/buy")[1]
    assert said["because"][0]["until"] == "2026-12-04T09:30:00Z"
    assert "until=2026-12-04 09:30 UTC" in said["message"]


def test_a_closed_account_is_told_that_it_is_closed() -> None:
    """A3: closing is not erasing; the money and the records stay the holder's."""
    make_key()
    account = make_account(closed_at=NOW)
    said = get(f"/accounts/{account.pk}/may/sell")[1]
    assert (said["allowed"], said["closed"], said["because"], said["message"]) == (False, True, [], "close [en]")
    assert get(f"/accounts/{account.pk}/may/withdraw")[1]["allowed"] is True
    assert get(f"/accounts/{account.pk}/standing")[1]["status"] == "closed"


def test_a_case_tells_what_was_decided_and_nothing_anybody_wrote(pack: PolicyPack) -> None:
    make_key()
    case = make_action_in_force(reasons=["counterfeit", "related_account"])
    decide(appealed(case, pack), pack, {"counterfeit": DecisionOutcome.OVERTURNED, "related_account": DecisionOutcome.UPHELD})
    status, said = get(f"/cases/{case.pk}")
    assert status == 200
    assert (said["state"], said["outcome"], said["policy"]) == (CaseState.UPHELD, "partially_reversed", "example@1")
    assert {one["reason"]: one["decided"] for one in said["violations"]} == {"counterfeit": "overturned", "related_account": "upheld"}
    assert [one["outcome"] for one in said["appeals"]] == ["partially_reversed"]
    assert {one["act"] for one in said["limits"]} == {"sell", "withdraw"}
    assert said["limits"][0]["reasons"] == ["related_account"]
    assert "supplier" not in json.dumps(said)


@pytest.mark.parametrize("key", [None, "another-key", "", "ключ"])
def test_no_key_or_a_wrong_one_is_401(key: str | None) -> None:
    make_key()
    headers = {"Authorization": f"Bearer {key}".encode().decode("latin-1")} if key is not None else {}
    response = Client().get("/api/v1/accounts/S1/standing", headers=headers)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="goodstanding"'
    assert response["Content-Type"] == "application/problem+json"


def test_a_revoked_key_is_401() -> None:
    make_key(revoked_at=NOW)
    status, said = get("/accounts/S1/standing")
    assert (status, said["title"]) == (401, "A valid key is needed")
    assert "revoked" in said["detail"]


def test_a_key_opens_only_what_its_scopes_say() -> None:
    make_key(scopes=(Scope.STANDING_READ,))
    status, said = get("/cases/C-1")
    assert (status, said["who_may"]) == (403, ["keys with the scope cases:read"])


def test_only_a_digest_of_the_key_is_kept() -> None:
    make_key()
    assert KEY not in json.dumps([*ApiKey.objects.values(), *KeySecret.objects.values()], default=str)


def test_an_unknown_account_or_case_is_404() -> None:
    make_key()
    assert get("/accounts/S-NONE/standing")[1]["detail"] == "there is no account S-NONE"
    assert get("/accounts/S-NONE/may/sell")[0] == 404
    assert get("/cases/C-NONE")[0] == 404


def test_an_unknown_act_is_422_and_names_the_acts() -> None:
    make_key()
    status, said = get(f"/accounts/{make_account().pk}/may/fly")
    assert status == 422
    assert all(act in said["detail"] for act in Act)


@pytest.mark.parametrize("path", ["/nothing", "/accounts", "/../v2/accounts", "/accounts/S1/standing/"])
def test_an_unknown_address_is_a_problem_too(path: str) -> None:
    status, said = get(path, key=None)
    assert (status, said["type"]) == (404, "urn:goodstanding:problem:not-found")
    assert Client(enforce_csrf_checks=True).post(f"/api/v1{path}").status_code == 404


def test_a_wrong_method_is_a_problem_too() -> None:
    response = Client(enforce_csrf_checks=True).post("/api/v1/accounts/S1/standing")
    assert (response.status_code, response["Allow"], response["Content-Type"]) == (405, "GET", "application/problem+json")


def test_what_nobody_expected_is_told_in_general_and_logged_in_full(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    make_key()

    def fail(**_: object) -> None:
        raise RuntimeError("secret inner workings")

    monkeypatch.setattr("goodstanding.server.api.accounts.standing_of", fail)
    status, said = get("/accounts/S1/standing")
    assert status == 500
    assert "secret" not in json.dumps(said)
    assert "secret inner workings" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnusableInput("x"), 422),
        (NotPermitted("x", ["y"]), 403),
        (IllegalTransition("in_review", "claim", ["release"]), 409),
        (TooOften("x", 7), 429),
        (MissingFacts("x"), 422),
        (NotFound("x"), 404),
        (GoodstandingError("x"), 400),
    ],
)
def test_every_error_of_goodstanding_has_one_status(rf, error: GoodstandingError, status: int) -> None:
    response = problems.tell(rf.get("/api/v1/x"), error)
    assert response.status_code == status
    assert json.loads(response.content)["detail"] == str(error)


def test_a_conflict_tells_what_would_be_possible(rf) -> None:
    said = json.loads(problems.tell(rf.get("/"), IllegalTransition("in_review", "claim", ["release"])).content)
    assert (said["state"], said["possible"]) == ("in_review", ["release"])


def test_the_committed_openapi_document_is_fresh() -> None:
    committed = (REPOSITORY / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
    assert committed == openapi_json(), "run: python -m goodstanding.server.api.document > docs/reference/openapi.json"


def test_the_document_is_served_without_a_key() -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert json.loads(response.content) == json.loads(openapi_json())
