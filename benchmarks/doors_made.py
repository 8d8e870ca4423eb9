"""A large made-up marketplace for `benchmarks.doors`: a small one played through the services, each account then cloned some thousand times.

What is cloned is every row that belongs to an account and its cases, with new ids throughout. Ledger chains are counted anew and letters get the
digest of their own bytes, so that `verify_ledger` and the check of an export hold for a clone as they do for its original.
"""

import hashlib
import hmac
import multiprocessing
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models

BLOCK = 4_000_000
"""Signs of COPY that are gathered before they are sent."""

LEDGER = ("LedgerHead", "LedgerEntry", "LedgerBody")
NOT_OF_AN_ACCOUNT = {"User_accounts", "Judgement", "Relation", *LEDGER}
"""Tables that are not cloned as they are: people's accounts, what lies between two accounts, and the ledger, which is counted anew."""

PLAIN = {"Account", "MetricReading", "RatingReading"}
"""What an account has to which nothing happened."""


@dataclass
class Template:
    """One account as text with holes: per table its columns and rows, cut at every id; the ledger's entries per case."""

    account_id: str
    cases: tuple[str, ...]
    rows: dict[str, tuple[tuple[str, ...], list[list[str]]]] = field(default_factory=dict)
    ledger: list[tuple[str, list[list[Any]]]] = field(default_factory=list)
    letters: dict[str, list[str]] = field(default_factory=dict)
    """Digest of each letter -> its bytes in hex, cut at every id: the digest of a clone's letter is another one."""


def make(accounts: int, cases: int, workers: int) -> dict[str, int]:
    """Fill an empty PostgreSQL; gives the number of cases in each state."""
    from goodstanding.server.policy import current_pack
    from tests.server.showcase import build_showcase

    shown = build_showcase(current_pack(), datetime.now(UTC)).cases.values()
    owners = list(dict.fromkeys(case.account_id for case in shown))
    each = cases // len(owners)
    jobs = [(template_of(account_id, None), 1, each) for account_id in owners]
    jobs.append((template_of(owners[0], PLAIN), each + 1, max(0, accounts - each * len(owners))))
    _copy_all(jobs, workers)
    _settle()
    case = apps.get_model("store", "Case")
    return dict(case.objects.values_list("state").annotate(many=models.Count("pk")).order_by("state"))


def template_of(account_id: str, only: set[str] | None) -> Template:
    """An account's rows. `only`: names of the models to take; None: everything that belongs to it."""
    found = _belonging(account_id, only)
    cases = tuple(sorted(found.get(apps.get_model("store", "Case"), ())))
    template = Template(account_id, cases)
    ids = sorted({pk for pks in found.values() for pk in pks if isinstance(pk, str)} | {account_id}, key=len, reverse=True)
    letters = {one.sha256: bytes(one.message).hex() for one in apps.get_model("store", "Notice").objects.filter(case__in=cases)}
    marks = [*letters, *(text for one in ids for text in (one, one.encode().hex()))]
    hole = re.compile("(\x01[^\x01]+\x01|" + "|".join(map(re.escape, marks)) + ")")
    template.letters = {digest: hole.split(message) for digest, message in letters.items()}
    referenced = {model for model in found if any(_target(f) is model for other in found for f in other._meta.concrete_fields)}
    for model, pks in found.items():
        columns, rows = _rows_of(model, pks, referenced)
        table = model._meta.db_table
        template.rows[table] = (columns, [hole.split(row) for row in rows])
    template.ledger = [(case_id, _entries(case_id, hole)) for case_id in cases]
    return template


def _belonging(account_id: str, only: set[str] | None) -> dict[type[models.Model], set[Any]]:
    """Model -> keys of the rows that hang on an account, however far."""
    account = apps.get_model("store", "Account")
    found: dict[type[models.Model], set[Any]] = {account: {account_id}}
    known = [model for model in apps.get_app_config("store").get_models(include_auto_created=True) if model.__name__ not in NOT_OF_AN_ACCOUNT]
    known = [model for model in known if only is None or model.__name__ in only]
    while True:
        before = sum(map(len, found.values()))
        for model in known:
            for one in model._meta.concrete_fields:
                target = _target(one)
                if target in found and target is not model:
                    keys = model._default_manager.filter(**{f"{one.name}__in": found[target]}).values_list("pk", flat=True)
                    if keys:
                        found.setdefault(model, set()).update(keys)
        if sum(map(len, found.values())) == before:
            return found


