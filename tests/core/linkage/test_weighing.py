"""What all that two accounts share says together, with the reference pack: rings apart from those who only look like one."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.facts import Identifier
from goodstanding.core.linkage.clusters import find_clusters, strong_enough
from goodstanding.core.linkage.relations import Enforced, Holder, Relation, find_relations
from goodstanding.core.terms import Doubt, UseOrder
from goodstanding.packs.loader import load_pack

LINKAGE = load_pack("amazon").linkage
assert LINKAGE is not None
DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
HOME = ("wifi", "address", "ip")
SOLD = ("phone", "email", "address", "company_number", "device")


def use(account: str, kind: str, value: str = "x", first: int = 0, last: int | None = None) -> Identifier:
    return Identifier(account, kind, value, DAY_ONE + timedelta(days=first), None if last is None else DAY_ONE + timedelta(days=last))


def relate(*uses: Identifier, holders: dict[str, Holder] | None = None, enforced: tuple[Enforced, ...] = ()) -> tuple[Relation, ...]:
    return find_relations(uses, LINKAGE, holders, enforced)


def has_ring(relations: tuple[Relation, ...]) -> bool:
    return bool(find_clusters(strong_enough(relations, LINKAGE)))


def test_one_bank_account_or_device_makes_two_accounts_a_cluster_but_proposes_nothing_for_the_device() -> None:
    """B16."""
    for kind in ("bank_account", "tax_id", "device", "payment_instrument", "phone"):
        (relation,) = relate(use("A", kind), use("B", kind))
        assert has_ring((relation,))
        assert relation.score < LINKAGE.propose_at or kind in ("bank_account", "tax_id")


def test_a_family_with_one_tablet_and_one_card_is_shown_with_its_home_as_what_speaks_against() -> None:
    (relation,) = relate(*(use(name, kind) for name in "AB" for kind in (*HOME, "device", "payment_instrument", "phone")))
    assert relation.score == LINKAGE.explained_cap < LINKAGE.cluster_at
    assert {piece.doubt for piece in relation.evidence} == {Doubt.HOME}
    assert not has_ring((relation,))


def test_what_four_share_at_one_place_no_family_explains() -> None:
    relations = relate(*(use(name, kind) for name in "ABCD" for kind in ("wifi", "device")))
    assert [cluster.accounts for cluster in find_clusters(strong_enough(relations, LINKAGE))] == [("A", "B", "C", "D")]


def test_clients_of_an_agency_that_share_all_its_things_are_no_ring() -> None:
    uses = [use(f"S{n:02d}", kind) for n in range(7) for kind in ("device", "mac", "phone", "email", "wifi", "ip", "address")]
    found = find_relations(uses, LINKAGE)
    assert not has_ring(found)
    assert all(sum(piece.share > 0 for piece in relation.evidence) <= 1 for relation in found), "what one provider brings counts once"


def test_a_sold_business_is_no_ring_and_a_successor_with_the_same_things_is() -> None:
    """B17: the same hand-over, but the first account was deactivated before the second was opened."""
    uses = [use("A", kind, last=100) for kind in SOLD] + [use("B", kind, first=130) for kind in SOLD]
    holders = {"A": Holder("seller", date(2025, 1, 1)), "B": Holder("seller", date(2026, 5, 1))}
    (sold,) = relate(*uses, holders=holders)
    assert (sold.score, sold.successor, has_ring((sold,))) == (LINKAGE.explained_cap, None, False)
    assert {piece.order for piece in sold.evidence} == {UseOrder.A_FIRST}
    (taken,) = relate(*uses, holders=holders, enforced=(Enforced("A", "ACT-1", date(2026, 4, 5)),))
    assert (taken.successor, has_ring((taken,))) == ("B", True)
    assert taken.score >= LINKAGE.propose_at


def test_one_telephone_number_given_out_anew_makes_nobody_a_successor() -> None:
    holders = {"A": Holder("seller", date(2025, 1, 1)), "B": Holder("seller", date(2026, 5, 1))}
    found = relate(use("A", "phone", last=80), use("B", "phone", first=130), holders=holders, enforced=(Enforced("A", "X", date(2026, 4, 1)),))
    assert not has_ring(found)


def test_a_bank_account_is_not_handed_on() -> None:
    (relation,) = relate(use("A", "bank_account", last=10), use("B", "bank_account", first=90))
    assert (relation.score, relation.evidence[0].doubt, relation.evidence[0].order) == (120, None, UseOrder.A_FIRST)


KINDS = st.sampled_from([str(kind) for kind in LINKAGE.weights])
ANY = st.lists(
    st.builds(use, st.sampled_from("ABCDEF"), KINDS, st.sampled_from("xy"), st.integers(0, 50), st.none() | st.integers(50, 90)), max_size=60
)


@given(ANY)
def test_what_has_an_innocent_explanation_never_makes_a_cluster_by_itself(uses: list[Identifier]) -> None:
    for relation in relate(*uses):
        explained = sum(piece.share for piece in relation.evidence if piece.doubt)
        assert explained <= LINKAGE.explained_cap < LINKAGE.cluster_at
        assert relation.score == sum(piece.share for piece in relation.evidence)
