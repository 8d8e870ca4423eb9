"""One-time codes: the second factor of who comes in by a link (requirement C2)."""

from django.db import models

from goodstanding.server.store.models.links import AccessLink


class EntryCode(models.Model):
    """One code for one link. The code itself is nowhere: it follows from `salt` by the server's own key, which no table holds."""

    code_id = models.CharField(max_length=40, primary_key=True)
    link = models.ForeignKey(AccessLink, on_delete=models.CASCADE, related_name="codes")
    salt = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        """The look-up of the newest."""

        indexes = [models.Index(fields=["link", "-sent_at"], name="codes_newest")]

    def __str__(self) -> str:
        return self.code_id
