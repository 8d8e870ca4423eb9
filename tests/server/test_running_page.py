"""The how-to page on running it is true: a backup made by it is restored by it, its units and alert rules are sound (requirement K6)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

import pytest
import yaml

from tests import environment
from tests.conftest import ON_POSTGRESQL
from tests.house.test_how_to import ROOT, blocks, run

PAGE = "run-it.md"
UNITS = ROOT / "examples" / "systemd"
BACKUPS, VAR = "/var/backups/goodstanding", "/var/lib/goodstanding"

FILL = """
import django; django.setup()
from django.utils import timezone
from goodstanding.server.policy import current_pack
from tests.server.showcase import build_showcase
build_showcase(current_pack(), timezone.now())
"""
STATES = """
import django; django.setup()
from goodstanding.server.store.models import Case
print(sorted(Case.objects.values_list("pk", "state", "account__display_name")))
"""


class Site:
    """A folder and a database of their own, and the page's commands in them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.var = folder / name
        self.settings = {"GOODSTANDING_VAR": str(self.var), "GOODSTANDING_DATABASE": f"sqlite:///{self.var}/goodstanding.sqlite3"}
        if ON_POSTGRESQL:
            given = urlsplit(os.environ["GOODSTANDING_DATABASE"])
            self.settings["GOODSTANDING_DATABASE"] = f"postgresql://{given.netloc}/{quote(name)}"
            user, _, host = given.netloc.rpartition("@")
            self.settings |= {"PGHOST": unquote(host), "PGUSER": user}
        self.var.mkdir()

    def do(self, command: str) -> str:
        """What a command of the page says, with the page's places put in this folder."""
        command = command.replace(BACKUPS, str(self.folder / "backups")).replace(VAR, str(self.var))
        command = re.sub(r" --(owner|role)=goodstanding", "", command)
        command = re.sub(r"(createdb|--dbname=)( ?)goodstanding\b", rf"\1\g<2>{self.name}", command)
        done = run(_exports(self.settings) + command, self.folder)
        assert done.returncode == 0, command + done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """What a program says that runs with this site's settings."""
        settings = {"DJANGO_SETTINGS_MODULE": "goodstanding.server.settings", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        return subprocess.run(
            [sys.executable, "-c", code], env=environment.plain(self.settings | settings), capture_output=True, text=True, check=True
        ).stdout

    def letters(self) -> set[str]:
        """The mails that have left."""
        return {path.name for path in (self.var / "mail").glob("*.eml")}


def upgrade(site: Site) -> None:
    """Take the last migration back, then do what the page says, with a `systemctl` that only writes down what it is asked."""
    *_, before_last, _ = sorted(path.stem for path in (ROOT / "src/goodstanding/server/store/migrations").glob("0*.py"))
    site.do(f"goodstanding manage migrate --verbosity 0 store {before_last}")
    opt, asked = site.folder / "opt", site.folder / "asked"
    (opt / "goodstanding-NEW" / "bin").mkdir(parents=True)
    program, systemctl = opt / "goodstanding-NEW" / "bin" / "goodstanding", site.folder / "systemctl"
    program.write_text(f'#!/bin/sh\nPYTHONPATH=src exec {sys.executable} -m goodstanding "$@"\n', encoding="utf-8")
    systemctl.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n', encoding="utf-8")
    program.chmod(0o755)
    systemctl.chmod(0o755)
    said = blocks(PAGE, "sh upgrade")[0]
    site.do(said.replace("systemctl ", f"{systemctl} ").replace("/opt/", f"{opt}/"))
    assert (opt / "goodstanding").resolve() == opt / "goodstanding-NEW"
    stopped, restarted, started = (set(line.split()[1:]) for line in asked.read_text(encoding="utf-8").splitlines())
    assert stopped == started
    units = {path.stem for path in UNITS.glob("*.service")}
    timers = {path.name for path in UNITS.glob("*.timer")}
    assert stopped | restarted == {unit for unit in units if f"{unit}.timer" not in timers} | timers, "each unit has its place in the order"


def _exports(settings: Mapping[str, str]) -> str:
    return "".join(f"export {name}='{value}'\n" for name, value in settings.items())


def test_what_was_backed_up_is_restored_whole_and_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if ON_POSTGRESQL:
        from tools.pgtmp import binaries

        monkeypatch.setenv("PATH", f"{binaries()}:{os.environ['PATH']}")
    (tmp_path / "src").symlink_to(ROOT / "src")
    backup, *parts, verify = blocks(PAGE, "sh")
    before = Site(tmp_path, f"before_{uuid4().hex[:8]}")
    if ON_POSTGRESQL:
        before.do(blocks(PAGE, "sh postgresql")[0].splitlines()[0])
    if ON_POSTGRESQL:
        before.do("goodstanding manage migrate --verbosity 0")
    else:
        shutil.copy(request.getfixturevalue("migrated"), before.var)
    before.python(FILL)
    cases = before.python(STATES)
    upgrade(before)
    assert before.python(STATES) == cases
    before.do(backup)
    before.do("goodstanding worker --once")
    assert before.letters()
    shutil.rmtree(before.var)
    if ON_POSTGRESQL:
        before.do(f"dropdb {before.name}")

    after = Site(tmp_path, f"after_{uuid4().hex[:8]}")
    after.do(blocks(PAGE, f"sh {'postgresql' if ON_POSTGRESQL else 'sqlite'}")[0])
    said = after.do(verify)
    shown = blocks(PAGE, "text")[0]
    assert re.sub(r"\d+", "N", said) == re.sub(r"\d+", "N", shown)
    assert not re.search(r"^0 ", said, re.MULTILINE), said
    assert "0 missing or damaged, 0 that nobody names" in said
    assert after.python(STATES) == cases
    assert after.do("goodstanding worker --once").split(" deadlines, ")[1].startswith("0 messages sent")
    former = (after.var / "secret_key").read_text(encoding="ascii")
    after.settings |= {"GOODSTANDING_SECRET_KEY": "made later " * 5, "GOODSTANDING_SECRET_KEY_FALLBACKS": former}
    assert re.sub(r"\d+", "N", after.do(blocks(PAGE, "sh key")[0])) == re.sub(r"\d+", "N", blocks(PAGE, "text key")[0])
    damaged = next(path for path in (after.var / "evidence").rglob("*") if path.is_file())
    damaged.write_bytes(b"not what was sent")
    told = run(_exports(after.settings) + "goodstanding manage check_evidence", tmp_path)
    assert told.returncode == 1
    assert f"damaged: {damaged.name}" in told.stderr
    again = run(_exports(after.settings) + f"goodstanding manage backup {tmp_path}/backups/2026-11-22", tmp_path)
    assert again.returncode != 0
    assert "is there already" in again.stderr
    assert parts == []


def test_the_units_are_sound_and_name_commands_that_there_are(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine; install systemd to have the units verified")
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/goodstanding/bin/goodstanding", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = [str(path) for path in tmp_path.iterdir() if path.suffix != ".env"]
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "goodstanding" in line]
    assert complaints == []


def test_the_environment_file_and_the_units_say_nothing_that_there_is_not() -> None:
    from django.core.management import get_commands

    known = set(re.findall(r"^\| `(GOODSTANDING_[A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^(GOODSTANDING_[A-Z_]+)=", (UNITS / "goodstanding.env").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) > 10
    assert named - known == set()
    units = "".join(path.read_text(encoding="utf-8") for path in UNITS.glob("*.service"))
    assert set(re.findall(r"goodstanding manage (\w+)", units)) - set(get_commands()) == set()


@pytest.mark.django_db
def test_every_alert_asks_for_a_figure_that_there_is() -> None:
    """A rule about a figure under another name would never fire."""
    from prometheus_client import generate_latest

    from goodstanding.server.live.probes import registry as live
    from goodstanding.server.probes.figures import registry
    from goodstanding.server.services.runs import Job

    rules = yaml.safe_load((ROOT / "examples/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    told = generate_latest(registry()).decode()
    there = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    there |= {metric.name for metric in live().collect()}
    there |= {f"{name}_bucket" for name in re.findall(r"^# TYPE (\w+) histogram", told, re.MULTILINE)}
    asked = {name for rule in rules for name in re.findall(r"\bgoodstanding_\w+", rule["expr"])}
    assert len(rules) == len({rule["alert"] for rule in rules}) == 12
    assert asked
    assert asked - there == set()
    assert {name for rule in rules for name in re.findall(r'job="(\w+)"', rule["expr"])} - {"goodstanding", "goodstanding-live"} == set(Job)


def test_the_proxies_part_is_sound_where_a_proxy_is_there_to_say_so(tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx on this machine; install it to have the example verified")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=standing", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    text = (ROOT / "examples/proxy/nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/ssl/standing.pem", str(certificate)).replace("/etc/ssl/standing.key", str(key))
    places = "".join(f"{name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "whole.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{text}\n}}\n", encoding="utf-8")
    done = subprocess.run([program, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "whole.conf")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_proxies_send_each_address_to_the_process_that_answers_it() -> None:
    """Where unit, environment and both proxies disagree about a port, pages would silently ask by themselves."""
    unit = {path.stem: path.read_text(encoding="utf-8") for path in UNITS.glob("*.service")}
    pages, live = (re.search(r"--port (\d+)", unit[f"goodstanding-{name}"])[1] for name in ("web", "live"))
    nginx = (ROOT / "examples/proxy/nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"location (\S+) \{\s+proxy_pass http://127.0.0.1:(\d+);", nginx) == [("/", pages), ("/live/", live)]
    caddy = (ROOT / "examples/proxy/Caddyfile").read_text(encoding="utf-8")
    assert re.findall(r"reverse_proxy (/live/\* )?127.0.0.1:(\d+)", caddy) == [("/live/* ", live), ("", pages)]
    assert "GOODSTANDING_LIVE=/live/" in (UNITS / "goodstanding.env").read_text(encoding="utf-8").splitlines()
