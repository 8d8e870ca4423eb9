"""Make `.venv` with uv in it, on a machine that has Python 3.11 or newer and perhaps nothing else.

Debian ships Python without `ensurepip` and often without pip, so three ways are tried: Python's own venv with pip,
an installed pip, and last the wheel of uv that the lock file names, fetched by its address there and held to its hash.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must be told so, not shown a traceback
    sys.exit("goodstanding needs Python 3.11 or newer, this is {}.{}; try `make PY=python3.11 ...`".format(*sys.version_info[:2]))

import hashlib
import io
import platform
import subprocess
import tomllib
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UV = VENV / "bin" / "uv"
BOOT = VENV / "boot"


def pinned() -> dict[str, object]:
    """The lock file's entry for uv."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(package for package in lock["package"] if package["name"] == "uv")


def tried(*command: str) -> bool:
    """Whether a command went well; its noise is kept off the screen."""
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def by_venv(version: str) -> bool:
    """Python's own venv and the pip in it."""
    return tried(sys.executable, "-m", "venv", "--clear", str(VENV)) and tried(
        str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={version}"
    )


def by_pip(version: str) -> bool:
    """An installed pip, into a folder of its own; uv then makes the environment."""
    if not tried(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(BOOT), f"uv=={version}"):
        return False
    return make_with(BOOT / "bin" / "uv")


def by_wheel(package: dict[str, object]) -> bool:
    """The wheel from the lock file, held to its hash."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    system = "macosx" if sys.platform == "darwin" else "manylinux"
    wheels = [w for w in package["wheels"] if machine in w["url"] and system in w["url"]]  # type: ignore[attr-defined]
    if not wheels:
        return False
    try:
        with urllib.request.urlopen(wheels[0]["url"], timeout=120) as answer:
            data = answer.read()
    except OSError as error:
        print(f"could not fetch uv: {error}", file=sys.stderr)
        return False
    if f"sha256:{hashlib.sha256(data).hexdigest()}" != wheels[0]["hash"]:
        sys.exit("the wheel of uv is not the one the lock file names; nothing was installed")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".data/scripts/uv"))
        target = BOOT / "bin" / "uv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wheel.read(name))
        target.chmod(0o755)
    return make_with(target)


def make_with(uv: Path) -> bool:
    """Let uv make the environment, and put uv in it."""
    if not tried(str(uv), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)):
        return False
    UV.write_bytes(uv.read_bytes())
    UV.chmod(0o755)
    return True


def main() -> None:
    """Make the environment by the first way that works."""
    package = pinned()
    version = str(package["version"])
    if not (by_venv(version) or by_pip(version) or by_wheel(package)):
        sys.exit("could not install uv: no venv with pip, no pip, and its wheel could not be fetched; is there a network?")


if __name__ == "__main__":
    main()
