"""How a pack tells related accounts: what each kind of identifier weighs, and what speaks against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from goodstanding.core.policy.sources import Citation
from goodstanding.core.terms import IdentifierKind


@dataclass(frozen=True, slots=True)
class IdentifierWeight:
    """How much sharing one identifier of a kind says.

    `household`: shared by nature in a home or an office, so all such identifiers of a pair count once, at most `Linkage.household_cap`.
    `pair`: the weight where only two accounts use it, if that is less than among three (a device of two may be a family's); None: `weight` is that of two.
    `at_home`: a home explains it, so beside a shared home so many hundredths of it are left. `lent`: service providers bring it to many clients.
    `handed_on`: it comes to strangers when a business is sold, a computer is, or a number is given out anew.
    """

    weight: int
    household: bool = False
    pair: int | None = None
    at_home: int | None = None
    lent: bool = False
    handed_on: bool = False


UNBOUNDED = 1_000_000
"""What a number of `Linkage` says that a pack does not set: no score and no span of days is greater."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """How related accounts are told (`facts.md` section 5). Scores are whole hundredths of evidence.

    `hub`: an identifier shared by more accounts than this says nothing. `relate_at`: the score from which a pair is shown as related;

    `cluster_at`: from which it belongs to one cluster (never less than `relate_at`); `propose_at`: from which, with the other account under
    enforcement, an action may be proposed. `alike_at`: how probable in hundredths it must be that names and addresses are of one owner
    for two accounts to share a `profile`. `explained_cap`: the most that everything with an innocent explanation may add up to. The explanations:
    a home, where a household's identifier is shared by at most `home_size` accounts, of what at most `family` accounts share; a provider, where something lent is shared by more than `crew`
    (0: never); a hand-over, where one stopped using what is handed on more than `together_days` before the other began, unless the other was opened within
    `successor_days` after an enforcement against the first. `company`: the score that a pair reaches at least where it shares, at the same time, something that three to
    `home_size` accounts use, and one of the two makes that score with another of these by other things (0: never).
    """

    weights: Mapping[IdentifierKind, IdentifierWeight]
    hub: int
    household_cap: int
    relate_at: int
    propose_at: int
    citation: Citation
    cluster_at: int = 0
    explained_cap: int = UNBOUNDED
    home_size: int = 0
    family: int = 0
    crew: int = 0
    together_days: int = UNBOUNDED
    successor_days: int = 0
    alike_at: int = 99
    company: int = 0
