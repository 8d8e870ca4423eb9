"""Money that is held: a limit on withdrawing with an amount, a reason and the day it is free again (requirement A7)."""

import re
from datetime import datetime

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.enforcement.limits import check_may_lift, check_may_shorten
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, NoticeKind, OwnerKind
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.notices import tell_update
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.placing import PLACED, place_case
from goodstanding.server.services.standing import actions_in_force
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case, Limit

CURRENCY_LENGTH = 3


def hold_money(*, call: Call, pack: PolicyPack, case_id: str, amount: int, currency: str, because: str, until: datetime) -> Limit:
    """Hold an amount (in the currency's smallest unit) because of an action that is in force; it is free again at `until` without anybody's doing.

    Held again with the same words, it is the limit that is there; with others, amount, reason and day are changed and the holder told again.
    Raises NotPermitted, UnusableInput, IllegalTransition where the action is not in force.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("holding money", sorted(REVIEWERS))
    _check(amount, currency, because, until, call.now)
    with together():
        case = lock_case(call=call, case_id=case_id)
        lock_account(account_id=case.account_id)
        if not actions_in_force(account_id=case.account_id, now=call.now).filter(pk=case.action_id).exists():
            raise IllegalTransition(
                case.state, "hold_money", [], f"the action of case {case_id} is not in force; only an action in force holds money"
            )
        ends_at = case.action.ends_at
        if ends_at is not None and until > ends_at:
            raise UnusableInput(f"the action of case {case_id} ends on {ends_at:%Y-%m-%d}; money can be held because of it until then at most")
        limit = Limit.objects.select_for_update().filter(action=case.action_id, act=Act.WITHDRAW, lifted_at=None).first()
        if limit and (limit.held_amount, limit.currency, limit.held_because, limit.ends_at) == (amount, currency, because.strip(), until):
            return limit
        limit = limit or Limit(limit_id=call.new_id("L"), account_id=case.account_id, action=case.action, act=Act.WITHDRAW, since=call.now)
        if limit.owner_kind:
            check_may_shorten(limit.as_value(), until, OwnerKind.PERSON)
        limit.owner_kind, limit.owner = OwnerKind.PERSON, call.actor.id
        limit.held_amount, limit.currency, limit.held_because, limit.ends_at = amount, currency, because.strip(), until
        limit.save()
        place_case(call=call, pack=pack, case=case)
        save_later(case, *PLACED)
        _tell(call, pack, case, limit)
    return limit


def release_money(*, call: Call, pack: PolicyPack, case_id: str, because: str) -> Limit:
    """Let the money that is held because of an action go before its day, with the reason. Released again, it is the limit that was released.

    Raises NotPermitted, UnusableInput, IllegalTransition where no money is held because of it.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("releasing held money", sorted(REVIEWERS))
    if not because.strip():
        raise UnusableInput("say why the money is free again; the holder reads it")
    with together():
        case = lock_case(call=call, case_id=case_id)
        lock_account(account_id=case.account_id)
        held = Limit.objects.select_for_update().filter(action=case.action_id, act=Act.WITHDRAW, held_amount__isnull=False)
        limit = held.filter(lifted_at=None).first()
        if limit is None and (released := held.order_by("-lifted_at").first()):
            return released
        if limit is None or not limit.as_value().is_active(call.now):
            raise IllegalTransition(case.state, "release_money", [], f"no money is held because of case {case_id}")
        check_may_lift(limit.as_value(), OwnerKind.PERSON)
        limit.lifted_at, limit.lifted_by = call.now, call.actor.id
        limit.save(update_fields=["lifted_at", "lifted_by"])
        place_case(call=call, pack=pack, case=case)
        save_later(case, *PLACED)
        body = {"limit_id": limit.limit_id, "amount": limit.held_amount, "currency": limit.currency}
        ledger.append(call=call, case_id=case_id, kind="MoneyReleased", body=body | {"because": because.strip()})
        said = f"{say_amount(limit.held_amount or 0, limit.currency)}. {because.strip()}"
        tell_update(call=call, pack=pack, case=case, kind=NoticeKind.MONEY_RELEASED, because=said)
        queue_event(call=call, type="money.released", case=case, body=body)
    return limit


def parse_amount(text: str, currency: str) -> int | None:
    """`120.50` in a currency's smallest unit; None where it is no amount of it. Point and comma both part the fraction."""
    found = AMOUNT.fullmatch(text.strip().replace(" ", ""))
    if found is None or len(currency) != CURRENCY_LENGTH:
        return None
    digits, fraction = NO_HUNDREDTHS.get(currency, 2), found["fraction"] or ""
    return int(found["whole"] + fraction.ljust(digits, "0")) if len(fraction) <= digits else None


AMOUNT = re.compile(r"(?P<whole>[0-9]{1,12})(?:[.,](?P<fraction>[0-9]{1,3}))?")
"""An amount as people type it, without separators of thousands, which nobody could tell from a decimal comma."""


def say_amount(amount: int, currency: str) -> str:
    """`120.50 EUR`; most currencies have hundredths, and those that have none are told apart."""
    digits = NO_HUNDREDTHS.get(currency, 2)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}} {currency}" if digits else f"{whole} {currency}"


NO_HUNDREDTHS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "TND": 3}
"""Currencies whose smallest unit is not a hundredth, and the digits it has (ISO 4217)."""


def _check(amount: int, currency: str, because: str, until: datetime, now: datetime) -> None:
    if amount <= 0:
        raise UnusableInput(f"the amount to hold is {amount}; it should be more than nothing, in the currency's smallest unit")
    if len(currency) != CURRENCY_LENGTH or not currency.isalpha() or not currency.isupper():
        raise UnusableInput(f"'{currency}' is no currency; write its three letters, like EUR")
    if not because.strip():
        raise UnusableInput("say why the money is held; the holder reads it")
    if until <= now:
        raise UnusableInput(f"the day of release, {until:%Y-%m-%d}, has gone by; name one to come")


def _tell(call: Call, pack: PolicyPack, case: Case, limit: Limit) -> None:
    assert limit.ends_at is not None, "held money has a day of release"
    said = say_amount(limit.held_amount or 0, limit.currency)
    body = {"limit_id": limit.limit_id, "amount": limit.held_amount, "currency": limit.currency, "until": limit.ends_at.isoformat()}
    ledger.append(call=call, case_id=case.case_id, kind="MoneyHeld", body=body | {"because": limit.held_because})
    tell_update(call=call, pack=pack, case=case, kind=NoticeKind.MONEY_HELD, due=limit.ends_at, because=f"{said}. {limit.held_because}")
    queue_event(call=call, type="money.held", case=case, body=body)
