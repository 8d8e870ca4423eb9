"""`manage export_statements`: what goes to the EU's database, and what does not (requirement C4)."""

import json
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from goodstanding.core.enforcement.database_form import losses, refusals
from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import ActionKind, Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.transparency import statements_to_tell
from goodstanding.server.store.models import Case, EnforcementAction, Notice
from tests.house.test_how_to import blocks
from tests.server.factories import NOW, make_account, make_action_in_force, make_proposed

pytestmark = pytest.mark.django_db
PAGE = "tell-the-eu-database.md"


def export(folder: Path, *, fails: bool = False) -> tuple[list[dict[str, Any]], str, str]:
    """The statements of the file, and what the command said on both ways."""
    said, complained, path = StringIO(), StringIO(), folder / "told.jsonl"
    day = NOW.date().isoformat()
    with pytest.raises(SystemExit, match="1") if fails else nullcontext():
        call_command("export_statements", "--from", day, "--to", day, "--out", str(path), stdout=said, stderr=complained)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [statement for line in lines for statement in json.loads(line)["statements"]], said.getvalue(), complained.getvalue()


def in_germany(account_id: str, kind: ActionKind = ActionKind.DEACTIVATE) -> Case:
    return make_action_in_force(kind, account=make_account(account_id, marketplace="DE"))


def test_an_action_in_force_is_told_once_and_names_nobody(tmp_path: Path) -> None:
    case = in_germany("S-4711")
    make_action_in_force(ActionKind.DEACTIVATE, account=make_account("S-4712", marketplace="US"))
    make_proposed(ActionKind.DEACTIVATE, account=make_account("S-4713", marketplace="DE"))
    (statement,), said, complained = export(tmp_path)
    assert statement["puid"] == case.action_id
    assert statement["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert statement["territorial_scope"] == ["DE"]
    assert (refusals(statement), losses(statement), complained) == ({}, [], "")
    assert "statements 1, requests 1, actions that are not for the database 1" in said
    assert "S-4711" not in json.dumps(statement)
    assert case.account.email not in json.dumps(statement)


def test_an_action_of_another_day_is_not_told(tmp_path: Path) -> None:
    case = in_germany("S-4711")
    EnforcementAction.objects.filter(pk=case.action_id).update(effective_at=NOW.replace(year=NOW.year - 1))
    assert export(tmp_path)[0] == []


def test_what_the_database_would_refuse_or_nobody_may_read_there_is_held_back_with_its_reason(tmp_path: Path) -> None:
    good, old, leaking, erased = (in_germany(f"S-471{number}") for number in range(4))
    for case, change in ((old, {"content_date": "1999-05-01"}), (leaking, {"decision_facts": f"told of {leaking.account_id}"})):
        notice = Notice.objects.get(case=case, kind="action")
        notice.statement |= change
        notice.save()
    Notice.objects.filter(case=erased).update(statement=None)
    statements, _, complained = export(tmp_path, fails=True)
    assert [statement["puid"] for statement in statements] == [good.action_id]
    assert f"held back: {old.action_id}: content_date is before 2000-01-01" in complained
    assert f"held back: {leaking.action_id}: {leaking.account_id} stands in it" in complained
    assert f"held back: {erased.action_id}: its statement was erased" in complained


def test_a_hundred_statements_are_the_most_in_one_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodstanding.server.jobs.management.commands.export_statements.MOST_AT_ONCE", 2)
    for number in range(3):
        in_germany(f"S-471{number}")
    statements, said, _ = export(tmp_path)
    assert len(statements) == 3
    assert "statements 3, requests 2" in said
    assert len((tmp_path / "told.jsonl").read_text().splitlines()) == 2


def test_days_the_wrong_way_round_and_a_place_that_is_none_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="give the earlier one first"):
        call_command("export_statements", "--from", "2026-11-02", "--to", "2026-11-01", "--out", str(tmp_path / "x"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_statements", "--from", "2026-11-01", "--to", "2026-11-01", "--out", str(tmp_path / "nowhere" / "x"))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.POLICY_MANAGER, Role.AUDITOR}))
def test_only_policy_managers_and_auditors_take_statements_out(role: Role) -> None:
    with pytest.raises(NotPermitted, match="policy_manager"):
        statements_to_tell(call=Call(Actor("user:1", role), NOW), since=NOW.date(), until=NOW.date())


def test_the_command_of_the_page_says_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_germany("S-4711")
    make_action_in_force(ActionKind.DEACTIVATE, account=make_account("S-4712", marketplace="US"))
    EnforcementAction.objects.update(effective_at=NOW.replace(year=2026, month=11, day=20))
    monkeypatch.chdir(tmp_path)
    said = StringIO()
    (command,) = blocks(PAGE, "sh")
    call_command(*command.split()[2:], stdout=said)
    assert said.getvalue() == blocks(PAGE, "text")[0]
