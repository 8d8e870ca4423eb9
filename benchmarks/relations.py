"""Related accounts against a known truth, and against other ways: `python -m benchmarks.relations [--accounts N ...] [--people] [--save]`.

Facts and truth are made by `goodstanding.synthetic.linked`; works read the facts folder alone, each in a process of its own, and leave scored pairs behind. Only then are these
compared with the truth. All works get the same hub cut. Pairs count through clusters: at each threshold of a work, accounts that hang together by pairs of at least
that score are one cluster, so that indirect evidence counts for everybody alike. `--people`: the near-equal names and addresses of public sets beside the checkout.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from goodstanding.engines import linking
from goodstanding.engines.alike import FIELDS, find_alike
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import EVERYTHING, FACTS_READ, take_uses
from goodstanding.engines.relating_files import write_relations
from goodstanding.packs.loader import load_pack
from goodstanding.synthetic.linked import EVADER, LOOK_ALIKES, RING, WEAK_RING, make_linked

RESULTS = Path(__file__).with_name("RESULTS.md")
LINKAGE = load_pack("amazon").linkage
assert LINKAGE is not None
STRONG_RULES = ("bank_account", "tax_id", "document", "company_number", "device", "payment_instrument", "phone", "email", "mac")
PLACES = ("wifi", "address", "ip")
CURVES_UP_TO, RIVALS_UP_TO = 1_000_000, 1_000_000
"""Accounts up to which curves are drawn, and up to which other ways are timed."""
PRECISIONS = (0.9, 0.92, 0.94, 0.96, 0.98, 0.99, 0.995, 1.0)
THRESHOLDS = 200
"""Of each work's scores, at which its curve is drawn; `relate` has fewer."""
Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def _memory(facts: Path) -> str:
    """What DuckDB is given; the process needs some more for what it writes."""
    return "900MB" if pq.read_metadata(facts / "accounts.parquet").num_rows <= RIVALS_UP_TO else "3GB"


def relate(facts: Path, out: Path) -> None:
    """`goodstanding relate`, files and all, with the reference pack."""
    con, _ = open_facts(FactSource(facts), kinds=FACTS_READ, memory_limit=_memory(facts))
    with con:
        take_uses(con, LINKAGE, EVERYTHING)
        linking.link(con, LINKAGE)
        write_relations(con, LINKAGE, out.with_suffix(""))
    table = pq.read_table(out.with_suffix("") / "relations.parquet", columns=["account_a", "account_b", "score"])
    pq.write_table(table, out)


def relate_low(facts: Path, out: Path) -> None:
    """The same with every pair that shares anything at all shown, for the curve."""
    linkage = replace(LINKAGE, relate_at=1)
    con, _ = open_facts(FactSource(facts), kinds=FACTS_READ)
    with con:
        take_uses(con, linkage, EVERYTHING)
        linking.link(con, linkage)
        con.execute(f"COPY (SELECT account_a, account_b, score FROM links.relations) TO '{out}'")


def _shared(facts: Path) -> duckdb.DuckDBPyConnection:
    """`shared`: account, kind, value, sharers after the hub cut that all works get."""
    con = duckdb.connect()
    con.execute(f"CREATE VIEW told AS SELECT DISTINCT account_id, kind, value FROM '{facts}/identifiers/*.parquet'")
    con.execute(
        f"""CREATE TABLE shared AS WITH few AS (SELECT kind, value, count(*) AS sharers FROM told GROUP BY ALL HAVING count(*) BETWEEN 2 AND {LINKAGE.hub})
        SELECT * FROM told JOIN few USING (kind, value)"""
    )
    return con


def any_identifier(facts: Path, out: Path) -> None:
    """A pair is related that shares any identifier; the more, the stronger."""
    con = _shared(facts)
    con.execute(
        f"""COPY (SELECT x.account_id AS account_a, y.account_id AS account_b, count(*) AS score FROM shared AS x JOIN shared AS y
        ON x.kind = y.kind AND x.value = y.value AND x.account_id < y.account_id GROUP BY ALL) TO '{out}'"""
    )


