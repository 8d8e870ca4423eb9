"""The audit of ways in: written where a sign-in, a factor or a user changes, read by the auditor, erased when its time is over (requirement K5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import make_aware

from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import AuditEntry, User
from goodstanding.server.store.models.audit import AuditKind

MAY_AUDIT = frozenset({Role.AUDITOR})

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of a kind, about a user, on days of UTC from and to (inclusive), older than the entry `after`. Empty: any."""

    kind: str = ""
    user: str = ""
    since: date | None = None
    until: date | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first; `later`: after which one the next page begins, empty where there is none."""

    entries: tuple[AuditEntry, ...]
    later: str = ""


def record(
    *, call: Call, kind: AuditKind, user: User | None, method: str = "", address: str | None = None, body: Mapping[str, object] | None = None
) -> AuditEntry:
    """Write down what happened, for as long as the settings say. `method` and `body` never hold a password, a code or a key."""
    kept = call.now + timedelta(days=settings.AUDIT_DAYS)
    return AuditEntry.objects.create(
        at=call.now, kind=kind, user=user, actor=call.actor.id, method=method, address=address, body=dict(body or {}), keep_until=kept
    )


def read_audit(*, actor: Actor, wanted: Wanted) -> AuditPage:
    """A page of the audit, the newest first. Raises NotPermitted for all but auditors."""
    if actor.role not in MAY_AUDIT:
        raise NotPermitted("reading the audit of sign-ins", sorted(MAY_AUDIT))
    found = list(_narrowed(wanted).select_related("user").order_by("-pk")[: PAGE + 1])
    return AuditPage(tuple(found[:PAGE]), str(found[PAGE - 1].pk) if len(found) > PAGE else "")


def _narrowed(wanted: Wanted) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.all()
    if wanted.kind in set(AuditKind):
        entries = entries.filter(kind=wanted.kind)
    if wanted.user:
        entries = entries.filter(user__email=wanted.user.strip().lower())
    if wanted.since:
        entries = entries.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        entries = entries.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return entries.filter(pk__lt=int(wanted.after)) if wanted.after.isdecimal() else entries


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, clock()))


def erase_audit(*, call: Call) -> int:
    """Erase the entries whose time is over; gives how many. The database refuses to erase any other."""
    return AuditEntry.objects.filter(keep_until__lte=call.now).delete()[0]
