"""An assessment as a folder of Parquet files that are all there or, where something went wrong, all as they were before."""

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from goodstanding.core.errors import UnusableInput
from goodstanding.engines.base import (
    EXPECTED_SCHEMA,
    FORECASTS_SCHEMA,
    METRICS_SCHEMA,
    RATINGS_SCHEMA,
    TASKS_SCHEMA,
    VIOLATIONS_SCHEMA,
    WARNINGS_SCHEMA,
)

FILES: dict[str, pa.Schema] = {"metrics.parquet": METRICS_SCHEMA, "ratings.parquet": RATINGS_SCHEMA, "violations.parquet": VIOLATIONS_SCHEMA}
FORECAST_FILES: dict[str, pa.Schema] = {
    "forecasts.parquet": FORECASTS_SCHEMA,
    "expected_violations.parquet": EXPECTED_SCHEMA,
    "warnings.parquet": WARNINGS_SCHEMA,
    "tasks.parquet": TASKS_SCHEMA,
}


def _writing_schema(schema: pa.Schema) -> pa.Schema:
    """Texts as dictionaries, as the engine hands them over: a block is written without spelling out every text."""
    return pa.schema([f.with_type(pa.dictionary(pa.int32(), pa.string())) if f.type == pa.string() else f for f in schema])


class ParquetFolder:
    """A sink that writes `metrics.parquet`, `ratings.parquet` and `violations.parquet` (zstd); they appear when the `with` block ends well.

    `with_forecasts`: also a sink of forecasts; without, forecasts that an earlier run left are removed, since they belong to other numbers.
    """

    def __init__(self, folder: Path, *, with_forecasts: bool = False) -> None:
        self.folder = folder
        files = FILES | FORECAST_FILES if with_forecasts else FILES
        self.rows = dict.fromkeys(files, 0)
        self._schemas = {name: _writing_schema(schema) for name, schema in files.items()}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, schema in self._schemas.items():
                self._writers[name] = pq.ParquetWriter(self._partial(name), schema, compression="zstd", store_schema=False)
        except OSError as error:
            raise UnusableInput(f"{self.folder}: cannot be written: {error.strerror or error}; give another folder with --out") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()
        for name in self._writers:
            if kind is None:
                self._partial(name).replace(self.folder / name)
            else:
                self._partial(name).unlink(missing_ok=True)
        if kind is None:
            for name in FORECAST_FILES.keys() - self._writers.keys():
                (self.folder / name).unlink(missing_ok=True)

    def metrics(self, table: pa.Table) -> None:
        """Write rows of metrics."""
        self._write("metrics.parquet", table)

    def ratings(self, table: pa.Table) -> None:
        """Write rows of ratings."""
        self._write("ratings.parquet", table)

    def violations(self, table: pa.Table) -> None:
        """Write the violations."""
        self._write("violations.parquet", table)

    def forecasts(self, table: pa.Table) -> None:
        """Write rows of forecasts."""
        self._write("forecasts.parquet", table)

    def expected(self, table: pa.Table) -> None:
        """Write the violations expected."""
        self._write("expected_violations.parquet", table)

    def warnings(self, table: pa.Table) -> None:
        """Write the early warnings."""
        self._write("warnings.parquet", table)

    def tasks(self, table: pa.Table) -> None:
        """Write the self-audit lists."""
        self._write("tasks.parquet", table)

    def _partial(self, name: str) -> Path:
        return self.folder / f".{name}.partial"

    def _write(self, name: str, table: pa.Table) -> None:
        self.rows[name] += table.num_rows
        self._writers[name].write_table(table.cast(self._schemas[name]))