def _wide(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row an account: its shared values of each kind, all of them and the rare ones (two or three users; of places up to six) apart."""
    columns = ", ".join(
        f"coalesce(list(value) FILTER (kind = '{kind}'), []) AS {kind}, "
        f"coalesce(list(value) FILTER (kind = '{kind}' AND sharers <= {6 if kind in PLACES else 3}), []) AS {kind}_rare"
        for kind in (*STRONG_RULES, *PLACES)
    )
    return con.sql(f"SELECT account_id AS unique_id, {columns} FROM shared GROUP BY account_id ORDER BY account_id").to_arrow_table()


def splink_rules(facts: Path, out: Path) -> None:
    """Splink, deterministic: rules from the strictest to the loosest; a pair's score is the first rule that it meets."""
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    con = _shared(facts)
    both = [f"{kind}_rare" for kind in STRONG_RULES] + list(STRONG_RULES) + [f"{kind}_rare" for kind in PLACES] + list(PLACES)
    rules = [block_on(kind, arrays_to_explode=[kind]) for kind in both]
    linker = Linker(
        DuckDBAPI(connection=con).register(_wide(con)), SettingsCreator("dedupe_only", [], rules, retain_matching_columns=False), log_level=None
    )
    found = linker.inference.deterministic_link().as_duckdbpyrelation().to_arrow_table()
    con.register("found", found)
    con.execute(
        f"""COPY (SELECT least(unique_id_l, unique_id_r) AS account_a, greatest(unique_id_l, unique_id_r) AS account_b,
        {len(rules)} - min(match_key::INTEGER) AS score FROM found GROUP BY ALL) TO '{out}'"""
    )


def splink_model(facts: Path, out: Path) -> None:
    """Splink, probabilistic: rare and common values as levels of their own, places as one comparison, u counted exactly, m by expectation maximisation."""
    _splink(facts, out, is_tuned=False)


def splink_tuned(facts: Path, out: Path) -> None:
    """Splink, tuned by hand: the same, but places say little, and so do what is shared by two of one place (a family) and what many share (an agency); m written by hand, u counted."""
    _splink(facts, out, is_tuned=True)


def _splink(facts: Path, out: Path, *, is_tuned: bool) -> None:
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    con = _shared(facts)
    wide = _wide(con)
    accounts = pq.read_metadata(facts / "accounts.parquet").num_rows
    total = accounts * (accounts - 1) / 2
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_strong(con, kind, total, is_tuned) for kind in STRONG_RULES] + [_places(con, total, is_tuned)],
        blocking_rules_to_generate_predictions=[block_on(kind, arrays_to_explode=[kind]) for kind in (*STRONG_RULES, *PLACES)],
        probability_two_random_records_match=accounts * 0.2 / total,
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection=con).register(wide), settings, log_level=None)
    for kind in () if is_tuned else ("device", "phone", "email"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(f"{kind}_rare[1]"), fix_probability_two_random_records_match=True, record_sample_proportion=1.0
        )
    found = linker.inference.predict().as_duckdbpyrelation().to_arrow_table()
    con.register("found", found)
    con.execute(
        f"""COPY (SELECT least(unique_id_l, unique_id_r) AS account_a, greatest(unique_id_l, unique_id_r) AS account_b, match_weight AS score
        FROM found) TO '{out}'"""
    )


def _pairs_sharing(con: duckdb.DuckDBPyConnection, condition: str) -> float:
    pairs = con.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT x.account_id, y.account_id FROM shared AS x JOIN shared AS y ON x.kind = y.kind AND x.value = y.value "
        f"AND x.account_id < y.account_id WHERE {condition})"
    ).fetchall()[0][0]
    return float(max(pairs, 1))


def _level(condition: str, label: str, within: float, between: float) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": label, "m_probability": within, "u_probability": between, "fix_u_probability": True}


def _strong(con: duckdb.DuckDBPyConnection, kind: str, total: float, is_tuned: bool) -> dict[str, Any]:
    rare = _pairs_sharing(con, f"x.kind = '{kind}' AND x.sharers <= 3") / total
    common = _pairs_sharing(con, f"x.kind = '{kind}' AND x.sharers > 3") / total
    is_rare = f"len(list_intersect({kind}_rare_l, {kind}_rare_r)) > 0"
    at_home = _level(f"{is_rare} AND {' + '.join(_AT_PLACES)} > 0", "rare, at one place", rare * 8, rare)
    levels = [
        *([at_home] if is_tuned and kind not in ("bank_account", "tax_id", "document", "company_number") else []),
        _level(is_rare, "rare", 0.2, rare),
        _level(f"len(list_intersect({kind}_l, {kind}_r)) > 0", "common", common * 2 if is_tuned else 0.05, common),
        _level("ELSE", "else", 0.75, 1 - rare - common),
    ]
    return {"output_column_name": kind, "comparison_levels": levels}


