"""Amounts of money as people type and read them."""

import pytest

from goodstanding.server.services.held_money import parse_amount, say_amount


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("120.50", "EUR", 12_050),
        ("120,5", "EUR", 12_050),
        (" 1 200 ", "EUR", 120_000),
        ("120", "JPY", 120),
        ("1.234", "KWD", 1_234),
        ("1.234", "EUR", None),  # a thousand and some, or one and some: nobody can tell
        ("120.5", "JPY", None),
        ("-5", "EUR", None),
        ("much", "EUR", None),
        ("12", "EURO", None),
    ],
)
def test_an_amount_is_read_in_the_currencys_smallest_unit_or_not_at_all(text: str, currency: str, amount: int | None) -> None:
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "said"), [(12_050, "EUR", "120.50 EUR"), (5, "EUR", "0.05 EUR"), (120, "JPY", "120 JPY"), (1_234, "KWD", "1.234 KWD")]
)
def test_an_amount_is_said_as_it_can_be_typed(amount: int, currency: str, said: str) -> None:
    assert say_amount(amount, currency) == said
    assert parse_amount(said.split()[0], currency) == amount
