"""The management commands, as an operator meets them."""

import io
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import ActionKind
from goodstanding.server import policy
from goodstanding.server.store.models import ApiKey, LedgerBody, User
from tests.server.factories import make_action_in_force
from tests.server.jobs.night import make_night

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _test_pack_is_in_force(monkeypatch, pack):
    monkeypatch.setattr(policy, "_load", lambda name: pack)


def manage(*arguments):
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_nightly_run_says_what_came_of_it(tmp_path):
    facts = make_night(tmp_path / "facts")
    out, _ = manage("assess_accounts", "--facts", str(facts.folder), "--as-of", "2026-11-20")
    assert out == "2026-11-20: 6 accounts, 3 open violations; 3 actions proposed, 1 of them in force at once\n"


def test_a_bad_row_is_named_and_the_rest_goes_on(tmp_path):
    facts = make_night(tmp_path / "facts")
    with (facts.folder / "complaints.csv").open("a") as file:
        file.write("K-2,S-fine,no_such_reason,2026-11-19T00:00:00,buyer,\n")
    out, err = manage("assess_accounts", "--facts", str(facts.folder), "--as-of", "2026-11-20")
    assert "no_such_reason" in err
    assert "3 actions proposed" in out


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(UnusableInput, match="no such folder"):
        manage("assess_accounts", "--facts", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("an_hour_later")
def test_one_round_of_work_sends_what_waits(settings):
    make_action_in_force(ActionKind.RESTRICT)
    assert manage("work", "--once")[0] == "0 deadlines, 1 messages sent, 0 to be tried again, 0 given up\n"
    assert len(list(settings.EMAIL_FILE_PATH.iterdir())) == 1


def test_a_ledger_that_holds_is_counted():
    make_action_in_force(ActionKind.RESTRICT)
    assert manage("verify_ledger")[0] == "3 entries of 1 cases hold\n"


def test_a_ledger_that_breaks_names_the_place_and_fails():
    case = make_action_in_force(ActionKind.RESTRICT)
    LedgerBody.objects.filter(entry__sequence=2).update(text="{}")
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", stderr=err)
    assert ended.value.code == 1
    assert err.getvalue() == f"{case.case_id}: entry 2: what the entry says was changed\n"


def test_a_user_is_made_with_a_password_from_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough pass phrase\n"))
    out, _ = manage("make_user", "Rowan@Market.Example", "--name", "Rowan", "--role", "specialist")
    assert out == "rowan@market.example may sign in as specialist\n"
    assert User.objects.get().check_password("a long enough pass phrase")


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("rowan", "a long enough pass phrase", "valid email"),
        ("a@b.example", "short", "too short"),
        ("taken@b.example", "a long enough phrase", "already"),
    ],
)
def test_a_user_that_cannot_be_is_one_clear_line(monkeypatch, email, password, says):
    User.objects.create_user("taken@b.example", None, name="T", role="auditor")
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    with pytest.raises(UnusableInput, match=says):
        manage("make_user", email, "--name", "N", "--role", "auditor")


def test_a_key_is_shown_once_and_never_kept():
    key = manage("make_api_key", "checkout")[0].strip()
    assert key.startswith("gs_")
    row = ApiKey.objects.get()
    assert (row.name, row.scopes) == ("checkout", ["standing:read"])
    assert key not in str(row.__dict__)