_AT_PLACES = [f"(len(list_intersect({kind}_rare_l, {kind}_rare_r)) > 0)::INTEGER" for kind in PLACES]


def _places(con: duckdb.DuckDBPyConnection, total: float, is_tuned: bool) -> dict[str, Any]:
    some = _pairs_sharing(con, "x.kind IN ('wifi', 'address', 'ip') AND x.sharers <= 6") / total
    levels = [
        _level(f"{' + '.join(_AT_PLACES)} = 3", "all", some * 4 if is_tuned else 0.1, some / 4),
        _level(f"{' + '.join(_AT_PLACES)} = 2", "two", some * 4 if is_tuned else 0.1, some / 4),
        _level(f"{' + '.join(_AT_PLACES)} = 1", "one", some * 4 if is_tuned else 0.1, some / 2),
        _level("ELSE", "else", 0.7, 1 - some),
    ]
    return {"output_column_name": "place", "comparison_levels": levels}


def scan(facts: Path, out: Path) -> None:
    """Read every use once and nothing more: the least that any answer costs."""
    con = duckdb.connect()
    con.execute(
        f"SELECT count(*), min(account_id), max(value), max(kind), min(first_seen), max(last_seen) FROM '{facts}/identifiers/*.parquet'"
    ).fetchall()
    pq.write_table(pa.table({"account_a": pa.array([], pa.string()), "account_b": pa.array([], pa.string()), "score": pa.array([], pa.int32())}), out)


WORKS: dict[str, Callable[[Path, Path], None]] = {
    "scan": scan,
    "relate": relate,
    "relate_low": relate_low,
    "any_identifier": any_identifier,
    "splink_rules": splink_rules,
    "splink_model": splink_model,
    "splink_tuned": splink_tuned,
}


class Truth:
    """Who belongs together, as numbers; accounts of no ring are a group of their own."""

    def __init__(self, path: Path, accounts: int) -> None:
        table = pq.read_table(path)
        who = _numbers(table["account_id"])
        self.accounts = accounts
        self.story = np.full(accounts, "", dtype="U16")
        self.story[who] = table["story"].to_numpy(zero_copy_only=False)
        self.group = np.arange(accounts) + 10**9
        rings = np.isin(self.story, (RING, EVADER, WEAK_RING))
        group = np.zeros(accounts, np.int64)
        group[who] = table["group_id"].to_numpy()
        self.group[rings] = group[rings]

    def pairs_of(self, stories: Sequence[str], label: np.ndarray) -> tuple[int, int]:
        """Pairs of one ring of these stories that a labelling puts together, and all there are."""
        chosen = np.isin(self.story, stories)
        # One number for both, as whole numbers sort much faster than columns.
        _, both = np.unique(label[chosen].astype(np.int64) * (2 * 10**9) + self.group[chosen], return_counts=True)
        return _pairs(both), _pairs(np.unique(self.group[chosen], return_counts=True)[1])

    def whole(self, stories: Sequence[str], label: np.ndarray) -> float:
        """The share of rings that are found whole: all members in one cluster, and nobody else in it."""
        chosen = np.isin(self.story, stories)
        group, inverse, size = np.unique(self.group[chosen], return_inverse=True, return_counts=True)
        first = np.zeros(len(group), np.int64)
        first[inverse] = label[chosen]
        together = np.bincount(inverse, label[chosen] == first[inverse]).astype(int) == size
        return float((together & (np.bincount(label)[first] == size)).mean())


def _numbers(ids: pa.ChunkedArray) -> np.ndarray:
    return pa.compute.utf8_slice_codeunits(ids, 1).cast(pa.int64()).to_numpy()


