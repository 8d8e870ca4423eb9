"""Evidence: files a holder attached, kept unaltered with their digest (requirement F5)."""

from django.db import models

from goodstanding.core.file_terms import ScanState
from goodstanding.server.store.models.appeals import Appeal, InformationRequest
from goodstanding.server.store.models.assurance import SolveWindow
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class FileScan(models.Model):
    """What a virus scanner said of some bytes, however many files have them. No row: it was never asked.

    `next_at`: when it is asked next, None where it need not be. `leased_until`: a worker asks it just now.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    state = term(ScanState)
    found = models.CharField(max_length=200, blank=True, help_text="the scanner's name for what it found")
    scanned_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)
    leased_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        """Constraint: a state is one that there is."""

        constraints = [term_constraint("state", ScanState, "file_scan_state")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.state}"


class Evidence(models.Model):
    """One file of a case, handed in with an appeal or with the plan of a solve window; with neither it waits, unsent, for an appeal to name it.

    Its bytes lie under the evidence folder by their SHA-256, never by the name the holder gave.
    """

    evidence_id = models.CharField(max_length=40, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, null=True, related_name="evidence")
    window = models.ForeignKey(SolveWindow, on_delete=models.PROTECT, null=True, related_name="evidence")
    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, null=True, related_name="evidence")
    part = models.CharField(max_length=40, blank=True, help_text="the part of the answer that it proves")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.ForeignKey(FileScan, on_delete=models.PROTECT, null=True, related_name="files")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=100, blank=True, help_text="the actor who sent it, who alone gets its original on the portal")
    erased_at = models.DateTimeField(null=True, help_text="when its bytes and name went; its digest stays")

    class Meta:
        """Constraints: a file belongs to an appeal or to a window or, unsent, to neither, never to both; a request is always one of an appeal."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(appeal__isnull=False, window=None) | models.Q(appeal=None, request=None),
                name="evidence_of_appeal_or_window",
            ),
            models.UniqueConstraint(
                fields=["case", "sha256"], condition=models.Q(appeal=None, window=None, erased_at=None), name="one_unsent_file_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name
