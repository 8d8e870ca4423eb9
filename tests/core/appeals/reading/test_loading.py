"""Word lists are checked like a pack: every mistake with its place."""

from datetime import date

import pytest

from goodstanding.core.appeals.reading.loading import read_words
from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.tables import PackFile

RULES = {
    "source": "ours",
    "as_of": date(2026, 1, 1),
    "system": {"name": "shop", "says": ["shop"], "hosts": ["shop.example"]},
    "sure": {"says": 80, "hints": 40, "more": 5},
    "identifiers": {"products": ["(p99)"], "orders": []},
    "reasons": {"LATE": {}},
}


def mistakes(**language: object) -> list[str]:
    file = {"language": "en", "source": "ours", "as_of": RULES["as_of"], **language}
    with pytest.raises(InvalidPack) as caught:
        read_words([PackFile("rules.toml", RULES), PackFile("en.toml", file)])
    return [finding.line() for finding in caught.value.findings]


def test_a_code_that_nobody_explains_is_a_mistake_with_a_hint() -> None:
    assert mistakes(reasons={"LATTE": {"says": ["late"]}}) == ["en.toml: reasons.LATTE: error: is no code of the rules (did you mean 'LATE'?)"]


def test_an_expression_that_cannot_be_read_names_its_list() -> None:
    found = mistakes(reasons={"LATE": {"says": ["{late"]}})
    assert found[0].startswith("en.toml: reasons.LATE.says: error: '{late': a bracket is never closed")


def test_a_family_that_cannot_be_read_names_itself() -> None:
    found = mistakes(families={"off": ["{closed"]})
    assert found[0].startswith("en.toml: families.off: error: a bracket is never closed")


def test_a_key_that_does_not_exist_is_a_mistake() -> None:
    assert "sais" in mistakes(reasons={"LATE": {"sais": ["late"]}})[0]
