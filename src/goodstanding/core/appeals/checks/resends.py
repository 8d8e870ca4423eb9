"""A resend of an earlier attempt, found by runs of words that both hold (rule 15 of the collected advice)."""

import re
from collections.abc import Iterator

from goodstanding.core.appeals.checks.context import Checked, Hit, at

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+")


def shingles(text: str, length: int) -> list[str]:
    """Every run of `length` words of a text; a Chinese sign is a word."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return [" ".join(words[at : at + length]) for at in range(len(words) - length + 1)]


def find_resends(checked: Checked) -> Iterator[Hit]:
    """Sentences that an earlier attempt holds already, wholly or nearly."""
    length, most = checked.words.bounds["shingle_words"], checked.words.bounds["most_overlap_percent"]
    sent = {run for earlier in checked.previous for run in shingles(earlier, length)}
    for sentence in checked.plan.sentences if sent else ():
        runs = shingles(sentence.text, length)
        if runs and 100 * sum(run in sent for run in runs) >= most * len(runs):
            yield at(sentence)
