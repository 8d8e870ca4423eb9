"""`serve`, `worker`, `manage` and `demo` as a user starts them."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path

import httpx
import pytest

from goodstanding.cli import server
from tests.environment import plain
from tests.patience import SECONDS
from tests.ports import free_port

RUN = [sys.executable, "-c", "from goodstanding.cli.main import main; main()"]


@pytest.fixture
def environment(tmp_path):
    return plain({"GOODSTANDING_VAR": str(tmp_path / "var")})


@pytest.fixture
def begun(environment, migrated):
    """An environment in which the server has run before."""
    var = Path(environment["GOODSTANDING_VAR"])
    var.mkdir()
    shutil.copy(migrated, var)
    return environment


def run(environment, *arguments, **options):
    return subprocess.run([*RUN, *arguments], env=environment, capture_output=True, text=True, timeout=SECONDS, **options)


def test_manage_passes_everything_on(begun):
    assert run(begun, "manage", "migrate", "--check", "--verbosity", "0").returncode == 0
    ended = run(begun, "manage", "verify_ledger")
    assert (ended.returncode, ended.stdout) == (0, "0 entries of 0 cases hold\n")
    assert "--as-of" in run(begun, "manage", "assess_accounts", "--help").stdout


def test_an_error_in_a_management_command_is_one_line(begun, tmp_path):
    ended = run(begun, "manage", "assess_accounts", "--facts", str(tmp_path / "nowhere"))
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
    ended = subprocess.run([sys.executable, "-c", code, "worker", "--once"], env=environment, capture_output=True, text=True, timeout=SECONDS)
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
    """Two processes: style sheets named by their content, figures of both, and a request that has begun is answered after SIGTERM (K6)."""
    port = free_port()
    site = environment | {"GOODSTANDING_METRICS_TOKEN": "scrape-me"}
    command = [*RUN, "serve", "--port", str(port), "--processes", "2", "--with-worker"]
    started = subprocess.Popen(command, env=site, stderr=subprocess.PIPE, text=True)
    try:
        page = _ask(f"http://localhost:{port}/")
        sheet = re.search(r"/static/goodstanding\.[0-9a-f]{12}\.css", page.text)
        assert sheet, page.text[:600]
        style = httpx.get(f"http://localhost:{port}{sheet[0]}", headers={"Accept-Encoding": "gzip"}, timeout=SECONDS)
        assert "immutable" in style.headers["Cache-Control"]
        assert style.headers["Content-Encoding"] == "gzip"
        for _ in range(30):
            httpx.get(f"http://localhost:{port}/healthz", timeout=SECONDS)
        figures = httpx.get(f"http://localhost:{port}/metrics", headers={"Authorization": "Bearer scrape-me"}, timeout=SECONDS).text
        assert 'goodstanding_requests_total{method="GET",route="healthz",status="200"} 30.0' in figures
        key = run(environment, "manage", "make_api_key", "warehouse", "--scope", "facts:write").stdout.strip()
        status, told = _answered_after_sigterm(started, port, key)
    finally:
        started.terminate()
        said = started.communicate(timeout=SECONDS)[1]
    assert (status, told["accepted"]) == (200, 1)
    assert "Bringing the database up to date" in said
    assert "Traceback" not in said


def test_half_a_request_holds_no_stopping_server_until_it_is_killed(monkeypatch):
    """The library's own patience is as long as ours with a stopping server: whichever ended first, workers were killed with what they did."""
    asked = {}

    class Recorder:
        def __init__(self, target, **options):
            asked.update(options)

        def serve(self):
            asked["served"] = True

    monkeypatch.setattr("granian.Granian", Recorder)
    monkeypatch.setenv("GOODSTANDING_LIVE", "/live/")
    server._serve("127.0.0.1", 8000, with_worker=False, processes=1)
    assert asked["served"]
    assert asked["http1_settings"].header_read_timeout <= asked["workers_kill_timeout"] * 1000 / 2


def _answered_after_sigterm(server, port, key):
    """Send the head of a batch, stop the server once it has begun with it, and only then send the rows."""
    fact = b'{"account_id": "S-1", "holder_kind": "seller", "marketplace": "US", "opened_at": "2025-01-01T00:00:00Z"}'
    head = f"POST /api/v1/facts/accounts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/x-ndjson\r\n"
    with closing(socket.create_connection(("127.0.0.1", port), timeout=SECONDS)) as line:
        line.sendall(f"{head}Content-Length: {len(fact)}\r\nExpect: 100-continue\r\n\r\n".encode())
        # The server asks for the rest when the view reads it: by then the request has begun.
        assert line.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        server.terminate()
        time.sleep(0.5)  # one that drops what has begun does it now
        line.sendall(fact)
        answer = HTTPResponse(line)
        answer.begin()
        return answer.status, json.loads(answer.read())


def _ask(url):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            return httpx.get(url, timeout=SECONDS)
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"nobody answers at {url}")
