"""`policy validate` reads the lists beside the policy as well: those that check plans and those that read notices (requirement K2)."""

from dataclasses import replace
from pathlib import Path

import pytest

from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.packs.lists import check_lists
from goodstanding.packs.loader import available_packs, load_pack


def lines_of(name: str, pack: PolicyPack) -> list[str]:
    with pytest.raises(InvalidPack) as caught:
        check_lists(name, pack)
    return [finding.line() for finding in caught.value.findings]


@pytest.mark.parametrize("name", available_packs())
def test_the_shipped_lists_have_no_mistakes(name: str) -> None:
    check_lists(name, load_pack(name))


def test_an_expression_that_cannot_be_read_and_a_check_without_a_text_are_both_told() -> None:
    pack = load_pack("amazon")
    checks = pack.words["en"].checks
    assert checks is not None
    texts = {code: said for code, said in checks.texts.items() if code != "vague"}
    broken = replace(checks, phrases={**checks.phrases, "rude": ("(lawyer", "fine")}, texts=texts)
    told = lines_of("amazon", replace(pack, words={**pack.words, "en": replace(pack.words["en"], checks=broken)}))
    assert [line.split(": error:")[0] for line in told] == ["words.en.checks.phrases.rude", "words.en.checks.texts.vague"]
    assert "'(lawyer' cannot be read" in told[0]


def test_mistakes_in_the_lists_for_notices_are_told_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes((Path(__file__).parents[2] / "src" / "goodstanding" / "packs" / "minimal" / "pack.toml").read_bytes())
    (tmp_path / "reading").mkdir()
    (tmp_path / "reading" / "rules.toml").write_text('[system]\nname = "Shop"\n', encoding="utf-8")
    told = lines_of(str(tmp_path), load_pack(str(tmp_path)))
    assert any(line.startswith("reading/rules.toml") for line in told)
