"""The explanation of behaviour out of line, from the numbers that a violation carries to a sentence in the holder's language."""

import json
from typing import Any

from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import fill
from goodstanding.core.terms import BehaviourRule

BY_PERSON = "person"
"""The `rule` of an explanation that a person wrote; `because` holds the words."""

_BESIDE = {BehaviourRule.MESSAGES_PER_ORDER: "orders_received", BehaviourRule.OFF_TOPIC_MESSAGES: "all_messages"}


def say_explanation(words: Words, explanation: str) -> str:
    """What was seen and what was expected (`Violation.explanation`), for people."""
    told: dict[str, Any] = json.loads(explanation)
    if told["rule"] == BY_PERSON:
        return str(told["because"])
    rule = BehaviourRule(told.pop("rule"))
    if rule is BehaviourRule.IMPOSSIBLE_TRAVEL:
        return fill(words, "unlike_travel", **told)
    what = words.term(rule)
    if rule in _BESIDE:
        return fill(words, "unlike_share", what=what, of=words.term(_BESIDE[rule]), **told)
    odds, unit = f"10^{told.pop('power')}", told.pop("group")
    said = fill(words, "unlike_past", what=what, odds=odds, unit=unit, **told)
    return " ".join(said.split())  # where there is no unit its place leaves two spaces
