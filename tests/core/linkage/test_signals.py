"""What one shared identifier says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.linkage.signals import mask, order_of, share_of
from goodstanding.core.terms import UseOrder


def test_between_two_accounts_an_identifier_says_all_it_weighs() -> None:
    assert share_of(70, 2) == 70


@pytest.mark.parametrize(("sharers", "share"), [(3, 63), (4, 50), (8, 33), (16, 25), (64, 16), (1024, 10)])
def test_the_more_share_it_the_less_it_says_by_the_binary_logarithm(sharers: int, share: int) -> None:
    assert share_of(100, sharers) == share


@pytest.mark.parametrize("sharers", [0, 1])
def test_what_nobody_shares_says_nothing(sharers: int) -> None:
    assert share_of(100, sharers) == 0


@given(st.integers(0, 500), st.integers(2, 2_000))
def test_one_more_sharer_never_says_more(weight: int, sharers: int) -> None:
    assert 0 <= share_of(weight, sharers + 1) <= share_of(weight, sharers) <= weight


def test_of_some_kinds_three_say_more_than_a_pair() -> None:
    """Of accounts on one device a pair is often a family, three seldom are (`data.md` section 3)."""
    assert [share_of(90, sharers, 65) for sharers in (2, 3, 4, 6, 12)] == [65, 90, 63, 45, 30]


@given(st.integers(0, 500), st.integers(3, 2_000))
def test_from_three_on_one_more_sharer_never_says_more(weight: int, sharers: int) -> None:
    assert 0 <= share_of(weight, sharers + 1, weight) <= share_of(weight, sharers, weight) <= weight


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ((0, 10), (5, 20), UseOrder.TOGETHER),
        ((0, 10), (17, 20), UseOrder.TOGETHER),
        ((0, 10), (18, 20), UseOrder.A_FIRST),
        ((18, 20), (0, 10), UseOrder.B_FIRST),
        ((0, None), (18, 20), UseOrder.TOGETHER),
    ],
)
def test_before_during_and_after(a: tuple[int, int | None], b: tuple[int, int | None], order: UseOrder) -> None:
    """A use whose end nobody knows goes on; a week between two uses is no hand-over."""
    moments = [None if n is None else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in (*a, *b)]
    assert order_of(*moments, timedelta(days=7)) is order


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("ip", "240.12.34.56", "240.12.x.x"),
        ("ip", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:x:x:x:x"),
        ("mac", "02:1a:2b:3c:4d:5e", "02:1a:2b:x:x:x"),
        ("email", "ada.winter@post.invalid", "a…@post.invalid"),
        ("bank_account", "XX00 TEST 000000001234", "…1234"),
        ("payment_instrument", "card-00aa11bb22", "…bb22"),
        ("phone", "+999 000 0012345", "…45"),
        ("address", "12 Mill Road, Exampleton", "…, Exampleton"),
        ("address", "12 Mill Road", "…ad"),
        ("tax_id", "1234", "…"),
        ("bank_account", "123456", "…56"),
        ("ip", "odd", "…"),
    ],
)
def test_a_reviewer_sees_enough_to_recognise_a_value_and_too_little_to_use_it(kind: str, value: str, shown: str) -> None:
    """K5: identifiers are shown masked."""
    assert mask(kind, value) == shown


@given(st.sampled_from(["ip", "mac", "email", "address", "bank_account", "phone", "device"]), st.text(min_size=1))
def test_no_value_is_shown_whole(kind: str, value: str) -> None:
    shown = mask(kind, value)
    assert shown != value or "x" in value or "…" in value
