"""The one Spark that all tests of a run share, or a skip that says what is missing."""

import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.engines.spark.session import ALWAYS, LOCAL, require_packages

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SMALL = {
    # Tables of a few rows: every further task costs more than its work, and so does compiling code for each query.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """A small Spark on this machine."""
    try:
        require_packages()
    except UnusableInput as error:
        pytest.skip(f"no Spark: {error}")
    if shutil.which("java") is None:
        pytest.skip("no Spark: no java on the path; install Debian's `openjdk-17-jre-headless`")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("goodstanding-tests")
    for name, value in (ALWAYS | LOCAL | SMALL).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.pythonExec = sys.executable
    yield session
    session.stop()
