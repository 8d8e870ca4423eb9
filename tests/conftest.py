"""What every test may use, and the rule that continuous integration skips nothing it could run."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests import environment
from tests.patience import MILLISECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("GOODSTANDING_DATA", REPOSITORY.parent / "shared" / "data"))
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
MUST_RUN = set(filter(None, os.environ.get("GOODSTANDING_TESTS_MUST_RUN", "").split(",")))
FOUND = pytest.StashKey[dict[str, str]]()
ASYNC_UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
ON_POSTGRESQL = os.environ.get("GOODSTANDING_DATABASE", "").startswith("postgres")

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("default")


def chromium() -> str | None:
    """The browser that tests drive: `CHROMIUM` or the first one on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser, or a skip that says what is missing."""
    found = chromium()
    if not found:
        pytest.skip("no Chromium on this machine; install Debian's `chromium` or set CHROMIUM to its path")
    return found


@pytest.fixture(scope="session")
def chromium_browser(chromium_path: str) -> Iterator["Browser"]:
    """One browser for all tests. Playwright runs a loop in this thread, which Django would take for asynchronous code."""
    from playwright.sync_api import expect, sync_playwright

    os.environ[ASYNC_UNSAFE] = "true"
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, or a skip that says what is missing."""
    if not (DATA / "olist").is_dir():
        pytest.skip(f"no real data: {DATA}/olist is not there; set GOODSTANDING_DATA to the folder that holds it")
    return DATA


def pytest_configure() -> None:
    """Let a test database be emptied: SQLite empties by DELETE, which the triggers of append-only tables refuse, so they step aside for it."""
    if ON_POSTGRESQL:  # empties by TRUNCATE
        return
    from django.db.backends.sqlite3.operations import DatabaseOperations

    from goodstanding.server.store import audit_triggers, judgement_triggers, ledger_triggers, opening_triggers

    plain = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, style: object, tables: list[str], **options: object) -> list[str]:
        emptying: list[str] = plain(self, style, tables, **options)
        kept = (audit_triggers, ledger_triggers, judgement_triggers, opening_triggers)
        away, back = [line for one in kept for line in one.UNDO["sqlite"]], [line for one in kept for line in one.SQLITE]
        back += judgement_triggers.ERASABLE_SQLITE  # as the last migration left them
        return [*away, *emptying, *back] if emptying else emptying

    DatabaseOperations.sql_flush = sql_flush


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as `migrate` leaves it, to be copied where a program of a test finds it: the migrations take longer than most such programs.

    It is made once for all processes of a run, by the command itself. On PostgreSQL there is no file, and whoever wants one is skipped.
    """
    if ON_POSTGRESQL:
        pytest.skip("a copy of SQLite's file")
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "migrated"
    folder.mkdir(exist_ok=True)
    path = folder / "goodstanding.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not path.exists():
            making = folder / "making.sqlite3"
            settings = {"GOODSTANDING_VAR": str(folder), "GOODSTANDING_DATABASE": f"sqlite:///{making}", "PYTHONPATH": str(REPOSITORY / "src")}
            command = [sys.executable, "-m", "goodstanding", "manage", "migrate", "--verbosity", "0"]
            subprocess.run(command, env=environment.plain(settings), check=True)
            with closing(sqlite3.connect(making)) as made:
                made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            making.rename(path)
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Keep what the environment is before a test."""
    item.stash[FOUND] = environment.own()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """What a test, or a tool it calls, leaves in the environment decides how the next test's programs run, in one order of tests and not in another."""
    yield
    left = set(environment.own().items()) ^ set(item.stash[FOUND].items())
    assert {name for name, _ in left} <= {ASYNC_UNSAFE}, f"left in the environment: {left}"


@pytest.fixture(autouse=True)
def _own_files(request: pytest.FixtureRequest) -> None:
    """Mails and evidence of a test that uses the server go to the test's own folder."""
    uses_server = {"db", "transactional_db", "live_server"} & set(request.fixturenames) or request.node.get_closest_marker("django_db")
    if uses_server:
        folder: Path = request.getfixturevalue("tmp_path")
        configured = request.getfixturevalue("settings")
        configured.MEDIA_ROOT = folder / "evidence"
        configured.PREVIEWS = folder / "previews"
        configured.EMAIL_FILE_PATH = folder / "mail"
        # Tests of signing in turn it on; everywhere else people sign in without.
        configured.SECOND_FACTOR = False
        configured.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped what it was told it must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not MUST_RUN or reporter is None:
        return
    words = [word for name, word in (("browser", "no Chromium"), ("postgresql", "needs PostgreSQL"), ("spark", "no Spark")) if name in MUST_RUN]
    if not ON_POSTGRESQL:
        words = [word for word in words if word != "needs PostgreSQL"]
    skipped = [report for report in reporter.stats.get("skipped", []) if any(word in str(report.longrepr) for word in words)]
    if skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped that must run here ({', '.join(sorted(MUST_RUN))})", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
