"""From the name or the path of a policy pack to the pack: its files are read, digested and handed to `core.policy.reading`."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from goodstanding.core.errors import Finding, InvalidPack, NotFound, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.reading import read_pack
from goodstanding.core.policy.tables import PackFile, nearest
from goodstanding.core.terms import FindingSeverity

MAIN_FILE = "pack.toml"
"""The file that makes a folder a pack."""

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; a larger file is no policy that a person wrote."""

_SHIPPED = Path(__file__).parent
_STANDARD = _SHIPPED / "words"
_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)$|\s*\(at end of document\)$")


def available_packs() -> tuple[str, ...]:
    """The names of the packs that come with goodstanding."""
    return tuple(sorted(path.parent.name for path in _SHIPPED.glob(f"*/{MAIN_FILE}")))


def load_pack(name_or_path: str) -> PolicyPack:
    """A shipped pack by name (`amazon`), or one of your own by its `.toml` file or its folder.

    Raises NotFound where there is none, InvalidPack with every mistake in it, UnusableInput for a file that cannot be read.
    """
    main = find_pack(name_or_path)
    main_content = _read(main, main.name)
    included = {path.relative_to(main.parent).as_posix(): path for path in _included(main, main_content.content)}
    standard = {f"standard/{path.name}": path for path in _standard_words(main_content.content)}
    files = [main_content, *(_read(path, name) for name, path in included.items())]
    digest = _digest({main.name: main, **included, **standard})
    return read_pack(files, digest, [_read(path, name) for name, path in standard.items()])


def load_pack_on(name_or_path: str, day: date | None) -> PolicyPack:
    """The pack that was in force on a day, from a shelf: a folder of several versions of a pack, each a file or a folder of its own.

    A name, a file or a pack's own folder is taken as `load_pack` takes it, whatever the day. `day` None: the newest version. Raises
    UnusableInput where no version was in force yet, naming the first one.
    """
    shelf = Path(name_or_path)
    if name_or_path in available_packs() or not shelf.is_dir() or (shelf / MAIN_FILE).is_file():
        return load_pack(name_or_path)
    paths = sorted({*shelf.glob("*.toml"), *(path.parent for path in shelf.glob(f"*/{MAIN_FILE}"))})
    if not paths:
        raise NotFound(f"no policy pack in {shelf}; put versions there, each a .toml file or a folder that holds {MAIN_FILE}")
    versions = sorted((load_pack(str(path)) for path in paths), key=lambda pack: (pack.effective_from, pack.version))
    in_force = [pack for pack in versions if day is None or pack.effective_from <= day]
    if not in_force:
        raise UnusableInput(f"no pack in {shelf} was in force on {day}; the first, {versions[0].name}, is from {versions[0].effective_from}")
    return in_force[-1]


def find_pack(name_or_path: str) -> Path:
    """The main file of a pack. Raises NotFound with the names that exist."""
    if name_or_path in available_packs():
        return _SHIPPED / name_or_path / MAIN_FILE
    path = Path(name_or_path)
    if path.is_dir():
        path /= MAIN_FILE
    if path.is_file():
        return path
    if path.suffix or len(path.parts) > 1:
        raise NotFound(f"no policy pack at {path}; give a .toml file, a folder that holds {MAIN_FILE}, or one of: {', '.join(available_packs())}")
    raise NotFound(f"no policy pack is called '{name_or_path}' ({nearest(name_or_path, available_packs())}); a path to your own pack works too")


def included_files(main: Path) -> list[Path]:
    """The files that a pack's main file includes. Raises InvalidPack where one is not there."""
    return _included(main, _read(main, main.name).content)


def _included(main: Path, content: Mapping[str, Any]) -> list[Path]:
    names = content.get("include", [])
    if not isinstance(names, list):
        return []
    findings: list[Finding] = []
    paths = [_include(main, name, number, findings) for number, name in enumerate(names, 1) if isinstance(name, str)]
    if findings:
        raise InvalidPack(main.name, findings)
    return [path for path in paths if path is not None]


def _standard_words(content: Mapping[str, Any]) -> list[Path]:
    """The shipped words of the languages the pack declares, where it asks for them."""
    languages = content.get("languages")
    if content.get("standard_words") is not True or not isinstance(languages, list):
        return []
    return [path for path in sorted(_STANDARD.glob("*.toml")) if path.stem.removeprefix("checks.") in languages]


def _include(main: Path, name: str, number: int, findings: list[Finding]) -> Path | None:
    folder, where = main.parent.resolve(), f"{main.name}: include[{number}]"
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        findings.append(_error("include", where, f"'{name}' lies outside the pack's folder", "a pack is one folder; copy the file into it"))
    elif not path.is_file():
        have = [file.relative_to(folder).as_posix() for file in folder.rglob("*.toml") if file.name != main.name]
        findings.append(_error("include", where, f"there is no file '{name}'", nearest(name, have)))
    else:
        return main.parent / path.relative_to(folder)
    return None


def _read(path: Path, name: str) -> PackFile:
    return PackFile(name, _as_words(dict(read_file(path, name).content)))


def read_file(path: Path, name: str) -> PackFile:
    """One parsed file of a pack. Raises InvalidPack with the place of what is no TOML, UnusableInput where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnusableInput(f"{path} is larger than {LARGEST_FILE} bytes; that is no policy pack")
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidPack(name, [_syntax_error(name, str(error))]) from None
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is no UTF-8"
        raise InvalidPack(name, [_error("syntax", name, message, "save the file as UTF-8")]) from None
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror}; check the path and its permissions") from None
    return PackFile(name, content)


def _as_words(content: dict[str, Any]) -> dict[str, Any]:
    """A file that begins with `language = "en"` is that language's words as a whole, so its tables need no prefix."""
    language = content.get("language")
    if not isinstance(language, str):
        return content
    return {"words": {language: {key: value for key, value in content.items() if key != "language"}}}


def _syntax_error(name: str, message: str) -> Finding:
    place = _PLACE.search(message)
    what = _PLACE.sub("", message)
    where = f"{name}:{place[1]}:{place[2]}" if place and place[1] else name
    return _error("syntax", where, f"is no TOML: {what[:1].lower()}{what[1:]}", "quote texts, and close every bracket and quote")


def _error(code: str, where: str, message: str, hint: str) -> Finding:
    return Finding(code, FindingSeverity.ERROR, message, hint, where)


def _digest(files: Mapping[str, Path]) -> str:
    """SHA-256 over names and bytes of all files, so that a pack cannot change without its digest changing."""
    whole = hashlib.sha256()
    for name, path in files.items():
        content = path.read_bytes()
        whole.update(len(name.encode()).to_bytes(8, "big") + name.encode() + len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()
