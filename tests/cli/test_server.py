"""`serve`, `worker`, `manage` and `demo` as a user starts them."""

import re
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.environment import plain

RUN = [sys.executable, "-c", "from goodstanding.cli.main import main; main()"]


@pytest.fixture
def environment(tmp_path):
    return plain({"GOODSTANDING_VAR": str(tmp_path / "var")})


def run(environment, *arguments, **options):
    return subprocess.run([*RUN, *arguments], env=environment, capture_output=True, text=True, timeout=120, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_manage_passes_everything_on(environment):
    assert run(environment, "manage", "migrate", "--verbosity", "0").returncode == 0
    ended = run(environment, "manage", "verify_ledger")
    assert (ended.returncode, ended.stdout) == (0, "0 entries of 0 cases hold\n")
    assert "--as-of" in run(environment, "manage", "assess_accounts", "--help").stdout


def test_an_error_in_a_management_command_is_one_line(environment, tmp_path):
    run(environment, "manage", "migrate", "--verbosity", "0")
    ended = run(environment, "manage", "assess_accounts", "--facts", str(tmp_path / "nowhere"))
    assert ended.returncode == 2
    assert ended.stderr.startswith("goodstanding: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("GOODSTANDING_DEMO", "perhaps", "write on or off"),
        ("GOODSTANDING_DATABASE", "mysql://x/y", "postgresql://"),
        ("GOODSTANDING_DATABASE", "postgresql://x@127.0.0.1:1/y", "cannot be used"),
    ],
)
def test_a_wrong_setting_is_one_line(environment, setting, value, says):
    ended = run(environment | {setting: value}, "serve", "--port", str(free_port()))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert says in ended.stderr.splitlines()[-1]


def test_without_the_servers_packages_it_says_what_to_install(environment, tmp_path):
    hide = "import sys; sys.modules['django'] = None; import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'django' else f(n, *a); "
    code = hide + "from goodstanding.cli.main import main; main()"
    ended = subprocess.run([sys.executable, "-c", code, "worker", "--once"], env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "pip install 'goodstanding[web]'" in ended.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_done(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run(environment, "demo", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "--port" in ended.stderr
    assert not Path(environment["GOODSTANDING_VAR"]).exists()


def test_serve_sets_the_database_up_answers_counts_as_one_and_finishes_what_has_begun(environment, tmp_path):
    """Two processes: style sheets named by their content, figures of both, and a request that waits for the database is answered after SIGTERM (K6)."""
    port = free_port()
    site = environment | {"GOODSTANDING_METRICS_TOKEN": "scrape-me"}
    command = [*RUN, "serve", "--port", str(port), "--processes", "2", "--with-worker"]
    server = subprocess.Popen(command, env=site, stderr=subprocess.PIPE, text=True)
    try:
        page = _ask(f"http://localhost:{port}/")
        sheet = re.search(r"/static/goodstanding\.[0-9a-f]{12}\.css", page.text)
        assert sheet, page.text[:600]
        style = httpx.get(f"http://localhost:{port}{sheet[0]}", headers={"Accept-Encoding": "gzip"}, timeout=30)
        assert "immutable" in style.headers["Cache-Control"]
        assert style.headers["Content-Encoding"] == "gzip"
        for _ in range(30):
            httpx.get(f"http://localhost:{port}/healthz", timeout=30)
        figures = httpx.get(f"http://localhost:{port}/metrics", headers={"Authorization": "Bearer scrape-me"}, timeout=30).text
        assert 'goodstanding_requests_total{method="GET",route="healthz",status="200"} 30.0' in figures
        key = run(environment, "manage", "make_api_key", "warehouse", "--scope", "facts:write").stdout.strip()
        answer = _answered_after_sigterm(server, port, key, Path(environment["GOODSTANDING_VAR"]) / "goodstanding.sqlite3")
    finally:
        server.terminate()
        said = server.communicate(timeout=60)[1]
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert "Bringing the database up to date" in said
    assert "Traceback" not in said


def _answered_after_sigterm(server, port, key, database):
    """Send a batch that has to wait because somebody else writes, stop the server, and only then let it write."""
    fact = '{"account_id": "S-1", "holder_kind": "seller", "marketplace": "US", "opened_at": "2025-01-01T00:00:00Z"}'
    send = {"content": fact, "headers": {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}, "timeout": 60}
    with ThreadPoolExecutor(1) as other, closing(sqlite3.connect(database, isolation_level=None, timeout=20)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        waiting = other.submit(httpx.post, f"http://localhost:{port}/api/v1/facts/accounts", **send)
        time.sleep(1.5)
        assert not waiting.done()
        server.terminate()
        time.sleep(0.5)
        writer.execute("ROLLBACK")
        return waiting.result()


def _ask(url):
    for _ in range(100):
        try:
            return httpx.get(url, timeout=30)
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"nobody answers at {url}")
