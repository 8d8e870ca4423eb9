"""How far time's work is behind: what the worker should have done by now, in counts and seconds and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from goodstanding.server.store.models import Case, Deadline, OutboxMessage


@dataclass(frozen=True, slots=True)
class Lateness:
    """What waits at a moment. Ages are in seconds, 0 where nothing waits."""

    overdue_deadlines: int
    oldest_deadline: float
    waiting_messages: int
    oldest_message: float
    dead_messages: int
    overdue_appeals: int

    @property
    def oldest(self) -> float:
        """How long the worker has been behind with anything."""
        return max(self.oldest_deadline, self.oldest_message)


def lateness_at(now: datetime) -> Lateness:
    """What should have been done before a moment and was not; dead messages wait for a person and count apart."""
    deadlines = Deadline.objects.filter(done_at=None, cancelled_at=None, due_at__lte=now).aggregate(many=Count("pk"), first=Min("due_at"))
    messages = OutboxMessage.objects.filter(sent_at=None, dead_at=None, next_at__lte=now).aggregate(many=Count("pk"), first=Min("next_at"))
    dead = OutboxMessage.objects.filter(sent_at=None).exclude(dead_at=None).count()
    appeals = Case.objects.exclude(lane="").filter(raised_at__isnull=False).count()
    return Lateness(deadlines["many"], _age(deadlines["first"], now), messages["many"], _age(messages["first"], now), dead, appeals)


def cases_by_state() -> dict[str, int]:
    """How many cases stand in each state that occurs."""
    return dict(Case.objects.values_list("state").annotate(many=Count("pk")).order_by("state"))


def cases_waiting() -> dict[str, int]:
    """How many cases wait for staff in each lane of the queue that occurs."""
    return dict(Case.objects.exclude(lane="").values_list("lane").annotate(many=Count("pk")).order_by("lane"))


def running_clocks() -> dict[str, int]:
    """How many deadlines run on each clock that occurs."""
    running = Deadline.objects.filter(done_at=None, cancelled_at=None)
    return dict(running.values_list("clock").annotate(many=Count("pk")).order_by("clock"))


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
