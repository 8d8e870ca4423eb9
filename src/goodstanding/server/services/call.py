"""Who asks for something, when, and where new ids and secrets come from: the world, as an argument."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.values import AUTOMATION, Actor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody mistakes for one another when an id is read out on the phone."""


PLACES = 12
"""Signs of an id after its prefix."""


def random_id(prefix: str) -> str:
    """A new id like `C-7K2M9QXW4TPB`: 12 places of 30 signs, 58 bits."""
    number = secrets.randbelow(len(ALPHABET) ** PLACES)
    return f"{prefix}-{''.join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(PLACES))}"


def random_secret() -> str:
    """A new secret of 256 bits, as text that fits a URL."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of one call of a service. `now` is aware (UTC)."""

    actor: Actor
    now: datetime
    new_id: Callable[[str], str] = random_id
    new_secret: Callable[[], str] = random_secret

    def by_automation(self) -> "Call":
        """The same moment, acted by the system itself."""
        return Call(AUTOMATION, self.now, self.new_id, self.new_secret)
