"""What holders and specialists do in solve windows, for random histories; and what must hold of a window at any moment (requirements J3, J4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import CallOutcome, Clock, Role, WindowOutcome
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.calls import calls_to_make, record_call, take_call
from goodstanding.server.services.commitments import Promise
from goodstanding.server.services.endings import settle_window
from goodstanding.server.services.enrollments import review_memberships
from goodstanding.server.services.force import STAFF_PREFIX
from goodstanding.server.services.windows import ask_about_plan, contact_me_now, hand_in_plan
from goodstanding.server.store.models import Case, ContactAttempt, Deadline, LedgerEntry, SolveWindow, User
from tests.server.factories import make_violation
from tests.server.services.assuring import OTHER_PLAN, PLAN

if TYPE_CHECKING:
    from tests.server.histories import Play

IN_A_WINDOW = (
    "plan",
    "plan",
    "contact",
    "call",
    "call",
    "call",
    "settle",
    "settle",
    "settle",
    "question",
    "approve",
    "exclude",
    "facts",
    "leave",
    "wait",
)
"""What mostly happens while a window is open."""

ENDS = {
    WindowOutcome.SETTLED: {"WindowSettled", "CaseSettled"},
    WindowOutcome.UNSOLVED: {"ActionTookEffect", "SolveWindowEnded"},
    WindowOutcome.EXCLUDED: {"WindowExcluded"},
    WindowOutcome.DISMISSED: {"ActionRescinded"},
}
"""What the ledger says of the end of a window, by what it came to."""


def verbs_of(play: "Play") -> dict[str, Callable[[Case], object]]:
    """The verbs of the programme, for one history."""
    pack = play.pack
    return {
        "plan": lambda c: hand_in_plan(call=play.as_holder(), pack=pack, case_id=c.pk, answer=play.dice.choice([PLAN, OTHER_PLAN])),
        "contact": lambda c: contact_me_now(call=play.as_holder(), pack=pack, case_id=c.pk),
        "question": lambda c: ask_about_plan(call=play.as_staff(), pack=pack, case_id=c.pk, question=f"which supplier, {play.dice.random()}?"),
        "settle": lambda c: _settle(play, c),
        "call": lambda c: _call(play),
        "exclude": lambda c: _fraud(play),
        "memberships": lambda c: review_memberships(call=play.call(play.automation), pack=pack, as_of=play.now.date()),
        "leave": lambda c: _leave(play, c),
        "wait": lambda c: None,
    }


def _settle(play: "Play", case: Case) -> None:
    promises = [Promise("we check every delivery", play.now.date())] if play.dice.random() < 0.5 else []
    settle_window(call=play.as_staff(), pack=play.pack, case_id=case.pk, because="the supplier is gone", promises=promises)


def _call(play: "Play") -> None:
    """Somebody takes the first call of the list, and mostly reaches the holder."""
    caller = play.as_staff()
    for waiting in calls_to_make(actor=caller.actor, now=play.now)[:1]:
        take_call(call=caller, attempt_id=waiting.attempt.pk)
        outcome = CallOutcome.REACHED if play.dice.random() < 0.7 else play.dice.choice(list(CallOutcome))
        record_call(call=caller, pack=play.pack, attempt_id=waiting.attempt.pk, outcome=outcome)


def _fraud(play: "Play") -> None:
    """Fraud comes up, and a senior acts on it: the membership ends, and with it every window."""
    make_violation(play.account, "fraud", opened=play.now.date())
    for action in propose_actions(call=play.call(play.automation), pack=play.pack, as_of=play.now.date()):
        if action.rule == "close-fraud":
            approve_action(call=play.as_staff(senior=True), pack=play.pack, case_id=action.case.pk)


def _leave(play: "Play", case: Case) -> None:
    """Who approved it leaves the house, or comes back: an approval counts only as long as its giver works there."""
    key = case.action.decided_by.removeprefix(STAFF_PREFIX)
    if not key.isdecimal():
        raise UnusableInput("nobody approved it")
    user, is_new = User.objects.get_or_create(
        pk=int(key), defaults={"email": f"{key}@example.com", "role": Role.SENIOR_SPECIALIST, "is_active": False}
    )
    if not is_new:
        user.is_active = not user.is_active
        user.save(update_fields=["is_active"])


def check_window(case: Case, state: CaseState) -> None:
    """A window is open exactly while its case is in it, has one clock, asks for no call afterwards, and ended in one way."""
    window = SolveWindow.objects.filter(case=case).first()
    clocks = Deadline.objects.filter(case=case, clock=Clock.SOLVE_WINDOW, done_at=None, cancelled_at=None).count()
    is_open = window is not None and window.ended_at is None
    assert is_open == (state == CaseState.SOLVING) == (clocks == 1), (
        f"{case.pk}: its window is {'open' if is_open else 'over'}, {clocks} clocks, {state}"
    )
    told = list(LedgerEntry.objects.filter(case_id=case.pk).values_list("kind", flat=True))
    assert told.count("WindowOpened") == (window is not None)
    if window is None:
        return
    waiting = ContactAttempt.objects.filter(window=window, called_at=None, dropped_at=None).count()
    assert waiting <= (2 if is_open else 0), f"{case.pk}: {waiting} calls wait"
    assert bool(window.outcome) == (not is_open)
    if not is_open:
        assert ENDS[WindowOutcome(window.outcome)] & set(told), f"{case.pk}: the ledger does not say how its window ended as {window.outcome}"
    assert told.count("WindowSettled") + told.count("SolveWindowEnded") + told.count("WindowExcluded") <= 1
