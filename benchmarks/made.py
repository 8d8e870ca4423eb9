"""Made-up fact folders of any size: numpy columns, written part by part, the same for the same arguments.

Orders come in the order they were placed, as a marketplace's own export would have them. Half the accounts sell and half buy; a few sell and buy a
lot, most little. Nothing here claims to be like a real marketplace; only size, skew and the share of each kind of trouble matter to cost.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Whole = npt.NDArray[np.int64]
FIRST = date(2025, 1, 1)
DAYS = 365
PART = 2_000_000
_DAY = 86_400
_EPOCH = (FIRST - date(1970, 1, 1)).days


@dataclass(frozen=True, slots=True)
class Size:
    """How big a made-up marketplace is: orders and accounts; `days` days of history from `FIRST` on."""

    orders: int
    accounts: int
    days: int = DAYS

    @property
    def name(self) -> str:
        """A folder's name for it."""
        return f"{self.orders}-{self.accounts}-{self.days}"

    @property
    def last(self) -> date:
        """The last day on which orders are placed."""
        return FIRST + timedelta(days=self.days - 1)


def make(folder: Path, size: Size) -> Path:
    """Write the facts of a size into a folder of `folder`, once; returns it."""
    target = folder / size.name
    if (target / "done").exists():
        return target
    for kind in ("accounts", "orders", "defects", "returns", "complaints"):
        (target / kind).mkdir(parents=True, exist_ok=True)
    _write(target / "accounts" / "all.parquet", _accounts(size))
    for number, start in enumerate(range(0, size.orders, PART)):
        _write_part(target, number, _Part(size, start, min(PART, size.orders - start)))
    (target / "done").touch()
    return target


def make_day(folder: Path, size: Size, many: int) -> Path:
    """Write one more day after a size's last one, with `many` orders, into a folder of its own; returns it."""
    target = folder / f"{size.name}-next-{many}"
    if (target / "done").exists():
        return target
    for kind in ("orders", "defects", "returns", "complaints"):
        (target / kind).mkdir(parents=True, exist_ok=True)
    _write_part(target, 0, _Part(size, size.orders, many, next_day=True))
    (target / "done").touch()
    return target


def seller_name(numbers: Whole) -> pa.Array:
    """Account ids of sellers."""
    return pc.binary_join_element_wise("S", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 8, "0"), "")


def buyer_name(numbers: Whole) -> pa.Array:
    """Account ids of buyers."""
    return pc.binary_join_element_wise("B", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 8, "0"), "")


def _write(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=1)


