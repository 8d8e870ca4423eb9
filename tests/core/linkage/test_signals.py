"""What one shared identifier says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.linkage.signals import mask, share_of, shares
from goodstanding.core.policy.pack import IdentifierWeight

WEIGHTS = {
    "bank_account": IdentifierWeight(120, False),
    "wifi": IdentifierWeight(30, True),
    "address": IdentifierWeight(45, True),
    "ip": IdentifierWeight(10, True),
}


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


def test_what_a_household_shares_counts_once_and_capped() -> None:
    """Home network, address and Wi-Fi are one piece of evidence, not three."""
    pieces = {("address", "12 Mill Road"): 2, ("wifi", "WLAN"): 2, ("ip", "240.0.0.1"): 2, ("bank_account", "XX00"): 2}
    assert shares(pieces, WEIGHTS, 30) == {
        ("address", "12 Mill Road"): 30,
        ("wifi", "WLAN"): 0,
        ("ip", "240.0.0.1"): 0,
        ("bank_account", "XX00"): 120,
    }


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
