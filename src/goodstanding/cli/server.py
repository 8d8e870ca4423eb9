"""`goodstanding serve | worker | manage | demo`: the server, for whom its packages are installed."""

import importlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from goodstanding.core.errors import UnusableInput

SETTINGS = "goodstanding.server.settings"
TARGET = "goodstanding.server.wsgi:application"
THREADS = 4
STOP_SECONDS = 30
"""How long a stopping server waits for requests that have begun."""

HEADER_SECONDS = 10
"""How long a client may take to say what it wants. Well below STOP_SECONDS: half a request would else hold a stopping server until it is killed."""
DEMO_FOLDER = Path("var/demo")
DEMO_MARK = ".made-by-goodstanding-demo"

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
PASSED_ON = {"ignore_unknown_options": True, "help_option_names": [], "allow_interspersed_args": False}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; set GOODSTANDING_HOSTS too for others than this machine.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--processes", type=click.IntRange(1, 64), help="How many (default: one a core with PostgreSQL; one with SQLite, where one writes at a time)."
)
@click.option("--with-worker", is_flag=True, help="Run a worker beside it: all on one machine in one command.")
def serve(host: str, port: int, processes: int | None, with_worker: bool) -> None:
    """Serve portal, console and API. SIGTERM (or Ctrl+C) lets requests that have begun be answered first."""
    _check_free(host, port)
    os.environ.setdefault("GOODSTANDING_BASE_URL", f"http://localhost:{port}")
    _choose_live(port)
    with tempfile.TemporaryDirectory(prefix="goodstanding-figures-") as figures:
        # Before anything counts: each process counts in files of this folder, and any of them tells the sums of all.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        _prepare_database()
        _call_command("collectstatic", interactive=False, verbosity=0)
        _serve(host, port, with_worker, processes or _usual_processes())


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and stop.")
def worker(once: bool) -> None:
    """Let deadlines run out and send what waits in the outbox."""
    _start_django()
    _call_command("work", once=once)


