"""Settings: what is wrong is said at the start, and what is deployed is safe."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from goodstanding.server import settings as module
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.quotas import ROWS
from tests import environment


def manage(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goodstanding", "manage", *words]
    return subprocess.run(command, env=environment.plain({"GOODSTANDING_VAR": str(folder)} | env), capture_output=True, text=True, check=False)


def test_django_finds_nothing_unsafe_in_a_deployment(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", GOODSTANDING_TLS="on")
    assert done.returncode == 0, done.stderr


def test_the_key_of_an_embedded_server_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    first, second = module.own_secret(tmp_path / "key"), module.own_secret(tmp_path / "key")
    assert first == second
    assert len(first) > 50
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("GOODSTANDING_TLS", "perhaps", "write on or off"), ("GOODSTANDING_DATABASE", "mysql://somewhere", "write sqlite:///FILE or postgresql://")],
)
def test_a_setting_that_is_none_is_one_line_and_no_traceback(name: str, value: str, says: str, tmp_path: Path) -> None:
    done = manage(tmp_path, "check", **{name: value})
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_socket_folder_as_host_keeps_its_capitals() -> None:
    assert module.database("postgresql://me:a%40b@%2FRun%2FPg/standing")["HOST"] == "/Run/Pg"
    assert module.database("postgresql://me:a%40b@db.example:5433/standing")["PASSWORD"] == "a@b"
    with pytest.raises(ImproperlyConfigured):
        module.database("standing")


def test_quotas_are_named_as_the_scopes_are() -> None:
    assert set(module.QUOTAS) == {*Scope, ROWS}
    assert set(module.API_QUOTAS) <= set(module.QUOTAS)
    assert module.quotas("") == {}
    assert module.quotas("rows=5  standing:read=0") == {"rows": 5, "standing:read": 0}


@pytest.mark.parametrize("said", ["standing:reed=5", "rows=many", "rows", "rows=-1", "rows=5,facts:write=5"])
def test_a_quota_that_is_misspelt_is_refused_with_the_names_there_are(said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"GOODSTANDING_API_QUOTAS has .*standing:read"):
        module.quotas(said)
