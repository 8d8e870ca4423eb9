"""How solve windows end: settled by a person, prolonged while it is the platform's turn, or ended at once by fraud or harm (J3, J4)."""

from collections.abc import Sequence

from goodstanding.core.assurance import window as rules
from goodstanding.core.assurance.eligibility import ends_membership
from goodstanding.core.assurance.letters import compose_settled
from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, Given, events_open_to
from goodstanding.core.errors import IllegalTransition, UnusableInput
from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.commitments import Promise, make_commitments
from goodstanding.server.services.enrollments import HARM, end_for_harm
from goodstanding.server.services.force import approval_is_valid, find_rule, put_in_force
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.settling import settle_violations
from goodstanding.server.services.together import together
from goodstanding.server.services.windows import as_value, lock_window, move_end
from goodstanding.server.store.models import Account, Case, SolveWindow

LONGEST_BECAUSE = 4000
"""Characters; the holder reads it."""


def settle_window(*, call: Call, pack: PolicyPack, case_id: str, because: str, promises: Sequence[Promise] = ()) -> Case:
    """Settle a case in its window: the account stays active, and what the holder has committed to is followed from now on.

    Raises IllegalTransition where a plan or the call that the pack asks for is still missing, or no window is open; UnusableInput, NotPermitted.
    """
    if not 0 < len(because.strip()) <= LONGEST_BECAUSE:
        raise UnusableInput("say why this settles the case; the holder reads it")
    with together():
        case, window = lock_window(call=call, case_id=case_id)
        if pack.assurance and (missing := rules.obstacles(pack.assurance, as_value(window))):
            possible = events_open_to(CaseState(case.state), call.actor.role)
            says = f"before case {case_id} can be settled it needs: {' and '.join(SAID[one] for one in missing)}"
            raise IllegalTransition(case.state, CaseEvent.SETTLE, possible, says)
        window.because = because.strip()
        window.save(update_fields=["because"])
        move(call=call, case=case, event=CaseEvent.SETTLE, pack=pack, given=[Given.COMMITTED] if promises else [])
        settled = settle_violations(call=call, pack=pack, case=case)
        made = make_commitments(call=call, pack=pack, case=case, promises=promises)
        body = {"because": window.because, "commitments": [one.pk for one in made], "violations": settled}
        ledger.append(call=call, case_id=case_id, kind="WindowSettled", body=body)
        text = compose_settled(
            letter_for(call=call, case=case, pack=pack),
            because=window.because,
            conditions=[Condition(one.measure, one.due) for one in made],
            monitored_until=case.due_at,
        )
        issue_notice(call=call, case=case, kind=NoticeKind.SETTLED, text=text)
        queue_event(call=call, type="window.settled", case=case, body={})
    return case


SAID = {rules.Obstacle.PLAN: "a plan of the holder", rules.Obstacle.CALL: "a call that reached the holder"}


def keep_open(*, call: Call, pack: PolicyPack, case: Case) -> bool:
    """Let the window of a locked case go on where its time is over and it is the platform's turn; whether it does (requirement J3)."""
    window = SolveWindow.objects.select_for_update().filter(pk=case.pk, ended_at=None).first()
    if window is None or pack.assurance is None or rules.at_the_end(as_value(window)) is rules.AtTheEnd.DEACTIVATE:
        return False
    move_end(case=case, window=window, ends_at=rules.next_end(pack.assurance, window.ends_at, call.now))
    ledger.append(call=call, case_id=case.pk, kind="WindowExtended", body={"ends_at": window.ends_at.isoformat()})
    queue_event(call=call, type="window.extended", case=case, body={"ends_at": window.ends_at.isoformat()})
    return True


def bar_for_harm(*, call: Call, pack: PolicyPack, account: Account, reasons: Sequence[str]) -> bool:
    """End the membership of a locked account where an action against it rests on fraud or harm; gives whether it ended one.

    Its open windows end in `exclude_windows`, each in a transaction of its own, because case is locked before account everywhere.
    """
    if pack.assurance is None or not ends_membership(pack.assurance, reasons):
        return False
    return end_for_harm(call=call, pack=pack, account=account) is not None


def exclude_windows(*, call: Call, pack: PolicyPack) -> int:
    """End every window whose membership fraud or harm has ended; what was approved takes effect at once (requirement J4).

    Called right after the decision and by every worker's round, so that a crash between the two leaves no window open.
    """
    barred = SolveWindow.objects.filter(ended_at=None, enrollment__ended_at__isnull=False).select_related("enrollment")
    return sum(_exclude(call.by_automation(), pack, window.pk) for window in barred if HARM in window.enrollment.ended_because)


def _exclude(call: Call, pack: PolicyPack, case_id: str) -> bool:
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state != CaseState.SOLVING:
            return False
        lock_account(account_id=case.account_id)
        move(call=call, case=case, event=CaseEvent.EXCLUDE, pack=pack)
        ledger.append(call=call, case_id=case_id, kind="WindowExcluded", body={})
        rule = find_rule(pack, case.action)
        if rule is not None and approval_is_valid(pack, case.action):
            put_in_force(call=call, pack=pack, case=case, rule=rule, event=CaseEvent.APPROVE)
        queue_event(call=call, type="window.excluded", case=case, body={})
    return True
