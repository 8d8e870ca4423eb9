"""Memberships of the assurance programme: joined and left by the facts of the night, ended at once by fraud or harm (requirements J1, J2, J4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from goodstanding.core.assurance.eligibility import Candidate, Eligibility, Judged, judge, lost
from goodstanding.core.assurance.letters import compose_contact_needed, compose_enrolled, compose_membership_ended
from goodstanding.core.policy.pack import Assurance, PolicyPack
from goodstanding.core.terms import ActionKind, Criterion, HolderKind
from goodstanding.core.values import day_of
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.notices import issue_letter, letter_to
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.standing import open_violations
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, EnforcementAction, Enrollment, RatingReading

BLOCK = 500
"""Accounts looked at by one query."""

HARM, CLOSED = "harm", "closed"
"""Why a membership ended, where no criterion was lost."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a night came to: accounts enrolled, told that only the contact is missing, and gone."""

    enrolled: int = 0
    asked: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """How one account stands in the programme. `barred`: fraud, harm or a deactivation keeps it out, whatever the criteria say."""

    eligibility: Eligibility
    enrollment: Enrollment | None
    is_barred: bool


def review_memberships(*, call: Call, pack: PolicyPack, as_of: date) -> Reviewed:
    """Let accounts join and leave as the facts of a day say; each account in a transaction of its own. A second run changes nothing."""
    rules = pack.assurance
    if rules is None:
        return Reviewed()
    call = call.by_automation()
    enrolled = asked = left = 0
    for account, candidate, member in _blocks(rules, as_of):
        eligibility = judge(rules, candidate, as_of)
        if member and (account.closed_at or lost(rules, candidate, as_of)):
            left += _leave(call, pack, rules, account.pk, as_of)
        elif not member and not account.closed_at and eligibility.is_eligible:
            enrolled += _enrol(call, pack, rules, account.pk, as_of)
        elif not member and not account.closed_at and eligibility.lacks_only_contact and account.contact_asked_at is None:
            asked += _ask_for_contact(call, pack, rules, account.pk, as_of)
    return Reviewed(enrolled, asked, left)


def membership_of(*, account: Account, pack: PolicyPack, as_of: date) -> Membership | None:
    """How an account stands in the programme on a day; None where the pack has none, or it is no seller's account."""
    if pack.assurance is None or account.holder_kind != HolderKind.SELLER:
        return None
    eligibility = judge(pack.assurance, _candidate(account, _steps(account)), as_of)
    return Membership(eligibility, current_enrollment(account_id=account.pk), _is_barred(pack.assurance, account.pk))


def current_enrollment(*, account_id: str) -> Enrollment | None:
    """The membership of an account that goes on; None where there is none."""
    return next(iter(_current(account_id=account_id)), None)


_current = compiled.Query(lambda account_id: Enrollment.objects.filter(account=account_id, ended_at=None), texts=["account_id"])


def end_for_harm(*, call: Call, pack: PolicyPack, account: Account) -> Enrollment | None:
    """End the membership of a locked account because of fraud, deception, illegality or harm; None where there is none (requirement J4)."""
    enrollment = current_enrollment(account_id=account.pk)
    if enrollment is None or pack.assurance is None:
        return None
    _end(call, pack, pack.assurance, account, enrollment, (), HARM)
    return enrollment


def _blocks(rules: Assurance, as_of: date) -> Iterator[tuple[Account, Candidate, bool]]:
    """Every account that is or could be in the programme, with what the rules have to know of it, block by block."""
    member = Exists(Enrollment.objects.filter(account=OuterRef("pk"), ended_at=None))
    accounts = Account.objects.filter(holder_kind=HolderKind.SELLER).annotate(is_member=member)
    accounts = accounts.filter(Q(is_member=True) | Q(closed_at=None, marketplace__in=rules.stores, plan__in=rules.plans)).order_by("pk")
    last = ""
    while block := list(accounts.filter(pk__gt=last)[:BLOCK]):
        last = block[-1].pk
        steps: dict[str, list[tuple[date, int]]] = {account.pk: [] for account in block}
        readings = RatingReading.objects.filter(account__in=steps, as_of__lte=as_of).order_by("account_id", "as_of")
        for account_id, day, rating in readings.values_list("account_id", "as_of", "rating"):
            steps[account_id].append((day, rating))
        for account in block:
            yield account, _candidate(account, steps[account.pk]), account.is_member


