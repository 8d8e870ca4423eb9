"""One-time codes to the registered address: the second factor of a holder who comes in by a letter's link, and how delegates come in (A1, C2).

The code belongs to the link and not to a browser: a mail program often opens the link in a browser of its own, and what was typed in one
must work in the other. It is derived from a random salt by the server's key, so that neither a stolen table nor a backup tells it.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from goodstanding.core.delegations import compose_delegate_code
from goodstanding.core.entry import compose_entry_code
from goodstanding.core.errors import NotFound
from goodstanding.core.notices import Letter, NoticeText
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.letters import compose_message, usable_address
from goodstanding.server.mailroom.sending import send_message
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.store.models import AccessLink, Delegate, EntryCode, OutboxMessage
from goodstanding.server.store.models.outbox import Channel

DIGITS = 6
"""Digits of a code: what one reads, keeps in mind and types on a phone."""

PAYLOAD = "entry_code"
"""Under which key a message of the outbox names the code that it brings."""


class Typed(StrEnum):
    """What a typed code was. SPENT: tried too often, run out or replaced, so that a new one is needed."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Sending:
    """What asking for a code came to: the code that is on its way, or from when on another one can be asked for."""

    code: EntryCode | None
    free_at: datetime | None = None


def send_code(*, call: Call, pack: PolicyPack, link: AccessLink) -> Sending:
    """Send a new code to the address that is registered for the link's account now; the one before stops working.

    So many an hour and a day for one account, by the settings, whichever of its links is used. Raises NotFound where no address is known.
    """
    automatic = call.by_automation()
    with transaction.atomic():
        case = lock_case(call=automatic, case_id=link.case_id)
        account = lock_account(account_id=case.account_id)
        if not usable_address(account.email):
            raise NotFound(f"no usable address is registered for account {account.pk}")
        if free_at := _free_at(EntryCode.objects.filter(link__case__account=account), call.now):
            return Sending(None, free_at)
        code = _new_code(call, link, case_id=case.pk)
        ledger.append(call=automatic, case_id=case.pk, kind="EntryCodeSent", body={"code_id": code.pk, "to": mask_address(account.email)})
    return Sending(code)


def send_delegate_code(*, call: Call, delegate: Delegate) -> Sending:
    """Send a new code to a delegate's address; the one before stops working. So many an hour and a day, by the settings."""
    with transaction.atomic():
        locked = Delegate.objects.select_for_update(of=("self",)).get(pk=delegate.pk)
        if free_at := _free_at(EntryCode.objects.filter(delegate=locked), call.now):
            return Sending(None, free_at)
        return Sending(_new_code(call.by_automation(), locked))


def waiting_code(*, of: AccessLink | Delegate, now: datetime) -> EntryCode | None:
    """The code of a link or a delegate that can be typed at the moment; None where one has to be sent first."""
    newest = of.codes.order_by("-sent_at", "-pk").first()
    return newest if newest and _is_live(newest, now) else None


def check_code(*, call: Call, link: AccessLink, typed: str) -> Typed:
    """Hold what was typed against the newest code of a link. A right one works once; every try counts, also two at the same instant."""
    holder = Call(Actor(f"holder:{link.case.account_id}", Role.HOLDER, frozenset({link.case.account_id})), call.now, call.new_id, call.new_secret)
    with transaction.atomic():
        case = lock_case(call=holder, case_id=link.case_id)
        found, code = _hold(call, waiting_code(of=link, now=call.now), typed)
        if code and found == Typed.RIGHT:
            ledger.append(call=holder, case_id=case.pk, kind="HolderEntered", body={"code_id": code.pk})
        elif code and found == Typed.SPENT:
            ledger.append(call=holder.by_automation(), case_id=case.pk, kind="EntryCodeSpent", body={"code_id": code.pk, "tries": code.tries})
    return found


def check_delegate_code(*, call: Call, delegate: Delegate, typed: str) -> Typed:
    """Hold what was typed against the newest code of a delegate. Each time somebody comes in is entered in the delegate's own chain of the ledger."""
    with transaction.atomic():
        locked = Delegate.objects.select_for_update(of=("self",)).get(pk=delegate.pk)
        found, code = _hold(call, waiting_code(of=locked, now=call.now), typed)
        kind = {Typed.RIGHT: "DelegateEntered", Typed.SPENT: "EntryCodeSpent"}.get(found)
        if code and kind:
            ledger.append(call=call.by_automation(), case_id=delegate.pk, kind=kind, body={"code_id": code.pk})
    return found


