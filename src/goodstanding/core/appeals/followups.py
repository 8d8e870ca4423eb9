"""What was sent, what is due, and when to ask after it (amazon.md section 2.3: a first answer usually comes within two days)."""

from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.terms import FollowUpState
from goodstanding.core.values import Span


@dataclass(frozen=True, slots=True)
class Sent:
    """One reply that was sent. `number`: what the book calls it. `must_by`: until when the notice wanted it; `asked`: when it was asked after."""

    number: int
    sent_at: datetime
    subject: str
    to: str = ""
    channel: str = ""
    plan: str = ""
    file: str = ""
    reasons: tuple[str, ...] = ()
    must_by: datetime | None = None
    asked: tuple[datetime, ...] = ()
    answered_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a reply stands: `ask_at` is when to ask after it (None once it is answered), `late`: it was sent after the notice's deadline."""

    sent: Sent
    state: FollowUpState
    ask_at: datetime | None
    late: bool


def follow_up(sent: Sent, wait: Span, now: datetime) -> FollowUp:
    """How a reply stands at a moment. Each time it was asked after, the wait begins anew; asking more often than that reads as pressing."""
    late = sent.must_by is not None and sent.sent_at > sent.must_by
    if sent.answered_at is not None:
        return FollowUp(sent, FollowUpState.ANSWERED, None, late)
    ask_at = wait.after(max((sent.sent_at, *sent.asked)))
    state = FollowUpState.ASK_NOW if now >= ask_at else FollowUpState.WAITING
    return FollowUp(sent, state, ask_at, late)
