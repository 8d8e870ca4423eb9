"""Whether a plan says why, what was done and when: causes, figures, past tense (rules 4, 5, 11, 19 and 20 of the collected advice)."""

import re
from collections.abc import Iterator, Sequence

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Checked, Hit, at
from goodstanding.core.appeals.checks.reading import CORRECTIVE, GAP, OTHER, ROOT_CAUSE, Sentence

_FIGURE = re.compile(r"\d|[一二三四五六七八九十百两兩]{1,4}\s*(?:个|個|笔|筆|单|單|件|次|天|名|家|位|%|％)")
_ENOUGH_ACTIONS = 2
"""A single sentence is no list of actions that could have dates."""

_PERCENT = re.compile(r"\d\s*[%％]|百分之|percent|per cent", re.IGNORECASE)


def find_surface_cause(checked: Checked) -> Iterator[Hit]:
    """A root cause that names no process, or that repeats the complaint."""
    told = checked.plan.part(ROOT_CAUSE)
    if not told or has_gap(told):
        return
    words = checked.words
    circular = [sentence for sentence in told if phrases.has(words.list("circular"), sentence.text)]
    if not _names_process(checked, circular):
        yield at((circular or list(told))[0])


def find_cause_without_figure(checked: Checked) -> Iterator[Hit]:
    """A root cause without any number or date; without headings, what stands around it counts as well."""
    told = checked.plan.part(ROOT_CAUSE)
    around = told if checked.plan.headings else (*told, *checked.plan.part(OTHER))
    if told and not has_gap(told) and not any(_has_figure(checked, sentence) for sentence in around):
        yield at(told[0])


def find_actions_without_proof(checked: Checked) -> Iterator[Hit]:
    """Actions of which none bears a number, a date or a document."""
    actions = checked.plan.part(CORRECTIVE)
    bare = [sentence for sentence in actions if not _is_shown(checked, sentence)]
    if has_gap(actions):
        return
    if len(bare) >= _ENOUGH_ACTIONS and len(bare) == len(actions):
        yield at(bare[0], count=len(bare))


def find_future_actions(checked: Checked) -> Iterator[Hit]:
    """Actions that are only announced, where more of them are than may be. Without headings, what is said of neither cause nor prevention counts."""
    actions = checked.plan.part(CORRECTIVE) if checked.plan.headings else checked.plan.part(CORRECTIVE, OTHER)
    future = [(sentence, next(phrases.found(checked.words.list("future"), sentence.text), None)) for sentence in actions]
    announced = [(sentence, span) for sentence, span in future if span]
    if actions and 100 * len(announced) >= checked.words.bounds["most_future_percent"] * len(actions):
        for sentence, (start, end) in announced:
            yield Hit(sentence.start + start, sentence.start + end, {"text": sentence.text[start:end]})


def find_no_admission(checked: Checked) -> Iterator[Hit]:
    """A plan that nowhere says that something went wrong by one's own doing. Naming a process of one's own that failed says so."""
    told = checked.plan.part(ROOT_CAUSE)
    if told and not has_gap(told) and not phrases.has(checked.words.list("admission"), checked.plan.text) and not _names_process(checked):
        yield at(told[0])


def find_metric_without_rate(checked: Checked) -> Iterator[Hit]:
    """A metric that is named while no rate stands anywhere."""
    text = checked.plan.text
    if _PERCENT.search(text) or GAP.search(text):
        return
    for start, end in phrases.found(checked.words.list("metrics"), text):
        yield Hit(start, end, {"text": text[start:end]})
        return


def has_gap(told: Sequence[Sentence]) -> bool:
    """Whether the writer has still to fill something in there: what may stand in the gap is not judged before."""
    return any(GAP.search(sentence.text) for sentence in told)


def _names_process(checked: Checked, but: Sequence[Sentence] = ()) -> bool:
    """Whether the cause names something of the business that could be changed; without headings, whether the text does."""
    told = checked.plan.part(ROOT_CAUSE) if checked.plan.headings else checked.plan.sentences
    return any(phrases.has(checked.words.list("process"), sentence.text) for sentence in told if sentence not in but)


def _has_figure(checked: Checked, sentence: Sentence) -> bool:
    return _FIGURE.search(sentence.text) is not None or phrases.has(checked.words.list("dates"), sentence.text)


def _is_shown(checked: Checked, sentence: Sentence) -> bool:
    return _has_figure(checked, sentence) or phrases.has(checked.words.list("evidence"), sentence.text)
