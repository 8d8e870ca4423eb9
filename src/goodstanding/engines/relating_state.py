"""Relations that go on: a file keeps what was told so far and what came of it, and new facts change only the pairs they touch.

A new sign-in or identifier touches every pair of accounts that shares its value, before or after, since the number of its users changed for all of them; a new
account or action touches the pairs of its account. These pairs are weighed again with everything they share, so the result is that of one run over all facts.
The file is one DuckDB database, changed in one transaction: an interrupted run is simply run again.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS, FactKind
from goodstanding.core.linkage.company import LEAST
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.engines import linking, quoting
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.loading import load_facts, open_facts
from goodstanding.engines.reading import WORK, first_line
from goodstanding.engines.relating import ENFORCED, EVERYTHING, FACTS_READ, LIVES, TOLD, enforcing, prepare, told_parameters

STATE_FILE = "relations.duckdb"
_FORMAT = 2
_KEPT = """
    CREATE SCHEMA IF NOT EXISTS kept.links;
    CREATE TABLE kept.links.uses (told_by VARCHAR, account_id VARCHAR, kind VARCHAR, value VARCHAR, first_seen TIMESTAMP, last_seen TIMESTAMP);
    CREATE TABLE kept.links.lives (account_id VARCHAR, opened DATE);
    CREATE TABLE kept.links.strikes (account_id VARCHAR, action_id VARCHAR, since DATE, until DATE);
    CREATE TABLE kept.links.relations (account_a VARCHAR, account_b VARCHAR, score INTEGER, successor VARCHAR);
    CREATE TABLE kept.links.evidence (account_a VARCHAR, account_b VARCHAR, kind VARCHAR, value VARCHAR, sharers BIGINT, share INTEGER,
        first_a TIMESTAMP, last_a TIMESTAMP, first_b TIMESTAMP, last_b TIMESTAMP, use_order VARCHAR, doubt VARCHAR, company BOOLEAN);
    CREATE TABLE kept.links.about (format INTEGER, pack VARCHAR, batches INTEGER);
"""
_VIEWS = """
    CREATE VIEW links.all_uses AS
        SELECT u.* FROM kept.links.uses AS u
        ANTI JOIN told.identifiers_keys AS k ON u.told_by IS NULL AND u.account_id = k.account_id AND u.kind = k.kind AND u.value = k.value
        ANTI JOIN told.sign_ins_keys AS s ON u.told_by = s.sign_in_id
        UNION ALL SELECT * FROM told.uses;
    CREATE VIEW links.all_lives AS SELECT * FROM kept.links.lives ANTI JOIN told.accounts_keys USING (account_id) UNION ALL SELECT * FROM told.lives;
    CREATE VIEW links.all_strikes AS SELECT * FROM kept.links.strikes ANTI JOIN told.actions_keys USING (action_id) UNION ALL SELECT * FROM told.strikes;
"""
_TOUCHED = """
    CREATE TABLE links.before AS
        SELECT * FROM kept.links.uses SEMI JOIN told.identifiers_keys USING (account_id, kind, value) WHERE told_by IS NULL
        UNION ALL SELECT * FROM kept.links.uses WHERE told_by IN (SELECT sign_in_id FROM told.sign_ins_keys);
    CREATE TABLE links.touched AS SELECT DISTINCT kind, value FROM (
        (SELECT * FROM links.before EXCEPT SELECT * FROM told.uses) UNION ALL (SELECT * FROM told.uses EXCEPT SELECT * FROM links.before));
    CREATE TABLE links.moved AS SELECT DISTINCT account_id FROM (
        (SELECT account_id, opened FROM told.lives EXCEPT SELECT * FROM kept.links.lives)
        UNION ALL (SELECT * FROM kept.links.lives SEMI JOIN told.accounts_keys USING (account_id) EXCEPT SELECT * FROM told.lives)
        UNION ALL (SELECT account_id, since FROM (SELECT * FROM told.strikes EXCEPT SELECT * FROM kept.links.strikes))
        UNION ALL (SELECT account_id, since FROM (SELECT * FROM kept.links.strikes SEMI JOIN told.actions_keys USING (action_id) EXCEPT SELECT * FROM told.strikes)));