def _target(one: "models.Field[Any, Any]") -> Any:
    return one.related_model if isinstance(one, models.ForeignKey) else None


def _rows_of(model: type[models.Model], pks: set[Any], referenced: set[type[models.Model]]) -> tuple[tuple[str, ...], list[str]]:
    """The rows in COPY's own text; whole-number keys become holes where others refer to them, and are left to the database where nobody does."""
    fields = [one for one in model._meta.concrete_fields if not (one.primary_key and isinstance(one, models.AutoField) and model not in referenced)]
    columns = tuple(one.column for one in fields)
    kinds = [_hole_of(one, model) for one in fields]
    names = ", ".join(f'"{name}"' for name in columns)
    pk = model._meta.pk
    assert pk is not None
    with connection.cursor() as cursor:
        cursor.execute(
            f'create temp table wanted as select {names} from {model._meta.db_table} where "{pk.column}" = any(%s) order by 1', [sorted(pks)]
        )
        with cursor.copy("COPY wanted TO STDOUT") as copy:
            raw = b"".join(copy).decode()
        cursor.execute("drop table wanted")
    lines = []
    for line in raw.splitlines():
        values = line.split("\t")
        lines.append("\t".join(_holed(value, kind) for value, kind in zip(values, kinds, strict=True)))
    return columns, lines


def _hole_of(one: "models.Field[Any, Any]", model: type[models.Model]) -> str:
    target = _target(one)
    if one.primary_key and isinstance(one, models.AutoField):
        return f"key {model._meta.db_table}"
    if (
        target
        and target._meta.app_label == "store"
        and isinstance(target._meta.pk, models.AutoField)
        and target.__name__ not in ("User", "Assessment", "WebhookEndpoint")
    ):
        return f"key {target._meta.db_table}"
    return "digest" if one.unique and one.max_length == 64 else ""


def _holed(value: str, kind: str) -> str:
    return f"\x01{kind} {value}\x01" if kind and value != "\\N" else value


def _entries(case_id: str, hole: re.Pattern[str]) -> list[list[Any]]:
    """A case's ledger, oldest first: at, actor, role, kind, and salt and text of the body where it is not erased."""
    wanted = "at", "actor", "role", "kind", "body__salt", "body__text"
    rows = apps.get_model("store", "LedgerEntry").objects.filter(case_id=case_id).order_by("sequence").values_list(*wanted)
    return [[at, hole.split(actor), role, kind, salt, hole.split(text or "")] for at, actor, role, kind, salt, text in rows]


