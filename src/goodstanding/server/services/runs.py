"""When each job last came to its end; a job that stops coming to its end shows nowhere else before somebody waits for what it does."""

from datetime import datetime, timedelta
from enum import StrEnum

from goodstanding.server.store.models import JobRun

AT_MOST_EVERY = timedelta(seconds=30)
"""A worker rests for seconds only between two rounds; so often it need not write that it lives."""


class Job(StrEnum):
    """What runs beside the pages."""

    WORK = "work"
    RECEIVE_MAIL = "receive_mail"
    ASSESS_ACCOUNTS = "assess_accounts"


def record_run(*, job: Job, now: datetime) -> None:
    """Note that a job came to its end, at most twice a minute."""
    if not JobRun.objects.filter(pk=job, succeeded_at__gt=now - AT_MOST_EVERY).exists():
        JobRun.objects.update_or_create(pk=job, defaults={"succeeded_at": now})


def last_runs() -> dict[str, datetime]:
    """Job -> when it last came to its end; jobs that never did are absent."""
    return dict(JobRun.objects.values_list("job", "succeeded_at").order_by("job"))
