"""The health of an account for a reader: rating and its history, metrics, open violations and when their points fall away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from goodstanding.core.policy.pack import Metric, Words
from goodstanding.core.standing import Standing
from goodstanding.core.terms import Role
from goodstanding.core.values import Rate
from goodstanding.server.pages.outlook import OutlookShown, outlook_of
from goodstanding.server.pages.plots import Plot, plot_rating
from goodstanding.server.pages.reasons import ReasonShown, show_reasons, with_relations
from goodstanding.server.policy import current_pack
from goodstanding.server.services.reading import ViolationFile
from goodstanding.server.services.standing import open_violations, standing_of
from goodstanding.server.store.models import Account, MetricItems, MetricReading, RatingReading, ViolationDecision


@dataclass(frozen=True, slots=True)
class MetricShown:
    """One metric. `met` None: not applicable or only shown. `enforced` False: too little volume to be held to the target.

    `behind`: how many items a list of those that speak against the account has; 0 where none is kept.
    """

    name: str
    reading: MetricReading
    value: str
    first: date
    last: date
    met: bool | None
    enforced: bool
    minimum: int
    behind: int


@dataclass(frozen=True, slots=True)
class ViolationOpen:
    """An open violation and the day its points fall away by age alone."""

    reason: ReasonShown
    falls_away: date


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that the health part of a page shows."""

    standing: Standing
    plot: Plot | None
    readings: tuple[RatingReading, ...]
    metrics: tuple[MetricShown, ...]
    violations: tuple[ViolationOpen, ...]
    outlook: OutlookShown | None


def health_of(account: Account, words: Words, *, staff: Role | None = None) -> Health:
    """The health of an account as of now. `staff`: with items, as the role may see them; a holder reads items on the page of the case."""
    pack = current_pack()
    now = timezone.now()
    readings = tuple(account.rating_readings.order_by("as_of"))
    counts = list(account.metric_readings.order_by("metric"))
    kept = dict(MetricItems.objects.filter(account=account).values_list("metric", "count"))
    metrics = [metric_of(reading, words, kept) for reading in counts]
    outlook = outlook_of(account, pack, words, readings, counts)
    violations = list(open_violations().filter(account=account))
    files = [ViolationFile(one, tuple(one.items) if staff else (), 0, is_contested=False) for one in violations]
    decisions = ViolationDecision.objects.filter(violation__in=violations)
    shown = show_reasons(files, decisions, pack, words)
    reasons = with_relations(shown, words, staff) if staff else shown
    lasts = timedelta(days=pack.rating.window_days)
    return Health(
        standing=standing_of(account_id=account.pk, now=now),
        plot=plot_rating(readings, pack.rating, _last_day(account, readings), _ahead(outlook)),
        readings=readings,
        metrics=tuple(sorted(metrics, key=lambda one: (one.met is not False, one.met is None, one.name))),
        violations=tuple(ViolationOpen(reason, reason.violation.opened + lasts) for reason in reasons),
        outlook=outlook,
    )


def _ahead(outlook: OutlookShown | None) -> list[tuple[date, int]]:
    """The line of the rating ahead, drawn on to where the forecast ends."""
    if outlook is None or not outlook.ahead:
        return []
    return [*((day, rated.rating) for day, rated in outlook.ahead), (outlook.until, outlook.ahead[-1][1].rating)]


def _last_day(account: Account, readings: tuple[RatingReading, ...]) -> date:
    """The day up to which the history is known: that of the last assessment."""
    days = [*account.metric_readings.values_list("as_of", flat=True), *(reading.as_of for reading in readings)]
    return max(days, default=timezone.now().date())


def metric_of(reading: MetricReading, words: Words, kept: Mapping[str, int] | None = None) -> MetricShown:
    """One metric for a reader. `kept`: how many items lie behind which metrics, where a list is kept."""
    metric = current_pack().metrics.get(reading.metric)
    first = reading.as_of - timedelta(days=reading.lag_days + reading.window_days - 1)
    return MetricShown(
        name=words.metrics.get(reading.metric, reading.metric.replace("_", " ")),
        reading=reading,
        value=Rate(reading.numerator, reading.denominator).percent(),
        first=first,
        last=reading.as_of - timedelta(days=reading.lag_days),
        met=reading.met,
        enforced=_is_enforced(metric, reading),
        minimum=metric.minimum_volume if metric else 0,
        behind=(kept or {}).get(reading.metric, 0),
    )


def _is_enforced(metric: Metric | None, reading: MetricReading) -> bool:
    return metric is None or reading.denominator is None or reading.denominator >= metric.minimum_volume
