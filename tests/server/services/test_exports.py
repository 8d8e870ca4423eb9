"""One case as a file: whole, byte-exact, and proving itself (requirement K3)."""

import io
import json
import zipfile

import pytest

from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, CallOutcome, DecisionOutcome, Role
from goodstanding.server.services.exports import check_export, export_case
from goodstanding.server.store.models import LedgerBody, Notice
from tests.server.factories import call_as, holder, make_action_in_force, specialist
from tests.server.services.appealing import INVOICE, claim, decide, submit
from tests.server.services.assuring import ask_for_call, assured_pack, call_holder, make_window, send_plan

pytestmark = pytest.mark.django_db
PACK = assured_pack()


@pytest.fixture
def case():
    case = make_action_in_force(ActionKind.RESTRICT, pack=PACK)
    submit(case, PACK, uploads=[INVOICE])
    claim(case, PACK)
    decide(case, PACK, DecisionOutcome.UPHELD)
    return case


def export(case):
    return export_case(call=specialist(), case_id=case.pk)


def changed(data, name, old, new):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w") as copy:
        for one in whole.namelist():
            content = whole.read(one)
            copy.writestr(one, content.replace(old, new) if one == name else content)
    return out.getvalue()


def test_an_export_holds_everything_and_proves_itself(case):
    data = export(case)
    assert check_export(data=data) == []
    archive = zipfile.ZipFile(io.BytesIO(data))
    document = json.loads(archive.read("case.json"))
    assert len(document["notices"]) == 3
    for notice in Notice.objects.all():
        assert archive.read(f"notices/{notice.pk}.eml") == bytes(notice.message)
    (appeal,) = document["appeals"]
    assert appeal["root_cause"] == "One supplier sent us fakes."
    assert appeal["evidence"][0]["sha256"]
    assert appeal["decisions"][0]["outcome"] == "upheld"
    page = archive.read("case.html").decode()
    assert "One supplier sent us fakes." in page
    assert all(entry["digest"] in page for entry in document["ledger"])


def test_the_same_case_gives_the_same_bytes(case):
    assert export(case) == export(case)


def test_a_window_with_its_calls_and_plan_is_in_it():
    case = make_window(PACK)
    send_plan(PACK, case, hours=1)
    ask_for_call(PACK, case, hours=1)
    call_holder(PACK, case, CallOutcome.REACHED, hours=2)
    document = json.loads(zipfile.ZipFile(io.BytesIO(export(case))).read("case.json"))
    assert document["window"]["root_cause"] == "One supplier sent fakes."
    assert document["window"]["calls"][0]["outcome"] == "reached"


def test_every_tampering_is_found(case):
    data, notice = export(case), Notice.objects.order_by("created_at").first()
    assert check_export(data=changed(data, f"notices/{notice.pk}.eml", b"Subject", b"Subjekt")) == [f"notices/{notice.pk}.eml was changed"]
    assert any("says was changed" in line for line in check_export(data=changed(data, "case.json", b'upheld\\"', b'reversed\\"')))
    assert any("was changed" in line for line in check_export(data=changed(data, "case.json", b'"kind": "AppealDecided"', b'"kind": "AppealForgot"')))
    with pytest.raises(UnusableInput):
        check_export(data=b"no archive")


def test_erased_bodies_are_shown_as_erased_and_the_rest_still_holds(case):
    LedgerBody.objects.filter(entry__case_id=case.pk).delete()
    data = export(case)
    assert check_export(data=data) == []
    assert "erased" in zipfile.ZipFile(io.BytesIO(data)).read("case.html").decode()


def test_a_case_leaves_the_house_by_those_who_may_only(case):
    export_case(call=call_as(Role.AUDITOR, "user:5"), case_id=case.pk)
    for call in (holder(case.account_id), call_as(Role.POLICY_MANAGER, "user:6")):
        with pytest.raises(NotPermitted):
            export_case(call=call, case_id=case.pk)
    with pytest.raises(NotFound):
        export_case(call=specialist(), case_id="C-none")
