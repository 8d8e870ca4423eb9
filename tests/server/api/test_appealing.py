"""A program appeals on behalf of a holder: files, checks, the appeal once, what was asked for, withdrawal, messages; and never more than the holder may."""

import json
import re
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.core.file_terms import ScanState
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind, DecisionOutcome, Role
from goodstanding.server.services.evidence import KEPT_UNSENT, evidence_row
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.services.retention import erase_unsent
from goodstanding.server.services.reviews import ask_information
from goodstanding.server.services.together import together
from goodstanding.server.store.models import ApiKey, Case, Evidence, FileScan, LedgerEntry, Notice, OutboxMessage, User
from goodstanding.server.store.models.webhooks import WebhookEndpoint
from goodstanding.server.vault.stores import digest_of
from tests import made_files
from tests.server.factories import automation, make_account, make_action_in_force, specialist
from tests.server.services.appealing import PLAN, appealed, at, decide, stored_at, submit
from tests.server.showcase import Showcase

pytestmark = pytest.mark.usefixtures("db")

TEXTS = dict(PLAN.parts)
INVOICE = made_files.pdf()


@pytest.fixture(autouse=True)
def half_an_hour_later(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs ask when it has just happened, whatever day it is where the test runs, each time a moment later; the showcase lives around now."""
    if "show" in request.fixturenames:
        return
    ticks = count()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(30) + timedelta(milliseconds=next(ticks)))


def key(*scopes: Scope, accounts: list[str] | None = None) -> str:
    return make_key(call=automation(), name="seller app", scopes=scopes or list(Scope), accounts=accounts)


def address(case: Case, end: str) -> str:
    return f"/api/v1/accounts/{case.account_id}/cases/{case.pk}{end}"


def post(path: str, body: Any = None, secret: str = "", *, idempotency: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {secret or key()}"} | ({"Idempotency-Key": idempotency} if idempotency else {})
    response = Client().post(path, json.dumps(body or {}), content_type="application/json", headers=headers)
    return response.status_code, json.loads(response.content)


def get(path: str, secret: str = "") -> dict[str, Any]:
    return json.loads(Client().get(path, headers={"Authorization": f"Bearer {secret or key()}"}).content)


def upload(case: Case, data: bytes = INVOICE, name: str = "invoice.pdf", secret: str = "", query: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {secret or key()}"}
    response = Client().post(address(case, "/evidence") + query, {"file": SimpleUploadedFile(name, data)}, headers=headers)
    return response.status_code, json.loads(response.content)


def send(case: Case, *, secret: str = "", idempotency: str = "first", **more: Any) -> tuple[int, dict[str, Any]]:
    return post(address(case, "/appeals"), {"route": "plan"} | TEXTS | more, secret, idempotency=idempotency)


def test_an_appeal_is_sent_once_with_the_files_that_prove_its_points() -> None:
    """F5, G1: acknowledged by the same letter as on the portal, with its clock; the same key again is the same appeal."""
    case = make_action_in_force()
    WebhookEndpoint.objects.create(url="https://market.example/events", secret="whsec_x", created_at=at(0))
    corrective = "1. We removed 12 listings on 2026-11-18.\n2. We refunded all buyers on 2026-11-19."
    file = upload(case)[1]
    proofs = [{"evidence_id": file["evidence_id"], "proves": place} for place in ("corrective:2", "preventive")]
    status, said = send(case, corrective=corrective, evidence=proofs)
    assert (status, said["state"], said["again"], said["turn"]["who"]) == (201, "submitted", False, "us")
    assert said["review_due_at"] > "2026-11-20"
    letter = case.notices.get(kind="acknowledgement")
    assert (said["acknowledgement"]["notice_id"], "invoice.pdf" in said["acknowledgement"]["body"]) == (letter.pk, True)
    assert sorted((one["proves"], one["sha256"]) for one in said["appeal"]["files"]) == [
        ("corrective:2", digest_of(INVOICE)),
        ("preventive", digest_of(INVOICE)),
    ]
    status, again = send(case, corrective=corrective, evidence=proofs)
    assert (status, again["again"], again["appeal"], again["acknowledgement"]) == (201, True, said["appeal"], said["acknowledgement"])
    assert (case.appeals.count(), case.notices.filter(kind="acknowledgement").count()) == (1, 1)
    assert OutboxMessage.objects.filter(payload__type="appeal.submitted", payload__case_id=case.pk).count() == 1
    status, other = send(case, corrective="Something else.")
    assert (status, "another appeal of this case" in other["detail"]) == (422, True)
    status, second = send(case, idempotency="second")
    assert (status, second["state"], "still being looked at" in second["detail"]) == (409, "submitted", True)


def test_the_ledger_and_the_pages_name_the_program_and_the_holder(show: Showcase, client: Client) -> None:
    case = show.cases["in_force"]
    send(case, secret=key(Scope.APPEALS_WRITE))
    number = ApiKey.objects.get(name="seller app").pk
    entry = LedgerEntry.objects.get(case_id=case.pk, kind="AppealSubmitted")
    assert (entry.actor, entry.role) == (f"holder:{case.account_id}/key:{number}", Role.HOLDER)
    staff = User.objects.create_user("mina@market.example", "correct horse battery", name="Mina", role=Role.SPECIALIST)
    client.force_login(staff)
    assert "Account holder, by the program “seller app”" in client.get(f"/console/case/{case.pk}/").content.decode()
    assert get(address(case, ""))["appeals"][-1]["sent_by"] == "Account holder, by the program “seller app”"


def test_a_file_is_looked_into_as_on_the_portal_and_kept_once() -> None:
    """F5: type by its bytes, digest, scan; the same bytes again are the same file; what cannot be taken is told in words, also the holder's."""
    case = make_action_in_force()
    status, said = upload(case, name="invoice.exe")
    assert (status, said["content_type"], said["sha256"], said["scan"], said["proves"]) == (201, "application/pdf", digest_of(INVOICE), None, "")
    assert upload(case)[1]["evidence_id"] == said["evidence_id"]
    assert stored_at(said["sha256"]).read_bytes() == INVOICE
    status, refused = upload(case, b"MZ program", "invoice.pdf", query="?language=zh-Hans")
    assert (status, refused["findings"][0]["code"], refused["findings"][0]["where"]) == (422, "program", "invoice.pdf")
    assert "invoice.pdf" in refused["message"]
    assert re.search(r"[\u4e00-\u9fff]", refused["message"])
    assert [one["evidence_id"] for one in get(address(case, ""))["unsent"]] == [said["evidence_id"]]
    assert LedgerEntry.objects.filter(case_id=case.pk, kind__contains="Evidence").count() == 0


def test_a_file_over_the_limit_is_refused_whatever_was_kept_of_it(settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    case = make_action_in_force()
    status, said = upload(case, b"%PDF-" + b"x" * 5000)
    assert (status, said["findings"][0]["code"], case.evidence.count()) == (422, "too_large", 0)


def test_staff_see_no_file_that_was_not_sent_and_what_nothing_names_goes() -> None:
    case = make_action_in_force()
    sent, unsent = upload(case)[1], upload(case, made_files.photo(), "box.jpg")[1]
    send(case, evidence=[{"evidence_id": sent["evidence_id"], "proves": "corrective"}])
    reviewer = specialist().actor
    assert evidence_row(actor=reviewer, evidence_id=sent["evidence_id"]).part == "corrective"
    with pytest.raises(Exception, match="no file"):
        evidence_row(actor=reviewer, evidence_id=unsent["evidence_id"])
    assert erase_unsent(call=automation(now=at(29))) == 0
    with together():
        gone = erase_unsent(call=automation(now=at(31) + KEPT_UNSENT))
    assert (gone, Evidence.objects.get(pk=unsent["evidence_id"]).name) == (1, "")
    assert Evidence.objects.get(pk=sent["evidence_id"]).erased_at is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"root_cause": " ", "corrective": "", "preventive": "\n"}, "the appeal is empty; write at least one of: root cause, corrective, preventive"),
        ({"grounds": "It was not us."}, "'grounds' belongs to the route 'dispute'; by 'plan' write: root_cause, corrective, preventive"),
        ({"evidence": [{"evidence_id": "F-NONE"}]}, "this case has no unsent file F-NONE"),
        ({"evidence": [{"evidence_id": "F-NONE", "proves": "corrective:7"}]}, "'corrective:7' is no place of this answer"),
        ({"route": "prayer"}, "route"),
        ({"root_cause": "x" * 20_001}, "root_cause"),
    ],
)
def test_what_cannot_be_an_appeal_is_one_clear_line(written: dict[str, Any], says: str) -> None:
    case = make_action_in_force()
    for end in ("/appeals/check", "/appeals"):
        status, said = post(address(case, end), {"route": "plan"} | TEXTS | written, idempotency="one")
        assert (status, says in said["detail"], case.appeals.count()) == (422, True, 0), said