def _accounts(size: Size) -> pa.Table:
    sellers, buyers = np.arange(size.accounts // 2), np.arange(size.accounts - size.accounts // 2)
    many = len(sellers) + len(buyers)
    stores = np.concatenate([sellers, buyers]) % 5
    return pa.table(
        {
            "account_id": pa.concat_arrays([seller_name(sellers), buyer_name(buyers)]),
            "holder_kind": pa.array(["seller"] * len(sellers) + ["buyer"] * len(buyers)),
            "marketplace": pa.array(["US", "CA", "DE", "UK", "JP"]).take(pa.array(stores)),
            "opened_at": pa.array(np.full(many, _EPOCH * _DAY * 1_000_000), pa.timestamp("us")),
        }
    )


class _Part:
    """Some orders in a row, and what became of them."""

    def __init__(self, size: Size, start: int, many: int, next_day: bool = False) -> None:
        self.dice = dice = np.random.default_rng([size.orders, size.accounts, start])
        self.start, self.many = start, many
        self.ids = pc.binary_join_element_wise("O", pc.utf8_lpad(pa.array(np.arange(start, start + many)).cast(pa.string()), 12, "0"), "")
        span = size.days * _DAY
        if next_day:
            self.placed = np.sort(span + dice.integers(0, _DAY, many))
        else:
            self.placed = (np.arange(start, start + many) * span) // size.orders
        # Squares and cubes of even draws: the top tenth of the sellers has about half of the orders.
        self.seller = (dice.random(many) ** 3 * (size.accounts // 2)).astype(np.int64)
        self.buyer = (dice.random(many) ** 2 * (size.accounts - size.accounts // 2)).astype(np.int64)
        self.careless = self.seller % 20 == 0

    def chance(self, share: float, of_careless: float | None = None) -> npt.NDArray[np.bool_]:
        """Which orders a thing happens to that happens to this share of them; the twentieth of the sellers that is careless has its own share."""
        bound = share if of_careless is None else np.where(self.careless, of_careless, share).astype(np.float32)
        return self.dice.random(self.many, dtype=np.float32) < bound


def _moments(seconds: Whole, there: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    micros = (seconds + _EPOCH * _DAY) * 1_000_000
    return pa.array(micros, mask=None if there is None else ~there).cast(pa.timestamp("us"))


def _write_part(target: Path, number: int, part: _Part) -> None:
    name = f"part-{number:04}.parquet"
    _write(target / "orders" / name, _orders(part))
    shares = {"defects": (0.003, 0.02), "returns": (0.03, 0.05), "complaints": (0.0005, 0.002)}
    for kind, (share, of_careless) in shares.items():
        _write(target / kind / name, _aftermath(part, kind, np.flatnonzero(part.chance(share, of_careless))))


def _orders(part: _Part) -> pa.Table:
    dice, placed, many = part.dice, part.placed, part.many
    cancelled, by_buyer = part.chance(0.02), part.chance(0.6)
    ship_by = placed + 2 * _DAY
    shipped = placed + ((dice.gamma(2.0, 0.3, many) * np.where(part.careless, 2, 1)).clip(0.05, 9) * _DAY).astype(np.int64)
    deliver_by = placed + 6 * _DAY
    delivered = shipped + (dice.gamma(4.0, 0.6, many).clip(0.3, 20) * _DAY).astype(np.int64)
    sent = ~cancelled & ~part.chance(0.002)
    arrived = sent & ~part.chance(0.01)
    return pa.table(
        {
            "order_id": part.ids,
            "account_id": seller_name(part.seller),
            "buyer_id": buyer_name(part.buyer),
            "marketplace": pa.array(["US", "CA", "DE", "UK", "JP"]).take(pa.array(part.seller % 5)),
            "placed_at": _moments(placed),
            "ship_by": _moments(ship_by),
            "shipped_at": _moments(shipped, sent),
            "deliver_by": _moments(deliver_by),
            "delivered_at": _moments(delivered, arrived),
            "cancelled_at": _moments(placed + (dice.random(many) * 3 * _DAY).astype(np.int64), cancelled),
            "cancelled_by": pa.array(np.where(by_buyer, "buyer", "seller"), mask=~cancelled),
            "fulfilment": pa.array(["merchant", "platform"]).take(pa.array(part.chance(0.3).astype(np.int64))),
            "tracking_valid": pa.array(part.chance(0.985, 0.93), mask=~sent),
            "amount": pa.array(dice.integers(100, 20_000, many) / 100),
        }
    )


def _aftermath(part: _Part, kind: str, which: Whole) -> pa.Table:
    """Defects, returns or complaints about some of the orders, days to weeks after them."""
    letter = kind[0].upper()
    at = part.placed[which] + (part.dice.gamma(3.0, 6.0, len(which)) * _DAY).astype(np.int64)
    pick = pa.array(which)
    ids = pc.binary_join_element_wise(letter, part.ids.take(pick), "")
    columns = {f"{kind[:-1]}_id": ids, "order_id": part.ids.take(pick), "at": _moments(at)}
    seller, buyer = seller_name(part.seller[which]), buyer_name(part.buyer[which])
    if kind == "defects":
        kinds = pa.array(["negative_feedback", "claim", "chargeback"]).take(pa.array(which % 3))
        return pa.table({**columns, "account_id": seller, "kind": kinds, "withdrawn_at": _moments(at + 9 * _DAY, which % 10 == 0)})
    if kind == "returns":
        return pa.table({**columns, "account_id": seller, "buyer_id": buyer})
    about_buyer = which % 2 == 0
    reasons = pa.array(["RESTRICTED_PRODUCT", "BUYER_MESSAGE_ABUSE"]).take(pa.array(about_buyer.astype(np.int64)))
    account = pc.if_else(pa.array(about_buyer), buyer, seller)
    return pa.table({**columns, "account_id": account, "reason": reasons, "resolved_at": _moments(at + 20 * _DAY, which % 3 > 0)})
