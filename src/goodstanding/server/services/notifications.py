"""An account's performance notifications: every letter of it, what was opened and what was not (requirement A5)."""

from django.db.models import Q, QuerySet

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import NoticeKind, Right, Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.copies import without_links
from goodstanding.server.services.reading import cases_of
from goodstanding.server.services.rights import check_right
from goodstanding.server.store.models import Notice

BETWEEN_US = frozenset({NoticeKind.DELEGATION, NoticeKind.ERASURE_ANSWERED, NoticeKind.ENTRY_CODE})
"""Letters that are the holder's alone, whatever a delegate may do: who else acts for the account, what is kept of the holder, codes to come in."""


def notifications_of(*, actor: Actor, account_id: str) -> QuerySet[Notice]:
    """Every letter to an account that the reader may know of, the newest first, without their bytes. Raises NotFound for who has nothing to do with the account."""
    known = cases_of(actor=actor, account_id=account_id).values("pk")
    letters = Notice.objects.filter(Q(account=account_id) | Q(case__in=known), erased_at=None)
    if actor.role == Role.DELEGATE:
        check_right(actor, account_id, Right.READ)
        letters = letters.exclude(kind__in=BETWEEN_US)
    return letters.defer("message").select_related("case").order_by("-created_at", "-notice_id")


def open_notification(*, call: Call, account_id: str, notice_id: str) -> Notice:
    """A letter as its holder opens it; the first time is kept. A delegate reads it without the holder's personal links, and leaves it unread. Raises NotFound."""
    found = notifications_of(actor=call.actor, account_id=account_id).filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"there is no notice {notice_id}")
    if call.actor.role == Role.DELEGATE:
        found.body = without_links(body=found.body, case_id=found.case_id or "")
        return found
    # Compare and set: of two tabs that open it, the first one is the one that is kept.
    Notice.objects.filter(pk=notice_id, read_at=None).update(read_at=call.now)
    return found
