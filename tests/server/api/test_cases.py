"""Cases for programs: a list that can be walked while it changes, one case with its decisions, and its letters without their keys."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import ActionKind, DecisionOutcome
from goodstanding.server.api.cases import read_cursor, write_cursor
from goodstanding.server.services.cases import Place
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.services.links import open_link
from goodstanding.server.services.outbox import send_due
from goodstanding.server.store.models import Case, Notice
from tests.server.factories import NOW, automation, make_account, make_action_in_force
from tests.server.services.appealing import appealed, decide

pytestmark = pytest.mark.usefixtures("db")


def get(path: str, **query: Any) -> tuple[int, dict[str, Any]]:
    key = make_key(call=automation(), name="desk", scopes=list(Scope))
    response = Client().get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {key}"})
    return response.status_code, json.loads(response.content)


def pages(**query: Any) -> list[str]:
    """The ids on all pages, one after another."""
    found: list[str] = []
    while True:
        status, said = get("/cases", limit=2, **query)
        assert status == 200
        found += [case["case_id"] for case in said["cases"]]
        if not said["more"]:
            return found
        query["after"] = said["cursor"]


def changed(case: Case, hours: int) -> Case:
    Case.objects.filter(pk=case.pk).update(changed_at=NOW + timedelta(hours=hours))
    return case


def test_every_case_is_on_one_page_however_many_changed_at_once() -> None:
    cases = [changed(make_action_in_force(ActionKind.RESTRICT), hours) for hours in (3, 1, 1, 1, 2)]
    expected = [case.pk for case in sorted(cases, key=lambda case: (Case.objects.get(pk=case.pk).changed_at, case.pk))]
    assert pages() == expected


def test_a_case_that_changes_while_it_is_walked_comes_again_and_none_is_missed() -> None:
    cases = [changed(make_action_in_force(ActionKind.RESTRICT), hours) for hours in (1, 2, 3, 4)]
    said = get("/cases", limit=2)[1]
    changed(cases[0], 9)
    changed(cases[2], 10)
    rest = pages(after=said["cursor"])
    assert rest == [cases[3].pk, cases[0].pk, cases[2].pk]
    assert {case["case_id"] for case in said["cases"]} | set(rest) == {case.pk for case in cases}


def test_the_last_cursor_goes_on_later_with_what_changed_since() -> None:
    first = changed(make_action_in_force(ActionKind.RESTRICT), 1)
    said = get("/cases")[1]
    assert (said["more"], [case["case_id"] for case in said["cases"]]) == (False, [first.pk])
    nothing = get("/cases", after=said["cursor"])[1]
    assert (nothing["cases"], nothing["cursor"]) == ([], said["cursor"])
    second = changed(make_action_in_force(ActionKind.RESTRICT), 2)
    assert [case["case_id"] for case in get("/cases", after=nothing["cursor"])[1]["cases"]] == [second.pk]


def test_a_list_can_be_kept_to_one_account_one_state_and_what_changed_since() -> None:
    account = make_account()
    mine, other = changed(make_action_in_force(account=account), 1), changed(make_action_in_force(ActionKind.RESTRICT), 5)
    assert pages(account_id=account.pk) == [mine.pk]
    assert pages(state="in_force") == [mine.pk, other.pk]
    assert pages(state="final") == []
    assert pages(changed_since=(NOW + timedelta(hours=2)).isoformat()) == [other.pk]
    assert pages(account_id="S-NONE") == []


def test_a_page_costs_as_many_queries_however_many_cases_it_shows() -> None:
    costs = []
    for _ in range(2):
        make_action_in_force(ActionKind.RESTRICT)
        with CaptureQueriesContext(connection) as asked:
            get("/cases")
        costs.append(len(asked))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"after": "x"}, "after"),
        ({"after": "!"}, "after"),
        ({"limit": 0}, "limit"),
        ({"state": "gone"}, "state"),
        ({"changed_since": "noon"}, "changed_since"),
    ],
)
def test_an_unusable_filter_is_422_and_named(query: dict[str, Any], names: str) -> None:
    status, said = get("/cases", **query)
    assert (status, names in said["detail"]) == (422, True)


@settings(max_examples=50)
@given(moment=st.datetimes(timezones=st.just(NOW.tzinfo)), case_id=st.from_regex(r"\AC-[0-9A-Z]{1,12}\Z"), text=st.text(max_size=40))
def test_a_cursor_comes_back_as_it_went_and_any_other_text_is_told(moment, case_id: str, text: str) -> None:  # type: ignore[no-untyped-def]
    place = Place(moment, case_id)
    assert read_cursor(write_cursor(place)) == place
    assert re.fullmatch(r"[\w-]+", write_cursor(place))
    with pytest.raises(UnusableInput, match="no cursor"):
        read_cursor(text)


def test_a_case_tells_each_appeals_decision_violation_by_violation(pack) -> None:  # type: ignore[no-untyped-def]
    case = make_action_in_force(reasons=["counterfeit", "related_account"])
    decide(appealed(case, pack), pack, {"counterfeit": DecisionOutcome.OVERTURNED, "related_account": DecisionOutcome.UPHELD})
    said = get(f"/cases/{case.pk}")[1]
    reasons = {one["violation_id"]: one["reason"] for one in said["violations"]}
    assert {reasons[one["violation_id"]]: one["outcome"] for one in said["appeals"][0]["decisions"]} == {
        "counterfeit": "overturned",
        "related_account": "upheld",
    }


def test_letters_come_whole_but_for_the_link_that_would_let_their_reader_in() -> None:
    case = make_action_in_force(ActionKind.RESTRICT)
    (kept,) = Notice.objects.filter(case=case)
    token = re.search(r"/n/([^/\s]+)/", kept.body)[1]
    assert open_link(token=token, now=NOW).case_id == case.pk
    status, said = get(f"/cases/{case.pk}/notices")
    (letter,) = said["notices"]
    assert (status, letter["notice_id"], letter["subject"], letter["mailed"], letter["sent_at"]) == (200, kept.pk, kept.subject, True, None)
    assert token not in json.dumps(said)
    assert letter["body"] == re.sub(r"http\S+/n/\S+", f"http://localhost:8000/case/{case.pk}/", kept.body)
    assert letter["statement"].keys() == kept.statement.keys()


def test_letters_tell_what_became_of_their_mail() -> None:
    case = make_action_in_force(ActionKind.RESTRICT)
    send_due(now=NOW)
    Notice.objects.filter(case=case).update(bounced_at=NOW + timedelta(minutes=5))
    (letter,) = get(f"/cases/{case.pk}/notices")[1]["notices"]
    assert (letter["sent_at"], letter["given_up_at"], letter["bounced_at"]) == ("2026-11-20T09:30:00Z", None, "2026-11-20T09:35:00Z")


def test_letters_of_no_case_are_404() -> None:
    assert get("/cases/C-NONE/notices")[0] == 404
