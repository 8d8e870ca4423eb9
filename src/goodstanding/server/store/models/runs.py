"""When each job of the server last came to its end, for those who watch over it."""

from django.db import models


class JobRun(models.Model):
    """One job: the worker's round, a look at the mailbox, the nightly assessment."""

    job = models.CharField(max_length=40, primary_key=True)
    succeeded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job} {self.succeeded_at:%Y-%m-%d %H:%M}"
