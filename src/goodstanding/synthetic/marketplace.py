"""One call makes a whole marketplace: a fact folder on disk, and the truth about what was planted in it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import KINDS, FactKind
from goodstanding.synthetic import aftermath, people, presence, trade
from goodstanding.synthetic.casting import cast
from goodstanding.synthetic.columns import MONEY, moments, money, order_ids
from goodstanding.synthetic.stories import PLOTS
from goodstanding.synthetic.truth import Story, Truth
from goodstanding.synthetic.world import Days, Progress, World, dice

LAST_DAY = date(2026, 6, 30)
"""The last day with facts, unless another is asked for."""
LEAST_SELLERS, LEAST_BUYERS, LEAST_ORDERS = 100, 1_000, 15_000
"""Smaller marketplaces have no room for the stories."""
MOST_ORDERS = 10_000_000
"""From here on order ids would repeat."""
_EXTRA = {"orders": ("carrier", "warehouse", "batch"), "complaints": ("complainant_id",)}
_TYPES = {"text": pa.string(), "moment": pa.timestamp("us"), "flag": pa.bool_(), "whole": pa.int64(), "amount": MONEY}

Columns = dict[str, pa.Array]


def make_marketplace(
    seed: int,
    folder: Path,
    *,
    sellers: int = 2_000,
    buyers: int = 20_000,
    orders: int = 300_000,
    last_day: date = LAST_DAY,
    progress: Progress | None = None,
) -> Truth:
    """Write the fact tables of a marketplace of 365 days up to `last_day` to `folder` and tell what was planted in it.

    The same arguments give the same bytes (with the same versions of numpy and pyarrow). Raises UnusableInput where the
    marketplace would be too small for its stories or larger than its order ids.
    """
    _check_sizes(sellers, buyers, orders)
    tell = progress or _say_nothing
    steps = len(KINDS) + 2
    tell("orders", 0, steps)
    world = _make_world(seed, sellers, buyers, orders, Days(last_day))
    tell("stories", 1, steps)
    stories = _plant(world)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (kind, make) in enumerate(_TABLES.items()):
        tell(kind, number + 2, steps)
        _write(folder / f"{kind}.parquet", _table(KINDS[kind], make(world), world.rows.get(kind, [])))
    tell("done", steps, steps)
    return Truth(seed, last_day - timedelta(days=world.days.count - 1), last_day, stories)


def _check_sizes(sellers: int, buyers: int, orders: int) -> None:
    for name, asked, least in (("sellers", sellers, LEAST_SELLERS), ("buyers", buyers, LEAST_BUYERS), ("orders", orders, LEAST_ORDERS)):
        if asked < least:
            raise UnusableInput(f"a made-up marketplace needs at least {least} {name} to hold its stories, not {asked}")
    if orders > MOST_ORDERS:
        raise UnusableInput(f"a made-up marketplace holds at most {MOST_ORDERS} orders, not {orders}")


def _make_world(seed: int, sellers: int, buyers: int, orders: int, days: Days) -> World:
    shops, shoppers = people.make_sellers(dice(seed, "sellers"), sellers, days), people.make_buyers(dice(seed, "buyers"), buyers, days)
    cast_sellers, cast_buyers, fixed = cast(dice(seed, "cast"), PLOTS, shops, shoppers, days)
    people.share_out(dice(seed, "sizes"), shops, orders, fixed, days)
    made, products = trade.make_orders(dice(seed, "orders"), shops, shoppers, days)
    return World(
        seed=seed,
        days=days,
        sellers=shops,
        buyers=shoppers,
        orders=made,
        order_ids=order_ids(trade.order_prefixes(made, shops)),
        products=products,
        batches=trade.lots(days),
        cast_sellers=cast_sellers,
        cast_buyers=cast_buyers,
    )


def _plant(world: World) -> tuple[Story, ...]:
    stories = tuple(plot.plant(world) for plot in PLOTS)
    trade.forget_after(world.orders, world.days.end)
    return stories


def _account_columns(world: World) -> Columns:
    """The accounts, with a later version of each account that a story changes."""
    made = people.account_columns(world.dice("accounts"), world.sellers, world.buyers, world.days)
    place = {account: number for number, account in enumerate([*world.sellers.ids, *world.buyers.ids])}
    table = pa.table(made)
    for change in world.rows.get("accounts", []):
        as_it_was = table.slice(place[change["account_id"]], 1).to_pylist()[0]
        change.update({name: value for name, value in as_it_was.items() if name not in change})
    return made


def _action_columns(world: World) -> Columns:
    """Some old warnings, all lifted; what else was done to accounts belongs to the stories."""
    rng = world.dice("actions")
    playing = np.concatenate(list(world.cast_sellers.values()))
    places = np.sort(rng.choice(np.setdiff1d(np.arange(len(world.sellers)), playing), len(world.sellers) // 100, replace=False))
    at = world.days.before_end(250) + rng.integers(0, 150 * 86_400, len(places))
    return {
        "action_id": aftermath.numbered("ACT-", len(places)),
        "account_id": pa.array([world.sellers.ids[place] for place in places]),
        "kind": pa.array(["warn"] * len(places)),
        "at": moments(at),
        "lifted_at": moments(at + 20 * 86_400),
    }


_TABLES: Mapping[str, Callable[[World], Columns]] = {
    "accounts": _account_columns,
    "orders": trade.order_columns,
    "defects": aftermath.defect_columns,
    "complaints": aftermath.complaint_columns,
    "returns": aftermath.return_columns,
    "listing_changes": aftermath.listing_change_columns,
    "messages": aftermath.message_columns,
    "sign_ins": presence.sign_in_columns,
    "identifiers": presence.identifier_columns,
    "actions": _action_columns,
}


def _table(kind: FactKind, made: Columns, rows: list[dict[str, Any]]) -> pa.Table:
    """Ordinary rows, then those of the stories, with every column of the kind."""
    types = {column.name: _TYPES[column.type] for column in kind.columns} | {name: pa.string() for name in _EXTRA.get(kind.name, ())}
    count = len(next(iter(made.values())))
    ordinary = [made[name].cast(type_) if name in made else pa.nulls(count, type_) for name, type_ in types.items()]
    planted = [_planted([row.get(name) for row in rows], type_) for name, type_ in types.items()]
    return pa.table([pa.concat_arrays(pair) for pair in zip(ordinary, planted, strict=True)], names=list(types))


def _planted(values: list[Any], type_: pa.DataType) -> pa.Array:
    """A column of story rows: moments come as seconds, amounts as hundredths, values copied from a table as they are."""
    if type_ == MONEY:
        return money(np.array(values, dtype=np.int64)) if values else pa.nulls(0, MONEY)
    if pa.types.is_timestamp(type_):
        return pa.array([value * 1_000_000 if isinstance(value, int | np.integer) else value for value in values], type_)
    return pa.array(values, type_)


def _write(path: Path, table: pa.Table) -> None:
    """The same table gives the same bytes: every option that could vary is fixed."""
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd", version="2.6", row_group_size=131_072, use_dictionary=True)


def _say_nothing(what: str, done: int, total: int) -> None:
    """For callers who do not ask for progress."""
