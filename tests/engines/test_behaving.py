"""Behaviour out of line is the same in the engine as in the rules, whatever was told late, told again or caused by ourselves (A6, B13-B15)."""

from datetime import datetime, timedelta
from random import Random

import duckdb
import pytest

from goodstanding.core.facts import Account, Complaint, ListingChange, Message, Order, SignIn
from goodstanding.core.health.known import AccountFacts, Days, key_of, recorded
from goodstanding.core.health.violations import behaviour_violations, violations
from goodstanding.core.policy.pack import PolicyPack, Share, Surge, Travel, Watch
from goodstanding.core.terms import BehaviourRule, FoundBy, HolderKind
from goodstanding.engines.duckdb import assess_facts
from goodstanding.engines.rows import Collected
from tests.fact_tables import fill
from tests.factories import CITED, make_pack, make_reason

START = datetime(2026, 3, 1)
LENGTH = 14
LAST = (START + timedelta(days=LENGTH)).date()
HOLDERS = ("ann", "bob", "cyd")


def watch_of(rule: BehaviourRule, holder_kind: str) -> Watch:
    common = (f"{rule} {holder_kind}", rule, f"odd_{holder_kind}", 1 + len(rule) % 3, CITED)
    if rule is BehaviourRule.IMPOSSIBLE_TRAVEL:
        return Travel(*common, fastest_kmh=300, least_km=200)
    if rule in (BehaviourRule.MESSAGES_PER_ORDER, BehaviourRule.OFF_TOPIC_MESSAGES):
        return Share(*common, window_days=4, minimum=2, most_percent=60, topics=frozenset({"marketing"}))
    numbers = {"minimum": 3, "times": 2, "history_days": 6, "least_history_days": 2, "one_in": 4, "floor_per_100_days": 10, "dispersion_percent": 110}
    return Surge(*common, **numbers, minimums={"USD": 25} if rule is BehaviourRule.AMOUNT_SPENT else {})


def watching_pack() -> PolicyPack:
    """Every rule watched for sellers and for buyers, so loosely that a few facts set it off."""
    reasons = {
        f"odd_{kind}": make_reason(f"odd_{kind}", requirement="B15", found_by=FoundBy.BEHAVIOUR, holder_kind=HolderKind(kind))
        for kind in ("seller", "buyer")
    }
    watches = {watch.name: watch for rule in BehaviourRule for kind in ("seller", "buyer") if (watch := watch_of(rule, kind))}
    pack = make_pack()
    return make_pack(reasons={**pack.reasons, **reasons}, watches=watches)


def crowded(seed: int) -> AccountFacts:
    """Few days, many rows: bursts, corrections, late news and effects of our own enforcement meet."""
    dice = Random(seed)

    def moment(most: int = LENGTH * 4) -> datetime:
        return START + timedelta(hours=6 * dice.choice((dice.randrange(most), most // 2, most // 2 + 1)))

    def common() -> dict:
        late = dice.choice((None, None, None, moment()))
        return {"recorded_at": late, "caused_by": dice.choice((None,) * 6 + ("action",))}

    def some(make, many: int) -> list:
        rows = [make(n) for n in range(many)]
        return list({(key_of(row), recorded(row)): row for row in rows}.values())

    who = lambda: dice.choice(HOLDERS)  # noqa: E731
    return AccountFacts(
        "all",
        accounts=some(lambda n: Account(who(), dice.choice(("seller", "buyer")), dice.choice(("US", "DE")), moment(), **common()), 5),
        orders=some(
            lambda n: Order(
                f"o{dice.randrange(60)}",
                who(),
                moment(),
                buyer_id=dice.choice((None, *HOLDERS)),
                amount=dice.choice((None, 3.5, 12.25, 40.0)),
                currency=dice.choice((None, "USD", "EUR")),
                units=dice.choice((None, 1, 4)),
                marketplace=dice.choice((None, "US", "DE")),
                shipped_at=dice.choice((None, moment())),
                **common(),
            ),
            60,
        ),
        complaints=some(
            lambda n: Complaint(f"c{n % 20}", who(), "counterfeit", moment(), source=dice.choice((None, "buyer", "rights_owner")), **common()), 26
        ),
        messages=some(
            lambda n: Message(
                f"m{n % 50}", who(), moment(), dice.choice(("to_buyer", "to_buyer", "from_buyer")), topic=dice.choice((None, "marketing")), **common()
            ),
            60,
        ),
        sign_ins=some(
            lambda n: SignIn(
                f"i{n % 30}",
                who(),
                moment(),
                dice.choice((None, "phone", "laptop")),
                dice.choice((None, "US", "DE", "CN", "XX")),
                dice.choice((True, True, None)),
                **common(),
            ),
            36,
        ),
        listing_changes=some(lambda n: ListingChange(f"l{n % 50}", who(), "p", moment(), **common()), 60),
    )


def of_account(facts: AccountFacts, account_id: str) -> AccountFacts:
    names = ("accounts", "orders", "complaints", "messages", "sign_ins", "listing_changes")
    return AccountFacts(account_id, **{name: getattr(facts, name) for name in names})


def by_engine(facts: AccountFacts, pack: PolicyPack, last) -> list[dict]:
    with duckdb.connect(config={"threads": 1}) as con:
        fill(con, facts)
        sink = Collected()
        assess_facts(con, pack, sink, last, last)
        return [row for row in sink.tables()[2].to_pylist() if row["explanation"]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(30))
def test_the_engine_finds_what_the_rules_find(seed: int) -> None:
    pack, facts = watching_pack(), crowded(seed)
    for last in (LAST - timedelta(days=6), LAST):
        own = [violation for name in HOLDERS for violation in behaviour_violations(pack, of_account(facts, name), last, Days())]
        expected = {v.violation_id: (v.account_id, v.opened, v.closed, v.subject_ids, v.explanation) for v in own}
        rows = by_engine(facts, pack, last)
        found = {r["violation_id"]: (r["account_id"], r["opened"], r["closed"], tuple(r["subject_ids"]), r["explanation"]) for r in rows}
        assert found == expected


def test_the_seeds_set_off_every_rule() -> None:
    """Or the test above would say nothing of a rule."""
    pack = watching_pack()
    seen = {violation.explanation.split('"rule": "')[1].split('"')[0] for seed in range(30) for name in HOLDERS
            for violation in violations(pack, of_account(crowded(seed), name), LAST) if violation.explanation}  # fmt: skip
    assert seen == {str(rule) for rule in BehaviourRule}
