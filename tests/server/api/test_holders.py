"""A program that speaks for a holder reads what the portal would show, of that holder's account alone (A2, K5; users of others: #20, #25, #29)."""

import json
from typing import Any

import pytest
from django.test import Client

from goodstanding.core.errors import IllegalTransition, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind, DecisionOutcome
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.services.speaking import actor_id, key_of
from goodstanding.server.store.models import Case
from tests.server.factories import automation, make_account, make_action_in_force, make_proposed
from tests.server.services.appealing import appealed, at, decide, submit
from tests.server.showcase import Showcase

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def half_an_hour_later(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs ask when it has just happened, whatever day it is where the test runs; the showcase lives around now."""
    if "show" in request.fixturenames:
        return
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(30))


def key(*scopes: Scope, accounts: list[str] | None = None) -> str:
    return make_key(call=automation(), name="seller app", scopes=scopes or [Scope.APPEALS_READ], accounts=accounts)


def get(path: str, secret: str = "", **query: Any) -> tuple[int, dict[str, Any]]:
    response = Client().get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {secret or key()}"})
    return response.status_code, json.loads(response.content)


def possible(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["act"]: one for one in said["possible"]}


def test_the_overview_tells_whose_turn_it_is_and_what_can_be_done(pack: PolicyPack) -> None:
    account = make_account()
    case = make_action_in_force(ActionKind.RESTRICT, account=account)
    status, said = get(f"/accounts/{account.pk}/cases")
    (one,) = said["cases"]
    assert (status, one["case_id"], one["turn"]["who"], one["possible"], said["more"]) == (200, case.pk, "you", ["appeal", "write"], False)
    submit(case, pack)
    (one,) = get(f"/accounts/{account.pk}/cases", language="zh-Hans")[1]["cases"]
    assert (one["turn"]["who"], one["turn"]["title"], one["possible"]) == ("us", "我们已收到您的申诉", ["withdraw", "write"])


def test_a_case_that_its_holder_was_not_told_of_is_nowhere() -> None:
    account = make_account()
    case = make_proposed(account=account)
    assert get(f"/accounts/{account.pk}/cases", also_over="true")[1]["cases"] == []
    assert get(f"/accounts/{account.pk}/cases/{case.pk}")[0] == 404


def test_cases_that_rest_come_where_they_are_asked_for(pack: PolicyPack) -> None:
    account = make_account()
    case = make_action_in_force(account=account)
    decide(appealed(case, pack), pack, DecisionOutcome.OVERTURNED)
    assert get(f"/accounts/{account.pk}/cases")[1]["cases"] == []
    (one,) = get(f"/accounts/{account.pk}/cases", also_over="true")[1]["cases"]
    assert (one["state"], one["possible"]) == ("reinstated", [])


def test_a_case_tells_exactly_what_is_contested_with_every_fact(show: Showcase) -> None:
    """C1, #29: the same items, counts, diagnosis and tasks as the portal's page, as data."""
    case = show.cases["in_force"]
    status, said = get(f"/accounts/{case.account_id}/cases/{case.pk}")
    assert (status, said["language"]) == (200, "en")
    rows = {row.pk: row for row in case.action.violations.all()}
    assert {one["violation_id"] for one in said["reasons"]} == rows.keys()
    for one in said["reasons"]:
        row = rows[one["violation_id"]]
        assert [item["id"] for item in one["items"]] == [item["id"] for item in row.items]
        assert (one["reason"], one["numerator"], one["denominator"], one["is_contested"]) == (row.reason, row.numerator, row.denominator, True)
        assert all([one["name"], one["rule"], one["cure"]])
    assert any(one["diagnosis"] and one["diagnosis"]["short"] and one["tasks"] for one in said["reasons"])
    assert possible(said)["appeal"]["allowed"]
    assert said["notices"][0]["statement"]
    assert "/n/" not in json.dumps(said)


def test_a_decision_comes_with_its_reasons_in_words(pack: PolicyPack) -> None:
    """#20: the decision belongs to the appeal, and the history shows both."""
    case = make_action_in_force(reasons=["counterfeit", "related_account"])
    decide(appealed(case, pack), pack, {"counterfeit": DecisionOutcome.OVERTURNED, "related_account": DecisionOutcome.UPHELD})
    said = get(f"/accounts/{case.account_id}/cases/{case.pk}")[1]
    (appeal,) = said["appeals"]
    assert sorted((one["outcome"], one["because"]) for one in appeal["verdicts"]) == [
        ("overturned", "about counterfeit"),
        ("upheld", "about related_account"),
    ]
    assert appeal["parts"][0]["text"] == "One supplier sent us fakes."
    assert {one["violation_id"]: one["is_contested"] for one in said["reasons"]} == {
        one["violation_id"]: one["outcome"] == "upheld" for one in appeal["verdicts"]
    }
    told = {one["kind"]: one["who"] for one in said["happenings"]}
    assert (told["AppealSubmitted"], told["AppealDecided"]) == ("Account holder", "our staff")


def test_why_something_cannot_be_done_is_what_trying_it_says(pack: PolicyPack) -> None:
    case = make_action_in_force()
    submit(case, pack)
    said = get(f"/accounts/{case.account_id}/cases/{case.pk}")[1]
    with pytest.raises(IllegalTransition) as refused:
        submit(case, pack, key="two")
    assert possible(said)["appeal"]["why_not"] == str(refused.value)
    assert possible(said)["give_information"]["why_not"].startswith("nothing is asked of you")
    assert (possible(said)["withdraw"]["why_not"], possible(said)["withdraw"]["allowed"]) == ("", True)


def test_a_case_is_found_for_its_own_account_alone() -> None:
    """K5: the account in the address is the one whose holder is signed in; whatever case a page names, no other account's is there."""
    mine, other = make_action_in_force(ActionKind.RESTRICT), make_action_in_force(ActionKind.RESTRICT)
    secret = key()
    refused = get(f"/accounts/{mine.account_id}/cases/{other.pk}", secret)
    assert refused[0] == 404
    assert get(f"/accounts/{mine.account_id}/cases/C-NONE", secret)[1]["detail"].replace("C-NONE", other.pk) == refused[1]["detail"]
    assert get("/accounts/S-NONE/cases", secret)[1]["detail"] == "there is no account S-NONE"


def test_a_bound_key_knows_its_accounts_and_no_other() -> None:
    """K5: of every operation, by the same words as for what there is not."""
    mine, other = make_action_in_force(ActionKind.RESTRICT), make_action_in_force(ActionKind.RESTRICT)
    scopes = [scope for scope in Scope if scope != Scope.FACTS_WRITE]
    secret = key(*scopes, accounts=[mine.account_id])

    def asked(case: Case) -> list[tuple[int, str]]:
        paths = [f"/accounts/{case.account_id}/{end}" for end in ("standing", "may/sell", "cases", f"cases/{case.pk}")]
        found = [get(path, secret) for path in [*paths, f"/cases/{case.pk}", f"/cases/{case.pk}/notices"]]
        return [(status, said.get("detail", "")) for status, said in found]

    assert {status for status, _ in asked(mine)} == {200}
    assert asked(other) == [(404, f"there is no account {other.account_id}")] * 4 + [(404, f"there is no case {other.pk}")] * 2
    assert [one["case_id"] for one in get("/cases", secret)[1]["cases"]] == [mine.pk]
    assert get("/cases", secret, account_id=other.account_id)[1]["cases"] == []


def test_a_key_is_bound_to_accounts_that_there_are_and_sends_no_facts() -> None:
    account = make_account()
    for scopes, accounts, says in (
        ([Scope.APPEALS_READ], ["S-NONE"], "no account S-NONE"),
        ([Scope.APPEALS_READ], [" "], "1 to 1000 accounts"),
        ([Scope.FACTS_WRITE], [account.pk], "cannot send facts"),
    ):
        with pytest.raises(UnusableInput, match=says):
            make_key(call=automation(), name="seller app", scopes=scopes, accounts=accounts)


def test_the_scopes_for_holders_open_nothing_else_and_nothing_else_opens_them() -> None:
    case = make_action_in_force(ActionKind.RESTRICT)
    for scope in Scope:
        status = get(f"/accounts/{case.account_id}/cases/{case.pk}", key(scope))[0]
        assert status == (200 if scope == Scope.APPEALS_READ else 403)
    assert get(f"/cases/{case.pk}", key(Scope.APPEALS_READ))[0] == 403


def test_a_misspelt_parameter_and_a_strange_language_are_told_or_got_over() -> None:
    case = make_action_in_force(ActionKind.RESTRICT)
    status, said = get(f"/accounts/{case.account_id}/cases/{case.pk}", lang="zh")
    assert (status, "there is no parameter 'lang'" in said["detail"]) == (422, True)
    assert get(f"/accounts/{case.account_id}/cases/{case.pk}", language="xx")[1]["language"] == "en"


def test_a_refusal_is_told_to_the_holder_too_in_the_language_asked_for() -> None:
    case = make_action_in_force(ActionKind.RESTRICT)
    said = get(f"/accounts/{case.account_id}/cases/C-NONE", language="zh-Hant")[1]
    assert (said["detail"], said["message"]) == ("there is no case C-NONE", "未能完成：there is no case C-NONE。")


@pytest.mark.parametrize("account_id", ["S-1001", "S" * 100])
def test_the_ledgers_name_of_a_holder_by_a_program_tells_both(account_id: str) -> None:
    made = actor_id(account_id, 12)
    assert (len(made) <= 100, made.startswith(f"holder:{account_id[:80]}"), key_of(made)) == (True, True, 12)
    assert (key_of(f"holder:{account_id}"), key_of("user:7"), key_of("delegate:x/key:7")) == (None, None, None)
