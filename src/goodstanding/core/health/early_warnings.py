"""Early warnings: what will cross a threshold by itself, or with the next bad event or two (requirement I3). How early is the pack's word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest

from goodstanding.core.health.forecast import Forecast, MetricAhead, RatingAhead
from goodstanding.core.health.wins import headroom, is_breach
from goodstanding.core.policy.pack import EarlyWarning, Metric, PolicyPack, Rating
from goodstanding.core.terms import Band, WarningCode
from goodstanding.core.values import Rate


@dataclass(frozen=True, slots=True)
class Forewarning:
    """One early warning with the facts of its sentence.

    `will_breach`: metric, rate today, `rate_then` and day `on`. `little_headroom`: metric, rate today, `headroom` further bad events.
    `band_falls`: rating and band today, those `_then`, and day `on`.
    """

    code: WarningCode
    metric: str | None = None
    on: date | None = None
    rate: Rate | None = None
    rate_then: Rate | None = None
    headroom: int | None = None
    rating: int | None = None
    rating_then: int | None = None
    band: Band | None = None
    band_then: Band | None = None


def early_warnings(pack: PolicyPack, forecast: Forecast) -> list[Forewarning]:
    """What to warn an account's holder of, in the pack's order of metrics and the rating last; nothing where the pack does not warn.

    Only metrics whose breach is a violation: orders due soon are no alarm but a task (`self_audit`). A metric that is in breach already is
    none of it, and one that will breach by itself is not told a second time for its headroom.
    """
    rules = pack.early_warning
    if rules is None:
        return []
    found: list[Forewarning] = []
    for name, ahead in forecast.metrics.items():
        metric = pack.metrics[name]
        found += _of_metric(rules, metric, ahead, metric.first_enforced(forecast.marketplace))
    return [*found, *_of_rating(rules, pack.rating, forecast.ratings)]


def _of_metric(rules: EarlyWarning, metric: Metric, ahead: Sequence[MetricAhead], enforced_from: date) -> Iterator[Forewarning]:
    today = ahead[0]
    breach = next(_breaches(metric, ahead, enforced_from), None)
    if metric.reason is None or (breach is not None and breach.on == today.on):
        return
    if breach is not None and breach.on <= today.on + timedelta(days=rules.days_ahead):
        yield Forewarning(WarningCode.WILL_BREACH, metric.name, breach.on, today.rate, breach.rate)
    elif enforced_from <= today.on and (left := _scarce_headroom(rules, metric, today.rate)) is not None:
        yield Forewarning(WarningCode.LITTLE_HEADROOM, metric.name, rate=today.rate, headroom=left)


def _breaches(metric: Metric, ahead: Sequence[MetricAhead], enforced_from: date) -> Iterator[MetricAhead]:
    """The spans in breach, each from the first of its days on which the store enforces the target."""
    for entry, after in zip_longest(ahead, ahead[1:]):
        on = max(entry.on, enforced_from)
        if is_breach(metric, entry.rate) and (after is None or on < after.on):
            yield replace(entry, on=on)


def _scarce_headroom(rules: EarlyWarning, metric: Metric, rate: Rate) -> int | None:
    """The headroom where it is little and the volume is one that is enforced. A count (like `= 0`) never has any, so it is not told."""
    if rate.denominator is None or rate.denominator < max(metric.minimum_volume, 1):
        return None
    left = headroom(metric, rate)
    return left if left is not None and left <= rules.headroom else None


def _of_rating(rules: EarlyWarning, rating: Rating, ahead: Sequence[RatingAhead]) -> Iterator[Forewarning]:
    if not ahead:
        return
    today, bounds = ahead[0], dict(rating.bands)
    last = today.on + timedelta(days=rules.days_ahead)
    for entry in ahead:
        if entry.on <= last and bounds[entry.rated.band] < bounds[today.rated.band]:
            now, then = today.rated, entry.rated
            yield Forewarning(WarningCode.BAND_FALLS, on=entry.on, rating=now.rating, rating_then=then.rating, band=now.band, band_then=then.band)
            return
