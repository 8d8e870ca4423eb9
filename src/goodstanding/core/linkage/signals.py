"""What sharing one identifier says, and how its value is shown to a reviewer (`facts.md` section 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.policy.pack import IdentifierWeight

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    """One identifier that both accounts of a pair used: the evidence of a relation.

    `share` is its part of the score in hundredths, 0 for what a household shares beside its strongest piece. Times are of
    first and last use by either account; no last use is known where None.
    """

    kind: str
    value: str
    sharers: int
    share: int
    first_a: datetime
    last_a: datetime | None
    first_b: datetime
    last_b: datetime | None

    @property
    def masked(self) -> str:
        """The value as a reviewer may see it."""
        return mask(self.kind, self.value)

    @property
    def shared_since(self) -> datetime:
        """When the second of the two accounts first used it."""
        return max(self.first_a, self.first_b)


def share_of(weight: int, sharers: int) -> int:
    """The hundredths that an identifier of that weight says where `sharers` accounts use it.

    The weight divided by the binary logarithm of the sharers, rounded down: all of it between two accounts, 63 % among
    three, half among four, a third among eight, a sixth among sixty-four. Rarer says more, and no step is a cliff.
    """
    if sharers < 2:
        return 0
    return weight * 100 // ((sharers**100).bit_length() - 1)  # bit_length - 1 of n^100 is floor(100 * log2(n)), exactly


def shares(pieces: Mapping[tuple[str, str], int], weights: Mapping[str, IdentifierWeight], household_cap: int) -> dict[tuple[str, str], int]:
    """The share of each identifier (kind, value) of one pair, given how many accounts use it.

    What a home or an office shares by nature counts once: its strongest piece, at most `household_cap`; the others 0.
    """
    full = {piece: share_of(weights[piece[0]].weight, sharers) for piece, sharers in pieces.items()}
    of_household = [piece for piece in full if weights[piece[0]].household]
    if not of_household:
        return full
    strongest = min(of_household, key=lambda piece: (-full[piece], piece))
    capped = min(full[strongest], household_cap)
    return full | dict.fromkeys(of_household, 0) | {strongest: capped}


def mask(kind: str, value: str) -> str:
    """Enough of a value to recognise it, too little to use it; kinds without a rule of their own keep their last two letters."""
    return _MASKS.get(kind, _last_two)(value)


def _network_part(value: str) -> str:
    """The first half of an address: the network, not the subscriber."""
    separator = ":" if ":" in value else "."
    parts = value.split(separator)
    keep = len(parts) // 2
    return separator.join([*parts[:keep], *["x" for _ in parts[keep:]]]) if keep else _ELLIPSIS


def _mailbox(value: str) -> str:
    name, at, domain = value.partition("@")
    return f"{name[:1]}{_ELLIPSIS}{at}{domain}"


def _last_two(value: str) -> str:
    return _ELLIPSIS + value[-2:] if len(value) > 4 else _ELLIPSIS


def _last_four(value: str) -> str:
    return _ELLIPSIS + value[-4:] if len(value) > 8 else _last_two(value)


def _locality(value: str) -> str:
    """What follows the last comma: the town, not the door."""
    street, comma, town = value.rpartition(",")
    return f"{_ELLIPSIS},{town}" if comma and street else _last_two(value)


_MASKS: Mapping[str, Callable[[str], str]] = {
    "ip": _network_part,
    "mac": _network_part,
    "email": _mailbox,
    "address": _locality,
    "payment_instrument": _last_four,
    "bank_account": _last_four,
}
