"""What lies ahead of an account if nothing new happens, as the last nightly run foretold it."""

from django.db import models

from goodstanding.server.store.models.accounts import Account


class Outlook(models.Model):
    """The forecast of one account from the end of `as_of` to `until`. There is one only where there is anything to tell.

    Lists hold rows as the engine gives them, days as ISO text: `steps` are the days on which the fulfilled orders earn another number of
    points, `expected` the violations with the day each closes by itself, `warnings` the early warnings, `tasks` the self-audit list.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="outlook")
    as_of = models.DateField()
    until = models.DateField()
    recorded_at = models.DateTimeField()
    steps = models.JSONField(default=list)
    expected = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    tasks = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.account_id} after {self.as_of}"
