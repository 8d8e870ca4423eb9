"""A diagnosis as sentences in the pack's words: the surface cause, each cause with its facts, what else happened."""

from math import floor, log10

from goodstanding.core.appeals.diagnosis.gathering import WEEKDAY
from goodstanding.core.appeals.diagnosis.model import Cause, CauseKind, Diagnosis, Happening, HappeningKind
from goodstanding.core.appeals.diagnosis.questions import SIGN_IN
from goodstanding.core.health.explaining import say_explanation
from goodstanding.core.health.sentences import BAD
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.policy.templates import fill, say_date, say_list
from goodstanding.core.terms import MetricRule
from goodstanding.core.values import Rate

_CODED = frozenset({WEEKDAY, "fulfilment"})
"""Dimensions whose values are codes with words of their own."""

RAREST = 300
"""Odds are told up to one in 10^300; a float holds no smaller chance."""


def say_surface(pack: PolicyPack, words: Words, diagnosis: Diagnosis) -> str:
    """The surface cause: the metric with its counts, its window and its target."""
    metric = pack.metrics.get(diagnosis.metric)
    rate = Rate(diagnosis.numerator, diagnosis.denominator)
    counts = str(rate.numerator)
    if rate.denominator:
        counts = fill(words, "counts_short", numerator=rate.numerator, denominator=rate.denominator, rate=rate.percent())
    told = {"metric": words.metrics.get(diagnosis.metric) or words.reasons.get(diagnosis.metric, diagnosis.metric), "counts": counts}
    told |= {"first": say_date(words, diagnosis.first), "last": say_date(words, diagnosis.last)}
    if metric is None or metric.target is None:
        return fill(words, "surface_shown", **told)
    return fill(words, "surface_target", target=metric.target.text, **told)


def say_causes_in_short(words: Words, diagnosis: Diagnosis) -> str:
    """What explains it, in one line: the first cause, or that none stands out."""
    if diagnosis.causes:
        return say_cause(words, diagnosis, diagnosis.causes[0])
    return fill(words, "no_cause" if diagnosis.looks else "too_few", looks=diagnosis.looks, count=diagnosis.bad)


def say_cause(words: Words, diagnosis: Diagnosis, cause: Cause) -> str:
    """What the orders of a cause have in common: `carrier SlowShip`, `orders placed from ... to ...`."""
    days = {"first": say_date(words, cause.first), "last": say_date(words, cause.last)}
    value = words.term(cause.value or "") if cause.dimension in _CODED else cause.value or ""
    if cause.kind is CauseKind.LISTING_CHANGE:
        return fill(words, "what_listing_change", value=value, **days)
    dimension = words.term(cause.dimension.removeprefix(SIGN_IN))
    return fill(words, f"what_{cause.kind}", unit=words.term(diagnosis.subject), dimension=dimension, value=value, **days)


def say_facts(pack: PolicyPack, words: Words, diagnosis: Diagnosis, cause: Cause) -> list[str]:
    """The facts behind a cause, each a sentence."""
    unit, bad = words.term(diagnosis.subject), words.term(BAD[_rule_of(pack, diagnosis)])
    rest = Rate(cause.of_defects - cause.defects, cause.of_orders - cause.orders)
    told = {"unit": unit, "bad": bad, "defects": cause.defects, "orders": cause.orders, "rate": Rate(cause.defects, cause.orders).percent(1)}
    others = {"rest_defects": rest.numerator, "rest_orders": rest.denominator, "rest_rate": rest.percent(1)}
    facts = [fill(words, "cause_counts", **told, **others)]
    shares = {"share": f"{100 * cause.share_of_defects:.0f} %", "orders_share": f"{100 * cause.share_of_orders:.0f} %"}
    facts.append(fill(words, "cause_share", unit=unit, bad=bad, excess=f"{cause.excess:.0f}", **shares))
    facts.append(fill(words, "cause_chance", odds=say_odds(cause.p_value), looks=cause.looks))
    if cause.kind is CauseKind.GROUP:
        facts.append(fill(words, "cause_days", first=say_date(words, cause.first), last=say_date(words, cause.last)))
    if cause.also:
        also = say_list(words, (_say_also(words, dimension, value) for dimension, value in cause.also))
        facts.append(fill(words, "cause_also", unit=unit, what=also))
    facts += [fill(words, "cause_near", day=say_date(words, one.day), what=say_happening(pack, words, one)) for one in cause.near]
    return facts


def say_odds(chance: float) -> str:
    """How rarely chance does as much: 2,000 or 10^6."""
    if chance <= 0:
        return f"10^{RAREST}"
    power = floor(-log10(chance))
    return f"10^{power}" if power >= 6 else f"{int(1 / chance):,}"


def say_happening(pack: PolicyPack, words: Words, one: Happening) -> str:
    """What happened on a day, beside orders."""
    if one.kind is HappeningKind.BEHAVIOUR:
        return say_explanation(words, one.explanation)
    value = one.value
    if one.kind is HappeningKind.COMPLAINTS:
        value = words.reasons.get(value, value)
    if one.kind is HappeningKind.ACTION:
        value = words.actions.get(value, value)
    if one.kind is HappeningKind.LISTING_CHANGES:
        value = words.term(value or "product_id")
    return fill(words, f"happening_{one.kind}", count=one.count, what=words.term(one.what), value=value)


def _rule_of(pack: PolicyPack, diagnosis: Diagnosis) -> MetricRule:
    """How the diagnosed thing was counted; what is no metric of the pack are the complaints of a reason."""
    metric = pack.metrics.get(diagnosis.metric)
    return metric.rule if metric else MetricRule.COMPLAINED_OF_RATE


def _say_also(words: Words, dimension: str, value: str | None) -> str:
    name = words.term(dimension.removeprefix(SIGN_IN))
    return f"{name} {words.term(value) if dimension in _CODED else value}" if value else name
