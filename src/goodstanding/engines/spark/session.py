"""Starting Spark, or saying in one line why that cannot be."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from goodstanding.core.errors import UnusableInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = {
    # One machine talks to itself: no name to look up, no port to the outside.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # The default of 1 GB for everything would make a machine with more spill early.
    "spark.driver.memory": "4g",
    # The default of 200 is for a cluster: on one machine the tasks would cost more than their work.
    "spark.sql.shuffle.partitions": "16",
}
ALWAYS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # Days are UTC days unless the pack names a zone; ANSI raises where a sum or a cast would silently be wrong.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}
MASTERS = ("local", "spark://", "yarn", "k8s://")
PACKAGES = ("pyspark", "sqlglot", "pandas", "pyarrow")


@contextmanager
def opened(master: str, given: "SparkSession | None" = None) -> Iterator["SparkSession"]:
    """A session with views and settings of its own, on `given`, or the Spark that this process runs, or one started on `master` for the while.

    Raises UnusableInput where Spark's packages or Java are missing.
    """
    require_packages()
    from pyspark.sql import SparkSession

    if running := given or SparkSession.getActiveSession():
        yield _own(running)
        return
    started = _start(master)
    try:
        yield _own(started)
    finally:
        started.stop()


def require_packages() -> None:
    """Raises UnusableInput that names the extra where one of Spark's packages is not installed."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UnusableInput(f"the engine spark needs {', '.join(missing)}; install goodstanding with its extra: pip install 'goodstanding[spark]'")


def _own(session: "SparkSession") -> "SparkSession":
    own = session.newSession()
    for name in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled", "spark.sql.caseSensitive"):
        own.conf.set(name, ALWAYS[name])
    return own


def _start(master: str) -> "SparkSession":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if not master.startswith(MASTERS):
        raise UnusableInput(f"'{master}' names no Spark; give local[*] for this machine, or one that begins with {', '.join(MASTERS[1:])}")
    is_local = master.startswith("local")
    builder = SparkSession.builder.appName("goodstanding").master(master)
    for name, value in {**ALWAYS, **(LOCAL if is_local else {})}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        java = "" if shutil.which("java") else "; it needs Java 17 or newer, and no java is on the path"
        raise UnusableInput(f"Spark does not start on {master}{java} ({_first_line(error)})") from error
    if is_local:
        session.sparkContext.pythonExec = sys.executable  # else the first `python3` on the path, which may lack our packages
    return session


@contextmanager
def one_line() -> Iterator[None]:
    """Turns what Spark says when it gives up into UnusableInput; it has already tried each task as often as it is set to."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise UnusableInput(f"Spark gave up: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """The line that says most: of a long trace the last that names an error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if "Error: " in line or "Exception: " in line]
    return (told[-1] if told else lines[0] if lines else type(error).__name__)[:300]
