"""Commitments as both doors show them: the measure, its day, and what the facts of the last night say of it."""

from dataclasses import dataclass

from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import fill
from goodstanding.core.values import Rate
from goodstanding.server.store.models import Case, Commitment


@dataclass(frozen=True, slots=True)
class CommitmentShown:
    """One measure. `metric` and `counts` are empty where no metric is followed or nothing was counted yet."""

    row: Commitment
    metric: str
    counts: str


def show_commitments(case: Case, words: Words) -> list[CommitmentShown]:
    """The commitments of a case, the earliest due first."""
    return [CommitmentShown(one, words.metrics.get(one.metric, one.metric), _counts(one, words)) for one in case.commitments.all()]


def _counts(row: Commitment, words: Words) -> str:
    if row.numerator is None:
        return ""
    rate = Rate(row.numerator, row.denominator)
    return fill(words, "counts_short", numerator=rate.numerator, denominator=rate.denominator or "–", rate=rate.percent())
