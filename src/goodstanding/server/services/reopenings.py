"""Reopening an account that its holder closed: a request to the marketplace, told from an appeal against it (requirement A4)."""

from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ClosedBy, Role
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Account, ReopeningRequest


def request_reopening(*, call: Call, account_id: str, because: str = "") -> ReopeningRequest:
    """Ask to have an own, self-closed account back. Asked again while it waits, it is the request that waits.

    Raises IllegalTransition where the account is open, or where the marketplace closed it: that is appealed in its case.
    """
    if call.actor.role != Role.HOLDER or account_id not in call.actor.accounts:
        raise NotFound(f"there is no account {account_id}")
    with transaction.atomic():
        lock_account(account_id=account_id)
        if waiting := ReopeningRequest.objects.filter(account=account_id, decided_at=None).first():
            return waiting
        _check_self_closed(call, account_id)
        request = ReopeningRequest.objects.create(
            request_id=call.new_id("Q"), account_id=account_id, because=because.strip(), requested_at=call.now, requested_by=call.actor.id
        )
        ledger.append(call=call, case_id=request.request_id, kind="ReopeningRequested", body={"account_id": account_id})
        queue_event(call=call, type="reopening.requested", account_id=account_id, body={"request_id": request.request_id})
    return request


def answer_reopening(*, call: Call, request_id: str, grant: bool, because: str) -> ReopeningRequest:
    """Grant or refuse a request, with the reason. A granted account is open here at once, and the marketplace is told to open it.

    Limits of actions stay as they are: reopening lifts nothing. Raises NotPermitted, NotFound, UnusableInput, IllegalTransition where it is
    answered otherwise already.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("answering a request to reopen", sorted(REVIEWERS))
    if not because.strip():
        raise UnusableInput("say why: the holder reads it")
    with transaction.atomic():
        request = ReopeningRequest.objects.select_for_update().filter(pk=request_id).first()
        if request is None:
            raise NotFound(f"there is no request {request_id}")
        if request.decided_at is not None and request.granted == grant:
            return request
        if request.decided_at is not None:
            raise IllegalTransition("granted" if request.granted else "refused", "answer_reopening", [])
        lock_account(account_id=request.account_id)
        request.decided_at, request.decided_by, request.granted, request.decided_because = call.now, call.actor.id, grant, because.strip()
        request.save()
        if grant:
            Account.objects.filter(pk=request.account_id).update(closed_at=None)
        kind = "ReopeningGranted" if grant else "ReopeningRefused"
        ledger.append(call=call, case_id=request_id, kind=kind, body={"account_id": request.account_id, "because": because.strip()})
        type = "reopening.granted" if grant else "reopening.refused"
        queue_event(call=call, type=type, account_id=request.account_id, body={"request_id": request_id})
    return request


def _check_self_closed(call: Call, account_id: str) -> None:
    closed_by = standing_of(account_id=account_id, now=call.now).closed_by
    if closed_by is None:
        raise IllegalTransition("open", "request_reopening", [], f"account {account_id} is open; there is nothing to reopen")
    if closed_by is ClosedBy.PLATFORM:
        says = f"we closed account {account_id}; the notice of that decision says how to appeal it"
        raise IllegalTransition("closed", "request_reopening", ["submit_appeal"], says)
