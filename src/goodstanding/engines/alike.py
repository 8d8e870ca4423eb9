"""Names, addresses and numbers that are nearly equal: records of one owner, told by Splink's model of how typing differs from difference.

The model is trained on the records themselves, without labels: how often fields agree by chance is counted on random pairs, how often they agree within one owner
follows by expectation maximisation. Few records are judged by the probabilities written here. Keys that hundreds share pair nobody, so no block explodes.
"""

# ruff: noqa: S608 - every name and expression is ours

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

FIELDS = ("name", "address", "town", "postcode", "phone", "email", "born", "number")
"""What a record may tell, as text: a person's or a company's name; street and house; place; its code; a day of birth or founding; a number of a register."""
PAIRS_SCHEMA = pa.schema([("a", pa.string()), ("b", pa.string()), ("probability", pa.float64())])
_LEAST_TO_TRAIN = 500
_MOST_IN_BLOCK = 300
_STREET_WORDS = (
    "st|street|ave|av|avenue|rd|road|blvd|boulevard|dr|drive|pl|place|ct|court|crescent|cres|n|s|e|w|north|south|east|west|floor|fl|suite|ste|unit"
)
_PLAIN = "nullif(trim(regexp_replace(lower(strip_accents({field}::VARCHAR)), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"
_WORDS = "list_distinct(string_split({text}, ' '))"
_STREET = _WORDS.format(text=f"trim(regexp_replace(regexp_replace(address, '\\b({_STREET_WORDS})\\b', ' ', 'g'), ' +', ' ', 'g'))")
_RECORDS = f"""
    WITH plain AS (SELECT record_id AS unique_id, {{plain}} FROM records)
    SELECT *, {_WORDS.format(text="name")} AS names, regexp_extract(address, '[0-9]+') AS house, list_sort({_STREET}) AS street
    FROM plain ORDER BY unique_id
"""
_KEYS = {
    "phone": "phone",
    "email": "email",
    "number": "number",
    "born": "born",
    "address": "address",
    "name": "name",
    "postcode": "house || postcode",
    "town": "house || town",
    "street": "street[1] || street[2]",
    "start": "left(name, 6)",
}
"""Records are compared where one of these is equal: key -> expression over a record."""
_TRAINED_ON = ("number", "phone", "born", "address")
"""Keys to train on, best first; two that do not lean on one field."""
_IN_COMMON = "len(list_intersect({0}_l, {0}_r)) * 1.0"
_JACCARD = f"{_IN_COMMON} / len(list_distinct(list_concat({{0}}_l, {{0}}_r)))"
_WITHIN = f"{_IN_COMMON} / least(len({{0}}_l), len({{0}}_r))"
_JARO = "jaro_winkler_similarity({0}_l, {0}_r)"
_LEVELS: Mapping[str, Sequence[tuple[str, float, float]]] = {
    "name": (
        ("name_l = name_r", 0.5, 0.0005),
        (f"{_JACCARD.format('names')} >= 0.6 OR {_JARO.format('name')} >= 0.95", 0.15, 0.001),
        (f"{_WITHIN.format('names')} >= 0.6 OR {_JARO.format('name')} >= 0.88", 0.15, 0.005),
        (f"{_WITHIN.format('names')} >= 0.3 OR {_JARO.format('name')} >= 0.75", 0.1, 0.1),
    ),
    "address": (
        ("address_l = address_r", 0.5, 0.0005),
        (f"(house_l = house_r AND {_WITHIN.format('street')} >= 0.6) OR {_JARO.format('address')} >= 0.95", 0.25, 0.002),
        (f"{_WITHIN.format('street')} >= 0.5 OR {_JARO.format('address')} >= 0.88", 0.1, 0.02),
    ),
} | {
    field: ((f"{field}_l = {field}_r", 0.8, likely), (f"damerau_levenshtein({field}_l, {field}_r) <= {typos}", 0.1, likely * 2))
    for field, likely, typos in (
        ("town", 0.01, 2),
        ("postcode", 0.01, 2),
        ("phone", 0.0005, 1),
        ("email", 0.0002, 2),
        ("born", 0.0005, 2),
        ("number", 0.0001, 2),
    )
}
"""Field -> its levels of agreement, best first: condition, and how likely it is within one owner and between strangers (source: ours)."""


