"""The criteria of the programme as sentences in the pack's words: what is so, since when, and what to do about it."""

from datetime import date

from goodstanding.core.assurance.eligibility import Judged
from goodstanding.core.policy.pack import Assurance, Words
from goodstanding.core.policy.templates import fill, say_date
from goodstanding.core.terms import Criterion, CriterionState


def say_period(words: Words, rules: Assurance) -> str:
    """The period over which the rating is looked at."""
    span = rules.period
    return fill(words, "months", count=span.months) if span.months else fill(words, "days", count=span.days)


def say_criterion(words: Words, rules: Assurance, judged: Judged) -> str:
    """What is asked and how it stands."""
    values: dict[str, object] = {name: value for name, value in judged.details.items() if value is not None}
    for name, value in values.items():
        if isinstance(value, date):
            values[name] = say_date(words, value)
    template = f"{judged.criterion}_{judged.state}"
    match judged.criterion:
        case Criterion.MARKETPLACE:
            values["marketplace"] = words.term(str(values["marketplace"]))
            values["since"] = say_date(words, judged.since) if judged.since else ""
        case Criterion.PLAN:
            values["plan"] = words.term(str(values["plan"]))
            values["wanted"] = words.term(sorted(rules.plans)[0])
        case Criterion.RATING:
            values["period"] = say_period(words, rules)
            values["since"] = say_date(words, judged.since) if judged.since else ""
            if judged.state is CriterionState.NOT_MET and judged.details.get("young"):
                template = "rating_young"
        case Criterion.CONTACT:
            if judged.details.get("has_number") and not judged.is_met:
                template = "contact_unverified"
    return fill(words, template, **values)


def say_to_do(words: Words, rules: Assurance, judged: Judged) -> str:
    """What the holder can do about a criterion that is not met; empty where it is met, or nothing can be done."""
    if judged.is_met:
        return ""
    if judged.met_on is not None:
        return fill(words, "do_wait", on=say_date(words, judged.met_on))
    match judged.criterion:
        case Criterion.PLAN:
            return fill(words, "do_plan", wanted=words.term(sorted(rules.plans)[0]))
        case Criterion.RATING:
            return fill(words, "do_rating", floor=rules.floor)
        case Criterion.CONTACT:
            return fill(words, "do_verify" if judged.details.get("has_number") else "do_contact")
        case _:
            return ""