class Copier:
    """Writes the clones of one process over one connection."""

    def __init__(self, con: Any, starts: dict[str, int]) -> None:
        self.con, self.starts = con, starts
        self.waiting: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self.signs: dict[tuple[str, tuple[str, ...]], int] = {}

    def clone(self, template: Template, number: int, slot: int) -> None:
        """All rows of one clone. `number` makes its ids, `slot` its whole-number keys; both are given once."""
        suffix = f"{number:06}"
        keys: dict[str, dict[str, int]] = {}
        shas: dict[str, str] = {}

        def fill(hole: str) -> str:
            if hole in shas:
                return shas[hole]
            if not hole.startswith("\x01"):
                return hole + (suffix if not _is_hex(hole) else suffix.encode().hex())
            kind, _, value = hole.strip("\x01").rpartition(" ")
            if kind == "digest":
                return hashlib.sha256(f"{value}{number}".encode()).hexdigest()
            known = keys.setdefault(kind, {})
            return str(known.setdefault(value, self.starts[kind.removeprefix("key ")] + slot * WIDE + len(known)))

        shas |= {digest: hashlib.sha256(bytes.fromhex(_join(parts, fill))).hexdigest() for digest, parts in template.letters.items()}
        for table, (columns, rows) in template.rows.items():
            self.put(table, columns, [_join(parts, fill) for parts in rows])
        for at, (case_id, entries) in enumerate(template.ledger):
            self.chain(case_id + suffix, entries, fill, self.starts["store_ledgerentry"] + (slot * 4 + at) * WIDE)

    def chain(self, case_id: str, entries: list[list[Any]], fill: Callable[[str], str], key: int) -> None:
        """The ledger of a cloned case, each entry chained to the one before as `services.ledger` does it."""
        from goodstanding.server.services.ledger import digest_of
        from goodstanding.server.store.models import LedgerEntry

        previous, heads, rows, bodies = "", [], [], []
        for sequence, (at, actor, role, kind, salt, text) in enumerate(entries, 1):
            said = _join(text, fill)
            commitment = hmac.new(salt.encode(), said.encode(), hashlib.sha256).hexdigest()
            entry = LedgerEntry(
                case_id=case_id, sequence=sequence, at=at, actor=_join(actor, fill), role=role, kind=kind, body_digest=commitment, previous=previous
            )
            digest = digest_of(entry)
            rows.append("\t".join((str(key + sequence), case_id, str(sequence), at, entry.actor, role, kind, commitment, previous, digest)))
            bodies.append(f"{key + sequence}\t{salt}\t{_escaped(said)}")
            previous = digest
        heads.append(f"{case_id}\t{len(entries)}\t{previous}")
        self.put("store_ledgerhead", ("case_id", "sequence", "digest"), heads)
        self.put("store_ledgerentry", ("id", "case_id", "sequence", "at", "actor", "role", "kind", "body_digest", "previous", "digest"), rows)
        self.put("store_ledgerbody", ("entry_id", "salt", "text"), bodies)

    def put(self, table: str, columns: tuple[str, ...], lines: Sequence[str]) -> None:
        """Gather rows; send them where there are enough."""
        key = (table, columns)
        self.waiting.setdefault(key, []).extend(lines)
        self.signs[key] = self.signs.get(key, 0) + sum(map(len, lines))
        if self.signs[key] > BLOCK:
            self.send(key)

    def send(self, key: tuple[str, tuple[str, ...]]) -> None:
        """Send what was gathered for a table."""
        table, columns = key
        names = ", ".join(f'"{name}"' for name in columns)
        with self.con.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            copy.write("\n".join(self.waiting.pop(key)) + "\n")
        self.signs[key] = 0

    def finish(self) -> None:
        """Send all that is left."""
        for key in list(self.waiting):
            self.send(key)


WIDE = 64
"""Whole-number keys that one clone may use of each table; a showcase's account has fewer rows."""


def _is_hex(hole: str) -> bool:
    return len(hole) > 8 and all(sign in "0123456789abcdef" for sign in hole)


def _join(parts: list[str], fill: Callable[[str], str]) -> str:
    return "".join(fill(part) if at % 2 else part for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _copy_all(jobs: list[tuple[Template, int, int]], workers: int) -> None:
    starts = dict(_starts())
    processes = []
    connection.close()
    context = multiprocessing.get_context("fork")
    for worker in range(workers):
        process = context.Process(target=_copy_share, args=(jobs, starts, worker, workers))
        process.start()
        processes.append(process)
    for process in processes:
        process.join()
        if process.exitcode:
            raise SystemExit("a process that made data failed; see above")


def _copy_share(jobs: list[tuple[Template, int, int]], starts: dict[str, int], worker: int, workers: int) -> None:
    with connection.cursor() as cursor:
        # The originals' rows are whole and the clones copy them, so nothing is gained by looking up every reference; triggers rest too.
        cursor.execute("set session_replication_role = replica")
    copier = Copier(connection.connection, starts)
    slot = 0
    for template, first, count in jobs:
        for number in range(count):
            slot += 1
            if slot % workers == worker:
                copier.clone(template, first + number, slot)
    copier.finish()


def _starts() -> Iterator[tuple[str, int]]:
    """Where the whole-number keys of clones begin in each table."""
    for model in apps.get_app_config("store").get_models():
        if isinstance(model._meta.pk, models.AutoField):
            yield model._meta.db_table, (model._default_manager.aggregate(most=models.Max("pk"))["most"] or 0) + 1


def _settle() -> None:
    """Let the sequences go on after the clones, and the planner know the tables."""
    with connection.cursor() as cursor:
        for table, most in list(_starts()):
            cursor.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, most])
        cursor.execute("vacuum analyze")
