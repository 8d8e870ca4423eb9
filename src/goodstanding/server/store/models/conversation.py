"""The conversation about a case between its holder and the staff: messages, which are neither appeals nor answers to what was asked."""

from enum import StrEnum

from django.db import models

from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Speaker(StrEnum):
    """Whose side says something."""

    HOLDER = "holder"
    STAFF = "staff"


class CaseMessage(models.Model):
    """One message. `number` counts up within its case, given under the case's lock, so that nobody who asks for later ones misses one.

    `key` comes from the form or client: the same message sent twice is one. `read_at`: when the other side first had it before its eyes;
    `mailed_at`: when it went to an absent holder by letter.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    number = models.IntegerField()
    speaker = term(Speaker)
    actor = models.CharField(max_length=100)
    key = models.CharField(max_length=80)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True, help_text="when its text went; its digest stays")

    class Meta:
        """Constraints, and the look-up of what an absent holder has not read."""

        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_message_per_number"),
            models.UniqueConstraint(fields=["case", "speaker", "key"], name="one_message_per_key"),
            term_constraint("speaker", Speaker, "message_speaker"),
        ]
        indexes = [models.Index(fields=["at"], name="messages_unread", condition=models.Q(speaker="staff", read_at=None, mailed_at=None))]

    def __str__(self) -> str:
        return f"message {self.number} of {self.case_id}"
