"""Which accounts play in which story, and what they are like before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from goodstanding.synthetic.columns import DAY, Mask, Whole
from goodstanding.synthetic.truth import Story
from goodstanding.synthetic.world import Buyers, Days, Sellers, World


class Plant(Protocol):
    """Lets a story happen in a world and tells what happened."""

    def __call__(self, world: World) -> Story:
        """Change columns and add rows for the accounts `world.cast_sellers` and `world.cast_buyers` give the story."""
        ...


@dataclass(frozen=True, slots=True)
class Plot:
    """A story that can be planted. `stopped`: (place in the cast, days before the end) of sellers who could not sell any more."""

    key: str
    plant: Plant
    sellers: int = 0
    orders_each: int = 0
    buyers: int = 0
    stopped: tuple[tuple[int, int], ...] = ()


def cast(
    rng: np.random.Generator, plots: Sequence[Plot], sellers: Sellers, buyers: Buyers, days: Days
) -> tuple[dict[str, Whole], dict[str, Whole], Mask]:
    """Give each plot its sellers and buyers, none to two plots; and tell which sellers' sizes are fixed by that."""
    cast_sellers = _deal(rng.permutation(len(sellers)), {plot.key: plot.sellers for plot in plots})
    cast_buyers = _deal(rng.permutation(len(buyers)), {plot.key: plot.buyers for plot in plots})
    fixed = np.zeros(len(sellers), dtype=np.bool_)
    for plot in plots:
        places = cast_sellers[plot.key]
        fixed[places] = True
        sellers.size[places] = plot.orders_each
        sellers.stops[places] = days.end
        for place, before in plot.stopped:
            sellers.stops[places[place]] = days.before_end(before)
        buyers.weight[cast_buyers[plot.key]] = 0.0
    _make_spotless(rng, sellers, np.flatnonzero(fixed), days)
    return cast_sellers, cast_buyers, fixed


def _make_spotless(rng: np.random.Generator, sellers: Sellers, places: Whole, days: Days) -> None:
    """Nothing but its story happens to a seller in a story."""
    sellers.care[places] = 0.0
    sellers.platform_share[places] = 0.0
    sellers.professional[places] = True
    sellers.opened[places] = days.start - rng.integers(60 * DAY, 900 * DAY, len(places))


def _deal(places: Whole, shares: dict[str, int]) -> dict[str, Whole]:
    """The first places to the first key and so on, as many as each asks for."""
    ends = np.cumsum(list(shares.values()))
    return dict(zip(shares, np.split(places, ends)[:-1], strict=True))
