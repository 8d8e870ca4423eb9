"""What a batch of new facts bears on among the facts of earlier batches, laid out as two folders of facts: as they were, and as they are now.

Orders are touched as wholes, with all defects, returns and complaints about them; messages and complaints by themselves, sign-ins by account.
All rows of a key go together, since what one of them counts for hangs on the others.
"""

# ruff: noqa: S608 - every name and path is quoted by `quoting`

from dataclasses import dataclass
from pathlib import Path

import duckdb

from goodstanding.core.facts import KINDS
from goodstanding.engines import quoting
from goodstanding.engines.base import FactSource

ABOUT_ORDERS = ("defects", "returns", "complaints")
_COUNTED = ("orders", *ABOUT_ORDERS, "messages", "sign_ins")


@dataclass(frozen=True, slots=True)
class Parts:
    """The facts of a state folder, a Parquet file a kind and batch; `newest` is the last batch that counts."""

    folder: Path
    newest: int

    def of(self, kind: str) -> list[Path]:
        """All parts of a kind that count, oldest first."""
        return sorted(path for path in (self.folder / kind).glob("*.parquet") if int(path.stem) <= self.newest)

    def new(self, kind: str) -> str:
        """The newest batch's rows of a kind, as a relation."""
        return self._relation(kind, [path for path in self.of(kind) if int(path.stem) == self.newest])

    def earlier(self, kind: str) -> str:
        """The rows of all other batches, as a relation that tells `filename` and `file_row_number`."""
        return self._relation(kind, [path for path in self.of(kind) if int(path.stem) < self.newest])

    def all(self, kind: str) -> str:
        """All rows of a kind, as a relation."""
        return self._relation(kind, self.of(kind))

    def has_new(self, kind: str) -> bool:
        """Whether the newest batch has facts of a kind."""
        return (self.folder / kind / f"{self.newest:06}.parquet").exists()

    def _relation(self, kind: str, paths: list[Path]) -> str:
        if paths:  # in brackets, or two of them in one query would go by the same name
            return f"(FROM read_parquet({quoting.paths(paths)}, filename = true, file_row_number = true))"
        columns = ", ".join(f"NULL::{'TIMESTAMP' if c.type == 'moment' else 'VARCHAR'} AS {c.name}" for c in KINDS[kind].columns)
        return f"(SELECT {columns}, NULL::VARCHAR AS filename, 0 AS file_row_number LIMIT 0)"


class Touched:
    """What the newest batch bears on: temporary tables `touched_orders` and `touched_<kind>` of a connection hold the keys.

    Needs `appeared`, the ids of accounts that earlier messages were not counted for, and `strangers`, those that earlier orders were not counted for.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, parts: Parts) -> None:
        self.con, self.parts = con, parts
        self._find()
        self.earlier = {kind: self._count(kind) for kind in _COUNTED}

    def _find(self) -> None:
        parts, con = self.parts, self.con
        named = [f"SELECT order_id FROM {parts.new(kind)}" for kind in ("orders", *ABOUT_ORDERS) if parts.has_new(kind)]
        # A correction may say that a defect is about another order than it said before.
        named += [f"SELECT order_id FROM {parts.earlier(kind)} SEMI JOIN {parts.new(kind)} USING ({_key(kind)})" for kind in _about(parts)]
        con.execute(
            f"CREATE TEMP TABLE touched_orders AS SELECT DISTINCT order_id FROM ({' UNION ALL '.join(named) or _NONE}) WHERE order_id IS NOT NULL"
        )
        if con.execute("SELECT 1 FROM appeared SEMI JOIN strangers USING (id) LIMIT 1").fetchone():
            for name in ("account_id", "buyer_id"):
                con.execute(f"INSERT INTO touched_orders SELECT order_id FROM {parts.earlier('orders')} SEMI JOIN appeared ON {name} = appeared.id")
        for kind in ABOUT_ORDERS:
            self._keys(kind, f"SELECT {_key(kind)} FROM {parts.earlier(kind)} SEMI JOIN touched_orders USING (order_id)")
        self._keys("messages", f"SELECT message_id FROM {parts.earlier('messages')} SEMI JOIN appeared ON account_id = appeared.id")
        who = " UNION ".join(f"SELECT account_id AS id FROM {parts.new(kind)}" for kind in ("sign_ins", "accounts"))
        con.execute(
            f"CREATE TEMP TABLE signing AS {who} UNION SELECT account_id FROM {parts.earlier('sign_ins')} "
            f"SEMI JOIN {parts.new('sign_ins')} USING (sign_in_id)"
        )
        self._keys("sign_ins", f"SELECT sign_in_id FROM {parts.earlier('sign_ins')} SEMI JOIN signing ON account_id = signing.id")

    def _keys(self, kind: str, others: str) -> None:
        self.con.execute(f"CREATE TEMP TABLE touched_{kind} AS SELECT {_key(kind)} FROM {self.parts.new(kind)} UNION {others}")

    def _count(self, kind: str) -> int:
        """Copy the touched rows of earlier batches, in the order they were told; returns how many there are."""
        key = "order_id" if kind == "orders" else _key(kind)
        columns = ", ".join(quoting.name(column.name) for column in KINDS[kind].columns)
        self.con.execute(
            f"CREATE TEMP TABLE earlier_{kind} AS SELECT {columns}, filename, file_row_number "
            f"FROM {self.parts.earlier(kind)} SEMI JOIN touched_{kind} USING ({key})"
        )
        return int(self.con.execute(f"SELECT count(*) FROM earlier_{kind}").fetchall()[0][0])

    def before(self, work: Path) -> FactSource:
        """A folder of the touched facts as they were."""
        for kind, many in self.earlier.items():
            if many:
                self._write(work / kind / "000000.parquet", kind)
        work.mkdir(exist_ok=True)
        return FactSource(work)

    def after(self, work: Path) -> FactSource:
        """A folder of the touched facts with the new ones, whose rows keep the numbers of their file: findings name them. Accounts are there in full, or not at all."""
        source = self.before(work)
        for kind in _COUNTED:
            self._link(work, kind, [self.parts.folder / kind / f"{self.parts.newest:06}.parquet"] if self.parts.has_new(kind) else [])
        self._link(work, "accounts", self.parts.of("accounts") if self.parts.has_new("accounts") else [])
        return source

    def _link(self, work: Path, kind: str, paths: list[Path]) -> None:
        for path in paths:
            (work / kind).mkdir(exist_ok=True)
            (work / kind / path.name).symlink_to(path.resolve())

    def _write(self, path: Path, kind: str) -> None:
        path.parent.mkdir(parents=True)
        columns = ", ".join(quoting.name(column.name) for column in KINDS[kind].columns)
        rows = f"SELECT {columns} FROM earlier_{kind} ORDER BY filename, file_row_number"
        self.con.execute(f"COPY ({rows}) TO {quoting.literal(str(path))}")


_NONE = "SELECT NULL::VARCHAR AS order_id"


def _key(kind: str) -> str:
    return ", ".join(quoting.name(name) for name in KINDS[kind].key)


def _about(parts: Parts) -> list[str]:
    return [kind for kind in ABOUT_ORDERS if parts.has_new(kind)]
