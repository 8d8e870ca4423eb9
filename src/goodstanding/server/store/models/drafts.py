"""Drafts: what a holder has typed and not sent, kept while it is written, so that a dead connection or telephone loses nothing."""

from django.db import models

from goodstanding.core.terms import DraftForm
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Draft(models.Model):
    """The unsent text of one form of a case. Staff never read it: nothing is said before it is sent.

    `version` counts the saves, so that a device that has not seen the newest text cannot overwrite it. `others`: texts that came from such
    a device, newest first, each with `device`, `texts` and `saved_at` (ISO).
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    form = term(DraftForm)
    texts = models.JSONField(default=dict)
    version = models.IntegerField(default=0)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=100)
    others = models.JSONField(default=list)

    class Meta:
        """Constraints."""

        constraints = [
            models.UniqueConstraint(fields=["case", "form"], name="one_draft_per_form"),
            term_constraint("form", DraftForm, "draft_form"),
        ]

    def __str__(self) -> str:
        return f"{self.form} of {self.case_id}, version {self.version}"
