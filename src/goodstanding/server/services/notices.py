"""Issuing notices: the letter is kept byte for byte and queued in the transaction of what it tells (requirement C5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from goodstanding.core.enforcement.reasons import StatementOfReasons
from goodstanding.core.errors import MissingFacts
from goodstanding.core.notices import Letter, NoticeText, RemainingLimit
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, DecisionOutcome, NoticeKind
from goodstanding.server.mailroom.letters import compose_message, message_id, usable_address
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link
from goodstanding.server.services.outbox import queue_mail
from goodstanding.server.services.standing import live_limits
from goodstanding.server.store.models import Case, EnforcementAction, Notice

LONGEST_SUBJECT = 500


def letter_for(*, call: Call, case: Case, pack: PolicyPack) -> Letter:
    """The address of a letter about a case: the holder's words and zone, and a new link that opens the case."""
    return Letter(
        words=pack.words_for(case.language),
        account_name=case.account.display_name or case.account_id,
        case_number=case.case_id,
        case_url=make_link(call=call, case=case, pack=pack),
        zone=pack.zone(case.account.marketplace),
    )


def remaining_limits(*, case: Case, now: datetime, but_own: bool = False) -> list[RemainingLimit]:
    """The limits in force on the account now, each with the reasons of its action; `but_own`: only those of other actions."""
    live = live_limits(account_id=case.account_id, now=now)
    limits = list(live.exclude(action=case.action_id) if but_own else live)
    actions = EnforcementAction.objects.prefetch_related("violations").in_bulk({limit.action_id for limit in limits})
    return [RemainingLimit(Act(limit.act), _reasons(actions[limit.action_id]), limit.ends_at) for limit in limits]


def issue_notice(
    *, call: Call, case: Case, kind: NoticeKind, text: NoticeText, statement: StatementOfReasons | Mapping[str, object] | None = None
) -> Notice:
    """Keep a letter, queue its mail and enter it in the ledger, inside the transaction of what it tells.

    Raises MissingFacts for the notice of an action without a statement of reasons.
    """
    if kind == NoticeKind.ACTION and not statement:
        raise MissingFacts(f"the notice of case {case.case_id} gives no statement of reasons")
    notice_id = call.new_id("N")
    recipient = usable_address(case.account.email)
    message = compose_message(notice_id=notice_id, text=text, sender=settings.MAIL_FROM, recipient=recipient, at=call.now)
    with transaction.atomic():
        notice = Notice.objects.create(
            notice_id=notice_id,
            case=case,
            kind=kind,
            language=text.language,
            recipient=recipient,
            subject=text.subject[:LONGEST_SUBJECT],
            body=text.body,
            statement=as_json(statement),
            message_id=message_id(notice_id=notice_id, sender=settings.MAIL_FROM),
            message=message,
            sha256=hashlib.sha256(message).hexdigest(),
            created_at=call.now,
        )
        body = {"notice_id": notice_id, "kind": kind, "language": text.language, "sha256": notice.sha256, "mailed": bool(recipient)}
        ledger.append(call=call, case_id=case.case_id, kind="NoticeIssued", body=body)
        queue_mail(call=call, notice=notice)
        if case.told_at is None:
            case.told_at = call.now
            case.save(update_fields=["told_at"])
    return notice


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


def _reasons(action: EnforcementAction) -> tuple[str, ...]:
    standing = (violation.reason for violation in action.violations.all() if violation.decided != DecisionOutcome.OVERTURNED)
    return tuple(dict.fromkeys(sorted(standing)))
