"""How many clean accounts a watch strikes in a year: the price of watching, per watch of a pack.

Run `python -m benchmarks.behaviour [PACK] [ACCOUNTS]`. Two kinds of clean accounts are looked at. (1) The made-up marketplace, all accounts that
play in no story, through the engine. (2) Accounts drawn for each watch: mean rates from one in two months to many a day, days that vary more
than a Poisson count (gamma mixed), a weekly rhythm, a campaign week with three times the trade, growth up to fourfold over the year, and for
listings now and then a batch of edits. Both generators are this project's own: the rates say how the rules behave, not what a real marketplace sees.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from goodstanding.core.health.behaviour import Tally, share_alarms, surge_alarms
from goodstanding.core.policy.pack import PolicyPack, Share, Surge, Travel
from goodstanding.core.terms import BehaviourRule
from goodstanding.engines.base import FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.packs.loader import load_pack
from goodstanding.synthetic.marketplace import make_marketplace

FIRST = date(2025, 1, 1)
DAYS = 365
MEANS: dict[BehaviourRule, tuple[float, float]] = {
    BehaviourRule.MESSAGES_TO_BUYERS: (0.05, 30),
    BehaviourRule.LISTING_CHANGES: (0.02, 3),
    BehaviourRule.ORDERS_RECEIVED: (0.05, 200),
    BehaviourRule.COMPLAINTS_RECEIVED: (0.002, 0.3),
    BehaviourRule.PURCHASES: (0.01, 0.5),
    BehaviourRule.UNITS_BOUGHT: (0.01, 1.5),
    BehaviourRule.AMOUNT_SPENT: (0.01, 0.5),
    BehaviourRule.PURCHASES_ABROAD: (0.001, 0.1),
    BehaviourRule.MESSAGES_PER_ORDER: (0.05, 30),
    BehaviourRule.OFF_TOPIC_MESSAGES: (0.05, 30),
}
"""The least and the greatest mean a day of a clean account; means are drawn evenly between their logarithms."""


def daily_counts(dice: np.random.Generator, low: float, high: float, share: float = 1.0) -> np.ndarray:
    """One clean account: how often it did something on each day of a year."""
    mean = np.exp(dice.uniform(np.log(low), np.log(high))) * share
    days = np.arange(DAYS)
    rhythm = np.where(days % 7 < 5, 1.1, 0.75) * np.where((days >= 325) & (days < 332), 3.0, 1.0)
    growth = dice.uniform(1, 4) ** (days / DAYS)
    return dice.poisson(mean * rhythm * growth * dice.gamma(2.0, 0.5, DAYS))


def values_of(dice: np.random.Generator, rule: BehaviourRule) -> np.ndarray:
    """What a surge watch counts of one clean account, day by day."""
    counts = daily_counts(dice, *MEANS[rule])
    if rule is BehaviourRule.LISTING_CHANGES:
        return counts + np.where(dice.random(DAYS) < 1 / 120, dice.integers(3, 16, DAYS), 0)
    if rule is BehaviourRule.UNITS_BOUGHT:
        return np.array([int(dice.geometric(0.6, n).sum()) for n in counts])
    if rule is BehaviourRule.AMOUNT_SPENT:
        return np.array([int(dice.lognormal(3.4, 0.9, n).sum()) for n in counts])
    return counts


def tallies(values: np.ndarray) -> list[Tally]:
    """The days on which there was something, each known at once."""
    days = ((FIRST + timedelta(days=int(n)), int(values[n])) for n in np.flatnonzero(values))
    return [Tally(day, day, value) for day, value in days]


def is_struck(dice: np.random.Generator, watch: Surge | Share) -> bool:
    """Whether one drawn clean account is struck in its year."""
    if isinstance(watch, Surge):
        return bool(surge_alarms(watch, tallies(values_of(dice, watch.rule))))
    messages = daily_counts(dice, *MEANS[watch.rule])
    if watch.rule is BehaviourRule.OFF_TOPIC_MESSAGES:
        return bool(share_alarms(watch, tallies(dice.binomial(messages, dice.uniform(0, 0.04))), tallies(messages)))
    orders = dice.poisson(messages / dice.uniform(0.3, 1.5))
    return bool(share_alarms(watch, tallies(messages), tallies(orders)))


def drawn_rates(pack: PolicyPack, accounts: int, seed: int = 1) -> dict[str, float]:
    """Watch -> share of drawn clean accounts that it strikes within a year. Travel is not drawn."""
    rates = {}
    for n, watch in enumerate(pack.watches.values()):
        if isinstance(watch, Surge | Share):
            dice = np.random.default_rng([seed, n])
            rates[watch.name] = sum(is_struck(dice, watch) for _ in range(accounts)) / accounts
    return rates


def marketplace_rates(pack: PolicyPack, seed: int = 3) -> dict[str, float]:
    """Watch's rule -> share of the clean accounts of the made-up marketplace, of those the watch is for, that are struck within its year."""
    with tempfile.TemporaryDirectory() as folder:
        truth = make_marketplace(seed, Path(folder))
        source = FactSource(Path(folder))
        found = DuckDBEngine().assess(source, pack, truth.last_day, truth.last_day).violations.to_pylist()
    clean = [row for row in found if row["explanation"] and row["account_id"] not in truth.accounts]
    struck = Counter((json.loads(row["explanation"])["rule"], row["account_id"][0]) for row in clean)
    of = {"seller": ("S", 2_000), "buyer": ("B", 20_000)}
    watches = [(watch, *of[pack.reasons[watch.reason].holder_kind]) for watch in pack.watches.values()]
    return {watch.name: struck[str(watch.rule), letter] / many for watch, letter, many in watches}


def main(arguments: Sequence[str]) -> None:
    """Print both rates for each watch."""
    pack = load_pack(arguments[0] if arguments else "amazon")
    accounts = int(arguments[1]) if len(arguments) > 1 else 2_000
    drawn, made = drawn_rates(pack, accounts), marketplace_rates(pack)
    print(f"{'watch':24}{'drawn accounts':>18}{'made-up marketplace':>22}")
    for watch in pack.watches.values():
        told = "-" if isinstance(watch, Travel) else f"{drawn[watch.name]:.2%}"
        print(f"{watch.name:24}{told:>18}{made[watch.name]:>22.2%}")


if __name__ == "__main__":
    main(sys.argv[1:])
