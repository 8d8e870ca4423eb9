"""How often a diagnosis names the planted cause, and how often it claims one where there is none.

    python -m benchmarks.diagnosis [--cases 1000] [--metric NAME]

Each case is one made-up seller: 150 to 1,500 orders in 120 days, 2 to 5 carriers, 1 to 4 warehouses, 5 to 60 products in batches that follow one
another, 2 to 4 employees who sign in on their working days, changes of product pages. A base rate of 0.5 to 4 % goes wrong everywhere. Cases with
a cause have one of: a carrier, a warehouse, a product batch, a week, an employee on whose days more goes wrong, by 2 to 60 more of a hundred.

A cause is *detectable* where the exact test on the planted group alone (nothing else known, the same orders) stays below the allowed chance of
a false claim after it is multiplied by the number of looks that the diagnosis could have made. Right: the first cause named is the planted
one; for a week, at least half of what went wrong in either went wrong in both.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log
from random import Random

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose
from goodstanding.core.appeals.diagnosis.exact import log_tail
from goodstanding.core.appeals.diagnosis.gathering import gather
from goodstanding.core.appeals.diagnosis.model import Background, Cause, Item
from goodstanding.core.facts import Account, Defect, ListingChange, Order, SignIn
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.packs.loader import load_pack

LAST = date(2026, 6, 30)
DAYS = 120
SELLER = "S-1"
PLANTS = ("carrier", "warehouse", "batch", "week", "employee")
METRICS = ("late_shipment_rate_30d", "order_defect_rate", "on_time_delivery_rate", "valid_tracking_rate")


@dataclass(frozen=True)
class Case:
    """One seller, and what was planted: (dimension, value), a week as its first day."""

    facts: AccountFacts
    background: Background
    metric: str
    plant: tuple[str, str] | None


def make_case(seed: int, *, planted: bool, metrics: tuple[str, ...] = METRICS) -> Case:
    """The case of a seed; the same seed makes the same case everywhere."""
    return _Maker(Random(f"diagnosis {seed} {planted}"), planted, metrics).case()


class _Maker:
    def __init__(self, dice: Random, planted: bool, metrics: tuple[str, ...]) -> None:
        self.dice, self.metric = dice, dice.choice(metrics)
        self.count = int(150 * 10 ** dice.random())
        self.base, self.more = dice.uniform(0.005, 0.04), dice.uniform(0.02, 0.6)
        self.carriers = [f"carrier-{n}" for n in range(dice.randint(2, 5))]
        self.warehouses = [f"warehouse-{n}" for n in range(dice.randint(1, 4))]
        self.products = [f"P-{n:02}" for n in range(dice.randint(5, 60))]
        self.batch_days = dice.randint(15, 60)
        self.employees = [f"employee-{n}" for n in range(dice.randint(2, 4))]
        days = [LAST - timedelta(days=n) for n in range(DAYS)]
        self.rota = {day: {name for name in self.employees if dice.random() < 0.45} or {self.employees[0]} for day in days}
        self.kind = dice.choice(PLANTS) if planted else None
        self.orders, self.defects, self.values = list[Order](), list[Defect](), dict[str, dict[str, str]]()
        self.plant: tuple[str, str] | None = None

    def case(self) -> Case:
        drawn = [self._drawn(number) for number in range(self.count)]
        if self.kind:
            self.plant = self._choose(drawn)
        for number, (placed, shipped, values) in enumerate(drawn):
            goes_wrong = self.dice.random() < self.base + (self.more if self._is_hit(placed, shipped, values) else 0)
            self._record(f"O-{number:04}", placed, shipped, values, goes_wrong)
        accounts = [Account(SELLER, "seller", "US", datetime(2025, 1, 1))]
        facts = AccountFacts(SELLER, accounts, self.orders, self.defects, sign_ins=self._sign_ins(), listing_changes=self._changes())
        users = {f"{day}-{name}": {"user": name} for day, names in self.rota.items() for name in names}
        return Case(facts, Background(self.values, users), self.metric, self.plant)

    def _drawn(self, number: int) -> tuple[datetime, datetime, dict[str, str]]:
        dice = self.dice
        placed = datetime.combine(LAST, datetime.min.time()) - timedelta(days=dice.uniform(1, DAYS - 1))
        product = self.products[min(int(dice.paretovariate(0.8)) - 1, len(self.products) - 1)]
        age = (placed.date() - (LAST - timedelta(days=DAYS))).days
        values = {
            "carrier": self.carriers[min(int(dice.paretovariate(1)) - 1, len(self.carriers) - 1)],
            "warehouse": dice.choice(self.warehouses),
            "product_id": product,
            "batch": f"{product}/{age // self.batch_days}",
        }
        return placed, placed + timedelta(days=dice.uniform(0.2, 2)), values

    def _choose(self, drawn: list[tuple[datetime, datetime, dict[str, str]]]) -> tuple[str, str]:
        if self.kind == "week":
            return "week", (
                LAST - timedelta(days=self.dice.randint(40, 60) if self.metric == "order_defect_rate" else self.dice.randint(14, 27))
            ).isoformat()
        if self.kind == "employee":
            return "employee", self.dice.choice(self.employees)
        assert self.kind is not None
        recent = [values[self.kind] for placed, _, values in drawn if (LAST - placed.date()).days < 30]
        return self.kind, self.dice.choice(recent)

    def _is_hit(self, placed: datetime, shipped: datetime, values: dict[str, str]) -> bool:
        if self.plant is None:
            return False
        kind, value = self.plant
        if kind == "week":
            return 0 <= (shipped.date() - date.fromisoformat(value)).days < 7
        if kind == "employee":
            return value in self.rota.get(shipped.date(), ())
        return values[kind] == value

    def _record(self, order_id: str, placed: datetime, shipped: datetime, values: dict[str, str], goes_wrong: bool) -> None:
        late = goes_wrong and self.metric == "late_shipment_rate_30d"
        slow = goes_wrong and self.metric == "on_time_delivery_rate"
        promised = shipped + timedelta(days=3)
        ship_by = shipped + timedelta(days=-1 if late else 1)
        placed = ship_by - timedelta(days=2)  # one promise for all, so that the promise itself tells nothing
        delivered = promised + timedelta(days=2 if slow else -1)
        order = Order(
            order_id, SELLER, placed, f"B-{order_id}", ship_by, shipped, promised, delivered,
            tracking_valid=not (goes_wrong and self.metric == "valid_tracking_rate"), product_id=values["product_id"],
        )  # fmt: skip
        self.orders.append(order)
        self.values[order_id] = values
        if goes_wrong and self.metric == "order_defect_rate":
            self.defects.append(Defect(f"D-{order_id}", order_id, SELLER, "claim", placed + timedelta(days=self.dice.lognormvariate(2.9, 0.5))))

    def _sign_ins(self) -> list[SignIn]:
        noon = timedelta(hours=12)
        return [
            SignIn(f"{day}-{name}", SELLER, datetime.combine(day, datetime.min.time()) + noon, f"device-of-{name}", "US", True)
            for day, names in self.rota.items()
            for name in sorted(names)
        ]

    def _changes(self) -> list[ListingChange]:
        dice = self.dice
        start = datetime.combine(LAST, datetime.min.time())
        return [
            ListingChange(
                f"C-{n}", SELLER, dice.choice(self.products), start - timedelta(days=dice.uniform(0, DAYS)), dice.choice(("title", "price"))
            )
            for n in range(dice.randint(0, 20))
        ]


@dataclass(frozen=True)
class Told:
    """What came of one case: the causes, and whether the planted one could be detected at all."""

    case: Case
    causes: tuple[Cause, ...]
    is_detectable: bool
    is_right: bool


def tell(pack: PolicyPack, case: Case) -> Told:
    """Diagnose one case and hold it against the plant."""
    metric, rules = pack.metrics[case.metric], pack.diagnosis
    assert rules is not None
    diagnosis = diagnose(pack, metric, case.facts, LAST, None, case.background)
    if case.plant is None:
        return Told(case, diagnosis.causes, False, False)
    got = gather(metric, case.facts, case.background, rules, LAST, None)
    first, last = got.mature
    by_day = case.plant[0] in ("week", "employee")
    clock = got.clocks[0]
    among = [item for item in got.items if (first <= item.days[clock] <= last if by_day else item.in_window)]
    rota = {datetime_id.rsplit("-employee", 1)[0] for datetime_id, row in case.background.sign_ins.items() if row["user"] == case.plant[1]}
    group = [item for item in among if _is_planted(case.plant, item, rota)]
    seen, bad = sum(item.is_bad for item in group), sum(item.is_bad for item in among)
    chance = log_tail(seen, len(group), bad, len(among)) if group and bad else 0.0
    is_detectable = seen >= rules.least_defects and chance + log(max(diagnosis.looks, 1)) <= log(rules.most_false_per_1000 / 1000)
    planted_bad = {item.id for item in group if item.is_bad}
    return Told(case, diagnosis.causes, is_detectable, bool(diagnosis.causes) and _is_right(case.plant, diagnosis.causes[0], planted_bad))


def _is_planted(plant: tuple[str, str], item: Item, rota: set[str]) -> bool:
    kind, value = plant
    if kind == "week":
        return "shipped_at" in item.days and 0 <= (item.days["shipped_at"] - date.fromisoformat(value)).days < 7
    if kind == "employee":
        return "shipped_at" in item.days and item.days["shipped_at"].isoformat() in rota
    return item.values.get(kind) == value


def _is_right(plant: tuple[str, str], cause: Cause, planted_bad: set[str]) -> bool:
    kind, value = plant
    if kind == "week":
        return cause.kind == "span" and 2 * len(planted_bad & set(cause.ids)) >= len(planted_bad | set(cause.ids))
    if kind == "employee":
        return (cause.dimension, cause.value) in {("sign_in_user", value), ("sign_in_device_id", f"device-of-{value}")}
    return (cause.dimension, cause.value) == (kind, value)


def main() -> int:
    """Print the figures; exit 1 where the promise (90 % right of what is detectable, at most 5 % false) is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--metric", choices=METRICS)
    parser.add_argument("--misses", action="store_true", help="print what was named instead")
    chosen = parser.parse_args()
    metrics = (chosen.metric,) if chosen.metric else METRICS
    pack = load_pack("amazon")
    false_claims = [told for told in (tell(pack, make_case(n, planted=False, metrics=metrics)) for n in range(chosen.cases)) if told.causes]
    told = [tell(pack, make_case(n, planted=True, metrics=metrics)) for n in range(chosen.cases)]
    detectable = [one for one in told if one.is_detectable]
    right = [one for one in detectable if one.is_right]
    print(f"without a cause: one claimed in {len(false_claims)} of {chosen.cases} ({100 * len(false_claims) / chosen.cases:.1f} %)")
    print(
        f"with a cause: {len(detectable)} of {chosen.cases} detectable; named first in {len(right)} ({100 * len(right) / max(len(detectable), 1):.1f} %)"
    )
    beside = [one for one in told if not one.is_detectable]
    print(
        f"not detectable: {len(beside)}, of which named {sum(one.is_right for one in beside)}, something else named {sum(bool(one.causes) and not one.is_right for one in beside)}"
    )
    for name, key in (("plant", lambda one: one.case.plant[0]), ("metric", lambda one: one.case.metric)):
        all_of, right_of = Counter(key(one) for one in detectable), Counter(key(one) for one in right)
        print(f"by {name}: " + ", ".join(f"{value} {right_of[value]}/{all_of[value]}" for value in sorted(all_of)))
    if chosen.misses:
        for one in detectable:
            if not one.is_right:
                print(
                    one.case.metric,
                    one.case.plant,
                    "named:",
                    [(c.dimension, c.value, str(c.first), str(c.last), c.defects, c.orders, f"{c.p_value:.1e}") for c in one.causes[:2]],
                )
        for one in false_claims:
            print(
                "false:",
                one.case.metric,
                [(c.dimension, c.value, str(c.first), str(c.last), c.defects, c.orders, f"{c.p_value:.1e}") for c in one.causes[:2]],
            )
    return 0 if len(right) >= 0.9 * len(detectable) and len(false_claims) <= 0.05 * chosen.cases else 1


if __name__ == "__main__":
    sys.exit(main())
