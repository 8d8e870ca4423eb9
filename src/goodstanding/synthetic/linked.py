"""A made-up marketplace for related accounts alone, up to millions: rings, evaders, and everybody who only looks like one.

Facts go to one folder, the truth to a file elsewhere. Who plays what is drawn from a shuffled row of accounts, so ids and dates tell nothing. The shares
of the population and the habits are this project's own guesses (no marketplace publishes them); what each story shares is said at its function.
"""

# ruff: noqa: S608 - paths are quoted, everything else are numbers and names of ours

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goodstanding.core.facts import IDENTIFIERS
from goodstanding.synthetic.columns import Whole

FIRST = date(2024, 1, 1)
DAYS = 900
"""Days that the marketplace has existed, from `FIRST` on."""
STRONG = ("device", "bank_account", "payment_instrument", "tax_id", "phone")
"""Kinds of which each member of a ring shares at least one with another member."""
WEAK = ("email", "mac", "company_number", "document", "home")
"""Kinds by which the members of a weak ring hang together; a home is a Wi-Fi and its address on the internet."""
RING, WEAK_RING, EVADER = "ring", "weak_ring", "evader"
LOOK_ALIKES = ("family", "sold_business", "agency", "former_employee", "coworking")
_CHUNK = 4_000_000
_ENDLESS = -1
_OWN = (
    ("device", 2),
    ("ip", 1),
    ("wifi", 1),
    ("address", 1),
    ("phone", 1),
    ("email", 1),
    ("payment_instrument", 1),
    ("bank_account", 1),
    ("tax_id", 1),
)


@dataclass
class Made:
    """A marketplace while it is being made: uses as columns of numbers, and who belongs to what."""

    dice: np.random.Generator
    accounts: int
    opened: Whole
    struck: Whole  # day of a deactivation, _ENDLESS: none
    uses: list[tuple[Whole, Whole, Whole, Whole, Whole]] = field(default_factory=list)
    truth: list[tuple[Whole, str, Whole]] = field(default_factory=list)
    things: int = 0
    groups: int = 0

    def new(self, many: int) -> Whole:
        """Numbers of identifiers that nobody has yet."""
        self.things += many
        return np.arange(self.things - many, self.things)

    def use(self, accounts: Whole, kind: str, things: Whole, first: Whole | None = None, last: Whole | None = None) -> None:
        """Let each account use a thing, from a day to a day (default: from soon after it was opened to about the last day)."""
        if first is None:
            first = np.minimum(self.opened[accounts] + self.dice.integers(0, 20, len(accounts)), DAYS - 1)
        if last is None:
            last = np.where(self.dice.random(len(accounts)) < 0.1, _ENDLESS, np.maximum(first, DAYS - 1 - self.dice.integers(0, 30, len(accounts))))
        self.uses.append((accounts, np.full(len(accounts), IDENTIFIERS.index(kind)), things, first, last))

    def belong(self, accounts: Whole, story: str, groups: Whole) -> None:
        """Write down the truth; groups are numbered within this story's call."""
        self.truth.append((accounts, story, groups + self.groups))
        self.groups += int(groups.max(initial=-1)) + 1


def make_linked(seed: int, folder: Path, truth: Path, accounts: int) -> None:
    """Write `accounts`, `identifiers` and `actions` as Parquet into a folder, and who belongs together (account_id, story, group_id) into a file elsewhere."""
    dice = np.random.default_rng([seed, accounts])
    made = Made(
        dice,
        accounts,
        dice.integers(0, DAYS - 60, accounts),
        np.where(dice.random(accounts) < 0.005, dice.integers(100, DAYS - 30, accounts), _ENDLESS),
    )
    _cast(made)
    folder.mkdir(parents=True, exist_ok=True)
    _write_uses(made, folder)
    _write_accounts(made, folder)
    who, stories, groups = (np.concatenate([np.broadcast_to(row[n], len(row[0])) for row in made.truth]) for n in range(3))
    pq.write_table(pa.table({"account_id": _ids(who), "story": pa.array(stories), "group_id": groups}), truth)


