"""What sharing one identifier says, and how its value is shown to a reviewer (`facts.md` section 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodstanding.core.terms import Doubt, UseOrder

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    """One identifier that both accounts of a pair used: the evidence of a relation.

    `share` is its part of the score in hundredths, 0 where another piece already says the same (a household's Wi-Fi beside its address).
    `company`: another account that uses it is related to one of the two by other things, so it says more than it would alone. Times are of first and last use by either account; no last use is known where None. `doubt` is the innocent explanation, if there is one.
    """

    kind: str
    value: str
    sharers: int
    share: int
    first_a: datetime
    last_a: datetime | None
    first_b: datetime
    last_b: datetime | None
    order: UseOrder = UseOrder.TOGETHER
    doubt: Doubt | None = None
    company: bool = False

    @property
    def masked(self) -> str:
        """The value as a reviewer may see it."""
        return mask(self.kind, self.value)

    @property
    def shared_since(self) -> datetime:
        """When the second of the two accounts first used it."""
        return max(self.first_a, self.first_b)


def share_of(weight: int, sharers: int, pair: int | None = None) -> int:
    """The hundredths that an identifier of that weight says where `sharers` accounts use it.

    The weight divided by the binary logarithm of the sharers, rounded down: all of it between two accounts, 63 % among
    three, half among four, a third among eight, a sixth among sixty-four. Rarer says more, and no step is a cliff.
    With `pair`, two accounts say only that, three all of it, and the fall begins there: a company of three says more than a pair.
    """
    if sharers < 2:
        return 0
    if pair is None:
        return weight * 100 // _log2_hundredths(sharers**100)
    return pair if sharers == 2 else weight * 100 // (100 + _log2_hundredths(sharers**100 // 3**100))


def _log2_hundredths(power: int) -> int:
    """floor(100 * log2(x)) of x**100, exactly; whole division before it changes nothing."""
    return power.bit_length() - 1


def order_of(first_a: datetime, last_a: datetime | None, first_b: datetime, last_b: datetime | None, together: timedelta) -> UseOrder:
    """Who used an identifier when. Uses at most `together` apart count as at the same time, and so does one whose end nobody knows."""
    if last_a is not None and last_a + together < first_b:
        return UseOrder.A_FIRST
    if last_b is not None and last_b + together < first_a:
        return UseOrder.B_FIRST
    return UseOrder.TOGETHER


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
