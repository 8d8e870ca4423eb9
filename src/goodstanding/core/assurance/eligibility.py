"""Who may be in the assurance programme: each criterion with its state, since when, and what to do (requirements J1, J2).

A rating is known as steps: from each day on it is so much, until the next step.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from goodstanding.core.policy.pack import Assurance
from goodstanding.core.terms import Criterion, CriterionState

ONE_DAY = timedelta(days=1)

Steps = Sequence[tuple[date, int]]
"""(from day, rating), oldest first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the programme has to know of an account. `plan` and `contact_number` are empty where facts name none."""

    marketplace: str
    plan: str
    opened: date
    ratings: Steps
    contact_number: str = ""
    contact_verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion.

    `since`: the first day of its present state, None where nobody knows. `met_on`: the first day on which it will be met if nothing
    changes, None where something has to. `details` are the numbers that a sentence about it needs.
    """

    criterion: Criterion
    state: CriterionState
    since: date | None = None
    met_on: date | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        """Whether facts show that it is met."""
        return self.state is CriterionState.MET


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All criteria of an account on a day, in the order of `Criterion`."""

    as_of: date
    criteria: tuple[Judged, ...]

    @property
    def is_eligible(self) -> bool:
        """Whether the account may join."""
        return all(judged.is_met for judged in self.criteria)

    @property
    def lacks_only_contact(self) -> bool:
        """Whether a valid emergency contact is all that is missing; such a holder is told so."""
        return [judged.criterion for judged in self.criteria if not judged.is_met] == [Criterion.CONTACT]


def judge(rules: Assurance, candidate: Candidate, as_of: date) -> Eligibility:
    """Whether an account may join on a day, criterion by criterion."""
    return Eligibility(
        as_of,
        (
            _marketplace(rules, candidate, as_of),
            _plan(rules, candidate),
            _rating(rules, candidate, as_of),
            _contact(rules, candidate),
        ),
    )


def lost(rules: Assurance, candidate: Candidate, as_of: date) -> tuple[Judged, ...]:
    """The criteria that end a membership on a day; none: it goes on.

    A member may fall below the floor, but not for more than the pack's days in a row; everything else is asked as of one who joins.
    """
    runs = runs_below(candidate.ratings, rules.floor, as_of)
    longest = max((run for run in runs if run[1] == as_of), key=_length, default=None)
    judged = [_marketplace(rules, candidate, as_of), _plan(rules, candidate), _contact(rules, candidate)]
    gone = [one for one in judged if one.state is CriterionState.NOT_MET]
    if longest is not None and _length(longest) > rules.most_days_below_in_a_row:
        details = {"days": _length(longest), "allowed": rules.most_days_below_in_a_row, "floor": rules.floor}
        gone.append(Judged(Criterion.RATING, CriterionState.NOT_MET, longest[0], details=details))
    return tuple(gone)


def ends_membership(rules: Assurance, reasons: Collection[str]) -> bool:
    """Whether one of these reasons is fraud, deception, illegality or harm: it ends membership and window at once (requirement J4)."""
    return not rules.ends_for.isdisjoint(reasons)


def runs_below(ratings: Steps, floor: int, until: date) -> tuple[tuple[date, date], ...]:
    """The unbroken runs of days up to `until` with a rating below `floor`, as (first, last), oldest first."""
    runs: list[tuple[date, date]] = []
    known = [(day, rating) for day, rating in ratings if day <= until]
    for number, (day, rating) in enumerate(known, 1):
        following = known[number][0] if number < len(known) else until + ONE_DAY
        if rating >= floor:
            continue
        if runs and runs[-1][1] + ONE_DAY == day:
            runs[-1] = (runs[-1][0], following - ONE_DAY)
        else:
            runs.append((day, following - ONE_DAY))
    return tuple(runs)


def days_in(runs: Sequence[tuple[date, date]], first: date, last: date) -> int:
    """How many days of the runs lie from `first` to `last`, both in."""
    return sum(max(0, (min(end, last) - max(start, first)).days + 1) for start, end in runs)


def _marketplace(rules: Assurance, candidate: Candidate, as_of: date) -> Judged:
    since = rules.stores.get(candidate.marketplace)
    details = {"marketplace": candidate.marketplace}
    if since is None:
        return Judged(Criterion.MARKETPLACE, CriterionState.NOT_MET, details=details)
    if since > as_of:
        return Judged(Criterion.MARKETPLACE, CriterionState.NOT_MET, met_on=since, details=details)
    return Judged(Criterion.MARKETPLACE, CriterionState.MET, since, details=details)


def _plan(rules: Assurance, candidate: Candidate) -> Judged:
    details = {"plan": candidate.plan, "wanted": tuple(sorted(rules.plans))}
    if not candidate.plan:
        return Judged(Criterion.PLAN, CriterionState.UNKNOWN, details=details)
    return Judged(Criterion.PLAN, CriterionState.MET if candidate.plan in rules.plans else CriterionState.NOT_MET, details=details)


def _contact(rules: Assurance, candidate: Candidate) -> Judged:
    digits = sum(sign.isdigit() for sign in candidate.contact_number)
    has_number = 6 <= digits <= 15  # what can be dialled at all (ITU-T E.164: 15 digits at most)
    is_verified = candidate.contact_verified_at is not None
    details = {"has_number": has_number, "verified": is_verified}
    if not has_number or (rules.contact_verified and not is_verified):
        return Judged(Criterion.CONTACT, CriterionState.NOT_MET, details=details)
    since = candidate.contact_verified_at.date() if candidate.contact_verified_at else None
    return Judged(Criterion.CONTACT, CriterionState.MET, since, details=details)


def _rating(rules: Assurance, candidate: Candidate, as_of: date) -> Judged:
    """Over the whole period, with at most the allowed days below; what is not known of old days is said, and never taken for good."""
    first = rules.period.first_day(as_of)
    known = [(day, rating) for day, rating in candidate.ratings if day <= as_of]
    runs = runs_below(known, rules.floor, as_of)
    below = days_in(runs, first, as_of)
    is_below_now = bool(runs) and runs[-1][1] == as_of
    details = {
        "floor": rules.floor,
        "rating": known[-1][1] if known else None,
        "days": below,
        "allowed": rules.most_days_below,
        "first": first,
        "known_since": known[0][0] if known else None,
    }
    if below > rules.most_days_below:
        since = _day_over(runs, first, rules.most_days_below)
        met_on = None if is_below_now else _met_on(rules, candidate, runs, as_of)
        return Judged(Criterion.RATING, CriterionState.NOT_MET, since, met_on, details)
    if candidate.opened > first:
        met_on = None if not known else _met_on(rules, candidate, runs, as_of)
        return Judged(Criterion.RATING, CriterionState.NOT_MET, candidate.opened, met_on, details | {"young": True})
    if not known or known[0][0] > first:
        met_on = None if not known else _met_on(rules, candidate, runs, as_of)
        return Judged(Criterion.RATING, CriterionState.UNKNOWN, known[0][0] if known else None, met_on, details)
    before = [run for run in runs if run[1] < as_of]
    since = before[-1][1] + ONE_DAY if before and not is_below_now else known[0][0]
    return Judged(Criterion.RATING, CriterionState.MET, since, details=details)


def _met_on(rules: Assurance, candidate: Candidate, runs: Sequence[tuple[date, date]], as_of: date) -> date | None:
    """The first day on which the period is whole and has few enough days below, if the rating stays as it is; None where it is below now."""
    if runs and runs[-1][1] == as_of:
        return None
    known_since = max(candidate.opened, min(day for day, _ in candidate.ratings))
    near, far = as_of, as_of + timedelta(days=32 * (rules.period.months + 1) + rules.period.days)
    while near < far:
        middle = near + (far - near) // 2
        first = rules.period.first_day(middle)
        if known_since <= first and days_in(runs, first, middle) <= rules.most_days_below:
            far = middle
        else:
            near = middle + ONE_DAY
    return near


def _day_over(runs: Sequence[tuple[date, date]], first: date, allowed: int) -> date:
    """The day with which there were more days below than allowed."""
    left = allowed
    for start, end in runs:
        length = days_in([(start, end)], first, end)
        if length > left:
            return max(start, first) + timedelta(days=left)
        left -= length
    raise AssertionError("asked only where there are more days below than allowed")


def _length(run: tuple[date, date]) -> int:
    return (run[1] - run[0]).days + 1
