"""Copies of letters to delegates who are to get them: made from the kept letter at the moment of sending, never kept themselves (requirement A1)."""

import re
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from goodstanding.core.delegations import copy_for_delegate
from goodstanding.core.errors import NotFound
from goodstanding.core.notices import Letter, NoticeText
from goodstanding.core.terms import NoticeKind, Right
from goodstanding.core.values import Actor
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.letters import compose_message, usable_address
from goodstanding.server.mailroom.sending import send_message
from goodstanding.server.policy import current_pack
from goodstanding.server.services.rights import PREFIX, in_force, rights_of
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
    message = _compose(notice, one)
    send_message(message=message, recipient=usable_address(one.delegate.email), name=f"{notice.created_at:%Y-%m-%d}-{_name(notice, one)}")


def copy_of(*, actor: Actor, notice_id: str, case_id: str, now: datetime) -> bytes:
    """A letter as the mail that a delegate would get as its copy: for who may read the account's letters. Raises NotFound."""
    notice = Notice.objects.select_related("case__account").filter(pk=notice_id, case=case_id, erased_at=None).first()
    mine = in_force(now).select_related("delegate").filter(delegate=actor.id.removeprefix(PREFIX))
    one = mine.filter(account=notice.case.account_id).first() if notice and notice.case else None
    if notice is None or one is None or Right.READ not in rights_of(one):
        raise NotFound(f"there is no notice {notice_id}")
    return _compose(notice, one)


def _compose(notice: Notice, one: Delegation) -> bytes:
    """The copy of a case's letter for a delegate, as a whole mail."""
    case, pack = notice.case, current_pack()
    assert case is not None, "only letters of cases are copied"
    letter = Letter(
        words=pack.words_for(notice.language),
        account_name=one.delegate.name,
        case_number=case.pk,
        case_url=_page_of(case.pk),
        zone=pack.zone(case.account.marketplace),
    )
    text = NoticeText(NoticeKind(notice.kind), notice.subject, notice.body, notice.language)
    copied = copy_for_delegate(letter, text, delegate=one.delegate.name, holder=case.account.display_name or case.account_id, links=_links())
    recipient = usable_address(one.delegate.email)
    return compose_message(notice_id=_name(notice, one), text=copied, sender=settings.MAIL_FROM, recipient=recipient, at=notice.created_at)


def _name(notice: Notice, one: Delegation) -> str:
    return f"{notice.pk}.{one.pk}"


def without_links(*, body: str, case_id: str) -> str:
    """A letter's text as a delegate reads it: the holder's personal links lead to the page of the case (or, without one, of the delegate), which asks to come in."""
    return _links().sub(lambda _: _page_of(case_id) if case_id else f"{settings.BASE_URL}/delegate/accounts/", body)


def _links() -> re.Pattern[str]:
    return re.compile(re.escape(settings.BASE_URL) + r"/n/[^\s/]+/")


def _page_of(case_id: str) -> str:
    return f"{settings.BASE_URL}/case/{case_id}/"
