"""What all that two accounts share says together, and what speaks against it (`facts.md` section 5).

Pieces of evidence are not independent: a home explains its address, its Wi-Fi and the family's tablet at once, an agency its computer and its phone. So everything
with one of three innocent explanations counts once or little, and all of it together at most the pack's `explained_cap`: less than makes a cluster.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from goodstanding.core.linkage.signals import SharedIdentifier, order_of, share_of
from goodstanding.core.policy.pack import IdentifierWeight, Linkage
from goodstanding.core.terms import Doubt, UseOrder


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A piece on its way to its share: its kind's weight, and what it would say alone."""

    shared: SharedIdentifier
    weight: IdentifierWeight

    @property
    def rank(self) -> tuple[int, str, str]:
        return -self.shared.share, self.shared.kind, self.shared.value

    def says(self, share: int) -> "_Weighed":
        return replace(self, shared=replace(self.shared, share=share))


def weigh(pieces: Iterable[SharedIdentifier], linkage: Linkage, passed: UseOrder = UseOrder.TOGETHER) -> tuple[SharedIdentifier, ...]:
    """The pieces that two accounts share, with share, order and doubt filled in, the strongest first.

    `passed`: A_FIRST where account b was opened under an enforcement against a, B_FIRST the other way round: then what was used in that
    order was not handed over to a stranger but taken along by a successor (requirement B17), if it is more than one thing: one telephone number alone may
    have been given out anew.
    """
    weights = {str(kind): weight for kind, weight in linkage.weights.items()}
    known = [_Weighed(piece, weights[piece.kind]) for piece in pieces]
    has_home = any(one.weight.household and one.shared.sharers <= linkage.home_size for one in known)
    known = [_timed(one, linkage) for one in known]
    taken_along = passed if sum(one.shared.order is passed for one in known) > 1 else UseOrder.TOGETHER
    weighed = [_doubted(one, linkage, has_home, taken_along) for one in known]
    weighed = _strongest_only(weighed, [one.weight.household for one in weighed], linkage.household_cap)
    weighed = _strongest_only(weighed, [one.shared.doubt is Doubt.PROVIDER for one in weighed], linkage.explained_cap)
    return tuple(one.shared for one in sorted(_capped(weighed, linkage.explained_cap), key=lambda one: one.rank))


def _timed(one: _Weighed, linkage: Linkage) -> _Weighed:
    shared = one.shared
    order = order_of(shared.first_a, shared.last_a, shared.first_b, shared.last_b, timedelta(days=linkage.together_days))
    return replace(one, shared=replace(shared, order=order))


def _doubted(one: _Weighed, linkage: Linkage, has_home: bool, passed: UseOrder) -> _Weighed:
    """The piece with what it says alone and how it may be explained."""
    shared, weight = one.shared, one.weight
    share = share_of(weight.weight, shared.sharers, weight.pair)
    doubt = None
    if has_home and (weight.household or (weight.at_home is not None and shared.sharers <= linkage.family)):
        doubt = Doubt.HOME
        share = share if weight.at_home is None else share * weight.at_home // 100
    elif weight.lent and 0 < linkage.crew < shared.sharers:
        doubt = Doubt.PROVIDER
    elif weight.handed_on and shared.order not in (UseOrder.TOGETHER, passed):
        doubt = Doubt.HANDED_OVER
    return replace(one, shared=replace(shared, share=share, doubt=doubt))


def _strongest_only(weighed: Sequence[_Weighed], grouped: Sequence[bool], cap: int) -> list[_Weighed]:
    """Of a group only its strongest piece, at most `cap`; the others say 0."""
    group = [one for one, is_in in zip(weighed, grouped, strict=True) if is_in]
    best = min(group, key=lambda one: one.rank, default=None)
    return [one.says(min(one.shared.share, cap) if one is best else 0) if is_in else one for one, is_in in zip(weighed, grouped, strict=True)]


def _capped(weighed: Sequence[_Weighed], cap: int) -> Iterator[_Weighed]:
    """What has an innocent explanation says at most `cap` together; the strongest pieces are counted first."""
    left = cap
    for one in sorted(weighed, key=lambda one: one.rank):
        if one.shared.doubt is None:
            yield one
        else:
            says = min(one.shared.share, left)
            left -= says
            yield one.says(says)
