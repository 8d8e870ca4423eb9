"""The small language of word lists."""

import pytest

from goodstanding.core.appeals.reading.normal import normalise
from goodstanding.core.appeals.reading.patterns import BadPattern, Family, compile_family, compile_pattern

NAMES = {"time": Family(r"\d+ days")}


def finds(written: str, text: str) -> bool:
    pattern = compile_pattern(written, {"賣": "卖"}, NAMES)
    normal = normalise(text, {"賣": "卖"}).text
    found = pattern.regex.search(normal) is not None
    assert not found or all(any(word in normal for word in words) for words in pattern.needs), "what is needed is there whenever it is found"
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
        compile_pattern(written, {}, NAMES)


def test_a_family_stands_for_any_of_its_words_and_for_families_told_before() -> None:
    names = {"paper": compile_family(["invoice*", "receipt"], {}, {})}
    names["thing"] = compile_family(["<paper>", "letter"], {}, names)
    found = compile_pattern("<thing> .. altered", {}, names)
    assert found.regex.search("the invoices were altered")
    assert found.regex.search("your letter is altered")
    assert not found.regex.search("your plan is altered")
    assert found.needs[0] == {"invoice", "receipt", "letter"}


def test_a_family_of_chinese_words_makes_its_expression_a_chinese_one() -> None:
    names = {"off": compile_family(["停用", "关闭"], {}, {}), "account": compile_family(["账户"], {}, {})}
    assert compile_pattern("<account> <off>", {}, names).regex.search("账户停用")


def test_only_sentences_that_hold_every_needed_word_are_looked_through() -> None:
    text = normalise("The account is open. The account is closed. Nothing else.", {})
    assert text.sentences_with([{"account"}, {"closed", "ended"}]) == [(20, 43)]
    assert text.sentences_with([{"missing"}]) == []
    assert text.sentences_with([]) == [(0, len(text.text))]