def _pairs(counts: np.ndarray) -> int:
    return int((counts.astype(np.int64) * (counts - 1) // 2).sum())


def _read(path: Path) -> Pairs:
    table = pq.read_table(path)
    return _numbers(table["account_a"]), _numbers(table["account_b"]), table["score"].to_numpy().astype(float)


def _labels(truth: Truth, pairs: Pairs, least: float) -> np.ndarray:
    one, other, score = pairs
    chosen = score >= least
    graph = coo_matrix((np.ones(chosen.sum(), np.int8), (one[chosen], other[chosen])), shape=(truth.accounts, truth.accounts))
    return connected_components(graph, directed=False)[1]


def strong_rings(truth: Truth, pairs: Pairs) -> dict[str, float]:
    """How well rings with strong identifiers are found at the pack's own threshold."""
    label = _labels(truth, pairs, LINKAGE.cluster_at)
    sizes = np.bincount(label)
    kinds = (RING, EVADER)
    right = truth.pairs_of((*kinds, WEAK_RING), label)[0]
    found, there = truth.pairs_of(kinds, label)
    lowest, highest = np.full(len(sizes), np.iinfo(np.int64).max), np.zeros(len(sizes), np.int64)
    np.minimum.at(lowest, label, truth.group)
    np.maximum.at(highest, label, truth.group)
    clusters = sizes > 1
    return {
        "pair_precision": right / max(_pairs(sizes), 1),
        "pair_recall": found / there,
        "cluster_precision": float((lowest == highest)[clusters].mean()),
        "cluster_recall": truth.whole(kinds, label),
        "look_alikes_in_clusters": int((clusters[label] & np.isin(truth.story, LOOK_ALIKES)).sum()),
        "largest": int(sizes.max()),
        "clusters": int(clusters.sum()),
    }


def weak_curve(truth: Truth, pairs: Pairs) -> tuple[list[float], list[float]]:
    """The best recall of weak rings at each of `PRECISIONS`: of pairs outside strong rings, and of all pairs together."""
    points, overall = [], []
    for least in np.unique(np.quantile(np.unique(pairs[2]), np.linspace(0, 1, THRESHOLDS), method="nearest")):
        label = _labels(truth, pairs, least)
        found, there = truth.pairs_of((WEAK_RING,), label)
        strong = truth.pairs_of((RING, EVADER), label)[0]
        shown = _pairs(np.bincount(label))
        points.append((found / max(shown - strong, 1), found / there))
        overall.append(((found + strong) / max(shown, 1), found / there))
    first, second = ([max((r for p, r in drawn if p >= wanted), default=0.0) for wanted in PRECISIONS] for drawn in (points, overall))
    return first, second


class _Without:
    """Hides a package from this process. pyarrow imports pandas where it finds it, which takes a second; only development needs it here."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse the package, and leave every other one to the finders that follow."""
        if name.partition(".")[0] == self.package:
            raise ModuleNotFoundError(name)


def one(work: str, facts: Path, out: Path) -> None:
    """One run of one work in this process: prints processor seconds and the most memory, as JSON."""
    if not work.startswith("splink"):
        sys.meta_path.insert(0, _Without("pandas"))
    WORKS[work](facts, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": _peak()}))


def _peak() -> int:
    """The most memory this process ever held, in bytes; Linux's `ru_maxrss` would count what the parent held when it forked."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(work: str, facts: Path, out: Path) -> dict[str, float] | None:
    """The same in a process of its own, from its start to its end; None where it failed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.relations", "--one", work, str(facts), str(out)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(work, [line for line in done.stderr.splitlines() if "Error" in line or "xception" in line][-1:] or done.returncode, file=sys.stderr)
        return None
    result: dict[str, float] = json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{")))
    return result | {"seconds": time.perf_counter() - start}


def size(folder: Path, accounts: int, rounds: int, works: Sequence[str], seed: int) -> str:
    """All works at one size, as a section of the results."""
    base = folder / f"{accounts}"
    base.mkdir(parents=True, exist_ok=True)
    facts, told = base / "facts", base / "truth.parquet"
    make_linked(seed, facts, told, accounts)
    uses = sum(pq.read_metadata(path).num_rows for path in (facts / "identifiers").glob("*.parquet"))
    truth = Truth(told, accounts)
    lines = [f"### {accounts:,} accounts, {uses:,} uses", "", "| work | seconds | processor seconds | peak memory, GiB |", "|---|---|---|---|"]
    curves, quality = {}, {}
    for work in works:
        out = base / f"{work}.parquet"
        runs = [run for _ in range(rounds if work == "relate" else 1) if (run := measure(work, facts, out))]
        if not runs:
            lines.append(f"| {work} | failed | | |")
            continue
        seconds, processor, peak = (np.median([run[key] for run in runs]) for key in ("seconds", "cpu", "peak"))
        lines.append(f"| {work} | {seconds:.1f} | {processor:.1f} | {peak / 2**30:.2f} |")
        print(lines[-1], file=sys.stderr)
        if work == "relate":
            quality = strong_rings(truth, _read(out))
        elif work != "scan" and accounts <= CURVES_UP_TO:
            curves[work] = weak_curve(truth, _read(out))
    lines += [
        "",
        "Strong rings and evaders at the pack's `cluster_at`: " + ", ".join(f"{name} {_figure(value)}" for name, value in quality.items()) + ".",
        "",
    ]
    for number, of in enumerate(("pairs outside strong rings", "all pairs") if curves else ()):
        lines += [f"Weak rings: the best recall (pairs through clusters) at a precision, of {of}, of at least", ""]
        lines += ["| work | " + " | ".join(f"{p}" for p in PRECISIONS) + " |", "|---" * (len(PRECISIONS) + 1) + "|"]
        lines += [f"| {work} | " + " | ".join(f"{recall:.3f}" for recall in curve[number]) + " |" for work, curve in curves.items()] + [""]
    return "\n".join(lines) + "\n"


def _works(asked: Sequence[str], accounts: int) -> list[str]:
    """What runs at a size."""
    if accounts <= CURVES_UP_TO:
        return list(asked)
    timed = ("scan", "relate", "splink_rules", "splink_model") if accounts <= RIVALS_UP_TO else ("scan", "relate")
    return [work for work in asked if work in timed]


def _figure(value: float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else f"{value}"


PEOPLE: dict[str, tuple[str, str, dict[str, str]]] = {
    **{
        f"febrl{n}": (
            "rec_id",
            "entity_id",
            {
                "name": "concat_ws(' ', given_name, surname)",
                "address": "concat_ws(' ', street_number, address_1, address_2)",
                "town": "suburb",
                "postcode": "postcode",
                "born": "date_of_birth",
                "number": "soc_sec_id",
            },
        )
        for n in (1, 2, 3)
    },
    "dedupe_chicago_childcare": ("id", "true_id", {"name": "site_name", "address": "address", "postcode": "zip", "phone": "phone"}),
}
"""Set -> its column of ids, its column of truth (read only to compare), and what its other columns tell."""


def people(at_least: float) -> str:
    """Near-equal names, addresses and numbers of public sets: one setting for all."""
    data = Path(os.environ.get("GOODSTANDING_DATA", "../shared/data")) / "linkage"
    lines = [
        f"### Names and addresses (`engines/alike`, probability at least {at_least})",
        "",
        "| set | records | precision | recall | pair F1 | F1 through clusters | seconds |",
        "|---" * 7 + "|",
    ]
    for name, (record, entity, told) in PEOPLE.items():
        path = data / f"{name}.parquet"
        if not path.is_file():
            lines.append(f"| {name} | not there | | | | | |")
            continue
        start = time.perf_counter()
        columns = ", ".join(f"{told[field]} AS {field}" for field in FIELDS if field in told)
        pairs = find_alike(duckdb.sql(f"SELECT {record}::VARCHAR AS record_id, {columns} FROM '{path}'").to_arrow_table(), at_least)
        seconds = time.perf_counter() - start
        true = dict(duckdb.sql(f"SELECT {record}::VARCHAR, {entity}::VARCHAR FROM '{path}'").fetchall())
        ids = {record: number for number, record in enumerate(true)}
        one, other = ([ids[record] for record in pairs[side].to_pylist()] for side in ("a", "b"))
        group = np.unique(list(true.values()), return_inverse=True)[1]
        there, right = _pairs(np.bincount(group)), int((group[one] == group[other]).sum())
        label = connected_components(coo_matrix((np.ones(len(one)), (one, other)), shape=(len(ids), len(ids))), directed=False)[1]
        both = _pairs(np.unique(np.stack([label, group]), axis=1, return_counts=True)[1])
        f_pairs, f_clusters = 2 * right / (len(one) + there), 2 * both / (_pairs(np.bincount(label)) + there)
        lines.append(f"| {name} | {len(ids):,} | {right / len(one):.3f} | {right / there:.3f} | {f_pairs:.3f} | {f_clusters:.3f} | {seconds:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relations", description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="*", default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument("--works", nargs="*", choices=WORKS, default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--save", action="store_true", help=f"add the tables to {RESULTS.name}")
    parser.add_argument("--one", nargs=3, metavar=("WORK", "FACTS", "OUT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one[0], Path(asked.one[1]), Path(asked.one[2]))
        return
    with tempfile.TemporaryDirectory(prefix="goodstanding-bench-") as made:
        folder = asked.folder or Path(made)
        parts = [size(folder, many, asked.rounds, _works(asked.works, many), asked.seed) for many in asked.accounts]
        parts += [people(LINKAGE.alike_at / 100)] if asked.people else []
    print("\n".join(parts))
    if asked.save:
        with RESULTS.open("a", encoding="utf-8") as page:
            page.write("\n" + "\n".join(parts))


if __name__ == "__main__":
    main()
