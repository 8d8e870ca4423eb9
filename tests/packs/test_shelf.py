"""A shelf of versions: any past day is judged by the pack of that day (requirement A6)."""

from datetime import date
from pathlib import Path

import pytest

from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.packs.loader import find_pack, load_pack_on


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Two versions of the minimal pack: a file, and a folder of its own."""
    text = find_pack("minimal").read_text(encoding="utf-8")
    (tmp_path / "old.toml").write_text(
        text.replace("effective_from = 2026-01-01", "effective_from = 2025-01-01").replace('version = "1"', 'version = "0"'), encoding="utf-8"
    )
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "pack.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("day", "version"), [(date(2025, 12, 31), "0"), (date(2026, 1, 1), "1"), (None, "1")])
def test_the_version_in_force_on_the_day_is_taken(shelf: Path, day: date | None, version: str) -> None:
    assert load_pack_on(str(shelf), day).version == version


def test_a_day_before_the_first_version_is_told_from_when_there_is_one(shelf: Path) -> None:
    with pytest.raises(UnusableInput, match="minimal@0, is from 2025-01-01"):
        load_pack_on(str(shelf), date(2024, 6, 1))


def test_an_empty_shelf_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"a \.toml file or a folder that holds pack\.toml"):
        load_pack_on(str(tmp_path), None)


def test_a_name_a_file_and_a_folder_are_what_they_always_were(shelf: Path) -> None:
    assert load_pack_on("amazon", date(2020, 1, 1)).id == "amazon"
    assert load_pack_on(str(shelf / "old.toml"), date(2020, 1, 1)).version == "0"
    assert load_pack_on(str(shelf / "new"), date(2020, 1, 1)).version == "1"