def _cast(made: Made) -> None:
    """Each story takes its accounts; then everybody gets things of their own, since stories say when accounts were opened."""
    everyone = made.dice.permutation(made.accounts)
    places = iter(np.split(everyone, (np.cumsum([0.05, 0.03, 0.01, 0.06, 0.01, 0.03, 0.01, 0.02]) * made.accounts).astype(int)))
    _rings(made, next(places), STRONG, RING, 2, 12)
    _rings(made, next(places), WEAK, WEAK_RING, 3, 8)
    _evaders(made, next(places))
    _families(made, next(places))
    _sold_businesses(made, next(places))
    _agencies(made, next(places))
    _former_employees(made, next(places))
    _coworking(made, next(places))
    _hubs(made, everyone)
    _chance(made, everyone)
    for kind, many in _OWN:
        for _ in range(many):
            made.use(everyone, kind, made.new(made.accounts))


def _sizes(made: Made, places: int, least: int, most: int, power: float = 1.5) -> Whole:
    """Sizes of groups, small ones more often, that together fill the places."""
    likely = np.arange(least, most + 1) ** -power
    sizes = made.dice.choice(np.arange(least, most + 1), places // least + 1, p=likely / likely.sum())
    return sizes[: int(np.searchsorted(np.cumsum(sizes), places, side="right"))]


def _grouped(made: Made, accounts: Whole, story: str, sizes: Whole) -> tuple[Whole, Whole]:
    """The accounts that fit into groups, and the group of each; written down as truth."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    made.belong(accounts[: len(group)], story, group)
    return accounts[: len(group)], group


def _share(made: Made, kind: str, accounts: Whole, things: Whole, first: Whole | None = None, last: Whole | None = None) -> None:
    """Use a thing; a home is a Wi-Fi and its address on the internet."""
    for part in ("wifi", "ip") if kind == "home" else (kind,):
        made.use(accounts, part, things, first, last)


def _rings(made: Made, accounts: Whole, kinds: tuple[str, ...], story: str, least: int, most: int) -> None:
    """Each member shares something with an earlier one, at times more, at times with further members; one link in twenty only after the other had stopped.

    One ring in twenty works from one home, one in six has a member that was deactivated.
    """
    dice, sizes = made.dice, _sizes(made, len(accounts), least, most)
    members, group = _grouped(made, accounts, story, sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    own = np.arange(len(members))
    joined = own[own > start]
    more = joined[dice.random(len(joined)) < 0.45]
    newer = np.concatenate([joined, more])
    older = start[newer] + (dice.random(len(newer)) * (newer - start[newer])).astype(int)
    kind, things = dice.integers(0, len(kinds), len(newer)), made.new(len(newer))
    is_late = dice.random(len(newer)) < 0.05
    third = start[newer] + (dice.random(len(newer)) * sizes[group[newer]]).astype(int)
    has_third = (dice.random(len(newer)) < 0.35) & (third != newer) & (third != older) & ~is_late
    for number, name in enumerate(kinds):
        chosen = kind == number
        together, late, thirds = chosen & ~is_late, chosen & is_late, chosen & has_third
        for places in (newer[together], older[together], third[thirds]):
            _share(made, name, members[places], things[together] if len(places) == together.sum() else things[thirds])
        handed = np.maximum(made.opened[members[newer[late]]], made.opened[members[older[late]]])
        _share(
            made,
            name,
            members[older[late]],
            things[late],
            made.opened[members[older[late]]],
            np.maximum(handed - 9, made.opened[members[older[late]]]),
        )
        _share(made, name, members[newer[late]], things[late], handed + 5, np.full(late.sum(), DAYS - 1))
    at_home = dice.random(len(sizes)) < 1 / 20
    homes, of_home = made.new(len(sizes)), at_home[group]
    for name in ("wifi", "ip", "address"):
        made.use(members[of_home], name, homes[group[of_home]])
    caught = (np.cumsum(sizes) - sizes)[dice.random(len(sizes)) < 1 / 6]
    made.struck[members[caught]] = np.minimum(made.opened[members[caught]] + dice.integers(40, 400, len(caught)), DAYS - 10)


def _evaders(made: Made, accounts: Whole) -> None:
    """One account is deactivated; within four months a new one is opened with two to four of its things, one in five from the same home."""
    dice = made.dice
    members, _ = _grouped(made, accounts, EVADER, np.full(len(accounts) // 2, 2))
    old, new = members[::2], members[1::2]
    made.opened[old] = dice.integers(0, DAYS - 320, len(old))
    struck = made.opened[old] + dice.integers(60, 180, len(old))
    made.struck[old], made.opened[new] = struck, struck + dice.integers(1, 120, len(old))
    taken = dice.random((len(old), len(STRONG))).argsort(axis=1) < dice.integers(2, 5, len(old))[:, None]
    for number, kind in enumerate((*STRONG, "home")):
        chosen = taken[:, number] if kind != "home" else dice.random(len(old)) < 0.2
        things = made.new(int(chosen.sum()))
        _share(made, kind, old[chosen], things, made.opened[old[chosen]], struck[chosen] - dice.integers(0, 5, len(things)))
        _share(made, kind, new[chosen], things)


def _families(made: Made, accounts: Whole) -> None:
    """Two to five accounts of one home: Wi-Fi, internet and postal address; often a tablet of two or three, at times a card of two or a telephone of two or three."""
    dice, sizes = made.dice, _sizes(made, len(accounts), 2, 5)
    members, group = _grouped(made, accounts, "family", sizes)
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    homes = made.new(len(sizes))
    for kind in ("wifi", "ip", "ip", "address"):
        made.use(members, kind, homes[group] if kind != "ip" else made.new(len(sizes))[group])
    for kind, chance, most in (("device", 0.6, 3), ("payment_instrument", 0.3, 2), ("phone", 0.2, 3), ("mac", 0.2, 3)):
        users = np.where(dice.random(len(sizes)) < chance, dice.integers(2, most + 1, len(sizes)), 0)
        chosen = place < users[group]
        made.use(members[chosen], kind, made.new(len(sizes))[group[chosen]])


def _sold_businesses(made: Made, accounts: Whole) -> None:
    """One owner stops, another goes on with telephone, mailbox and address, at times the company's numbers or a computer; nobody was deactivated."""
    dice = made.dice
    members, _ = _grouped(made, accounts, "sold_business", np.full(len(accounts) // 2, 2))
    old, new = members[::2], members[1::2]
    made.struck[members] = _ENDLESS
    made.opened[old] = dice.integers(0, 400, len(old))
    sold = made.opened[old] + dice.integers(100, 400, len(old))
    for kind, chance in (("phone", 0.9), ("email", 0.7), ("address", 0.8), ("company_number", 0.3), ("tax_id", 0.2), ("device", 0.3)):
        chosen = dice.random(len(old)) < chance
        things = made.new(int(chosen.sum()))
        made.use(old[chosen], kind, things, made.opened[old[chosen]], sold[chosen])
        made.use(new[chosen], kind, things, sold[chosen] + dice.integers(8, 40, len(things)), np.full(len(things), DAYS - 1))


def _agencies(made: Made, accounts: Whole) -> None:
    """Five to four hundred clients of one agency or accountant, whose computer, network, telephone and mailbox they all show."""
    sizes = _sizes(made, len(accounts), 5, 400, 1.3)
    members, group = _grouped(made, accounts, "agency", sizes)
    for kind, chance in (("device", 1.0), ("ip", 1.0), ("wifi", 0.8), ("phone", 0.4), ("email", 0.6), ("mac", 0.3), ("address", 0.3)):
        shows = (made.dice.random(len(sizes)) < chance)[group]
        made.use(members[shows], kind, made.new(len(sizes))[group[shows]])


def _former_employees(made: Made, accounts: Whole) -> None:
    """An employer and one who worked there and signed in from the office, at times on its computer, until some day."""
    members, _ = _grouped(made, accounts, "former_employee", np.full(len(accounts) // 2, 2))
    boss, other = members[::2], members[1::2]
    for kind, chance in (("wifi", 1.0), ("ip", 1.0), ("device", 0.5), ("mac", 0.2)):
        chosen = made.dice.random(len(boss)) < chance
        things = made.new(int(chosen.sum()))
        made.use(boss[chosen], kind, things)
        first = made.opened[other[chosen]]
        made.use(other[chosen], kind, things, first, np.minimum(first + made.dice.integers(30, 300, len(things)), DAYS - 1))


def _coworking(made: Made, accounts: Whole) -> None:
    """Eight to two hundred guests of one room, its Wi-Fi and its address on the internet."""
    sizes = _sizes(made, len(accounts), 8, 200, 1.2)
    members, group = _grouped(made, accounts, "coworking", sizes)
    for kind in ("wifi", "ip"):
        made.use(members, kind, made.new(len(sizes))[group])


def _hubs(made: Made, everyone: Whole) -> None:
    """Carriers' addresses and warehouses, each of thousands."""
    for kind, share, size in (("ip", 0.35, 5_000), ("address", 0.1, 2_000)):
        hubs = made.new(max(1, int(made.accounts * share) // size))
        users = everyone[made.dice.random(len(everyone)) < share]
        made.use(users, kind, hubs[made.dice.integers(0, len(hubs), len(users))])


def _chance(made: Made, everyone: Whole) -> None:
    """What strangers come to share: numbers and addresses given out anew, things bought second-hand, a visit at a friend's, a mailbox lent, adapters with one number."""
    dice = made.dice
    for kind, share in (("phone", 0.01), ("ip", 0.15), ("device", 0.005), ("email", 0.002)):
        before, after = (dice.choice(everyone, int(made.accounts * share)) for _ in range(2))
        change = np.maximum(made.opened[before], made.opened[after]) + 10
        things, differ = made.new(len(before)), before != after
        made.use(before[differ], kind, things[differ], made.opened[before[differ]], np.maximum(change - 20, made.opened[before])[differ])
        made.use(after[differ], kind, things[differ], change[differ], np.full(differ.sum(), DAYS - 1))
    for kind, share, size in (("home", 0.03, 2), ("email", 0.001, 2), ("mac", 0.004, 3), ("mac", 0.004, 20), ("ip", 0.1, 6)):
        things = made.new(max(1, int(made.accounts * share) // size))
        users = np.unique(np.stack([dice.choice(everyone, len(things) * size), np.repeat(things, size)]), axis=1)
        _share(made, kind, users[0], users[1])


def _ids(numbers: Whole) -> pa.Array:
    return pa.compute.binary_join_element_wise("A", pa.compute.utf8_lpad(pa.array(numbers).cast(pa.string()), 8, "0"), "")


def _parts(made: Made) -> Iterator[pa.Table]:
    """The uses as numbers, some millions at a time."""
    names = ("account", "kind", "thing", "first", "last")
    for start in range(0, sum(len(use[0]) for use in made.uses), _CHUNK):
        rows, seen = [], 0
        for use in made.uses:
            low, high = max(start - seen, 0), min(start + _CHUNK - seen, len(use[0]))
            seen += len(use[0])
            if low < high:
                rows.append(tuple(column[low:high] for column in use))
        yield pa.table({name: np.concatenate([row[n] for row in rows]) for n, name in enumerate(names)})


def _write_uses(made: Made, folder: Path) -> None:
    """Each thing is named by its number scrambled, so that no value tells what it is near; a key that came twice is kept once, as the loader asks."""
    target = folder / "identifiers"
    target.mkdir(exist_ok=True)
    kinds = ", ".join(f"'{kind}'" for kind in IDENTIFIERS)
    with duckdb.connect() as con:
        for number, part in enumerate(_parts(made)):
            con.register("part", part)
            day = f"TIMESTAMP '{FIRST}' + to_days({{}}::INTEGER) + to_seconds(hash({{}}, account, thing)::DOUBLE % 80000)"
            con.execute(
                f"""COPY (SELECT 'A' || lpad(account::VARCHAR, 8, '0') AS account_id, [{kinds}][kind + 1] AS kind,
                    [{kinds}][kind + 1] || '-' || lpad(to_hex(hash(thing)), 16, '0') AS value,
                    date_trunc('second', {day.format("first", 1)}) AS first_seen,
                    CASE WHEN last >= 0 THEN date_trunc('second', {day.format("greatest(last, first + 1)", 2)}) END AS last_seen
                FROM part ORDER BY hash(account, thing)) TO '{target}/{number:04}.parquet' (COMPRESSION zstd)"""
            )
            con.unregister("part")


def _write_accounts(made: Made, folder: Path) -> None:
    opened = pa.array([FIRST + timedelta(days=day) for day in range(DAYS + 500)]).take(pa.array(made.opened)).cast(pa.timestamp("us"))
    ids = _ids(np.arange(made.accounts))
    everyone = {
        "account_id": ids,
        "holder_kind": pa.array(["seller"] * made.accounts),
        "marketplace": pa.array(["DE"] * made.accounts),
        "opened_at": opened,
    }
    pq.write_table(pa.table(everyone), folder / "accounts.parquet")
    struck = np.flatnonzero(made.struck != _ENDLESS)
    days = pa.array([FIRST + timedelta(days=int(day)) for day in made.struck[struck]]).cast(pa.timestamp("us"))
    actions = {"action_id": pa.compute.binary_join_element_wise("X", ids.take(pa.array(struck)), ""), "account_id": ids.take(pa.array(struck))}
    pq.write_table(pa.table(actions | {"kind": pa.array(["deactivate"] * len(struck)), "at": days}), folder / "actions.parquet")