"""
# Pairs that share what was touched, or of whom one moved and that share anything; hubs make none, before or after.
_PAIRS = """
    SELECT account_a, account_b FROM (
        WITH near AS (SELECT kind, value FROM links.touched UNION SELECT kind, value FROM {uses} SEMI JOIN links.moved USING (account_id)),
        users AS (SELECT DISTINCT account_id, kind, value FROM {uses} SEMI JOIN near USING (kind, value)),
        few AS (SELECT kind, value FROM users GROUP BY ALL HAVING count(*) BETWEEN 2 AND {hub}),
        sharing AS (SELECT * FROM users SEMI JOIN few USING (kind, value))
        SELECT x.account_id AS account_a, y.account_id AS account_b
        FROM sharing AS x JOIN sharing AS y ON x.kind = y.kind AND x.value = y.value AND x.account_id < y.account_id)
"""
# Pairs in company with these: they share with both what so few use that one pair may vouch for another (`core.linkage.company`).
_COMPANY = """
    SELECT least(e, u.account_id) AS account_a, greatest(e, u.account_id) AS account_b FROM (
        WITH users AS (SELECT DISTINCT account_id, kind, value FROM {uses}),
        near AS (SELECT kind, value FROM users SEMI JOIN (SELECT account_a AS account_id FROM {pairs} UNION SELECT account_b FROM {pairs}) USING (account_id)),
        few AS (SELECT kind, value FROM users SEMI JOIN near USING (kind, value) GROUP BY ALL HAVING count(*) BETWEEN {least} AND {home_size}),
        sharing AS (SELECT * FROM users SEMI JOIN few USING (kind, value))
        SELECT unnest([account_a, account_b]) AS e, account_a, account_b, u.account_id
        FROM {pairs} JOIN sharing AS x ON x.account_id = account_a JOIN sharing AS y ON y.account_id = account_b AND y.kind = x.kind AND y.value = x.value
        JOIN sharing AS u ON u.kind = x.kind AND u.value = x.value) AS u
    WHERE u.account_id NOT IN (account_a, account_b)
"""
_NUMBERED = f"""
    CREATE OR REPLACE TABLE links.people AS SELECT row_number() OVER (ORDER BY account_id)::INTEGER AS n, account_id
        FROM (SELECT account_a AS account_id FROM links.joined_relations UNION SELECT account_b FROM links.joined_relations);
    CREATE OR REPLACE TABLE {linking.RELATIONS} AS SELECT x.n AS a, y.n AS b, r.*
        FROM links.joined_relations AS r JOIN links.people AS x ON x.account_id = account_a JOIN links.people AS y ON y.account_id = account_b;
    CREATE OR REPLACE TABLE {linking.EVIDENCE} AS SELECT a, b, dense_rank() OVER (ORDER BY kind, value)::INTEGER AS piece, e.* EXCLUDE (account_a, account_b)
        FROM links.joined_evidence AS e JOIN {linking.RELATIONS} AS r ON r.account_a = e.account_a AND r.account_b = e.account_b;