def test_a_request_that_is_no_json_or_too_large_is_told() -> None:
    case, headers = make_action_in_force(), {"Authorization": f"Bearer {key()}", "Idempotency-Key": "x"}
    for body, status in ((b"{", 400), (b"[]", 422), (b'{"route": "plan", "root_cause": "' + b"x" * 3_000_000 + b'"}', 422)):
        response = Client().post(address(case, "/appeals"), body, content_type="application/json", headers=headers)
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), body[:40]
    broken = Client().post(address(case, "/evidence"), b"--x\r\ncut", content_type="multipart/form-data; boundary=", headers=headers)
    assert broken.status_code == 400


def test_the_checks_are_the_portals_with_their_places_and_words(show: Showcase) -> None:
    """F2, F3: findings as data, in the language asked for; a claim against the facts is told, and nothing is kept."""
    case = show.cases["in_force"]
    written = {
        "route": "plan",
        "root_cause": "Sometimes orders left late. Our late shipment rate was 0.1 %.",
        "corrective": "We refunded all 977 buyers.",
        "preventive": "We will try harder.",
    }
    status, said = post(address(case, "/appeals/check") + "?language=en", written)
    assert (status, said["best"], said["score"] < said["best"]) == (200, 100, True)
    assert all(written[one["part"]][one["start"] : one["end"]] == one["excerpt"] for one in said["findings"])
    assert [one["excerpt"] for one in said["findings"] if one["is_against_facts"]]
    chinese = post(address(case, "/appeals/check") + "?language=zh-Hant", written)[1]
    assert sorted(one["code"] for one in chinese["findings"]) == sorted(one["code"] for one in said["findings"])
    assert all(re.search(r"[\u4e00-\u9fff]", one["message"]) for one in chinese["findings"])
    assert (case.appeals.count(), case.state) == (0, "in_force")


