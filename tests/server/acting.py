"""Delegates for tests: invited and accepted through the services, and their calls."""

from collections.abc import Collection
from datetime import date, datetime

from django.test import Client

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Right, Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import DELEGATE
from goodstanding.server.services.call import Call
from goodstanding.server.services.delegations import accept_delegation, invite_delegate
from goodstanding.server.services.rights import PREFIX, actor_of
from goodstanding.server.store.models import Account, Delegation

ALL = frozenset(Right)


def invited(
    account: Account,
    pack: PolicyPack,
    *,
    now: datetime,
    email: str = "jun@agency.example",
    rights: Collection[Right] = ALL,
    last_day: date | None = None,
) -> Delegation:
    """An invitation by the account's holder."""
    call = Call(Actor(f"holder:{account.pk}", Role.HOLDER, frozenset({account.pk})), now)
    return invite_delegate(call=call, pack=pack, account_id=account.pk, email=email, name="Jun Li, Bright Desk", rights=rights, last_day=last_day)


def appointed(account: Account, pack: PolicyPack, *, now: datetime, **fields: object) -> Delegation:
    """A delegation that was accepted."""
    one = invited(account, pack, now=now, **fields)  # type: ignore[arg-type]
    accept_delegation(call=Call(Actor(f"{PREFIX}{one.delegate_id}", Role.DELEGATE), now), pack=pack, delegation_id=one.pk)
    return Delegation.objects.select_related("delegate", "account").get(pk=one.pk)


def acting(one: Delegation, *, now: datetime) -> Call:
    """A call of the delegate, with the rights of a moment."""
    return Call(actor_of(delegate=one.delegate, now=now), now)


def browser_of(one: Delegation) -> Client:
    """The browser in which the delegate came in before."""
    client = Client()
    session = client.session
    session[DELEGATE] = one.delegate_id
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client
