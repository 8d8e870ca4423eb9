"""Which accounts are related, and what follows for those related to one under enforcement."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.facts import Identifier
from goodstanding.core.linkage.clusters import find_clusters
from goodstanding.core.linkage.relations import Enforced, Holder, Relation, find_relation_violations, find_relations
from goodstanding.core.policy.pack import IdentifierWeight, Linkage, PolicyPack
from goodstanding.core.terms import FoundBy, HolderKind, IdentifierKind
from tests.factories import CITED, make_pack, make_reason

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
LINKAGE = Linkage(
    weights={
        IdentifierKind.BANK_ACCOUNT: IdentifierWeight(120, False),
        IdentifierKind.DEVICE: IdentifierWeight(70, False),
        IdentifierKind.PAYMENT_INSTRUMENT: IdentifierWeight(60, False),
        IdentifierKind.WIFI: IdentifierWeight(30, True),
        IdentifierKind.ADDRESS: IdentifierWeight(25, True),
        IdentifierKind.IP: IdentifierWeight(10, True),
    },
    hub=50,
    household_cap=30,
    relate_at=50,
    propose_at=100,
    citation=CITED,
)
HOLDERS = {name: Holder("seller", date(2025, 1, 1)) for name in "ABCDE"}


def use(account: str, kind: str, value: str, day: int = 0, last: int | None = None) -> Identifier:
    return Identifier(account, kind, value, DAY_ONE + timedelta(days=day), None if last is None else DAY_ONE + timedelta(days=last))


def pack(linkage: Linkage | None = LINKAGE) -> PolicyPack:
    reasons = (
        make_reason("RELATED_ACCOUNT", requirement="B16", found_by=FoundBy.RELATION),
        make_reason("NEW_ACCOUNT_AFTER_SUSPENSION", requirement="B17", found_by=FoundBy.RELATION),
        make_reason("BUYER_LINKED", requirement="B16", found_by=FoundBy.RELATION, holder_kind=HolderKind.BUYER),
    )
    return make_pack(reasons={reason.code: reason for reason in reasons}, linkage=linkage)


def related(*uses: Identifier) -> tuple[Relation, ...]:
    return find_relations(uses, LINKAGE)


def test_two_accounts_on_one_bank_account_and_one_device_are_related_with_both_as_evidence() -> None:
    """B16: the relation carries its score, each piece with its share, its sharers, and the uses on both sides."""
    (relation,) = related(
        use("B", "bank_account", "XX1", 3, 40), use("A", "bank_account", "XX1", 5, 60), use("A", "device", "d", 1), use("B", "device", "d", 9)
    )
    assert (relation.account_a, relation.account_b, relation.score) == ("A", "B", 190)
    bank, device = relation.evidence
    assert (bank.kind, bank.value, bank.sharers, bank.share) == ("bank_account", "XX1", 2, 120)
    assert (bank.first_a, bank.last_a, bank.first_b, bank.last_b) == tuple(DAY_ONE + timedelta(days=n) for n in (5, 60, 3, 40))
    assert (device.share, device.last_a) == (70, None)


def test_a_household_of_two_is_not_even_shown_as_related() -> None:
    assert related(*(use(name, kind, "home") for name in "AB" for kind in ("wifi", "address", "ip"))) == ()


def test_a_hub_relates_nobody_however_heavy_its_kind() -> None:
    assert related(*(use(f"S-{n}", "bank_account", "provider") for n in range(51))) == ()


def test_the_guests_of_a_coworking_room_come_nowhere_near_a_proposal() -> None:
    guests = [use(f"S-{n:02d}", kind, "room") for n in range(47) for kind in ("wifi", "ip")]
    every_pair = find_relations(guests, replace(LINKAGE, relate_at=1))
    assert len(every_pair) == 47 * 46 // 2
    assert max(relation.score for relation in every_pair) <= 5


def test_a_kind_without_a_weight_says_nothing() -> None:
    assert related(use("A", "document", "P1"), use("B", "document", "P1")) == ()


def test_using_an_identifier_twice_says_no_more_than_once_and_widens_the_time() -> None:
    (relation,) = related(use("A", "bank_account", "x", 5, 6), use("A", "bank_account", "x", 2, 9), use("B", "bank_account", "x", 3))
    assert relation.score == 120
    assert (relation.evidence[0].first_a, relation.evidence[0].last_a) == (DAY_ONE + timedelta(days=2), DAY_ONE + timedelta(days=9))


USES = st.lists(
    st.builds(
        use,
        st.sampled_from("ABCDEF"),
        st.sampled_from([*LINKAGE.weights, "document"]),
        st.sampled_from("xyz"),
        st.integers(0, 30),
        st.none() | st.integers(30, 60),
    ),
    max_size=40,
)


@given(USES, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_nothing(uses: list[Identifier], dice: Any) -> None:
    relations = related(*uses)
    shuffled = list(uses)
    dice.shuffle(shuffled)
    assert related(*shuffled) == relations
    backwards = list(relations)
    dice.shuffle(backwards)
    assert find_clusters(backwards) == find_clusters(relations)


@given(USES)
def test_shares_add_up_to_the_score_and_only_pairs_above_the_bound_are_related(uses: list[Identifier]) -> None:
    for relation in related(*uses):
        assert relation.account_a < relation.account_b
        assert relation.score == sum(shared.share for shared in relation.evidence) >= LINKAGE.relate_at


@given(USES)
def test_clusters_part_the_related_accounts(uses: list[Identifier]) -> None:
    relations = related(*uses)
    clusters = find_clusters(relations)
    accounts = [account for cluster in clusters for account in cluster.accounts]
    assert sorted(accounts) == sorted({account for r in relations for account in (r.account_a, r.account_b)})
    home = {account: cluster.cluster_id for cluster in clusters for account in cluster.accounts}
    assert all(home[r.account_a] == home[r.account_b] for r in relations)


def test_a_chain_is_one_cluster_named_after_its_first_account() -> None:
    chain = [("A", "B"), ("B", "C"), ("D", "E")]
    relations = related(*(use(name, "device", f"{pair}") for pair in chain for name in pair))
    assert [(cluster.cluster_id, cluster.accounts) for cluster in find_clusters(relations)] == [("K-A", ("A", "B", "C")), ("K-D", ("D", "E"))]


def violations(*enforced: Enforced, uses: tuple[Identifier, ...] = (), holders: dict[str, Holder] | None = None):
    uses = uses or (use("A", "bank_account", "x", 10), use("B", "bank_account", "x", 20))
    return find_relation_violations(related(*uses), enforced, holders or HOLDERS, pack())


def test_an_account_related_to_a_deactivated_one_violates_from_the_day_of_the_deactivation() -> None:
    (found,) = violations(Enforced("A", "ACT-1", date(2026, 3, 1)))
    assert (found.account_id, found.other_id, found.action_id, found.reason.code) == ("B", "A", "ACT-1", "RELATED_ACCOUNT")
    assert (found.opened, found.closed) == (date(2026, 3, 1), None)


def test_where_they_came_to_share_something_later_it_opens_on_that_day() -> None:
    """Evidence counts from the day both used it: the device alone says too little, the bank account comes on the 21st."""
    uses = tuple(
        use(name, kind, "x", day) for name, kind, day in (("A", "device", 0), ("B", "device", 1), ("A", "bank_account", 0), ("B", "bank_account", 20))
    )
    (found,) = violations(Enforced("A", "ACT-1", date(2026, 1, 5)), uses=uses)
    assert found.opened == date(2026, 1, 21)


def test_when_the_other_account_comes_free_so_does_this_one() -> None:
    """I1: what was held only because of another account ends with it."""
    (found,) = violations(Enforced("A", "ACT-1", date(2026, 3, 1), date(2026, 4, 1)))
    assert found.closed == date(2026, 4, 1)


def test_an_enforcement_that_was_over_before_they_shared_anything_says_nothing() -> None:
    assert violations(Enforced("A", "ACT-1", date(2026, 1, 2), date(2026, 1, 10))) == ()


def test_a_device_alone_proposes_nothing() -> None:
    assert violations(Enforced("A", "ACT-1", date(2026, 3, 1)), uses=(use("A", "device", "d"), use("B", "device", "d"))) == ()


def test_an_account_opened_under_enforcement_of_its_twin_is_a_successor() -> None:
    """B17."""
    (found,) = violations(Enforced("A", "ACT-1", date(2025, 12, 1)), holders=HOLDERS | {"B": Holder("seller", date(2025, 12, 20))})
    assert found.reason.code == "NEW_ACCOUNT_AFTER_SUSPENSION"


def test_a_buyer_gets_the_reason_for_buyers_and_a_stranger_none() -> None:
    struck = Enforced("A", "ACT-1", date(2026, 3, 1))
    (found,) = violations(struck, holders={"B": Holder("buyer", date(2025, 1, 1))})
    assert found.reason.code == "BUYER_LINKED"
    assert violations(struck, holders={"A": HOLDERS["A"]}) == ()


def test_two_accounts_under_enforcement_do_not_accuse_each_other_in_circles() -> None:
    first, second = Enforced("A", "ACT-1", date(2026, 3, 1)), Enforced("B", "ACT-2", date(2026, 3, 10))
    assert [(v.account_id, v.action_id) for v in violations(first, second)] == [("B", "ACT-1")]


def test_a_pack_without_linkage_accuses_nobody() -> None:
    relations = related(use("A", "bank_account", "x"), use("B", "bank_account", "x"))
    assert find_relation_violations(relations, [Enforced("A", "ACT-1", date(2026, 3, 1))], HOLDERS, pack(linkage=None)) == ()