def test_the_form_tells_what_to_answer_and_begins_it(show: Showcase) -> None:
    case = show.cases["in_force"]
    said = get(address(case, "/appeal-form/dispute") + "?language=zh-Hans")
    assert (said["open"], [one["part"] for one in said["parts"]], said["reasons"][0]["items"] != []) == (True, ["grounds"], True)
    assert re.search(r"[\u4e00-\u9fff]", said["parts"][0]["draft"])


def test_what_was_asked_for_is_given_with_files_and_the_review_goes_on(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    ask_information(call=specialist(now=at(5)), pack=pack, case_id=case.pk, items=["invoice", "The serial numbers"])
    whole = get(address(case, ""))
    assert (whole["turn"]["who"], len(whole["asked"]["items"]), whole["paused_at"] is not None) == ("you", 2, True)
    file = upload(case)[1]
    given = {"answer": "All 12 are attached.", "evidence": [file["evidence_id"]]}
    status, said = post(address(case, "/information"), given)
    assert (status, said["state"], said["again"], said["appeal"]["asked"][0]["answer"]) == (200, "in_review", False, "All 12 are attached.")
    assert [one["sha256"] for one in said["appeal"]["asked"][0]["files"]] == [digest_of(INVOICE)]
    assert (said["appeal"]["files"], said["acknowledgement"] is not None) == ([], True)
    status, again = post(address(case, "/information"), given)
    assert (status, again["again"], again["state"]) == (200, True, "in_review")
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="InformationGiven").count() == 1
    status, other = post(address(case, "/information"), {"answer": "One more thing."})
    assert (status, other["detail"].startswith("nothing is asked of you")) == (409, True)
    assert post(address(case, "/information"), {})[0] == 422


