"""Relations and clusters of millions of accounts as two Parquet files, and what they come to."""

# ruff: noqa: S608 - names are ours, every value is a parameter

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import Linkage
from goodstanding.engines import linking
from goodstanding.engines.relating import CLUSTERS_SCHEMA, RELATIONS_SCHEMA

RELATIONS_FILE, CLUSTERS_FILE = "relations.parquet", "clusters.parquet"
_STRONG = "SELECT a, b FROM links.relations WHERE score >= $least"
_NAMES = """
    SELECT account_id, n FROM (SELECT account_a AS account_id, a AS n FROM links.relations UNION SELECT account_b, b FROM links.relations)
"""


@dataclass(frozen=True, slots=True)
class Related:
    """What came of a run: how many relations, between how many accounts, and how many clusters with how many accounts, the largest of how many."""

    relations: int
    accounts: int
    clusters: int
    clustered: int
    largest: int


def write_relations(con: duckdb.DuckDBPyConnection, linkage: Linkage, folder: Path) -> Related:
    """Write what `linking.link` found into a folder; the files appear together, or are as they were. Raises UnusableInput where it cannot be written."""
    clusters = clusters_table(con, linkage)
    relations = linking.tables(con).cast(RELATIONS_SCHEMA)
    _write(folder, {RELATIONS_FILE: relations, CLUSTERS_FILE: clusters})
    sizes = np.unique_counts(clusters["cluster_id"].combine_chunks().dictionary_encode().indices.to_numpy()).counts
    names = con.sql(f"SELECT count(*) FROM ({_NAMES})").fetchall()[0][0]
    return Related(relations.num_rows, names, len(sizes), int(sizes.sum()), int(sizes.max(initial=0)))


def clusters_table(con: duckdb.DuckDBPyConnection, linkage: Linkage) -> pa.Table:
    """The clusters of what `linking.link` found, as `core.linkage.clusters.find_clusters` gives them: ordered by cluster and account."""
    ends = con.execute(_STRONG, {"least": linkage.cluster_at}).fetchnumpy()
    numbers, places = np.unique(np.concatenate([ends["a"], ends["b"]]), return_inverse=True)
    one, other = np.split(places, 2)
    count = len(numbers)
    _, found = connected_components(coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(count, count)), directed=False)
    # Accounts are numbered in the order of their ids, so the first of a cluster is the one of the least number.
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, found, numbers)
    con.register("links_clustered", pa.table({"n": numbers.astype(np.int64), "head": first[found].astype(np.int64)}))
    try:
        table = con.sql(
            f"""WITH names AS ({_NAMES})
            SELECT m.account_id, 'K-' || h.account_id AS cluster_id
            FROM links_clustered AS c JOIN names AS m ON m.n = c.n JOIN names AS h ON h.n = c.head ORDER BY h.account_id, m.account_id"""
        ).to_arrow_table()
    finally:
        con.unregister("links_clustered")
    return table.cast(CLUSTERS_SCHEMA)


def _write(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    partial = {name: folder / f".{name}.partial" for name in tables}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            pq.write_table(table, partial[name], compression="zstd")
        for name, path in partial.items():
            path.replace(folder / name)
    except OSError as error:
        raise UnusableInput(f"{folder}: cannot be written: {error.strerror or error}; give another folder with --out") from error
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True) if folder.is_dir() else None
