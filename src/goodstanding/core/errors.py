"""The errors of goodstanding, one tree.

::

    GoodstandingError                 what a door may show to a user as one line
    ├── UnusableInput                 bytes or arguments nobody could work with (exit code 2, HTTP 422)
    │   ├── InvalidPack               a policy pack with mistakes; carries every Finding
    │   └── RefusedFiles              attached files that cannot be taken; carries a Finding for each
    ├── NotPermitted                  not you: the role or the person may not (HTTP 403)
    ├── IllegalTransition             not now: the state does not allow the event (HTTP 409)
    ├── SealedOtherwise               a secret that no key of this server opens (HTTP 503, server/store/sealing.py)
    ├── TooOften                  more than may be asked in the time; says when to go on (HTTP 429)
    ├── MissingFacts                  an action or a notice that would name no fact (a fault of the caller)
    └── NotFound                      no such thing, or not yours to see (HTTP 404)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from goodstanding.core.terms import FindingSeverity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or could be better: what, where and what to do about it."""

    code: str
    severity: FindingSeverity
    message: str
    hint: str
    where: str

    def line(self) -> str:
        """The finding as one line, as a good compiler would say it."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.severity}: {self.message}{hint}"


class GoodstandingError(Exception):
    """Root of every error that a user may meet; `str()` is one clear line."""


class UnusableInput(GoodstandingError):
    """The input cannot be used at all; the message says where, why and what to do."""


class InvalidPack(UnusableInput):
    """A policy pack has mistakes; `findings` holds all of them."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.name = name
        self.findings = tuple(findings)
        many = "1 mistake" if len(self.findings) == 1 else f"{len(self.findings)} mistakes"
        super().__init__(f"policy pack {name} has {many}; first: {self.findings[0].line()}")


class RefusedFiles(UnusableInput):
    """Attached files cannot be taken; `findings` names each with its reason. Nothing of the submission was kept."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        said = "; ".join(f"{finding.where} {finding.message} ({finding.hint})" for finding in self.findings)
        super().__init__(f"nothing was sent yet, because {said}")


class NotPermitted(GoodstandingError):
    """The actor may not do this, whatever the moment; says who may."""

    def __init__(self, what: str, who_may: Sequence[str]) -> None:
        self.what = what
        self.who_may = tuple(who_may)
        super().__init__(f"{what} is not permitted to you; it may be done by: {', '.join(self.who_may) or 'nobody'}")


class TooOften(GoodstandingError):
    """Somebody asks more than may be asked in the time; `wait` is the number of whole seconds until it goes on."""

    def __init__(self, says: str, wait: int) -> None:
        self.wait = wait
        super().__init__(says)


class IllegalTransition(GoodstandingError):
    """The event is not possible in this state; says which events are. `says` is a plainer sentence for people, where there is one."""

    def __init__(self, state: str, event: str, possible: Sequence[str], says: str = "") -> None:
        self.state = state
        self.event = event
        self.possible = tuple(possible)
        super().__init__(says or f"'{event}' is not possible while '{state}'; possible now: {', '.join(self.possible) or 'nothing'}")


class MissingFacts(GoodstandingError):
    """Something would be said or done to a holder without a fact to rest on (requirement C5)."""


class NotFound(GoodstandingError):
    """No such thing, or nothing the actor may know of."""
