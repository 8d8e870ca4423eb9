"""Copies of letters to delegates who are to get them: made from the kept letter at the moment of sending, never kept themselves (requirement A1)."""

import re
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from goodstanding.core.delegations import copy_for_delegate
from goodstanding.core.notices import Letter, NoticeText
from goodstanding.core.terms import NoticeKind, Right
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.letters import compose_message, usable_address
from goodstanding.server.mailroom.sending import send_message
from goodstanding.server.policy import current_pack
from goodstanding.server.services.rights import in_force, rights_of
from goodstanding.server.store.compiled import Query
from goodstanding.server.store.models import Delegation, Notice

COPY = "copy_of"
"""Under which key a message of the outbox names the letter that it copies."""


def _in_force_of(*, account: str, now: datetime) -> QuerySet[Delegation]:
    return in_force(now).filter(account=account).order_by("pk")


_held = Query(_in_force_of, texts=["account"], moments=["now"])


def copied_to(*, account_id: str, now: datetime) -> list[Delegation]:
    """The delegations of an account to whose delegates letters are copied."""
    return [one for one in _held(account=account_id, now=now) if Right.COPIES in rights_of(one)]


def deliver_copy(*, notice_id: str, delegation_id: str, now: datetime) -> None:
    """Send a copy, if the delegate is still to get it and the letter is still kept. Raises DeliveryFailed."""
    notice = Notice.objects.select_related("case__account").filter(pk=notice_id, erased_at=None).first()
    one = in_force(now).select_related("delegate").filter(pk=delegation_id).first()
    if notice is None or notice.case is None or one is None or Right.COPIES not in rights_of(one):
        raise DeliveryFailed("the letter is erased, or its copy is no longer for this delegate", permanent=True)
    case, recipient, pack = notice.case, usable_address(one.delegate.email), current_pack()
    letter = Letter(
        words=pack.words_for(notice.language),
        account_name=one.delegate.name,
        case_number=case.pk,
        case_url=_page_of(case.pk),
        zone=pack.zone(case.account.marketplace),
    )
    text = NoticeText(NoticeKind(notice.kind), notice.subject, notice.body, notice.language)
    copied = copy_for_delegate(letter, text, delegate=one.delegate.name, holder=case.account.display_name or case.account_id, links=_links())
    name = f"{notice.pk}.{one.pk}"
    message = compose_message(notice_id=name, text=copied, sender=settings.MAIL_FROM, recipient=recipient, at=notice.created_at)
    send_message(message=message, recipient=recipient, name=f"{notice.created_at:%Y-%m-%d}-{name}")


def without_links(*, body: str, case_id: str) -> str:
    """A letter's text as a delegate reads it: the holder's personal links lead to the page of the case, which asks to sign in."""
    return _links().sub(lambda _: _page_of(case_id), body)


def _links() -> re.Pattern[str]:
    return re.compile(re.escape(settings.BASE_URL) + r"/n/[^\s/]+/")


def _page_of(case_id: str) -> str:
    return f"{settings.BASE_URL}/case/{case_id}/"
