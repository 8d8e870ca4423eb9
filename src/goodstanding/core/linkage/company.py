"""The company of three: what one shares with two who belong together anyway says more than what it shares with a stranger.

An adapter's number or a home's Wi-Fi that three accounts use says little of any two of them. Where two of the three are related by other things, chance
and a visit explain it badly for the third one. So the pair is lifted to the pack's `company`, which is less than makes a cluster: it is shown to a person.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.policy.pack import Linkage
from goodstanding.core.terms import UseOrder

Piece = tuple[str, str]
"""Kind and value of an identifier."""
LEAST = 3
"""Users from whom on there is company."""


def vouching(score: int, evidence: Sequence[SharedIdentifier], linkage: Linkage) -> Iterator[Piece]:
    """What a pair shares with few others and does not need to be related: its other users are in company with both."""
    for shared in evidence:
        if LEAST <= shared.sharers <= linkage.home_size and score - shared.share >= linkage.company:
            yield shared.kind, shared.value


def lift(score: int, evidence: Sequence[SharedIdentifier], vouched: Collection[Piece], linkage: Linkage) -> tuple[SharedIdentifier, ...]:
    """The evidence of a pair of which others vouch for some pieces: the strongest of these that both used at once makes up what is missing to `company`."""
    chosen = next((one for one in evidence if (one.kind, one.value) in vouched and one.order is UseOrder.TOGETHER), None)
    if chosen is None or score >= linkage.company:
        return tuple(evidence)
    lifted = replace(chosen, share=chosen.share + linkage.company - score, company=True)
    return tuple(sorted((lifted if one is chosen else one for one in evidence), key=lambda one: (-one.share, one.kind, one.value)))
