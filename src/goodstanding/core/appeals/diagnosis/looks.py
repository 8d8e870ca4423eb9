"""Looking for what bad orders have in common without being fooled: many looks, one honest chance of a false claim.

Every group of orders that is compared with the rest is a look; looks of one kind (all carriers, all runs of days) make a question. The
allowed chance of a false claim is shared equally by the questions, and within a question by those looks that could succeed at all given their
size (Tarone 1990: a group of two orders can never be convincing, so it costs nothing). This bounds the chance that any cause is claimed where
there is none, however the looks overlap. It needs no dice, so the same facts always get the same answer.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from goodstanding.core.appeals.diagnosis.exact import log_best, log_tail
from goodstanding.core.appeals.diagnosis.model import CauseKind
from goodstanding.core.policy.pack import Diagnosing


@dataclass(frozen=True, slots=True)
class Look:
    """One group of orders, as a bit mask over the items. `first` and `last` where the group is one of days.

    `within`: the group has to stand out against the rest of these too (of a product whose page was changed: the orders before).
    """

    kind: CauseKind
    dimension: str
    value: str | None
    orders: int
    first: date | None = None
    last: date | None = None
    within: int = ~0


@dataclass(frozen=True, slots=True)
class Question:
    """The looks of one kind, within the items `among`. Looks that pick out the same orders are asked once: the first of them."""

    among: int
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look showed among the items `among`. `log_chance` counts that one look, `log_corrected` all of them."""

    look: Look
    among: int
    log_chance: float
    log_corrected: float

    @property
    def stands_out_by(self) -> tuple[float, float]:
        """For ranking: the least believable as chance first."""
        return self.log_corrected, self.log_chance


def question(among: int, looks: Sequence[Look]) -> Question:
    """A question without repeated or empty looks."""
    seen: dict[int, Look] = {}
    for look in looks:
        if look.orders & among:
            seen.setdefault(look.orders & among, look)
    return Question(among, tuple(seen.values()))


def judge(questions: Sequence[Question], bad: int, left: int, rules: Diagnosing) -> tuple[list[Verdict], int]:
    """The verdicts on looks that are convincing and large enough, in no order, and how many looks could have been.

    `bad` and `left` are masks of the items that went wrong and of those that are still looked at.
    """
    allowed = log(rules.most_false_per_1000 / 1000)
    asked = [asked for one in questions if (asked := _Asked.of(one, bad, left, rules)) and asked.best[0] <= allowed]
    share = allowed - log(len(asked)) if asked else allowed
    verdicts: list[Verdict] = []
    for one in asked:
        verdicts += one.verdicts(bad, share, log(len(asked)), allowed, rules)
    return verdicts, sum(one.testable(share) for one in asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question over the items that are left, `bad` of `total` gone wrong: the looks that are large enough, each with its size.

    `best`: the chances they can reach at best, as sorted logarithms.
    """

    among: int
    left: int
    looks: Sequence[tuple[Look, int]]
    bad: int
    total: int
    best: list[float]

    @classmethod
    def of(cls, asked: Question, bad: int, left: int, rules: Diagnosing) -> "_Asked | None":
        among = asked.among & left
        all_bad, total = (among & bad).bit_count(), among.bit_count()
        if not rules.least_defects <= all_bad < total:
            return None
        sized = [(look, (look.orders & among).bit_count()) for look in asked.looks]
        looks = [(look, size) for look, size in sized if rules.least_defects <= size < total]
        best_of = {size: log_best(size, all_bad, total) for _, size in looks}
        return cls(asked.among, left, looks, all_bad, total, sorted(best_of[size] for _, size in looks)) if looks else None

    def testable(self, share: float) -> int:
        """By how many looks the question's share is divided: Tarone's number, the least k for which at most k looks can reach share / k."""
        for k in range(1, len(self.best) + 1):
            if bisect_right(self.best, share - log(k)) <= k:
                return k
        return len(self.best)

    def verdicts(self, bad: int, share: float, among_questions: float, allowed: float, rules: Diagnosing) -> list[Verdict]:
        penalty = log(self.testable(share)) + among_questions
        found = []
        for look, size in self.looks:
            seen = (look.orders & self.among & self.left & bad).bit_count()
            if not _is_large(seen, size, self.bad, self.total, rules):
                continue
            chance = log_tail(seen, size, self.bad, self.total)
            if chance + penalty <= allowed and self._stands_out_within(look, bad, allowed):
                found.append(Verdict(look, self.among, chance, chance + penalty))
        return found

    def _stands_out_within(self, look: Look, bad: int, allowed: float) -> bool:
        if look.within == ~0:
            return True
        within = look.within & self.among & self.left
        ours = look.orders & within
        return log_tail((ours & bad).bit_count(), ours.bit_count(), (within & bad).bit_count(), within.bit_count()) <= allowed


def _is_large(seen: int, size: int, bad: int, total: int, rules: Diagnosing) -> bool:
    """Whether a group holds enough of what went wrong, at a rate enough above that of the others."""
    if seen < rules.least_defects or 100 * seen < rules.least_share_percent * bad:
        return False
    return 100 * seen * (total - size) >= rules.least_times_percent * (bad - seen) * size


def search(questions: Sequence[Question], bad: int, rules: Diagnosing) -> tuple[list[tuple[Verdict, list[Verdict]]], int]:
    """The causes, one after the other, each with other verdicts on the same orders; and how many looks could have been convincing.

    After each cause its orders are set aside and all is asked anew: what no longer stands out was the same orders seen from another side
    (nested in the cause, around it, or overlapping), what still does is a cause of its own.
    """
    found: list[tuple[Verdict, list[Verdict]]] = []
    left = ~0
    verdicts, looks = judge(questions, bad, left, rules)
    while verdicts:
        best = min(verdicts, key=lambda verdict: verdict.stands_out_by)
        left &= ~best.look.orders
        again, _ = judge(questions, bad, left, rules)
        still = {(verdict.look.dimension, verdict.look.value, verdict.look.first) for verdict in again}
        same = [other for other in verdicts if other is not best and _is_same(best, other, bad)]
        same = [other for other in same if (other.look.dimension, other.look.value, other.look.first) not in still]
        found.append((best, sorted(same, key=lambda verdict: verdict.stands_out_by)))
        verdicts = again
    return found, looks


def _is_same(one: Verdict, other: Verdict, bad: int) -> bool:
    """Whether most of what went wrong in either went wrong in both."""
    ours, theirs = one.look.orders & bad, other.look.orders & bad
    return 2 * (ours & theirs).bit_count() >= (ours | theirs).bit_count()