def find_alike(records: pa.Table, at_least: float) -> pa.Table:
    """The pairs of records that are of one owner with a probability of at least so much: a < b, see `PAIRS_SCHEMA`.

    `records`: `record_id` and any of `FIELDS`; nulls and empty texts say nothing.
    """
    con = duckdb.connect(config={"python_enable_replacements": False})
    with con:
        fields = _prepare(con, records)
        if not fields:
            return PAIRS_SCHEMA.empty_table()
        predicted = _predict(con, fields, at_least)
        con.register("predicted", predicted)
        select = "SELECT least(unique_id_l, unique_id_r) AS a, greatest(unique_id_l, unique_id_r) AS b, match_probability AS probability FROM predicted ORDER BY a, b"
        return con.sql(select).to_arrow_table().cast(PAIRS_SCHEMA)


def groups_of(pairs: pa.Table) -> dict[str, str]:
    """Record -> the first of the records it hangs together with by pairs."""
    ids, places = np.unique(
        np.concatenate([pairs["a"].to_pylist(), pairs["b"].to_pylist()]) if pairs.num_rows else np.array([], str), return_inverse=True
    )
    one, other = np.split(places, 2)
    _, found = connected_components(coo_matrix((np.ones(len(one)), (one, other)), shape=(len(ids), len(ids))), directed=False)
    first: dict[int, str] = {}
    return {str(record): first.setdefault(int(group), str(record)) for record, group in zip(ids, found, strict=True)}


def _prepare(con: duckdb.DuckDBPyConnection, records: pa.Table) -> list[str]:
    """Make `comparable` with plain fields and keys for blocks; returns the fields that tell anything."""
    con.register("records", records)
    plain = ", ".join(
        f"{_PLAIN.format(field=field)} AS {field}" if field in records.column_names else f"NULL::VARCHAR AS {field}" for field in FIELDS
    )
    con.execute(f"CREATE TABLE plain AS {_RECORDS.format(plain=plain)}")
    keys = ", ".join(f"CASE WHEN count(*) OVER (PARTITION BY {key}) <= {_MOST_IN_BLOCK} THEN {key} END AS key_{name}" for name, key in _KEYS.items())
    con.execute(f"CREATE TABLE comparable AS SELECT *, {keys} FROM plain")
    counts = con.sql(f"SELECT {', '.join(f'count({field})' for field in FIELDS)} FROM comparable").fetchall()[0]
    return [field for field, count in zip(FIELDS, counts, strict=True) if count]


def _predict(con: duckdb.DuckDBPyConnection, fields: Sequence[str], at_least: float) -> pa.Table:
    # Splink takes a second to import, and only those who compare names need it.
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    quiet = logging.getLogger("splink")
    quiet.setLevel(logging.ERROR)
    ((many,),) = con.execute("SELECT count(*) FROM comparable").fetchall()
    blocks = [name for name, key in _KEYS.items() if con.execute(f"SELECT count(key_{name}) FROM comparable").fetchall() != [(0,)]]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(field) for field in fields],
        blocking_rules_to_generate_predictions=[block_on(f"key_{name}") for name in blocks],
        probability_two_random_records_match=1 / max(many, 2),
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register(con.table("comparable").to_arrow_table()), settings, log_level=None)
    if many >= _LEAST_TO_TRAIN:
        _train(linker, [block_on(f"key_{name}") for name in _TRAINED_ON if name in blocks][:2])
    table: pa.Table = linker.inference.predict(threshold_match_probability=at_least).as_duckdbpyrelation().to_arrow_table()
    return table


def _train(linker: Any, rules: Sequence[Any]) -> None:
    """What the records themselves tell; a rule that pairs too little to learn from leaves the probabilities as they are written here."""
    from splink.internals.exceptions import EMTrainingException

    if not rules:
        return
    linker.training.estimate_probability_two_random_records_match([rules[0]], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
        except EMTrainingException:
            continue


def _comparison(field: str) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [{"sql_condition": f"{field}_l IS NULL OR {field}_r IS NULL", "label_for_charts": "null", "is_null_level": True}]
    for number, (condition, within, between) in enumerate(_LEVELS[field]):
        levels.append({"sql_condition": condition, "label_for_charts": f"{number}", "m_probability": within, "u_probability": between})
    rest = [1 - sum(within for _, within, _ in _LEVELS[field]), 1 - sum(between for _, _, between in _LEVELS[field])]
    levels.append({"sql_condition": "ELSE", "label_for_charts": "else", "m_probability": rest[0], "u_probability": rest[1]})
    return {"output_column_name": field, "comparison_levels": levels}
