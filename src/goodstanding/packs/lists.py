"""The lists of expressions beside a pack's policy, held to their own notations: those that check plans and those that read notices."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from goodstanding.core.appeals.checks.phrases import pattern
from goodstanding.core.appeals.checks.registry import CHECKS
from goodstanding.core.errors import Finding, InvalidPack, NotFound
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.terms import FindingSeverity
from goodstanding.packs.reading import load_reading

_HOW = "see how phrases are written at the head of packs/words/checks.en.toml"


def check_lists(name_or_path: str, pack: PolicyPack) -> None:
    """Raise InvalidPack with every expression of the pack's lists that cannot be read, and every check without a text. A pack need not read notices."""
    findings = [found for words in pack.words.values() if words.checks for found in _of_plans(words.checks)]
    try:
        with suppress(NotFound):
            load_reading(name_or_path)
    except InvalidPack as invalid:
        findings += invalid.findings
    if findings:
        raise InvalidPack(pack.id, findings)


def _of_plans(words: PlanWords) -> Iterator[Finding]:
    tables: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...] = (
        ("parts", words.parts),
        ("phrases", words.phrases),
        ("reasons", words.reasons),
        ("documents", words.documents),
    )
    for table, lists in tables:
        for name, listed in lists.items():
            for phrase in listed:
                if (wrong := _mistake(phrase)) is not None:
                    where = f"words.{words.language}.checks.{table}.{name}"
                    yield Finding("bad-expression", FindingSeverity.ERROR, f"'{phrase}' cannot be read: {wrong}", _HOW, where)
    for check in CHECKS:
        if check.code not in words.texts:
            where = f"words.{words.language}.checks.texts.{check.code}"
            yield Finding("missing", FindingSeverity.ERROR, "is missing; the check would say its code alone", "write message and hint", where)


def _mistake(phrase: str) -> str | None:
    try:
        re.compile(pattern(phrase))
    except re.error as error:
        return error.msg
    return None
