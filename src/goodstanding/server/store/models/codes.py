"""One-time codes: the second factor of who comes in by a link, and how delegates come in (requirements A1, C2)."""

from django.db import models

from goodstanding.server.store.models.delegations import Delegate
from goodstanding.server.store.models.links import AccessLink


class EntryCode(models.Model):
    """One code for one link, or for one delegate. The code itself is nowhere: it follows from `salt` by the server's own key, which no table holds."""

    code_id = models.CharField(max_length=40, primary_key=True)
    link = models.ForeignKey(AccessLink, on_delete=models.CASCADE, null=True, related_name="codes")
    delegate = models.ForeignKey(Delegate, on_delete=models.CASCADE, null=True, related_name="codes")
    salt = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Constraints, and the look-up of the newest."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(link=None, delegate__isnull=False) | models.Q(link__isnull=False, delegate=None), name="code_is_for_one"
            )
        ]
        indexes = [
            models.Index(fields=["link", "-sent_at"], name="codes_newest"),
            models.Index(fields=["delegate", "-sent_at"], name="codes_of_delegate"),
        ]

    def __str__(self) -> str:
        return self.code_id
