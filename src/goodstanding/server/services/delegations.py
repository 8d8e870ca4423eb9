"""Delegations: a holder lets an agency, a lawyer or an employee act for the account, within rights that can be changed and taken back (A1, K5)."""

import unicodedata
from collections.abc import Collection
from datetime import MAXYEAR, date, datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from goodstanding.core.delegations import Told, compose_invitation, compose_told_delegate, compose_told_holder, granted_rights
from goodstanding.core.errors import IllegalTransition, NotFound, UnusableInput
from goodstanding.core.notices import Letter
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DelegationEnd, Right, Role
from goodstanding.server.mailroom.letters import usable_address
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import sign_token, token_digest
from goodstanding.server.services.notices import issue_letter, issue_to_delegate, letter_to
from goodstanding.server.services.rights import PREFIX, check_holder, rights_of
from goodstanding.server.store.models import Account, Delegate, Delegation

INVITED_FOR = timedelta(days=14)
"""How long an invitation can be accepted; ours."""

MOST_DELEGATIONS = 20
"""Delegations of one account at a time; ours."""

MOST_INVITATIONS = 10
"""Invitations of one account within a day, so that nobody is written to by us at somebody else's wish again and again; ours."""

LONGEST_NAME = 200

_JOINS = "\u200c\u200d"


def invite_delegate(
    *, call: Call, pack: PolicyPack, account_id: str, email: str, name: str, rights: Collection[Right], last_day: date | None, language: str = ""
) -> Delegation:
    """Let somebody act for an own account, once they have accepted by the link that goes to their address. Holder and delegate are told by letter.

    `last_day`: the last day on which it holds, in the marketplace's zone; None: until it is withdrawn. Inviting the same again while that waits
    or holds changes nothing. Raises NotFound, NotPermitted, UnusableInput.
    """
    check_holder(call.actor, account_id)
    address, called = _address(email), _called(name)
    if not called or len(called) > LONGEST_NAME:
        raise UnusableInput(f"write the name of who is to act for you, in at most {LONGEST_NAME} characters")
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        ends_at = _end_of(last_day, pack, account, call.now)
        granted = granted_rights(rights)
        if address == account.email.strip().lower():
            raise UnusableInput("this is the account's own address; write the address of who is to act for you")
        delegate = _delegate(call, address, called, language or account.language)
        if there := account.delegations.filter(delegate=delegate, ended_at=None).first():
            if rights_of(there) == frozenset(granted) and there.ends_at == ends_at:
                return there
            raise UnusableInput(f"{address} is among your delegates already; change there what may be done")
        _check_number(account, call.now)
        token = sign_token(call.new_secret())
        delegation = Delegation.objects.create(
            delegation_id=call.new_id("D"),
            account=account,
            delegate=delegate,
            rights=[*granted],
            granted_at=call.now,
            granted_by=call.actor.id,
            ends_at=ends_at,
            token_sha256=token_digest(token),
            invited_until=call.now + INVITED_FOR,
        )
        ledger.append(call=call, case_id=delegation.pk, kind="DelegationGranted", body=_body(delegation))
        letter = _letter(pack, delegation, f"{settings.BASE_URL}/delegate/{token}/")
        until, holder = delegation.invited_until, _holder(account)
        invitation = compose_invitation(letter, holder=holder, rights=granted, until=until, ends_at=ends_at)
        issue_to_delegate(call=call, delegation=delegation, text=invitation)
        _tell_holder(call, pack, delegation, Told.GRANTED)
    return delegation


def change_delegation(*, call: Call, pack: PolicyPack, delegation_id: str, rights: Collection[Right], last_day: date | None) -> Delegation:
    """Narrow or widen what a delegate may do, or until when; it holds at once and both are told. The same again changes nothing."""
    with transaction.atomic():
        delegation = _locked(call, delegation_id)
        check_holder(call.actor, delegation.account_id)
        _check_open(delegation)
        granted, ends_at = granted_rights(rights), _end_of(last_day, pack, delegation.account, call.now)
        if (rights_of(delegation), delegation.ends_at) == (frozenset(granted), ends_at):
            return delegation
        before = _body(delegation)
        delegation.rights, delegation.ends_at = [*granted], ends_at
        delegation.save(update_fields=["rights", "ends_at"])
        ledger.append(call=call, case_id=delegation.pk, kind="DelegationChanged", body=_body(delegation) | {"before": before})
        _tell_both(call, pack, delegation, Told.CHANGED)
    return delegation


