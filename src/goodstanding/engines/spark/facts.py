"""Loading facts into Spark: the views `facts_<kind>` that DuckDB's `facts.<kind>` are, with the same findings.

Rows are read once and kept by the workers, in memory or on their disks.
"""

# ruff: noqa: S608 - every name from outside is quoted by `quoting`

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb
from pyspark.sql import DataFrame, SparkSession

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS, FactKind
from goodstanding.engines import quoting
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.checking import Label
from goodstanding.engines.loading import UTC, Reader, readers_of
from goodstanding.engines.reading import WORK
from goodstanding.engines.spark.dialect import fetch_of, spark_sql
from goodstanding.engines.spark.reading import OWN_COLUMNS, SPARK_TYPES, findings_of, pieces_of, reading_of
from goodstanding.engines.versions import FOREVER, kept_versions, told_apart, told_otherwise


@dataclass(frozen=True, slots=True)
class Kept:
    """The views of one run."""

    session: SparkSession

    def view(self, name: str, frame: DataFrame, *, held: bool = True) -> DataFrame:
        """Name a frame. `held`: its rows are computed now, once, and kept by the workers; views on it start from there.

        Without that, Spark would plan each view with all views below it written out in it, over and over, until the driver's memory is full.
        Where the context has a checkpoint folder, rows are kept there and outlive a lost worker.
        """
        if held:
            frame = frame.checkpoint() if self.session.sparkContext.getCheckpointDir() else frame.localCheckpoint()
        frame.createOrReplaceTempView(name)
        return frame


def load_facts(
    kept: Kept, source: FactSource, zones: Mapping[str, str], kinds: Collection[str], progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Make `facts_<kind>` for each of `kinds`, which come with `accounts` where zones matter. Raises UnusableInput as `engines.loading` does."""
    local = {code: zone for code, zone in zones.items() if ZoneInfo(zone).key != UTC}
    chosen = [kind for kind in KINDS.values() if kind.name in kinds]
    with duckdb.connect(config={"python_enable_replacements": False}) as con:
        con.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA {WORK}")
        readers, findings = readers_of(con, source)
        for step, kind in enumerate(chosen):
            if progress:
                progress(f"loading {kind.name}", step, len(chosen))
            if reader := readers.get(kind.name):
                findings += _load(kept, con, source, kind, reader, local)
            else:
                _empty(kept, kind)
    if progress:
        progress("loading facts", len(chosen), len(chosen))
    return tuple(findings)


def _empty(kept: Kept, kind: FactKind) -> None:
    names = ", ".join(f"`{column.name}` {SPARK_TYPES[column.type]}" for column in kind.columns)
    days = "".join(f", {day} date" for day in _day_names(kind))
    kept.view(f"facts_{kind.name}", kept.session.createDataFrame([], f"{names}{days}, known_from date, known_to date"), held=False)


def _load(kept: Kept, con: duckdb.DuckDBPyConnection, source: FactSource, kind: FactKind, reader: Reader, local: Mapping[str, str]) -> list[Finding]:
    pieces, columns, raw = pieces_of(con, source, kind, reader), kind.columns, f"{WORK}_{kind.name}"
    names = ", ".join(f"`{column.name}` {SPARK_TYPES[column.type]}" for column in columns)
    one_task_each = kept.session.range(len(pieces), numPartitions=len(pieces))
    read = kept.view(raw, one_task_each.mapInArrow(reading_of(pieces, columns), f"{names}, {OWN_COLUMNS}"))
    told = read.where("__findings IS NOT NULL OR __unusable IS NOT NULL").select("__findings", "__unusable").collect()
    if unusable := [row["__unusable"] for row in told if row["__unusable"]]:
        raise UnusableInput(unusable[0])
    return findings_of([row["__findings"] for row in told], reader.label) + _with_versions(kept, kind, _dated(kept, kind, raw, local), reader.label)


def _dated(kept: Kept, kind: FactKind, raw: str, local: Mapping[str, str]) -> str:
    """The view of the good rows with the day of every moment, in the zone of the account's marketplace, and the day the row was known from."""
    day, name = _day_sql(local), f"{WORK}_{kind.name}_dated"
    columns = ", ".join(f"f.`{column.name}`" for column in kind.columns)
    days = "".join(f", {day(f'f.`{moment}`')} AS {moment}_day" for moment in _moments(kind))
    known_from = day(f"coalesce(f.recorded_at, f.`{kind.own_time}`)")
    store, join = "", ""
    if local and kind.name == "accounts":
        store = ", f.marketplace AS __store"
    elif local:
        join = f"LEFT JOIN (SELECT account_id, any_value(marketplace) AS __store FROM facts_accounts WHERE known_to = {FOREVER} GROUP BY account_id) s USING (account_id)"
    kept.session.sql(
        f"""SELECT {columns}, f.__row, f.__file, f.__said{days}, {known_from} AS known_from
        FROM (SELECT f.*{store} FROM {raw} f WHERE f.__row IS NOT NULL) f {join}"""
    ).createOrReplaceTempView(name)
    return name


def _moments(kind: FactKind) -> list[str]:
    return [column.name for column in kind.columns if column.type == "moment"]


def _day_names(kind: FactKind) -> list[str]:
    return [f"{moment}_day" for moment in _moments(kind)]


def _day_sql(local: Mapping[str, str]) -> Callable[[str], str]:
    def day(moment: str) -> str:
        utc = f"CAST({moment} AS DATE)"
        if not local:
            return utc
        cases = " ".join(
            f"WHEN {quoting.literal(code)} THEN CAST(convert_timezone('UTC', {quoting.literal(zone)}, {moment}) AS DATE)"
            for code, zone in sorted(local.items())
        )
        return f"CASE __store {cases} ELSE {utc} END"

    return day


def _with_versions(kept: Kept, kind: FactKind, dated: str, label: Label) -> list[Finding]:
    """`facts_<kind>`, all versions of all facts of view `dated` (`engines.versions`). Only rows of keys that occur twice are looked at closely."""
    names = [*(column.name for column in kind.columns), *_day_names(kind), "known_from"]
    columns = ", ".join(f"`{name}`" for name in names)
    single = f"SELECT {columns}, {FOREVER} AS known_to FROM {dated}"
    hashed, repeated = f"xxhash64({', '.join(f'`{name}`' for name in kind.key)})", f"{WORK}_{kind.name}_repeated"
    if not kept.view(repeated, kept.session.sql(f"SELECT {hashed} AS h FROM {dated} GROUP BY 1 HAVING count(*) > 1")).count():
        kept.view(f"facts_{kind.name}", kept.session.sql(single))
        return []
    told = f"{WORK}_{kind.name}_told"
    contested = kept.session.sql(f"SELECT d.* FROM {dated} d LEFT SEMI JOIN {repeated} r ON {hashed} = r.h")
    kept.view(f"{WORK}_{kind.name}_contested", contested, held=False)
    kept.view(told, kept.session.sql(spark_sql(told_apart(kind, f"{WORK}_{kind.name}_contested", "__said"))))
    findings = told_otherwise(fetch_of(kept.session), kind, told, label)
    others = f"{single} LEFT ANTI JOIN {repeated} r ON {hashed} = r.h"
    versions = spark_sql(kept_versions(kind, told, ", ".join(quoting.name(name) for name in names)))
    kept.view(f"facts_{kind.name}", kept.session.sql(f"{others} UNION ALL ({versions})"))
    return findings
