"""Erasure: kinds of records go when their time after a closure is over; a holder's request is answered with what stays, why and until when (A3).

What is erased leaves its row and its digest, and says when it was erased; the ledger's chain holds without the bodies.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from goodstanding.core.assurance.letters import compose_erasure_answer
from goodstanding.core.cases.lifecycle import TERMINAL, CaseEvent
from goodstanding.core.cases.notes import Settled
from goodstanding.core.errors import NotFound
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.retention import Kept, answer_erasure, due_kinds
from goodstanding.core.terms import ActionKind, Clock, FoundBy, RecordKind
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.delegations import end_of_erased
from goodstanding.server.services.evidence import KEPT_UNSENT, UNSENT
from goodstanding.server.services.moves import move, new_clock
from goodstanding.server.services.notices import as_json, issue_letter, letter_to
from goodstanding.server.services.previews import forget_preview
from goodstanding.server.services.rights import check_holder
from goodstanding.server.services.standing import actions_in_force
from goodstanding.server.store.models import (
    AccessLink,
    Account,
    Appeal,
    BlindReview,
    Case,
    CaseMessage,
    CaseNote,
    Commitment,
    ContactAttempt,
    Deadline,
    DiagnosisRecord,
    Draft,
    EnforcementAction,
    Erasure,
    ErasureRequest,
    Evidence,
    FirstDecision,
    IncomingMail,
    InformationRequest,
    Judgement,
    LedgerBody,
    Limit,
    MetricItems,
    MetricReading,
    Notice,
    OutboxMessage,
    Outlook,
    RatingReading,
    Relation,
    ReleaseProposal,
    ReopeningRequest,
    SolveWindow,
    StruckAccount,
    Viewing,
    Violation,
    ViolationDecision,
)
from goodstanding.server.vault.stores import store


def kept_of(*, actor: Actor, account_id: str, pack: PolicyPack, now: datetime) -> tuple[Kept, ...]:
    """What is kept of an account, why and until when, as its holder may ask at any time. Raises NotFound."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    check_holder(actor, account_id)
    return answer_erasure(pack.retention, closed_since(account=account), now, has_open_case=_has_open_case(account_id))


def ask_erasure(*, call: Call, pack: PolicyPack, account_id: str) -> ErasureRequest:
    """Answer a holder's request to erase, and erase at once what no law asks to keep. Asking again within a day gives the answer that is there.

    Raises NotFound, also for another account's holder.
    """
    check_holder(call.actor, account_id)
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        last = account.erasure_requests.order_by("-asked_at").first()
        if last and (call.now - last.asked_at).days < 1:
            return last
        answer = kept_of(actor=call.actor, account_id=account_id, pack=pack, now=call.now)
        request = ErasureRequest.objects.create(
            request_id=call.new_id("ER"), account=account, asked_at=call.now, asked_by=call.actor.id, answer=as_json(answer)
        )
        ledger.append(call=call, case_id=request.pk, kind="ErasureAsked", body={"account_id": account_id, "answer": request.answer})
        letter = letter_to(account=account, pack=pack, number=request.pk, page=f"/account/{account_id}/data/")
        issue_letter(call=call, account=account, text=compose_erasure_answer(letter, asked_at=call.now, answer=answer), chain=request.pk)
        closed_at = closed_since(account=account)
        for one in answer:
            if one.is_erased and closed_at:
                _erase(call, account, one.kind, closed_at)
    return request


def erase_due(*, call: Call, pack: PolicyPack) -> int:
    """Erase every kind of record of every closed account whose time is over and that no open case needs; gives how many kinds went."""
    automatic, erased = call.by_automation(), 0
    closed = Account.objects.exclude(closed_at=None).values_list("pk", flat=True)
    taken = EnforcementAction.objects.filter(kind=ActionKind.CLOSE, effective_at__isnull=False, lifted_at=None).values_list("account_id", flat=True)
    for account_id in sorted({*closed, *taken}):
        with transaction.atomic():
            account = lock_account(account_id=account_id)
            closed_at = closed_since(account=account)
            if closed_at is None or _has_open_case(account_id):
                continue
            for kind in due_kinds(pack.retention, closed_at, call.now):
                erased += _erase(automatic, account, kind, closed_at)
    return erased


