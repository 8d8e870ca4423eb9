"""Issuing notices: the letter is kept byte for byte and queued in the transaction of what it tells (requirement C5)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime

from django.conf import settings

from goodstanding.core.enforcement.reasons import StatementOfReasons
from goodstanding.core.errors import MissingFacts
from goodstanding.core.notices import Letter, NoticeText, RemainingLimit, compose_update
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, DecisionOutcome, NoticeKind
from goodstanding.server.mailroom.addresses import reply_address
from goodstanding.server.mailroom.letters import compose_message, message_id, usable_address
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link, valid_until
from goodstanding.server.services.outbox import queue_copies, queue_mail
from goodstanding.server.services.standing import limits_now, violations_behind
from goodstanding.server.services.together import Order, save_later, together, write_aside
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, Case, Delegation, EnforcementAction, Notice

LONGEST_SUBJECT = 500


def letter_for(*, call: Call, case: Case, pack: PolicyPack) -> Letter:
    """The address of a letter about a case: the holder's words and zone, and a new link that opens the case."""
    return Letter(
        words=pack.words_for(case.language),
        account_name=case.account.display_name or case.account_id,
        case_number=case.case_id,
        case_url=make_link(call=call, case=case, pack=pack),
        zone=pack.zone(case.account.marketplace),
        reply_to=reply_address(case_id=case.case_id, expires_at=valid_until(call=call, pack=pack)),
    )


def remaining_limits(*, case: Case, now: datetime, but_own: bool = False) -> list[RemainingLimit]:
    """The limits in force on the account now, each with the reasons of its action; `but_own`: only those of other actions."""
    live = limits_now(account_id=case.account_id, now=now)
    limits = [limit for limit in live if not but_own or limit.action_id != case.action_id]
    reasons = _reasons_of({limit.action_id for limit in limits}, case.action)
    return [RemainingLimit(Act(limit.act), reasons[limit.action_id], limit.ends_at) for limit in limits]


def letter_to(*, account: Account, pack: PolicyPack, number: str, page: str) -> Letter:
    """The address of a letter about an account as such: `number` is what the holder can name, `page` the path of the page it is about."""
    return Letter(
        words=pack.words_for(account.language),
        account_name=account.display_name or account.account_id,
        case_number=number,
        case_url=f"{settings.BASE_URL}{page}",
        zone=pack.zone(account.marketplace),
    )


def issue_notice(
    *, call: Call, case: Case, kind: NoticeKind, text: NoticeText, statement: StatementOfReasons | Mapping[str, object] | None = None
) -> Notice:
    """Keep a letter, queue its mail and enter it in the ledger, inside the transaction of what it tells.

    Raises MissingFacts for the notice of an action without a statement of reasons.
    """
    if kind == NoticeKind.ACTION and not statement:
        raise MissingFacts(f"the notice of case {case.case_id} gives no statement of reasons")
    with together():
        notice = _keep(call, text, case.account.email, chain=case.case_id, case=case, statement=as_json(statement))
        if case.told_at is None:
            case.told_at = call.now
            save_later(case, "told_at")
    return notice


def issue_letter(*, call: Call, account: Account, text: NoticeText, chain: str) -> Notice:
    """Keep and queue a letter about an account as such, inside the transaction of what it tells. `chain`: the ledger's chain it is entered in."""
    with together():
        return _keep(call, text, account.email, chain=chain, account=account)


def issue_to_delegate(*, call: Call, delegation: Delegation, text: NoticeText) -> Notice:
    """Keep and queue a letter to a delegate, inside the transaction of what it tells; it is entered in the chain of the delegation."""
    with together():
        return _keep(call, text, delegation.delegate.email, chain=delegation.pk, delegation=delegation)


def _keep(call: Call, text: NoticeText, to: str, *, chain: str, **about: object) -> Notice:
    notice_id = call.new_id("N")
    recipient = usable_address(to)
    message = compose_message(notice_id=notice_id, text=text, sender=settings.MAIL_FROM, recipient=recipient, at=call.now, reply_to=text.reply_to)
    notice = Notice(
        notice_id=notice_id,
        kind=text.kind,
        language=text.language,
        recipient=recipient,
        subject=text.subject[:LONGEST_SUBJECT],
        body=text.body,
        message_id=message_id(notice_id=notice_id, sender=settings.MAIL_FROM),
        message=message,
        sha256=hashlib.sha256(message).hexdigest(),
        created_at=call.now,
        **about,
    )
    compiled.insert([notice])
    body = {"notice_id": notice_id, "kind": text.kind, "language": text.language, "sha256": notice.sha256, "mailed": bool(recipient)}
    ledger.append(call=call, case_id=chain, kind="NoticeIssued", body=body)
    queue_mail(call=call, notice=notice)
    queue_copies(call=call, notice=notice)
    return notice


def tell_update(
    *,
    call: Call,
    pack: PolicyPack,
    case: Case,
    kind: NoticeKind,
    due: datetime | None = None,
    because: str = "",
    lifted: Sequence[Act] = (),
) -> Notice:
    """Issue a short letter on what became of a case, with what is free and what stays limited as the state is now."""
    letter, in_force = letter_for(call=call, case=case, pack=pack), remaining_limits(case=case, now=call.now)
    text = compose_update(letter, kind, due=due, because=because, lifted=lifted, in_force=in_force)
    return issue_notice(call=call, case=case, kind=kind, text=text)


def as_json(value: object) -> object:
    """A value of the core as JSON: dataclasses as objects by field, sets sorted, moments and days in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(one) for one in value)
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _reasons_of(actions: set[str], own: EnforcementAction) -> dict[str, tuple[str, ...]]:
    """The reasons that still stand behind each action; those of `own` are read already."""
    behind = {own.pk: violations_behind(own)} if own.pk in actions else {}
    if others := actions - behind.keys():
        write_aside(Order.NEW_ROWS)
        rows = EnforcementAction.objects.filter(pk__in=others).prefetch_related("violations")
        behind |= {action.pk: list(action.violations.all()) for action in rows}
    return {key: tuple(sorted({one.reason for one in found if one.decided != DecisionOutcome.OVERTURNED})) for key, found in behind.items()}
