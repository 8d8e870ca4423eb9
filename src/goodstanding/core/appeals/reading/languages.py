"""Which language a notice is in, told by its writing; Simplified from Traditional by the characters that differ."""

from goodstanding.core.appeals.reading.normal import Normal
from goodstanding.core.appeals.reading.words import ReadingWords, Tongue

_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "your",
        "you",
        "we",
        "is",
        "are",
        "for",
        "in",
        "have",
        "this",
        "that",
        "on",
        "with",
        "not",
        "or",
        "be",
        "will",
        "from",
        "our",
        "by",
        "as",
        "was",
        "it",
        "an",
        "at",
    ]
)
LEAST_ENGLISH = 0.08
"""Share of words that are English function words from which on a text in Latin letters is English (running English has 0.3 to 0.5)."""

LEAST_CHINESE = 0.08
"""Share of letters that are Chinese from which on a text is Chinese: notices mix in much Latin (names, links, ASINs)."""


def language_of(original: str, text: Normal, words: ReadingWords) -> str | None:
    """`en`, `zh-Hans`, `zh-Hant`, `ja` or `ko`; None for everything else, which is not read."""
    letters = [char for char in original[: len(text.original)] if char.isalpha()]
    if not letters:
        return None
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in letters)
    if sum("\u3040" <= char <= "\u30ff" for char in letters) > max(4, 0.1 * len(letters)):
        return "ja"
    if sum("\uac00" <= char <= "\ud7a3" for char in letters) > max(4, 0.1 * len(letters)):
        return "ko"
    if chinese >= LEAST_CHINESE * len(letters) and chinese >= 4:
        return _script(letters, words)
    said = "".join(char if char.isalpha() else " " for char in text.text).split()
    function_words = sum(word in _ENGLISH for word in said)
    return "en" if function_words >= max(1, LEAST_ENGLISH * len(said)) or (len(said) <= 6 and all(char.isascii() for char in letters)) else None


def _script(letters: list[str], words: ReadingWords) -> str:
    simplified = set(words.fold.values())
    traditional = sum(char in words.fold for char in letters)
    return "zh-Hant" if traditional > sum(char in simplified and char not in words.fold for char in letters) else "zh-Hans"


def tongue_for(language: str | None, words: ReadingWords) -> Tongue | None:
    """The word lists of a language; those of its other script where it has none of its own, since scripts are folded into one."""
    if language is None:
        return None
    same = [tongue for tongue in words.tongues if tongue.language == language]
    kin = [tongue for tongue in words.tongues if tongue.language.split("-")[0] == language.split("-")[0]]
    return next(iter(same or kin), None)