def accept_delegation(*, call: Call, pack: PolicyPack, delegation_id: str, name: str = "") -> Delegation:
    """The delegate accepts, and corrects the own name where the holder wrote it wrongly. Accepting twice is accepting once."""
    with transaction.atomic():
        delegation = _locked(call, delegation_id)
        _check_delegate(call, delegation)
        if delegation.accepted_at is not None and delegation.ended_at is None:
            return delegation
        _check_open(delegation)
        if delegation.invited_until <= call.now:
            raise IllegalTransition("lapsed", "accept", [], "this invitation was not accepted in time; ask for a new one")
        if called := _called(name)[:LONGEST_NAME]:
            Delegate.objects.filter(pk=delegation.delegate_id).update(name=called)
            delegation.delegate.name = called
        delegation.accepted_at = call.now
        delegation.save(update_fields=["accepted_at"])
        ledger.append(call=call, case_id=delegation.pk, kind="DelegationAccepted", body=_body(delegation))
        _tell_holder(call, pack, delegation, Told.ACCEPTED)
    return delegation


def end_delegation(*, call: Call, pack: PolicyPack, delegation_id: str) -> Delegation:
    """End a delegation at once: withdrawn by the holder, or declined or given up by the delegate. Both are told. Ended twice it is ended once."""
    with transaction.atomic():
        delegation = _locked(call, delegation_id)
        if delegation.ended_at is not None:
            return delegation
        if call.actor.role != Role.DELEGATE:
            check_holder(call.actor, delegation.account_id)
            end = DelegationEnd.WITHDRAWN
        else:
            _check_delegate(call, delegation)
            end = DelegationEnd.GIVEN_UP if delegation.accepted_at else DelegationEnd.DECLINED
        _end(call, pack, delegation, end)
    return delegation


def end_due_delegations(*, call: Call, pack: PolicyPack, limit: int = 100) -> int:
    """End the delegations whose last day is over and the invitations that nobody accepted in time; gives how many. They hold no more before that."""
    automatic, ended = call.by_automation(), 0
    over, unanswered = Q(ends_at__lte=call.now), Q(accepted_at=None, invited_until__lte=call.now)
    due = Delegation.objects.filter(over | unanswered, ended_at=None).order_by("pk").values_list("pk", flat=True)
    for delegation_id in list(due[:limit]):
        with transaction.atomic():
            delegation = Delegation.objects.select_for_update(of=("self",), no_key=True).select_related("account", "delegate").get(pk=delegation_id)
            if delegation.ended_at is None and delegation.is_over(call.now):
                _end(automatic, pack, delegation, DelegationEnd.EXPIRED if delegation.accepted_at else DelegationEnd.LAPSED)
                ended += 1
    return ended


def end_of_erased(*, call: Call, account: Account) -> None:
    """Who an account's holder was is erased: nobody acts for it any more, and a delegate of no other account is forgotten too."""
    account.delegations.filter(ended_at=None).update(ended_at=call.now, ended_by=call.actor.id, ended_because=DelegationEnd.ERASED)
    others = Delegation.objects.filter(ended_at=None).values("delegate")
    Delegate.objects.filter(delegations__account=account).exclude(pk__in=others).update(email="", name="", language="")


def invitation_of(*, token: str, now: datetime) -> Delegation:
    """The invitation behind a link's token. Raises NotFound and says whether it is unknown, ended or too late."""
    found = Delegation.objects.select_related("delegate", "account").filter(token_sha256=token_digest(token)).first()
    if found is None:
        raise NotFound("this link is not known here; copy the whole link from the letter")
    if found.ended_at is not None or (found.accepted_at is None and found.invited_until <= now):
        raise NotFound("this invitation is over; ask who invited you for a new one")
    return found


def delegate_at(*, email: str) -> Delegate | None:
    """Who comes in by an address: a delegate with a delegation or an invitation that is not over."""
    address = email.strip().lower()
    return Delegate.objects.filter(email=address, delegations__ended_at=None).distinct().first() if address else None


def _locked(call: Call, delegation_id: str) -> Delegation:
    rows = Delegation.objects.select_for_update(of=("self",), no_key=True).select_related("account", "delegate")
    found = rows.filter(pk=delegation_id).first()
    mine = found and (call.actor.id == f"{PREFIX}{found.delegate_id}" if call.actor.role == Role.DELEGATE else call.actor.reaches(found.account_id))
    if found is None or not mine:
        raise NotFound(f"there is no delegation {delegation_id}")
    return found


def _check_delegate(call: Call, delegation: Delegation) -> None:
    if call.actor.id != f"{PREFIX}{delegation.delegate_id}":
        raise NotFound(f"there is no delegation {delegation.pk}")


