"""One form for all ways to write the same: width, case, quotes, script and line breaks, with a way back to the original passage."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST_TEXT = 100_000
"""Characters that are read; no notice is longer, and the work grows with them."""

SHORTEST_WRAPPED_LINE = 50
"""Characters from which on a line that ends without punctuation is taken for one that a mail program broke."""

LONGEST_PASSAGE = 160
"""Characters of a passage that are shown."""

_PLAIN = {
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "‑": "-",
    "‐": "-",
    "−": "-",
    "·": " ",
    "\t": " ",
    "\xa0": " ",
    "\u3000": " ",
    "。": ";",
}
_DROPPED = frozenset("\u200b\u200c\u200d\u2060\ufeff\xad\r")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[;\n]|[!?](?=[\u3400-\u9fff])")
_ABBREVIATION = re.compile(r"(?<![a-z])(?:inc|ltd|corp|llc|approx|e\.g|i\.e)\.(?=\s)")
_STARTS_AN_ITEM = re.compile(r"\s*(?:[-*•·●▪>]|\(?\w{1,2}[.)、])\s?")


def is_cjk(char: str) -> bool:
    """Whether a character is Chinese (or Japanese) writing or its punctuation."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in normal form; `origin[i]` is the place in `original` from which the i-th character came."""

    text: str
    original: str
    origin: tuple[int, ...]
    ends: tuple[int, ...] = field(default=())
    held: dict[str, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)
    """What was found out: word -> the sentences that hold it, by number."""

    def sentences_with(self, needs: Sequence[Collection[str]]) -> list[tuple[int, int]]:
        """The sentences that hold, of each of the needs, one of the beginnings of words; the whole text where nothing is needed."""
        if not needs:
            return [(0, len(self.text))]
        kept: frozenset[int] | None = None
        for words in needs:
            those = frozenset().union(*(self._sentences_of(word) for word in words))
            kept = those if kept is None else kept & those
            if not kept:
                return []
        starts = (0, *self.ends)
        return [(starts[number], self.ends[number] if number < len(self.ends) else len(self.text)) for number in sorted(kept or ())]

    def _sentences_of(self, word: str) -> frozenset[int]:
        known = self.held.get(word)
        if known is None:
            found, at = set(), self.text.find(word)
            while at >= 0:
                found.add(bisect_right(self.ends, at))
                at = self.text.find(word, at + 1)
            known = self.held[word] = frozenset(found)
        return known

    def sentence(self, place: int) -> tuple[int, int]:
        """Start and end of the sentence around a place."""
        at = bisect_right(self.ends, place)
        return (self.ends[at - 1] if at else 0), (self.ends[at] if at < len(self.ends) else len(self.text))

    def line(self, place: int) -> tuple[int, int]:
        """Start and end of the line around a place."""
        end = self.text.find("\n", place)
        return self.text.rfind("\n", 0, place) + 1, len(self.text) if end < 0 else end

    def passage(self, start: int, end: int) -> str:
        """The original words around a match: its sentence, or the part of a long one that holds it."""
        first, last = self.sentence(start)
        last = max(last, end)
        if last - first > LONGEST_PASSAGE:
            spare = max(0, LONGEST_PASSAGE - (end - start)) // 2
            first, last = max(first, start - spare), min(last, end + spare)
        return self.slice(first, last)

    def slice(self, start: int, end: int) -> str:
        """The original words of a range, on one line."""
        if start >= end:
            return ""
        return " ".join(self.original[self.origin[start] : self.origin[end - 1] + 1].split()).strip(" ;,")


def normalise(text: str, fold: Mapping[str, str]) -> Normal:
    """Bring a text into normal form. `fold` maps characters of another script to the one in which patterns are written."""
    original = _unwrapped(text[:LONGEST_TEXT])
    chars: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(original):
        for plain in _plain(char):
            folded = fold.get(plain, plain)
            if folded == " " and chars and chars[-1] in " \n":
                continue
            chars.append(folded)
            origin.append(place)
    chars, origin = _without_loose_spaces(chars, origin)
    joined = "".join(chars)
    # The point of "Inc." ends no sentence; a comma in its place keeps every place where it is.
    joined = _ABBREVIATION.sub(lambda match: f"{match[0][:-1]},", joined)
    ends = tuple(match.end() for match in _SENTENCE_END.finditer(joined))
    return Normal(joined, original, tuple(origin), ends)


def plain(text: str, fold: Mapping[str, str]) -> str:
    """The normal form alone; for patterns, which are written in it."""
    return normalise(text, fold).text


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char in _DROPPED or (char != "\n" and unicodedata.category(char) in ("Cc", "Cs")):
        return " " if char == "\t" else ""
    known = _PLAIN.get(char)
    return known if known is not None else _PLAIN.get(unicodedata.normalize("NFKC", char), unicodedata.normalize("NFKC", char)).lower()


def _unwrapped(text: str) -> str:
    """Lines that a mail program broke are one line again; a newline becomes a space, so no place moves."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        wraps = len(line) >= SHORTEST_WRAPPED_LINE and line.rstrip()[-1:] not in tuple(".!?:;。:;!?") and after.strip()
        kept.append(line + (" " if wraps and not _STARTS_AN_ITEM.match(after) else "\n"))
    return "".join(kept)


def _without_loose_spaces(chars: list[str], origin: list[int]) -> tuple[list[str], list[int]]:
    """Spaces beside Chinese characters mean nothing: people write them or not."""
    kept = [
        place
        for place, char in enumerate(chars)
        if char != " " or not ((place and is_cjk(chars[place - 1])) or (place + 1 < len(chars) and is_cjk(chars[place + 1])))
    ]
    return [chars[place] for place in kept], [origin[place] for place in kept]