"""
_EVIDENCE = "kind, value, sharers, share, first_a, last_a, first_b, last_b, use_order, doubt, company"


class RelatingState:
    """A state folder. `memory` (like "4GB") limits DuckDB."""

    def __init__(self, folder: Path, memory: str | None = None) -> None:
        self._path, self._memory = folder / STATE_FILE, memory
        self.con: duckdb.DuckDBPyConnection

    @contextmanager
    def extended(self, source: FactSource, pack: PolicyPack, linkage: Linkage, progress: Progress | None = None) -> Iterator[tuple[Finding, ...]]:
        """Take in new facts; inside the block, which is given what could not be used of them, the connection's `links.*` holds the relations of all facts.

        What was taken in is kept when the block ends well. Raises UnusableInput where the state cannot be read or written, or is another version's.
        """
        self.con, findings = open_facts(source, kinds=FACTS_READ, memory_limit=self._memory, progress=progress)
        with self.con, self._attached():
            step = _Extension(self.con, linkage)
            findings += step.take_in(pack.digest)
            yield findings
            step.keep()

    @contextmanager
    def _attached(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.con.execute(f"ATTACH {quoting.literal(str(self._path))} AS kept")
            self._prepare()
        except (OSError, duckdb.Error) as error:
            said = error.strerror if isinstance(error, OSError) else first_line(error)
            raise UnusableInput(f"{self._path}: cannot be used as state: {said}; give another folder with --state") from error
        yield

    def _prepare(self) -> None:
        tables = {name for (name,) in self.con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'kept'").fetchall()}
        if not tables:
            self.con.execute("BEGIN")
            self.con.execute(_KEPT)
            for kind in (KINDS[name] for name in FACTS_READ):
                self.con.execute(f"CREATE TABLE kept.links.told_{kind.name} AS SELECT 0 AS batch, {_columns(kind)} FROM facts.{kind.name} LIMIT 0")
            self.con.execute(f"INSERT INTO kept.links.about VALUES ({_FORMAT}, NULL, 0)")
            self.con.execute("COMMIT")
        elif "about" not in tables:
            raise UnusableInput(f"{self._path}: is no state of goodstanding; give another folder with --state")
        elif (found := self.con.execute("SELECT format FROM kept.links.about").fetchall()) != [(_FORMAT,)]:
            raise UnusableInput(
                f"{self._path}: was written by another version (format {found[0][0]}, not {_FORMAT}); give another folder with --state"
            )


class _Extension:
    """One run's way from kept relations and new facts to relations of everything; only `keep` writes to the state."""

    def __init__(self, con: duckdb.DuckDBPyConnection, linkage: Linkage) -> None:
        self.con, self.linkage = con, linkage
        ((self.pack, self.batch),) = con.execute("SELECT pack, batches + 1 FROM kept.links.about").fetchall()
        con.execute("CREATE SCHEMA told; CREATE SCHEMA links")

    def take_in(self, digest: str) -> tuple[Finding, ...]:
        """Fill `links.*` for all facts told so far. Returns which new rows contradict earlier ones."""
        self._note()
        findings = self._resolve() if self.batch > 1 else ()
        self._say_now()
        is_afresh, self.pack = self.pack != digest, digest
        if is_afresh:
            self._weigh(None)
        else:
            self._find_touched()
            self._weigh("links.weighed")
        self._join_up(is_afresh)
        return findings

    def keep(self) -> None:
        """Write what is new into the state, all or nothing."""
        con = self.con
        con.execute("BEGIN")
        for name in FACTS_READ:
            con.execute(f"INSERT INTO kept.links.told_{name} SELECT {self.batch}, * FROM told.{name}_rows")
        con.execute(
            "DELETE FROM kept.links.uses AS u USING told.identifiers_keys AS k WHERE told_by IS NULL AND u.account_id = k.account_id AND u.kind = k.kind AND u.value = k.value"
        )
        con.execute("DELETE FROM kept.links.uses WHERE told_by IN (SELECT sign_in_id FROM told.sign_ins_keys)")
        con.execute("DELETE FROM kept.links.lives WHERE account_id IN (SELECT account_id FROM told.accounts_keys)")
        con.execute("DELETE FROM kept.links.strikes WHERE action_id IN (SELECT action_id FROM told.actions_keys)")
        for name in ("uses", "lives", "strikes"):
            con.execute(f"INSERT INTO kept.links.{name} SELECT * FROM told.{name}")
        for name in ("relations", "evidence"):
            con.execute(f"DELETE FROM kept.links.{name} AS r USING links.gone AS g WHERE r.account_a = g.account_a AND r.account_b = g.account_b")
            con.execute(f"INSERT INTO kept.links.{name} SELECT * FROM links.new_{name}")
        con.execute("UPDATE kept.links.about SET pack = $pack, batches = $batch", {"pack": self.pack, "batch": self.batch})
        con.execute("COMMIT")

    def _note(self) -> None:
        """The usable rows of the new facts, in the order of their files, and the keys they are about."""
        has = {name for (name,) in self.con.execute(f"SELECT table_name FROM duckdb_columns() WHERE schema_name = '{WORK}' GROUP BY ALL").fetchall()}
        for kind in (KINDS[name] for name in FACTS_READ):
            rows = f"{WORK}.{kind.name}_checked WHERE NOT __bad" if f"{kind.name}_checked" in has else f"facts.{kind.name}"
            self.con.execute(f"CREATE TABLE told.{kind.name}_rows AS SELECT {_columns(kind)} FROM {rows}")
            self.con.execute(f"CREATE TABLE told.{kind.name}_keys AS SELECT DISTINCT {_keys(kind)} FROM told.{kind.name}_rows")

    def _resolve(self) -> tuple[Finding, ...]:
        """Load all rows ever told of the keys that were told now, so that the loader itself says which of them count."""
        work = Path(tempfile.mkdtemp(prefix="goodstanding-"))
        atexit.register(shutil.rmtree, work, ignore_errors=True)
        newest = f"{self.batch:06}.parquet"
        for kind in (KINDS[name] for name in FACTS_READ):
            (work / kind.name).mkdir()
            earlier = f"SELECT {_columns(kind)} FROM kept.links.told_{kind.name} SEMI JOIN told.{kind.name}_keys USING ({_keys(kind)}) ORDER BY batch, rowid"
            self.con.execute(f"COPY ({earlier}) TO {quoting.literal(str(work / kind.name / '000000.parquet'))}")
            self.con.execute(f"COPY (SELECT * FROM told.{kind.name}_rows) TO {quoting.literal(str(work / kind.name / newest))}")
        found = load_facts(self.con, FactSource(work), kinds=FACTS_READ)
        # Contradictions within the batch are told of by its own loading already.
        return tuple(f for f in found if f.code == "conflict" and newest in f.where and newest not in f.message)

    def _say_now(self) -> None:
        """What the keys told now say now, and views of everything as it was and as it is."""
        parameters = told_parameters(self.linkage, EVERYTHING)
        self.con.execute(f"CREATE TABLE told.uses AS SELECT * FROM ({TOLD}) WHERE value IS NOT NULL", parameters)
        self.con.execute(f"CREATE TABLE told.lives AS {LIVES}", {"as_of": EVERYTHING})
        self.con.execute(f"CREATE TABLE told.strikes AS {ENFORCED}", enforcing(EVERYTHING))
        self.con.execute(_VIEWS)

    def _find_touched(self) -> None:
        """`links.changed`: the pairs whose relation may have changed, by their evidence or their company; `links.weighed`: also those who may vouch for them."""
        self.con.execute(_TOUCHED)
        affected = " UNION ".join(_PAIRS.format(uses=uses, hub=self.linkage.hub) for uses in ("kept.links.uses", "links.all_uses"))
        self.con.execute(f"CREATE TABLE links.affected AS {affected}")
        self.con.execute(
            f"CREATE TABLE links.changed AS FROM links.affected UNION {self._company('links.affected', 'kept.links.uses')} UNION {self._company('links.affected')}"
        )
        self.con.execute(f"CREATE TABLE links.weighed AS FROM links.changed UNION {self._company('links.changed')}")

    def _company(self, pairs: str, uses: str = "links.all_uses") -> str:
        return _COMPANY.format(pairs=pairs, uses=uses, least=LEAST, home_size=self.linkage.home_size)

    def _weigh(self, only: str | None) -> None:
        """Relations of the pairs `only` (None: all), from everything that is known of their accounts."""
        if only:
            self.con.execute(f"CREATE TABLE links.concerned AS SELECT account_a AS account_id FROM {only} UNION SELECT account_b FROM {only}")
            self.con.execute(
                "CREATE TABLE links.their AS SELECT DISTINCT kind, value FROM links.all_uses SEMI JOIN links.concerned USING (account_id)"
            )
            told = "(SELECT * FROM links.all_uses SEMI JOIN links.their USING (kind, value))"
        else:
            told = "links.all_uses"
        prepare(self.con, self.linkage, told)
        self.con.execute(f"CREATE TABLE {linking.LIVES} AS SELECT * FROM links.all_lives")
        self.con.execute(f"CREATE TABLE {linking.STRIKES} AS SELECT account_id, since, until FROM links.all_strikes")
        linking.link(self.con, self.linkage, only=only)

    def _join_up(self, is_afresh: bool) -> None:
        """The relations that are new, the pairs whose kept ones are gone, and both together as `linking.link` leaves them."""
        con = self.con
        kept = "" if is_afresh else " SEMI JOIN links.changed USING (account_a, account_b)"
        con.execute(f"CREATE TABLE links.new_relations AS SELECT account_a, account_b, score, successor FROM {linking.RELATIONS}{kept}")
        con.execute(
            f"CREATE TABLE links.new_evidence AS SELECT account_a, account_b, {_EVIDENCE} FROM {linking.EVIDENCE} JOIN {linking.RELATIONS} USING (a, b){kept}"
        )
        con.execute(f"CREATE TABLE links.gone AS SELECT account_a, account_b FROM {'kept.links.relations' if is_afresh else 'links.changed'}")
        for name in ("relations", "evidence"):
            con.execute(
                f"CREATE OR REPLACE TABLE links.joined_{name} AS SELECT * FROM kept.links.{name} ANTI JOIN links.gone USING (account_a, account_b) "
                f"UNION ALL SELECT * FROM links.new_{name}"
            )
        con.execute(_NUMBERED)


def _columns(kind: FactKind) -> str:
    return ", ".join(quoting.name(column.name) for column in kind.columns)


def _keys(kind: FactKind) -> str:
    return ", ".join(map(quoting.name, kind.key))
