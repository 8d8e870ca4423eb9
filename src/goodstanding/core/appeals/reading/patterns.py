"""The small language in which word lists are written, and its way into regular expressions that cannot run away.

======================  =====================================================================================================
``late shipment``       these words in this order; punctuation between them does not matter
``suspen*``             a word that begins so
``{invoice|receipt}``   one of these
``[your]``              may be there
``A .. B``              A, then B not far behind in the same sentence (about three words)
``A ... B``             A, then B later in the same sentence (about ten words)
``<time>``              a period: a number and a unit of the language's own `[time]` table
``<date>``              a calendar day
``<name>``              a word of the family that the language's own `[families]` table calls so
======================  =====================================================================================================

Gaps are bounded and never leave a sentence, so the work is linear in the text however the words are written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from goodstanding.core.appeals.reading.normal import is_cjk, plain

# Small sets on purpose: `re` spends milliseconds on each set that reaches beyond Latin, and there are thousands of expressions.
_LETTER = r"[a-z0-9\u00df-\u00ff]"
_BETWEEN = r"[^\w.!?;\n]{1,4}"
_INSIDE = r"(?:[^.!?;\n]|\.(?=\w))"
_NEAR, _FAR = 28, 90
_NEAR_CJK, _FAR_CJK = 8, 30
_PIECE = re.compile(r"\.\.\.|\.\.|<\w+>|[{}|\[\]]|\s+|[^\s{}|\[\]<.]+|[<.]")

_SIGNS = frozenset({"...", "..", "{", "}", "[", "]", "|"})


class BadPattern(ValueError):
    """A pattern that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One expression of a word list: as it is written, and as it is looked for.

    `needs`: for each of its parts the beginnings of words of which one has to be in a sentence for the expression to be; sentences
    without them are not looked through.
    """

    written: str
    body: str
    needs: tuple[frozenset[str], ...]

    @property
    def regex(self) -> re.Pattern[str]:
        """What is looked for; compiled when it is first looked for, since most expressions meet no text that needs them."""
        return _compiled(self.body)


@cache
def _compiled(body: str) -> re.Pattern[str]:
    return re.compile(body)


@dataclass(frozen=True, slots=True)
class _Read:
    """A run of pieces as a regular expression, the place behind it, and for each part that has to be there the words it may begin with."""

    body: str
    at: int
    needs: tuple[frozenset[str], ...] = ()

    def best(self) -> frozenset[str]:
        """The most telling of the needs: the one whose shortest word is longest; empty where anything may stand there."""
        return max(self.needs, key=lambda words: min(map(len, words), default=0), default=frozenset())


@dataclass(frozen=True, slots=True)
class Family:
    """What a `<name>` stands for: a regular expression, and the words with which its choices may begin (none where anything may)."""

    body: str
    needs: tuple[frozenset[str], ...] = ()
    is_chinese: bool = False


def compile_family(written: Sequence[str], fold: Mapping[str, str], names: Mapping[str, Family]) -> Family:
    """Words that stand for one another, for use under a name. Raises BadPattern as `compile_pattern` does."""
    found = compile_pattern(f"{{{'|'.join(written)}}}", fold, names)
    return Family(found.body, found.needs, any(is_cjk(char) for word in written for char in word))


def compile_pattern(written: str, fold: Mapping[str, str], names: Mapping[str, Family]) -> Pattern:
    """Read one expression. Raises BadPattern where brackets do not close, a `<name>` is unknown, or nothing is left to look for."""
    # What is ASCII has one form only; to bring thousands of expressions into normal form letter by letter would take the most of loading.
    pieces: list[str] = _PIECE.findall((written.lower() if written.isascii() else plain(written, fold)).strip())
    if all(piece.isspace() or piece in _SIGNS for piece in pieces):
        raise BadPattern("there is no word in it")
    is_chinese = not written.isascii() and any(is_cjk(char) for char in written)
    reader = _Reader(pieces, is_chinese or any(names[piece[1:-1]].is_chinese for piece in pieces if piece[1:-1] in names), names)
    read = reader.sequence(0, "")
    if read.at != len(pieces):
        raise BadPattern(f"'{pieces[read.at]}' closes nothing")
    return Pattern(written, read.body, read.needs)


class _Reader:
    """Turns the pieces of one expression into a regular expression."""

    def __init__(self, pieces: list[str], is_chinese: bool, names: Mapping[str, Family]) -> None:
        self.pieces = pieces
        self.names = names
        self.nothing = "" if is_chinese else _BETWEEN
        near, far = (_NEAR_CJK, _FAR_CJK) if is_chinese else (_NEAR, _FAR)
        self.gaps = {"..": rf"{_INSIDE}{{0,{near}}}?", "...": rf"{_INSIDE}{{0,{far}}}?"}

    def sequence(self, at: int, until: str) -> _Read:
        """Pieces up to the one that closes this group."""
        body, gap, begun = "", "", False
        needs: list[frozenset[str]] = []
        while at < len(self.pieces):
            piece = self.pieces[at]
            if piece in ("|", "}", "]"):
                if not until or piece not in until:
                    raise BadPattern(f"'{piece}' closes nothing")
                break
            at += 1
            if piece.isspace():
                gap = gap or self.nothing
            elif piece in self.gaps:
                gap = self.gaps[piece]
            elif piece == "[":
                # Before the first word that has to be there an optional one brings the gap behind it, later the gap before it.
                part = self._choices(at, "]")
                body += f"(?:{gap}{part.body})?" if begun else f"(?:{part.body}{self.nothing})?"
                at = part.at
            else:
                part = self._choices(at, "}") if piece == "{" else self._single(piece, at)
                body += (gap if begun else "") + part.body
                needs += part.needs
                gap, begun, at = "", True, part.at
        return _Read(body, at, tuple(needs))

    def _choices(self, at: int, closing: str) -> _Read:
        choices: list[_Read] = []
        while True:
            choice = self.sequence(at, f"|{closing}")
            choices.append(choice)
            if choice.at >= len(self.pieces):
                raise BadPattern(f"a bracket is never closed by '{closing}'")
            at = choice.at + 1
            if self.pieces[choice.at] == closing:
                best = [choice.best() for choice in choices]
                needs = (frozenset().union(*best),) if all(best) else ()
                return _Read(f"(?:{'|'.join(choice.body for choice in choices)})", at, needs)

    def _single(self, piece: str, at: int) -> _Read:
        if piece.startswith("<") and len(piece) > 1:
            if piece[1:-1] not in self.names:
                raise BadPattern(f"{piece} is unknown; there are {', '.join(f'<{name}>' for name in self.names)}")
            family = self.names[piece[1:-1]]
            return _Read(family.body, at, family.needs)
        return _Read(_word(piece), at, (frozenset({piece.rstrip("*")}),))


def _word(piece: str) -> str:
    stem = piece.rstrip("*")
    if not stem:
        raise BadPattern("'*' stands alone; write the beginning of a word before it")
    before = rf"(?<!{_LETTER})" if not is_cjk(stem[0]) and stem[0].isalnum() else ""
    after = "" if is_cjk(stem[-1]) or not stem[-1].isalnum() else rf"(?!{_LETTER})"
    return before + re.escape(stem) + (rf"{_LETTER}{{0,20}}" if piece.endswith("*") else after)