def _steps(account: Account) -> list[tuple[date, int]]:
    return list(account.rating_readings.order_by("as_of").values_list("as_of", "rating"))


def _candidate(account: Account, steps: Sequence[tuple[date, int]]) -> Candidate:
    return Candidate(
        marketplace=account.marketplace,
        plan=account.plan,
        opened=day_of(account.opened_at),
        ratings=steps,
        contact_number=account.emergency_phone,
        contact_verified_at=account.emergency_phone_verified_at,
    )


def _is_barred(rules: Assurance, account_id: str) -> bool:
    """Whether fraud or harm is open on the account, or it is deactivated: a rating that has not fallen yet must not let it join."""
    harm = open_violations().filter(account=account_id, reason__in=rules.ends_for)
    taken = EnforcementAction.objects.filter(
        account=account_id, kind__in=(ActionKind.DEACTIVATE, ActionKind.CLOSE), effective_at__isnull=False, lifted_at=None, ended_at=None
    )
    return harm.exists() or taken.exists()


def _enrol(call: Call, pack: PolicyPack, rules: Assurance, account_id: str, as_of: date) -> bool:
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        if current_enrollment(account_id=account_id) or _is_barred(rules, account_id):
            return False
        if not judge(rules, _candidate(account, _steps(account)), as_of).is_eligible:
            return False
        enrollment = Enrollment.objects.create(enrollment_id=call.new_id("EN"), account=account, enrolled_at=call.now, pack_name=pack.name)
        body = {"account_id": account_id, "as_of": as_of.isoformat(), "pack": pack.name, "pack_digest": pack.digest}
        ledger.append(call=call, case_id=enrollment.pk, kind="Enrolled", body=body)
        letter = letter_to(account=account, pack=pack, number=enrollment.pk, page=page_of(account_id))
        issue_letter(call=call, account=account, text=compose_enrolled(letter, rules), chain=enrollment.pk)
        queue_event(call=call, type="assurance.enrolled", account_id=account_id, body={"enrollment_id": enrollment.pk})
    return True


def _ask_for_contact(call: Call, pack: PolicyPack, rules: Assurance, account_id: str, as_of: date) -> bool:
    """Tell a holder who lacks only the contact, once for ever: a letter every night would be no help."""
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        if account.contact_asked_at is not None or _is_barred(rules, account_id):
            return False
        account.contact_asked_at = call.now
        account.save(update_fields=["contact_asked_at"])
        chain = f"AC-{account_id}"[:40]
        letter = letter_to(account=account, pack=pack, number=account_id, page=page_of(account_id))
        judged = judge(rules, _candidate(account, _steps(account)), as_of)
        contact = next(one for one in judged.criteria if one.criterion is Criterion.CONTACT)
        issue_letter(call=call, account=account, text=compose_contact_needed(letter, rules, contact), chain=chain)
    return True


def _leave(call: Call, pack: PolicyPack, rules: Assurance, account_id: str, as_of: date) -> bool:
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        enrollment = current_enrollment(account_id=account_id)
        gone = lost(rules, _candidate(account, _steps(account)), as_of)
        if enrollment is None or not (gone or account.closed_at):
            return False
        _end(call, pack, rules, account, enrollment, gone, CLOSED if account.closed_at else "")
    return True


def _end(call: Call, pack: PolicyPack, rules: Assurance, account: Account, enrollment: Enrollment, gone: Sequence[Judged], other: str) -> None:
    """End a membership of a locked account. A window that is open goes on: its holder was promised it; only harm ends it too."""
    enrollment.ended_at = call.now
    enrollment.ended_because = [other] if other else [str(one.criterion) for one in gone]
    enrollment.save(update_fields=["ended_at", "ended_because"])
    ledger.append(call=call, case_id=enrollment.pk, kind="MembershipEnded", body={"because": enrollment.ended_because})
    if other != CLOSED:
        letter = letter_to(account=account, pack=pack, number=enrollment.pk, page=page_of(account.pk))
        text = compose_membership_ended(letter, rules, gone, for_harm=other == HARM)
        issue_letter(call=call, account=account, text=text, chain=enrollment.pk)
    queue_event(call=call, type="assurance.ended", account_id=account.pk, body={"because": enrollment.ended_because})


def page_of(account_id: str) -> str:
    """The path of the programme's page of an account."""
    return f"/account/{account_id}/assurance/"