def erase_case(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time to keep the texts of the locked case is over: they go, also while the account goes on; rows, digests and dates stay.

    While its action is in force the holder still has to be told why, and while another case that is kept rests on the same violation the
    facts of that stay: then it is looked at again after `LOOK_AGAIN`.
    """
    automatic = call.by_automation()
    with transaction.atomic():
        if actions_in_force(account_id=case.account_id, now=call.now).filter(pk=case.action_id).exists():
            again = call.now + LOOK_AGAIN
            new_clock(case, Clock.RETENTION, again).save(force_insert=True)
            return
        move(call=automatic, case=case, event=CaseEvent.RETENTION_ENDS, pack=pack)
        _erase_files(Evidence.objects.filter(case=case, erased_at=None), call)
        _erase_texts(automatic, [case.pk])
        _erase_violations(_resting_on_nothing_kept(case))


LOOK_AGAIN = timedelta(days=30)
"""How long after the end of its time a case is looked at again that could not be erased then; ours."""


def _resting_on_nothing_kept(case: Case) -> QuerySet[Violation]:
    """The violations of a case that no other case rests on whose texts are still kept."""
    kept = Deadline.objects.filter(case=OuterRef("pk"), clock=Clock.RETENTION, done_at=None, cancelled_at=None)
    others = Case.objects.exclude(pk=case.pk).filter(~Q(state__in=TERMINAL) | Exists(kept))
    return Violation.objects.filter(actions=case.action_id).exclude(actions__case__in=others)


def closed_since(*, account: Account) -> datetime | None:
    """Since when an account is closed, by its holder or by an action in force; None while it is open."""
    action = account.actions.filter(kind=ActionKind.CLOSE, effective_at__isnull=False, lifted_at=None).order_by("effective_at").first()
    moments = [moment for moment in (account.closed_at, action.effective_at if action else None) if moment]
    return min(moments) if moments else None


def _has_open_case(account_id: str) -> bool:
    """A case that has not come to rest, or was never told and may still be decided."""
    return Case.objects.filter(account=account_id).exclude(state__in=TERMINAL).exists()


def _erase(call: Call, account: Account, kind: RecordKind, closed_at: datetime) -> bool:
    if Erasure.objects.filter(account=account, kind=kind, closed_at=closed_at).exists():
        return False
    records = ERASERS[kind](call, account)
    Erasure.objects.create(account=account, kind=kind, closed_at=closed_at, erased_at=call.now, records=records)
    return True


def _identity(call: Call, account: Account) -> int:
    account.display_name = account.email = account.country = account.language = ""
    account.save(update_fields=["display_name", "email", "country", "language"])
    account.users.clear()
    end_of_erased(call=call, account=account)
    return 1


def _contact(call: Call, account: Account) -> int:
    account.emergency_phone, account.emergency_phone_verified_at = "", None
    account.save(update_fields=["emergency_phone", "emergency_phone_verified_at"])
    return 1


def _standing(call: Call, account: Account) -> int:
    return sum(model.objects.filter(account=account).delete()[0] for model in (MetricReading, MetricItems, RatingReading, Outlook))


def _evidence(call: Call, account: Account) -> int:
    return _erase_files(Evidence.objects.filter(case__account=account, erased_at=None), call)


def erase_unsent(*, call: Call) -> int:
    """Take away the files that no appeal has named in `KEPT_UNSENT`; gives how many."""
    old = Evidence.objects.filter(UNSENT, added_at__lte=call.now - KEPT_UNSENT)
    with transaction.atomic():
        return _erase_files(old, call)


def _erase_files(rows: QuerySet[Evidence], call: Call) -> int:
    digests, erased = set(rows.values_list("sha256", flat=True)), rows.count()
    rows.update(name="", erased_at=call.now)
    still = set(Evidence.objects.filter(sha256__in=digests, erased_at=None).values_list("sha256", flat=True))
    # After the commit: a file without its row is harmless, a row without its file is not.
    transaction.on_commit(lambda: _remove_files(digests - still))
    return erased


def _remove_files(digests: Iterable[str]) -> None:
    for sha256 in digests:
        store().remove(sha256)
        forget_preview(sha256)


def _cases(call: Call, account: Account) -> int:
    """What was written and decided about an account. Relations that the next night finds again in the facts come back with it, as metrics do."""
    OutboxMessage.objects.filter(payload__account_id=account.pk).update(payload={})
    records = _erase_texts(call, list(Case.objects.filter(account=account).values_list("pk", flat=True)))
    letters = Notice.objects.filter(Q(account=account) | Q(delegation__account=account))
    records += letters.update(subject="", body="", message=b"", recipient="", statement=None, erased_at=call.now)
    _erase_violations(Violation.objects.filter(account=account))
    _erase_relations(account)
    requests = ReopeningRequest.objects.filter(account=account)
    requests.update(because="", decided_because="")
    by_hand = Violation.objects.filter(account=account, found_by=FoundBy.PERSON)
    chains = [
        related.values_list("pk", flat=True) for related in (account.enrollments, account.erasure_requests, account.delegations, requests, by_hand)
    ]
    records += LedgerBody.objects.filter(entry__case_id__in=[key for keys in chains for key in keys]).delete()[0]
    return records


def _erase_texts(call: Call, cases: Sequence[str]) -> int:
    """Texts go, rows and digests stay; each case's ledger says that it happened, in an entry without a word of what it was."""
    notices = Notice.objects.filter(case__in=cases)
    records = notices.update(subject="", body="", message=b"", recipient="", statement=None, erased_at=call.now)
    appeals = Appeal.objects.filter(case__in=cases)
    records += appeals.update(root_cause="", corrective="", preventive="", grounds="", erased_at=call.now)
    InformationRequest.objects.filter(appeal__case__in=cases).update(items=[], answer="")
    ViolationDecision.objects.filter(appeal__case__in=cases).update(because="")
    FirstDecision.objects.filter(appeal__case__in=cases).update(verdicts={}, conditions=[], answered_because="")
    SolveWindow.objects.filter(case__in=cases).update(root_cause="", corrective="", preventive="", measures=[], question="", because="")
    ContactAttempt.objects.filter(window__in=cases).update(note="")
    Commitment.objects.filter(case__in=cases).update(measure="", done_note="")
    ReleaseProposal.objects.filter(case__in=cases).update(because="")
    EnforcementAction.objects.filter(case__in=cases).update(dismissed_because="", exception_because="")
    Limit.objects.filter(action__case__in=cases, held_amount__isnull=False).update(held_because=ERASED)
    Judgement.objects.filter(case__in=cases).exclude(note="").update(note="")
    OutboxMessage.objects.filter(payload__case_id__in=cases).update(payload={})
    BlindReview.objects.filter(appeal__case__in=cases).update(verdicts={})
    Viewing.objects.filter(case__in=cases).delete()
    records += CaseMessage.objects.filter(case__in=cases, erased_at=None).update(text="", erased_at=call.now)
    records += CaseNote.objects.filter(case__in=cases, erased_at=None).update(text="", erased_at=call.now)
    CaseNote.objects.filter(case__in=cases, settled_at=None).exclude(addressee="").update(settled_at=call.now, settled_as=Settled.SET_ASIDE)
    records += _mails(call, cases)
    Draft.objects.filter(case__in=cases).delete()
    AccessLink.objects.filter(case__in=cases).delete()
    records += LedgerBody.objects.filter(entry__case_id__in=cases).delete()[0]
    for case_id in cases:
        ledger.append(call=call, case_id=case_id, kind="BodiesErased", body={})
    return records


ERASED = "-"
"""What stands for a text that must not be empty: held money keeps amount and day, which a constraint ties to a reason."""


def _erase_violations(violations: QuerySet[Violation]) -> None:
    """What violations rest on and what explains them."""
    ids = list(violations.values_list("pk", flat=True))
    DiagnosisRecord.objects.filter(violation__in=ids).delete()
    Violation.objects.filter(pk__in=ids).update(items=[], explanation="")


def _erase_relations(account: Account) -> None:
    """What ties an account to others. A judgement keeps its pair, verdict and ground, so that a denied relation is never held against anybody again."""
    Relation.objects.filter(Q(account_a=account.pk) | Q(account_b=account.pk)).delete()
    StruckAccount.objects.filter(account_id=account.pk).delete()
    judgements = Judgement.objects.filter(Q(account_a=account) | Q(account_b=account)).exclude(note="")
    ids = list(judgements.values_list("judgement_id", flat=True))
    judgements.update(note="")
    LedgerBody.objects.filter(entry__case_id__in=ids).delete()


def _mails(call: Call, cases: Iterable[str]) -> int:
    rows = IncomingMail.objects.filter(case__in=cases, erased_at=None)
    digests = set(rows.values_list("sha256", flat=True))
    erased = rows.update(sender="", subject="", message_id="", text="", quoted="", files=[], proof={}, decided_because="", erased_at=call.now)
    still = set(Evidence.objects.filter(sha256__in=digests, erased_at=None).values_list("sha256", flat=True))
    transaction.on_commit(lambda: _remove_files(digests - still))
    return erased


ERASERS: Mapping[RecordKind, Callable[[Call, Account], int]] = {
    RecordKind.IDENTITY: _identity,
    RecordKind.CONTACT: _contact,
    RecordKind.STANDING: _standing,
    RecordKind.CASES: _cases,
    RecordKind.EVIDENCE: _evidence,
}
"""What each kind of record is in this house, and how it goes."""
