"""Plan or dispute, never both; and nothing that breaks the rules itself (rules 17 and 18 of the collected advice; requirement F0)."""

from collections.abc import Iterator

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Checked, Hit
from goodstanding.core.appeals.checks.reading import CORRECTIVE, ROOT_CAUSE, Plan
from goodstanding.core.terms import Route

ENOUGH_PROOFS = 2
"""Sentences with a document, from which on a contradiction is argued and no mere denial."""


def route_of(plan: Plan) -> Route:
    """The route a text takes, where nobody said: a dispute where it says so, or denies and admits nothing; a plan otherwise."""
    if plan.is_dispute:
        return Route.DISPUTE
    is_headed = any(heading.part in (ROOT_CAUSE, CORRECTIVE) for heading in plan.headings)
    if phrases.has(plan.words.list("dispute"), plan.text) and not is_headed and not phrases.has(plan.words.list("admission_plain"), plan.text):
        return Route.DISPUTE
    if not plan.headings and _proves_otherwise(plan):
        return Route.DISPUTE
    if plan.headings or _speaks_as_plan(plan) or phrases.has(plan.words.list("admission"), plan.text):
        return Route.PLAN
    return Route.DISPUTE if phrases.has(plan.words.list("denial"), plan.text) else Route.PLAN


def _speaks_as_plan(plan: Plan) -> bool:
    """Whether a text says both why it happened and what is to prevent it."""
    return all(phrases.has(plan.words.list(name), plan.text) for name in ("cue_root_cause", "cue_preventive"))


def _proves_otherwise(plan: Plan) -> bool:
    """Whether a text without headings contradicts, with documents, and neither admits nor speaks of what is to come."""
    words = plan.words
    others = (*words.list("cue_preventive"), *words.list("future"), *words.list("admission_plain"), *words.list("emotive"))
    shown = sum(phrases.has(words.list("evidence"), sentence.text) for sentence in plan.sentences)
    return shown >= ENOUGH_PROOFS and phrases.has(words.list("refutation"), plan.text) and not phrases.has(others, plan.text)


def find_mixed_routes(checked: Checked) -> Iterator[Hit]:
    """Denials in a plan that admits; admissions in a dispute."""
    words, text = checked.words, checked.plan.text
    if checked.route is Route.DISPUTE:
        stray = "admission_plain"
    elif phrases.has(words.list("admission_plain"), text):
        stray = "denial"
    else:
        return
    for start, end in phrases.found(words.list(stray), text):
        yield Hit(start, end, {"text": text[start:end]})


def find_forbidden_accounts(checked: Checked) -> Iterator[Hit]:
    """A new account, or somebody else's, announced as a way on: evasion, which closes every account. An honest word on the past is none."""
    for sentence in checked.plan.sentences:
        if sentence.part == ROOT_CAUSE and checked.plan.headings:
            continue
        if phrases.has(checked.words.list("new_account_excused"), sentence.text):
            continue
        for start, end in phrases.found(checked.words.list("new_account"), checked.plan.text, sentence.start, sentence.end):
            yield Hit(start, end, {"text": checked.plan.text[start:end]})
