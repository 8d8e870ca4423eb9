"""The word lists with which a pack reads notices: the files of its folder `reading`, apart from the policy, which they cannot change."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from goodstanding.core.appeals.reading.loading import read_words
from goodstanding.core.appeals.reading.words import ReadingWords
from goodstanding.core.errors import NotFound
from goodstanding.packs.loader import find_pack, read_file

_TEXTS = Path(__file__).parent / "reading"


def load_reading(pack: str = "amazon") -> ReadingWords:
    """The word lists of a shipped pack by name, or of one of your own by its folder.

    Raises NotFound where the pack reads no notices, InvalidPack with every mistake in them, UnusableInput for a file that cannot be read.
    """
    folder = find_pack(pack).parent / "reading"
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise NotFound(f"the pack '{pack}' has no word lists for notices; put .toml files into {folder.name}/ beside its pack.toml")
    return _load(tuple(paths))


@cache
def _load(paths: tuple[Path, ...]) -> ReadingWords:
    return read_words([read_file(path, f"reading/{path.name}") for path in paths])


@cache
def reason_names(pack: str, language: str) -> dict[str, str]:
    """What the pack calls its reasons in a language, without loading the policy; empty where it has no file of words."""
    path = find_pack(pack).parent / "words" / f"{language}.toml"
    content = read_file(path, path.name).content.get("reasons", {}) if path.is_file() else {}
    return {code: name for code, name in content.items() if isinstance(name, str)}


@cache
def reading_texts(language: str) -> dict[str, Any]:
    """What is said about a notice that was read (names of stages, texts of warnings), in one of the languages of this project."""
    path = _TEXTS / f"{language}.toml"
    if not path.is_file():
        raise NotFound(f"there are no texts in '{language}'; there are {', '.join(sorted(file.stem for file in _TEXTS.glob('*.toml')))}")
    return tomllib.loads(path.read_text("utf-8"))
