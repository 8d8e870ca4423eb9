"""Exact odds of picking orders without looking at them: the hypergeometric distribution, in logarithms so that nothing is too rare to tell.

Given that `bad` of `total` orders went wrong, a part of `size` orders chosen for a reason that has nothing to do with it holds at least
`seen` of them with this chance (Fisher's exact test, one-sided). No approximation, so small accounts are treated like large ones.
"""

from functools import lru_cache
from math import exp, inf, lgamma, log

_NEGLIGIBLE = 1e-17


def log_tail(seen: int, size: int, bad: int, total: int) -> float:
    """The natural logarithm of the chance of `seen` or more bad ones in a part of `size`; -inf where that many are impossible."""
    most = min(size, bad)
    if seen > most:
        return -inf
    if seen <= max(0, size + bad - total):
        return 0.0
    first, here, sum_ = _log_exactly(seen, size, bad, total), 1.0, 1.0
    for count in range(seen, most):
        here *= (size - count) * (bad - count) / ((count + 1) * (total - size - bad + count + 1))
        sum_ += here
        if here < sum_ * _NEGLIGIBLE:
            break
    return min(first + log(sum_), 0.0)


def log_best(size: int, bad: int, total: int) -> float:
    """The smallest `log_tail` that a part of `size` can reach at all: with every order in it bad, or every bad order in it."""
    return log_tail(min(size, bad), size, bad, total)


def as_chance(logarithm: float) -> float:
    """A logarithm as a chance from 0 to 1; what is rarer than a float can hold is 0."""
    return exp(min(logarithm, 0.0))


def _log_exactly(seen: int, size: int, bad: int, total: int) -> float:
    return _log_choose(bad, seen) + _log_choose(total - bad, size - seen) - _log_choose(total, size)


@lru_cache(maxsize=65536)
def _log_choose(of: int, many: int) -> float:
    return lgamma(of + 1) - lgamma(many + 1) - lgamma(of - many + 1)
