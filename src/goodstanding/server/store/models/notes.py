"""Notes of colleagues about a case: append-only, for staff alone."""

from django.db import models

from goodstanding.core.cases.notes import NoteAbout, Settled
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class CaseNote(models.Model):
    """One note. `number` counts up within its case, given under the case's lock; `key` comes from the form: the same note sent twice is one.

    `addressee`: the colleague before whose eyes it is brought until `settled_at`; empty: it asks nobody. `answers`: the number of the note it answers.
    The text never changes; it goes when the case's texts do.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)  # the index of its numbers begins with it
    number = models.IntegerField()
    about = term(NoteAbout)
    author = models.CharField(max_length=100)
    key = models.CharField(max_length=80)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    addressee = models.CharField(max_length=100, blank=True)
    answers = models.IntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_as = term(Settled, blank=True)
    erased_at = models.DateTimeField(null=True, help_text="when its text went; its digest stays")

    class Meta:
        """Constraints, and the look-up of what somebody is asked."""

        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_note_per_number"),
            models.UniqueConstraint(fields=["case", "author", "key"], name="one_note_per_key"),
            term_constraint("about", NoteAbout, "note_about"),
            term_constraint("settled_as", Settled, "note_settled_as", or_blank=True),
            models.CheckConstraint(condition=models.Q(settled_at=None) | ~models.Q(settled_as=""), name="settled_note_says_how"),
        ]
        indexes = [models.Index(fields=["addressee", "at"], name="notes_asked", condition=models.Q(settled_at=None) & ~models.Q(addressee=""))]

    def __str__(self) -> str:
        return f"note {self.number} of {self.case_id}"
