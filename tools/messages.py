"""Message catalogues of the pages: find every text that is said, tell what a translation lacks, compile. Needs no GNU gettext.

python tools/messages.py check      says what is missing, stale or left over; exit code 1 where anything is
python tools/messages.py update     adds new texts to the catalogues (empty), drops those no longer said
python tools/messages.py compile    writes the .mo files
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "src" / "goodstanding" / "server"
LOCALES = SERVER / "locale"
LANGUAGES = ("zh_Hans", "zh_Hant")
CALLS = {
    "_": ("id",),
    "gettext": ("id",),
    "gettext_lazy": ("id",),
    "gettext_noop": ("id",),
    "ngettext": ("id", "plural"),
    "ngettext_lazy": ("id", "plural"),
    "pgettext": ("context", "id"),
    "pgettext_lazy": ("context", "id"),
    "npgettext": ("context", "id", "plural"),
}
"""What each function that marks a text takes, in order."""

_IN_TEMPLATE = re.compile(r"\b(" + "|".join(sorted(CALLS, key=len, reverse=True)) + r")\(")
_HOLE = re.compile(r"%\(\w+\)[sd]")


@dataclass(frozen=True, order=True)
class Message:
    """One text that is said: msgid, and where there are two forms, its plural; `context` tells equal texts apart."""

    id: str
    plural: str = ""
    context: str = ""


def said() -> dict[Message, list[str]]:
    """Every text of the server's Python and templates, with the files that say it."""
    found: dict[Message, list[str]] = {}
    for path in sorted(SERVER.rglob("*")):
        if path.suffix == ".py":
            messages = in_python(path.read_text(encoding="utf-8"))
        elif path.suffix == ".html":
            messages = in_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for message in messages:
            places = found.setdefault(message, [])
            place = path.relative_to(ROOT).as_posix()
            if place not in places:
                places.append(place)
    return found


def in_python(source: str) -> Iterator[Message]:
    """The texts that calls of a gettext function mark. An f-string there would never be found in a catalogue, so it is an error."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield from _message(node, CALLS[node.func.id])


def in_template(source: str) -> Iterator[Message]:
    """The texts of a template, by Django's own reading of it."""
    text = templatize(source)
    for match in _IN_TEMPLATE.finditer(text):
        call = text[match.start() : _end_of_call(text, match.end())]
        node = ast.parse(call, mode="eval").body
        if isinstance(node, ast.Call):
            yield from _message(node, CALLS[match.group(1)])


def _message(node: ast.Call, names: tuple[str, ...]) -> Iterator[Message]:
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
    if len(texts) < len(names):
        if not node.args or not isinstance(node.args[0], ast.JoinedStr):
            return
        raise SystemExit(f"an f-string cannot be translated: {ast.unparse(node)}")
    yield Message(**dict(zip(names, texts, strict=False)))


def _end_of_call(text: str, at: int) -> int:
    """Where the bracket that opened before `at` closes; brackets inside strings do not count."""
    depth, quote = 1, ""
    while depth:
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"":
            quote = sign
        else:
            depth += {"(": 1, ")": -1}.get(sign, 0)
        at += 1
    return at


def catalogue(language: str) -> polib.POFile:
    """The catalogue of a language, empty where there is none yet."""
    path = po_of(language)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=120)
    made = polib.POFile(wrapwidth=120)
    made.metadata = {
        "Project-Id-Version": "goodstanding",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return made


def po_of(language: str) -> Path:
    """The catalogue that people edit."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def mo_of(language: str) -> Path:
    """The catalogue that the server reads."""
    return po_of(language).with_suffix(".mo")


def compiled(language: str) -> bytes:
    """What the .mo of a catalogue has to hold."""
    return bytes(catalogue(language).to_binary())


def problems() -> list[str]:
    """Everything wrong with the catalogues, one line each."""
    texts = said()
    return [line for language in LANGUAGES for line in _problems_of(language, texts)]


def _problems_of(language: str, texts: dict[Message, list[str]]) -> Iterator[str]:
    entries = {_key(entry): entry for entry in catalogue(language)}
    for message, places in sorted(texts.items()):
        entry = entries.pop(message, None)
        where = f"{language}: {message.id!r} ({places[0]})"
        if entry is None or not _translations(entry)[0]:
            yield f"{where} has no translation; run tools/messages.py update and fill it in"
        elif "fuzzy" in entry.flags:
            yield f"{where} is marked fuzzy; read it and take the mark away"
        elif lost := _lost_holes(message, _translations(entry)[0]):
            yield f"{where} lacks {', '.join(sorted(lost))}"
    for left in sorted(entries):
        yield f"{language}: {left.id!r} is said nowhere any more; run tools/messages.py update"
    if not mo_of(language).exists() or mo_of(language).read_bytes() != compiled(language):
        yield f"{language}: the .mo is stale; run tools/messages.py compile"


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def _translations(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr_plural.get(0, "")] if entry.msgid_plural else [entry.msgstr]


def _lost_holes(message: Message, text: str) -> set[str]:
    """Placeholders that a translation dropped or made up. A count may be left to the words of the language, nothing else."""
    return set(_HOLE.findall(message.plural or message.id)) ^ set(_HOLE.findall(text))


def update() -> None:
    """Bring the catalogues to what is said now, keeping every translation."""
    texts = said()
    for language in LANGUAGES:
        old = {_key(entry): entry for entry in catalogue(language)}
        fresh = catalogue(language)
        fresh.clear()
        for message, places in sorted(texts.items()):
            entry = old.get(message) or _entry(message)
            entry.occurrences = [(place, "") for place in places]
            fresh.append(entry)
        po_of(language).parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(po_of(language)))


def _entry(message: Message) -> polib.POEntry:
    plural = {"msgid_plural": message.plural, "msgstr_plural": {0: ""}} if message.plural else {}
    return polib.POEntry(msgid=message.id, msgctxt=message.context or None, **plural)


def compile_all() -> None:
    """Write every .mo."""
    for language in LANGUAGES:
        mo_of(language).write_bytes(compiled(language))


def main(arguments: list[str]) -> int:
    """Run one of the commands; 2 for an unknown one."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    match arguments:
        case ["check"]:
            for line in (found := problems()):
                print(line)
            return 1 if found else 0
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