def test_an_appeal_is_withdrawn_and_twice_is_once(pack: PolicyPack) -> None:
    case = make_action_in_force()
    assert post(address(case, "/withdraw"))[0] == 409
    submit(case, pack)
    for again in (False, True):
        status, said = post(address(case, "/withdraw"))
        assert (status, said["state"], said["appeal"]["outcome"], said["again"]) == (200, "in_force", "omitted", again) or again
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="AppealWithdrawn").count() == 1


def test_an_appeal_in_time_is_not_asked_after_and_a_late_one_is_answered(pack: PolicyPack) -> None:
    case = make_action_in_force()
    submit(case, pack)
    status, said = post(address(case, "/ask-after"))
    assert (status, "your appeal is in time" in said["detail"]) == (409, True)
    Case.objects.filter(pk=case.pk).update(raised_at=at(20))
    status, said = post(address(case, "/ask-after"))
    assert (status, said["acknowledgement"]["kind"]) == (200, "asked_after")


def test_messages_go_both_ways_and_are_read_when_that_is_said(pack: PolicyPack) -> None:
    case = make_action_in_force()
    status, said = post(address(case, "/messages"), {"text": "Which invoice do you mean?"}, idempotency="m-1")
    assert (status, said["number"], said["speaker"]) == (201, 1, "holder")
    assert post(address(case, "/messages"), {"text": "Which invoice do you mean?"}, idempotency="m-1")[1] == said
    assert post(address(case, "/messages"), {"text": "?"})[0] == 422
    found = get(address(case, "/messages"))
    assert (found["may_write"], [one["text"] for one in found["messages"]]) == (True, ["Which invoice do you mean?"])
    assert post(address(case, "/messages/read"), {"upto": 1})[1]["messages"] == found["messages"]


def test_a_file_in_which_the_scanner_finds_something_meanwhile_is_not_sent() -> None:
    case = make_action_in_force()
    file = upload(case)[1]
    scan, _ = FileScan.objects.update_or_create(sha256=file["sha256"], defaults={"state": ScanState.FOUND, "found": "Eicar"})
    case.evidence.update(scan=scan)
    status, said = send(case, evidence=[{"evidence_id": file["evidence_id"]}])
    assert (status, said["findings"][0]["code"], case.appeals.count()) == (422, "harmful", 0)


def state(case: Case) -> tuple[Any, ...]:
    case.refresh_from_db()
    return case.state, case.attempts, Evidence.objects.count(), LedgerEntry.objects.count(), OutboxMessage.objects.count(), Notice.objects.count()


ACTS = (
    "/plan",
    "/contact-me",
    "/commitments/CM-1/done",
    "/appeals",
    "/appeals/check",
    "/information",
    "/withdraw",
    "/ask-after",
    "/messages",
    "/messages/read",
    "/evidence",
)


def test_a_program_acts_for_no_account_but_the_one_it_names_and_may(pack: PolicyPack) -> None:
    """K5: each act with a wrong key, scope, account or binding: refused in the words for what there is not, and nothing is changed."""
    mine, other = make_action_in_force(), make_action_in_force()
    submit(other, pack)
    bound = key(*(one for one in Scope if one != Scope.FACTS_WRITE), accounts=[mine.account_id])
    reading = key(Scope.APPEALS_READ, Scope.CASES_READ, Scope.STANDING_READ, Scope.NOTICES_READ, Scope.FACTS_WRITE)
    free = key()
    before, secrets = state(other), [other.account.display_name, other.account.email]
    crossed = f"/api/v1/accounts/{mine.account_id}/cases/{other.pk}"
    body = {"route": "plan", "text": "x", "answer": "x", "upto": 0} | TEXTS
    for act in ACTS:
        for where, secret, expected in (
            (address(other, act), "gs_nonsense", 401),
            (address(other, act), reading, 403),
            (address(other, act), bound, 404),
            (crossed + act, bound, 404),
            (crossed + act, free, 404),
        ):
            if act == "/evidence":
                headers = {"Authorization": f"Bearer {secret}"}
                response = Client().post(where, {"file": SimpleUploadedFile("invoice.pdf", INVOICE)}, headers=headers)
                status, said = response.status_code, json.loads(response.content)
            else:
                status, said = post(where, body, secret, idempotency="k")
            assert (status, state(other)) == (expected, before), (where, said)
            assert not [one for one in secrets if one in json.dumps(said)]


