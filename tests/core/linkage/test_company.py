"""The company of three: who shares a little with two who belong together is shown, and no more (requirement B16)."""

from datetime import UTC, datetime, timedelta

from goodstanding.core.facts import Identifier
from goodstanding.core.linkage.clusters import find_clusters, strong_enough
from goodstanding.core.linkage.relations import Relation, find_relations
from goodstanding.packs.loader import load_pack

LINKAGE = load_pack("amazon").linkage
assert LINKAGE is not None
DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def use(accounts: str, kind: str, value: str = "x", first: int = 0, last: int | None = None) -> list[Identifier]:
    ended = None if last is None else DAY_ONE + timedelta(days=last)
    return [Identifier(account, kind, value, DAY_ONE + timedelta(days=first), ended) for account in accounts]


def related(*uses: list[Identifier]) -> dict[str, Relation]:
    assert LINKAGE is not None
    return {one.account_a + one.account_b: one for one in find_relations([use for some in uses for use in some], LINKAGE)}


def test_an_adapter_of_three_strangers_relates_nobody() -> None:
    assert related(use("ABC", "mac")) == {}


def test_where_two_of_the_three_share_a_bank_account_the_third_is_shown_with_both() -> None:
    found = related(use("ABC", "mac"), use("AB", "bank_account"))
    assert {pair: one.score for pair, one in found.items()} == {"AB": 148, "AC": 45, "BC": 45}
    (piece,) = found["AC"].evidence
    assert (piece.share, piece.company) == (45, True)
    assert not any(piece.company for piece in found["AB"].evidence), "the two need no company"


def test_company_alone_makes_no_cluster_and_so_no_proposal() -> None:
    assert LINKAGE is not None
    (cluster,) = find_clusters(strong_enough(related(use("ABC", "mac"), use("AB", "bank_account")).values(), LINKAGE))
    assert cluster.accounts == ("A", "B")


def test_a_home_of_three_vouches_for_nobody_by_what_a_home_explains() -> None:
    """A family with a tablet: what the two share beside the home is explained by it."""
    found = related(use("ABC", "wifi"), use("ABC", "ip"), use("AB", "device"))
    assert {pair: one.score for pair, one in found.items() if one.score > 40} == {}


def test_what_the_third_used_before_the_others_began_puts_it_in_no_company() -> None:
    assert set(related(use("AB", "mac", first=100), use("C", "mac", last=10), use("AB", "bank_account"))) == {"AB"}


def test_a_room_of_many_is_no_company() -> None:
    assert set(related(use("ABCDEFGHIJ", "wifi"), use("AB", "bank_account"))) == {"AB"}
