"""The small language of word lists."""

import pytest

from goodstanding.core.appeals.reading.normal import normalise
from goodstanding.core.appeals.reading.patterns import BadPattern, compile_pattern

PLACEHOLDERS = {"time": r"\d+ days"}


def finds(written: str, text: str) -> bool:
    pattern = compile_pattern(written, {"賣": "卖"}, PLACEHOLDERS)
    normal = normalise(text, {"賣": "卖"}).text
    found = pattern.regex.search(normal) is not None
    assert not found or not pattern.needs or any(word in normal for word in pattern.needs), "what is needed is there whenever it is found"
    return found


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("late shipment", "Late - Shipment"),
        ("a to z claim*", "two A-to-Z claims"),
        ("suspen* {account|store}", "We suspended stores and suspended store B"),
        ("your [seller] account", "your account"),
        ("your [seller] account", "your Seller account"),
        ("[very] late", "late"),
        ("rights owner ... infring*", "A rights owner told us that some of these listings may infringe a mark"),
        ("{for|within} <time>", "within 12 days"),
        ("卖家..停用", "賣家的账户已被停用"),
        ("迟发率", "迟 发 率"),
    ],
)
def test_what_is_written_is_found(written: str, text: str) -> None:
    assert finds(written, text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("late shipment", "late. Shipment"),
        ("risk", "asterisks"),
        ("rights owner .. infring*", "rights owner of the whole long list of many other products that do infringe"),
        ("account", "accounts"),
        ("卖家..停用", "卖家。停用"),
    ],
)
def test_what_is_not_written_is_not_found(written: str, text: str) -> None:
    assert not finds(written, text)


@pytest.mark.parametrize("written", ["{a|b", "a]", "<when> it was", "...", "* alone", "{}|"])
def test_an_expression_that_cannot_be_read_is_refused_with_a_word(written: str) -> None:
    with pytest.raises(BadPattern):
        compile_pattern(written, {}, PLACEHOLDERS)