def test_a_file_of_another_case_proves_nothing_here() -> None:
    account = make_account()
    mine = make_action_in_force(ActionKind.RESTRICT, account=account)
    other = make_action_in_force(ActionKind.RESTRICT)
    file = upload(other)[1]["evidence_id"]
    status, said = send(mine, evidence=[{"evidence_id": file}])
    assert (status, f"no unsent file {file}" in said["detail"]) == (422, True)
    assert Evidence.objects.get(pk=file).appeal is None


def test_a_decided_case_shows_its_conditions_and_takes_no_file(pack: PolicyPack) -> None:
    case = make_action_in_force()
    decide(appealed(case, pack), pack, DecisionOutcome.OVERTURNED)
    status, said = upload(case)
    assert (status, "the action is lifted already" in said["detail"]) == (409, True)
    assert get(address(case, ""))["appeals"][0]["outcome"] == "reversed"


def test_too_many_files_at_once_are_429(settings: Any) -> None:
    settings.API_QUOTAS = {"evidence:write": 1}
    case, secret = make_action_in_force(), key()
    assert [upload(case, secret=secret)[0] for _ in range(2)] == [201, 429]


def test_a_time_to_solve_takes_a_plan_with_its_files_a_call_and_measures(show: Showcase) -> None:
    """J3: the same services as on the portal; tried again, it is one plan and one call."""
    case = show.cases["solving"]
    assert [one["act"] for one in get(address(case, ""))["possible"] if one["allowed"]] == ["write", "solve"]
    due = (case.window.ends_at + timedelta(days=20)).date().isoformat()
    plan = TEXTS | {
        "measures": [{"measure": "A second carrier for Saturdays", "due": due}],
        "evidence": [{"evidence_id": upload(case)[1]["evidence_id"], "proves": "corrective"}],
    }
    before = case.notices.filter(kind="acknowledgement").count()
    for _ in range(2):
        status, said = post(address(case, "/plan"), plan)
        assert (status, said["is_our_turn"], said["measures"], said["parts"][0]["text"]) == (200, True, plan["measures"], PLAN.root_cause)
        assert digest_of(INVOICE) in {one["sha256"] for one in said["files"]}
    assert case.notices.filter(kind="acknowledgement").count() == before + 1
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="PlanHandedIn", actor__contains="/key:").count() == 1
    assert [post(address(case, "/contact-me"))[1]["call_waits"] for _ in range(2)] == [True, True]
    assert get(address(case, ""))["window"]["measures"] == plan["measures"]
    status, refused = post(address(case, "/plan"), plan | {"measures": [{"measure": "Yesterday", "due": "2026-01-01"}]})
    assert (status, "which is over" in refused["detail"]) == (422, True)


def test_a_measure_is_said_to_be_in_place_by_its_own_holder_alone(show: Showcase) -> None:
    """I2."""
    case, other = show.cases["monitored"], show.cases["in_force"]
    open_one = next(one for one in get(address(case, ""))["commitments"] if one["done_on"] is None)
    end = f"/commitments/{open_one['commitment_id']}/done"
    assert post(address(other, end), {"note": "Done."})[0] == 404
    assert case.commitments.get(pk=open_one["commitment_id"]).done_on is None
    for _ in range(2):
        status, said = post(address(case, end), {"note": "The contract is signed."})
        assert (status, said["commitment_id"], said["done_on"] is not None) == (200, open_one["commitment_id"], True)
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="CommitmentDone").count() == 1