@click.command(context_settings=PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """The server's own management commands; `goodstanding manage help` lists them."""
    _start_django()
    importlib.import_module("django.core.management").execute_from_command_line(["goodstanding manage", *arguments])


@click.command()
@click.option("--facts", type=FOLDER, metavar="DIR", help="Real facts instead of a made-up marketplace.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql files for those facts.")
@click.option("--pack", metavar="NAME|FILE", help="Policy pack (default: amazon).")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day to assess.")
@click.option("--seed", default=7, show_default=True, help="Another seed makes another marketplace.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where the pages are served afterwards.")
@click.option("--once", is_flag=True, help="Stop after the loop; serve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON document, and stop.")
def demo(
    facts: Path | None, mapping: Path | None, pack: str | None, as_of: datetime | None, seed: int, port: int, once: bool, as_json: bool
) -> int | None:
    """The whole loop on a made-up (or real) marketplace, then the pages."""
    _check_installed()
    serves = not (once or as_json)
    if serves:
        _check_free("127.0.0.1", port)
    _set_up_demo(pack, port)
    _choose_live(port)
    _prepare_database()
    code = _run_demo(facts=facts, mapping=mapping, seed=seed, as_of=as_of.date() if as_of else None, json=as_json)
    if serves:
        _call_command("collectstatic", interactive=False, verbosity=0)
        _serve("127.0.0.1", port, with_worker=True, processes=1)
    return code


def _run_demo(**options: Any) -> int:
    try:
        _call_command("demo", **options)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def _set_up_demo(pack: str | None, port: int) -> None:
    """A fresh folder of its own for each demonstration, unless the environment names another place."""
    os.environ.setdefault("GOODSTANDING_DEMO", "on")
    os.environ.setdefault("GOODSTANDING_BASE_URL", f"http://localhost:{port}")
    if pack:
        os.environ["GOODSTANDING_PACK"] = pack
    if "GOODSTANDING_VAR" in os.environ or "GOODSTANDING_DATABASE" in os.environ:
        return
    if (DEMO_FOLDER / DEMO_MARK).exists():
        shutil.rmtree(DEMO_FOLDER)
    DEMO_FOLDER.mkdir(parents=True, exist_ok=True)
    (DEMO_FOLDER / DEMO_MARK).touch()
    os.environ["GOODSTANDING_VAR"] = str(DEMO_FOLDER.absolute())


def _check_installed() -> None:
    if missing := [name for name in ("django", "granian", "ninja", "httpx") if importlib.util.find_spec(name) is None]:
        raise UnusableInput(f"the server is not installed ({missing[0]} is missing); install it with: pip install 'goodstanding[web]'")


def _start_django() -> None:
    """Set Django up; a wrong setting is one line, not a traceback."""
    _check_installed()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    misconfigured = importlib.import_module("django.core.exceptions").ImproperlyConfigured
    try:
        importlib.import_module("django").setup()
    except misconfigured as error:
        raise UnusableInput(str(error)) from error


def _prepare_database() -> None:
    """Bring the tables up to date, so that a new version starts by one command."""
    _start_django()
    click.echo("Bringing the database up to date", err=True)
    Path(importlib.import_module("django.conf").settings.VAR).mkdir(parents=True, exist_ok=True)
    unreachable = importlib.import_module("django.db").OperationalError
    try:
        _call_command("migrate", verbosity=0)
    except unreachable as error:
        raise UnusableInput(f"the database cannot be used: {str(error).strip().splitlines()[0]}; see GOODSTANDING_DATABASE") from error


def _call_command(name: str, **options: Any) -> None:
    importlib.import_module("django.core.management").call_command(name, **options)


def _check_free(host: str, port: int) -> None:
    """Say before minutes of work that the address is taken, not after them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnusableInput(f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --port") from error


def _usual_processes() -> int:
    """One a core that this process may use: Python runs one thread at a time, and PostgreSQL serves many. With SQLite more would only wait for each other."""
    vendor = importlib.import_module("django.db").connection.vendor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if vendor == "postgresql" else 1


def _serve(host: str, port: int, with_worker: bool, processes: int) -> None:
    granian: Any = importlib.import_module("granian")
    quiet = importlib.import_module("granian.log").LogLevels.warning
    interface = importlib.import_module("granian.constants").Interfaces.WSGI
    patience = importlib.import_module("granian.http").HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000)
    server = granian.Granian(
        TARGET,
        address=host,
        port=port,
        interface=interface,
        workers=processes,
        blocking_threads=THREADS,
        log_level=quiet,
        http1_settings=patience,
        # One that dies must not take the others with it; one that does not end is ended, after the longest a request may take.
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    click.echo(f"Serving http://{'localhost' if host == '127.0.0.1' else host}:{port}/ (stop with Ctrl+C)", err=True)
    with ExitStack() as beside:
        if with_worker:
            beside.enter_context(_beside("work"))
        if live := _live_port():
            beside.enter_context(_beside("live", "--host", host, "--port", live))
        server.serve()


def _choose_live(port: int) -> None:
    """Open pages are told what changes by a process at the next port, unless the setting says otherwise or uvicorn is missing."""
    if importlib.util.find_spec("uvicorn") is not None:
        os.environ.setdefault("GOODSTANDING_LIVE", f":{port + 1}" if port < 65535 else "")


def _live_port() -> str:
    """The port of the live process, where one of ours shall run beside the server; empty where somebody else's does, or none."""
    place = os.environ.get("GOODSTANDING_LIVE", "")
    return place[1:] if place.startswith(":") and place[1:].isdecimal() else ""


@contextmanager
def _beside(*command: str) -> Iterator[None]:
    """A management command in a process of its own, for as long as the server runs."""
    process = subprocess.Popen([sys.executable, "-m", "django", *command])  # noqa: S603 - commands of our own
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