def tries_left(code: EntryCode) -> int:
    """How many wrong tries a code still stands."""
    return max(settings.ENTRY_CODE_TRIES - code.tries, 0)


def digits_of(code: EntryCode) -> str:
    """The code as it is read. For the mail that brings it, and for the page of a demonstration; nowhere else."""
    key = hashlib.sha256(b"goodstanding.entry:" + settings.SECRET_KEY.encode()).digest()
    made = hmac.new(key, f"{code.pk}:{code.salt}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made, 'big') % 10**DIGITS:0{DIGITS}}"


def mask_address(address: str) -> str:
    """An address as much as its owner needs to know which one is meant: `a•••@s•••.example`. How long it is stays unknown."""
    user, _, domain = usable_address(address).partition("@")
    name, _, top = domain.rpartition(".")
    return f"{user[:1]}•••@{name[:1]}•••.{top}" if user else ""


def deliver_code(*, code_id: str, now: datetime) -> None:
    """Send the mail of a code. Raises DeliveryFailed; for good where the code works no more, since nobody is helped by it then."""
    code = EntryCode.objects.select_related("link__case__account", "delegate").filter(pk=code_id).first()
    if code is None or not _is_live(code, now):
        raise DeliveryFailed(f"the code {code_id} ran out before it could be sent", permanent=True)
    recipient, text = _letter_of_delegate(code, code.delegate) if code.delegate else _letter_of_link(code)
    message = compose_message(notice_id=code.pk, text=text, sender=settings.MAIL_FROM, recipient=recipient, at=code.sent_at)
    send_message(message=message, recipient=recipient, name=f"{code.sent_at:%Y-%m-%d}-{code.pk}")


def _letter_of_link(code: EntryCode) -> tuple[str, NoticeText]:
    assert code.link, "a code is for a link or for a delegate"
    case, pack = code.link.case, current_pack()
    name, zone = case.account.display_name or case.account_id, pack.zone(case.account.marketplace)
    letter = Letter(words=pack.words_for(case.language), account_name=name, case_number=case.pk, case_url="", zone=zone)
    return usable_address(case.account.email), compose_entry_code(letter, code=digits_of(code), until=code.expires_at)


def _letter_of_delegate(code: EntryCode, delegate: Delegate) -> tuple[str, NoticeText]:
    letter = Letter(words=current_pack().words_for(delegate.language), account_name=delegate.name, case_number="", case_url="")
    return usable_address(delegate.email), compose_delegate_code(letter, code=digits_of(code), until=code.expires_at)


def _new_code(call: Call, of: AccessLink | Delegate, **about: str) -> EntryCode:
    """A code that replaces those before it, and the message that brings it."""
    of.codes.filter(sent_at__lt=call.now - timedelta(days=2)).delete()
    code = of.codes.create(
        code_id=call.new_id("EC"), salt=call.new_secret(), sent_at=call.now, expires_at=call.now + timedelta(minutes=settings.ENTRY_CODE_MINUTES)
    )
    payload = {PAYLOAD: code.pk, **about}
    OutboxMessage.objects.create(key=f"{PAYLOAD}:{code.pk}", channel=Channel.EMAIL, payload=payload, created_at=call.now, next_at=call.now)
    return code


def _hold(call: Call, code: EntryCode | None, typed: str) -> tuple[Typed, EntryCode | None]:
    """What a typed code is, with its try counted. What the code belongs to is locked."""
    if code is None:
        return Typed.SPENT, None
    if hmac.compare_digest(digits_of(code).encode(), _plain(typed).encode()):
        code.used_at = call.now
        code.save(update_fields=["used_at"])
        return Typed.RIGHT, code
    code.tries += 1
    code.save(update_fields=["tries"])
    return (Typed.WRONG if tries_left(code) else Typed.SPENT), code


def _is_live(code: EntryCode, now: datetime) -> bool:
    return code.used_at is None and now < code.expires_at and code.tries < settings.ENTRY_CODE_TRIES


def _free_at(codes: QuerySet[EntryCode], now: datetime) -> datetime | None:
    """From when on another code can be sent beside these; None: at once."""
    for most, span in ((settings.ENTRY_CODES_AN_HOUR, timedelta(hours=1)), (settings.ENTRY_CODES_A_DAY, timedelta(days=1))):
        sent = codes.filter(sent_at__gt=now - span).order_by("-sent_at")
        if oldest := sent[most - 1 : most].values_list("sent_at", flat=True).first():
            return oldest + span
    return None


def _plain(typed: str) -> str:
    """Digits alone: people type blanks, and Chinese keyboards full-width digits."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign in "0123456789")