def _check_open(delegation: Delegation) -> None:
    if delegation.ended_at is not None:
        raise IllegalTransition("ended", "change", [], "this delegation is over; invite anew instead")


def _check_number(account: Account, now: datetime) -> None:
    if account.delegations.filter(ended_at=None).count() >= MOST_DELEGATIONS:
        raise UnusableInput(f"{MOST_DELEGATIONS} may act for this account already; withdraw one first")
    if account.delegations.filter(granted_at__gt=now - timedelta(days=1)).count() >= MOST_INVITATIONS:
        raise UnusableInput(f"you have sent {MOST_INVITATIONS} invitations within a day; the next can be sent tomorrow")


def _called(name: str) -> str:
    """A name on one line, without what would steer how the rest of the line is shown (bells, turned directions); what joins letters stays."""
    plain = "".join(mark for mark in name if mark.isspace() or mark in _JOINS or unicodedata.category(mark) not in ("Cc", "Cf"))
    return " ".join(plain.split())


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise UnusableInput("write the e-mail address of who is to act for you, like name@example.com") from None
    if not usable_address(address):
        raise UnusableInput("mails cannot be sent to this address; write another")
    return address


def _delegate(call: Call, address: str, name: str, language: str) -> Delegate:
    """The delegate at an address; whoever is known there keeps the name that they gave themselves."""
    fresh = {"delegate_id": call.new_id("DG"), "name": name, "language": language, "made_at": call.now}
    return Delegate.objects.get_or_create(email=address, defaults=fresh)[0]


def _end_of(last_day: date | None, pack: PolicyPack, account: Account, now: datetime) -> datetime | None:
    if last_day is None:
        return None
    if last_day.year >= MAXYEAR:
        raise UnusableInput(f"{last_day} is further away than a calendar goes; choose an earlier last day, or none")
    ends_at = datetime.combine(last_day + timedelta(days=1), time(), pack.zone(account.marketplace))
    if ends_at <= now:
        raise UnusableInput(f"{last_day} is over already; choose a later last day, or none")
    return ends_at


def _end(call: Call, pack: PolicyPack, delegation: Delegation, end: DelegationEnd) -> None:
    delegation.ended_at, delegation.ended_by, delegation.ended_because = call.now, call.actor.id, end
    delegation.save(update_fields=["ended_at", "ended_by", "ended_because"])
    ledger.append(call=call, case_id=delegation.pk, kind="DelegationEnded", body=_body(delegation) | {"because": end})
    _tell_both(call, pack, delegation, Told.ENDED, end)


def _tell_both(call: Call, pack: PolicyPack, delegation: Delegation, told: Told, end: DelegationEnd | None = None) -> None:
    _tell_holder(call, pack, delegation, told, end)
    rights, holder = granted_rights(rights_of(delegation)), _holder(delegation.account)
    letter = _letter(pack, delegation, f"{settings.BASE_URL}/delegate/")
    text = compose_told_delegate(letter, told, holder=holder, rights=rights, ends_at=delegation.ends_at, end=end)
    issue_to_delegate(call=call, delegation=delegation, text=text)


def _tell_holder(call: Call, pack: PolicyPack, delegation: Delegation, told: Told, end: DelegationEnd | None = None) -> None:
    account, delegate = delegation.account, delegation.delegate
    letter = letter_to(account=account, pack=pack, number=delegation.pk, page=f"/account/{account.pk}/delegates/")
    rights, named = granted_rights(rights_of(delegation)), f"{delegate.name} ({delegate.email})"
    text = compose_told_holder(letter, told, delegate=named, rights=rights, ends_at=delegation.ends_at, end=end)
    issue_letter(call=call, account=account, text=text, chain=delegation.pk)


def _letter(pack: PolicyPack, delegation: Delegation, url: str) -> Letter:
    return Letter(
        words=pack.words_for(delegation.delegate.language),
        account_name=delegation.delegate.name,
        case_number=delegation.pk,
        case_url=url,
        zone=pack.zone(delegation.account.marketplace),
    )


def _holder(account: Account) -> str:
    return account.display_name or account.account_id


def _body(delegation: Delegation) -> dict[str, object]:
    """A delegation as the ledger tells it: no address and no name, which erasure would have to find again."""
    return {
        "account_id": delegation.account_id,
        "delegate_id": delegation.delegate_id,
        "rights": [*delegation.rights],
        "ends_at": delegation.ends_at.isoformat() if delegation.ends_at else None,
    }
