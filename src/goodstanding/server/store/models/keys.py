"""Keys with which programs ask the API: what each may open, its secrets, and what it has used of what it may."""

from django.db import models


class ApiKey(models.Model):
    """One program's key. `scopes` are words like `standing:read`; `accounts` the only ones that it knows of, None where it knows of all.

    It opens nothing once it is revoked or expired.
    """

    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    accounts = models.JSONField(null=True, help_text="ids; null: every account")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class KeySecret(models.Model):
    """One secret of a key: two are good while it is rotated. Only the SHA-256 is kept; `hint` is the secret's end, to tell two apart.

    `ends_at`: from when on it opens nothing. `last_used_at` is true to the minute.
    """

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="secrets")
    sha256 = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, blank=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"…{self.hint} of {self.key_id}"


class QuotaUse(models.Model):
    """How much a key has used of one quota in the minute that it last used it. `minute`: minutes since 1970."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="quotas")
    what = models.CharField(max_length=40, help_text="a scope, or `rows`")
    minute = models.BigIntegerField()
    used = models.BigIntegerField()

    class Meta:
        """One row per quota, which is what makes counting one statement."""

        constraints = [models.UniqueConstraint(fields=["key", "what"], name="one_use_per_quota")]

    def __str__(self) -> str:
        return f"{self.used} {self.what} by {self.key_id}"


class SubmissionKey(models.Model):
    """An `Idempotency-Key` that a program sent with a batch, and the digest of the batch: the same key never stands for two."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="submissions")
    value = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)

    class Meta:
        """Constraints."""

        constraints = [models.UniqueConstraint(fields=["key", "value"], name="one_batch_per_submission_key")]

    def __str__(self) -> str:
        return self.value
