"""Policy packs as they were, and what became of trying one on history (requirements A6, K2)."""

from django.db import models


class PackVersion(models.Model):
    """One policy pack, kept file by file so that it can be read again on any day. `uploaded_by` is empty for one that was in force here.

    Nothing here puts a pack into force: that is the setting of who runs the server.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=100)
    title = models.CharField(max_length=300, blank=True)
    main = models.CharField(max_length=200)
    files = models.JSONField()
    kept_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=100, blank=True)

    class Meta:
        """The order of the list."""

        indexes = [models.Index(fields=["-kept_at"], name="packs_newest")]

    def __str__(self) -> str:
        return self.name


class PackInForce(models.Model):
    """Since when a version was seen to be in force. Append-only in effect: a version that comes back gets another row."""

    version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="spans")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version_id} since {self.since}"


class PolicyTrial(models.Model):
    """One trial of a version against another over the facts of the last nightly run. It changes no account.

    `first` and `last` None: from the first fact to the last order. `stage`, `done`, `of`: how far it is. `leased_until`: until when a worker
    that died keeps it. `counts`: accounts by verdict, for lists. `result`: the whole report as gzipped JSON, with a page for each language.
    """

    trial_id = models.CharField(max_length=40, primary_key=True)
    old = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="trials")
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100)
    attempts = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    stage = models.CharField(max_length=100, blank=True)
    done = models.IntegerField(default=0)
    of = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    counts = models.JSONField(default=dict)
    result = models.BinaryField(null=True)

    class Meta:
        """The worker's look-up."""

        indexes = [models.Index(fields=["asked_at"], name="trials_waiting", condition=models.Q(ended_at=None))]

    def __str__(self) -> str:
        return self.trial_id
