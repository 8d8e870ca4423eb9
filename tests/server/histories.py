"""Random histories of accounts through the services: everybody's verbs, facts that change, workers that come late or twice, a clock that jumps."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from django.db import transaction

from goodstanding.core.cases.deadlines import RUNS_IN
from goodstanding.core.cases.lifecycle import ENDED, NOT_IN_FORCE, TABLE, TERMINAL, UNDER_APPEAL, CaseState, targets_of
from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import Closing, PolicyPack
from goodstanding.core.terms import Act, ActionKind, AppealOutcome, Approval, Clock, DecisionOutcome, NoticeException, OwnerKind, Role
from goodstanding.core.values import AUTOMATION, Actor, Span
from goodstanding.server.services import leases, ledger, second
from goodstanding.server.services.actions import approve_action, dismiss_action, propose_actions, rescind_action
from goodstanding.server.services.afterwards import reopen_case
from goodstanding.server.services.appeals import ask_after, give_information, submit_appeal, withdraw_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.cures import cure_action, cure_cases
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.endings import exclude_windows
from goodstanding.server.services.enrollments import review_memberships
from goodstanding.server.services.held_money import hold_money
from goodstanding.server.services.outbox import send_due
from goodstanding.server.services.reviews import ask_information, claim_case, contested_violations, decide_appeal, release_case
from goodstanding.server.store.models import (
    Case,
    Deadline,
    FirstDecision,
    InformationRequest,
    LedgerEntry,
    Limit,
    Notice,
    OutboxMessage,
    Violation,
)
from tests.factories import CITED
from tests.server.factories import NOW, make_account, make_endpoint, make_violation, server_pack
from tests.server.services.appealing import PLAN
from tests.server.services.assuring import assured_pack, make_assured
from tests.server.solving import IN_A_WINDOW, check_window, verbs_of

STEPS = 30
REASONS = ("late_shipment", "order_defects", "counterfeit", "counterfeit", "fraud", "buyer_abuse")
JUMPS = (timedelta(0), timedelta(minutes=20), timedelta(hours=9), timedelta(days=3), timedelta(days=16), timedelta(days=45), timedelta(days=190))
PEOPLE = {Role.SPECIALIST: ("user:101", "user:102", "user:103"), Role.SENIOR_SPECIALIST: ("user:201", "user:202", "user:203")}
REFUSALS = (IllegalTransition, NotPermitted, UnusableInput, NotFound)
TOLD_OF = {
    Clock.APPEAL_WINDOW: {"AppealWindowEnded"},
    Clock.INFORMATION_DUE: {"InformationLapsed"},
    Clock.FOLLOW_UP: {"CaseRaised"},
    Clock.REVIEW_LEASE: {"LeaseLapsed"},
    Clock.ACTION_END: {"ActionExpired"},
    Clock.MONITORING: {"MonitoringEnded"},
    Clock.TAKES_EFFECT: {"ActionTookEffect", "ApprovalLapsed", "CaseSettled"},
    Clock.SOLVE_WINDOW: {"ActionTookEffect", "SolveWindowEnded", "CaseSettled", "WindowExtended"},
}
"""What the ledger says where a clock has run out."""

NOT_ALONE = {Clock.TAKES_EFFECT, Clock.SOLVE_WINDOW}
"""Clocks of which the ledger says as much as of other things: a case is also settled by people, and takes effect by either of them."""


def pack_with_everything() -> PolicyPack:
    """The test pack with every clock, a last instance, two people for what is grave, and reasons that facts alone may settle."""
    spans = {
        "appeal_window": Span(months=6),
        "review_due": Span(days=2),
        "information_due": Span(days=10),
        "follow_up": Span(hours=48),
        "review_lease": Span(hours=8),
        "closing_notice": Span(days=30),
        "solve_window": Span(hours=72),
        "monitoring": Span(days=90),
        "retention": Span(months=60),
    }
    return server_pack(
        deadlines=spans,
        has_last_instance=True,
        second_person=frozenset({ActionKind.DEACTIVATE, ActionKind.CLOSE}),
        closing=Closing(frozenset(NoticeException), 2, CITED),
        assurance=assured_pack().assurance,
    )


@dataclass
class Play:
    """One history: its account, its moment, and what was sent."""

    seed: int
    pack: PolicyPack
    now: datetime = NOW
    automation: Actor = AUTOMATION
    trace: list[str] = field(default_factory=list)
    delivered: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.ids = count(1)
        self.account = make_assured() if self.seed % 2 else make_account()
        review_memberships(call=self.call(AUTOMATION), pack=self.pack, as_of=self.now.date())

    def call(self, actor: Actor) -> Call:
        """A call whose ids are the same when the history is played again, because lists are ordered by them."""
        return Call(actor, self.now, new_id=lambda prefix: f"{prefix}-{self.seed}-{next(self.ids):05}")

    # who acts

    def as_staff(self, *, senior: bool | None = None) -> Call:
        is_senior = self.dice.random() < 0.6 if senior is None else senior
        role = Role.SENIOR_SPECIALIST if is_senior else Role.SPECIALIST
        return self.call(Actor(self.dice.choice(PEOPLE[role]), role))

    def as_assignee(self, case: Case) -> Call:
        """Mostly who holds the case; else anybody."""
        if case.assignee and self.dice.random() < 0.85:
            role = next(role for role, names in PEOPLE.items() if case.assignee in names)
            return self.call(Actor(case.assignee, role))
        return self.as_staff()

    def as_holder(self) -> Call:
        return self.call(Actor(f"holder:{self.account.pk}", Role.HOLDER, frozenset({self.account.pk})))

    # what may happen

    def cases(self) -> list[Case]:
        return list(Case.objects.filter(account=self.account).select_related("action").order_by("opened_at", "case_id"))

    def facts_change(self, _: Case) -> None:
        violation = self.dice.choice(list(Violation.objects.filter(account=self.account)))
        violation.closed = None if violation.closed else self.now.date()
        violation.save(update_fields=["closed"])

    def something_new(self, _: Case) -> None:
        if Violation.objects.filter(account=self.account).count() < 6:
            make_violation(self.account, self.dice.choice(REASONS), opened=self.now.date() - timedelta(days=5))
        propose_actions(call=self.call(AUTOMATION), pack=self.pack, as_of=self.now.date())

    def approve(self, case: Case) -> None:
        exception = self.dice.choice([None, None, None, NoticeException.IMPERATIVE_REASON, NoticeException.REPEATED_INFRINGEMENT])
        at = self.now + timedelta(days=4) if self.dice.random() < 0.15 else None
        senior = case.action.approval == Approval.SENIOR if self.dice.random() < 0.9 else None
        approve_action(call=self.as_staff(senior=senior), pack=self.pack, case_id=case.pk, at=at, exception=exception, because="it cannot wait")

    def submit(self, case: Case) -> None:
        key = f"k{case.attempts}" if self.dice.random() < 0.8 else "k0"
        submit_appeal(call=self.as_holder(), pack=self.pack, case_id=case.pk, submission_key=key, answer=PLAN, language="en")

    def decide(self, case: Case) -> None:
        all_stand = self.dice.random() < 0.5
        outcomes = {
            v.pk: (DecisionOutcome.UPHELD if all_stand else self.dice.choice(list(DecisionOutcome)), "said so")
            for v in contested_violations(case.action)
        }
        conditions = [Condition("we check every delivery", date(2027, 6, 1))] if self.dice.random() < 0.2 else []
        decide_appeal(call=self.as_assignee(case), pack=self.pack, case_id=case.pk, verdicts=outcomes, conditions=conditions)

    def hand_over(self, case: Case) -> None:
        leases.hand_over(call=self.as_assignee(case), pack=self.pack, case_id=case.pk, to=self.as_staff().actor)

    def hold(self, case: Case) -> None:
        until = self.now + timedelta(days=self.dice.choice([5, 90]))
        hold_money(call=self.as_staff(), pack=self.pack, case_id=case.pk, amount=12_050, currency="EUR", because="claims are open", until=until)

    def ask_after(self, case: Case) -> None:
        before = (case.due_at, case.review_due_at, case.raised_at, case.changed_at and case.state)
        after = ask_after(call=self.as_holder(), pack=self.pack, case_id=case.pk)
        assert (after.due_at, after.review_due_at, after.raised_at, after.state) == before, "asking cost the place in the queue"

    def verbs(self) -> dict[str, Callable[[Case], object]]:
        staff, pack = self.as_staff, self.pack
        return {
            "facts": self.facts_change,
            "new": self.something_new,
            "approve": self.approve,
            "submit": self.submit,
            "decide": self.decide,
            "hand over": self.hand_over,
            "hold money": self.hold,
            "ask after": self.ask_after,
            "dismiss": lambda c: dismiss_action(call=staff(), pack=pack, case_id=c.pk, because="a mistake"),
            "rescind": lambda c: rescind_action(call=staff(), pack=pack, case_id=c.pk, because="our mistake"),
            "cure": lambda c: cure_action(call=staff(), pack=pack, case_id=c.pk, because="the facts show it"),
            "cures": lambda c: cure_cases(call=staff(), pack=pack),
            "withdraw": lambda c: withdraw_appeal(call=self.as_holder(), pack=pack, case_id=c.pk),
            "claim": lambda c: claim_case(call=staff(), pack=pack, case_id=c.pk),
            "release": lambda c: release_case(call=self.as_assignee(c), pack=pack, case_id=c.pk),
            "extend": lambda c: leases.extend_lease(call=self.as_assignee(c), pack=pack, case_id=c.pk),
            "escalate": lambda c: leases.escalate_case(call=self.as_assignee(c), pack=pack, case_id=c.pk, because="too grave for me"),
            "ask": lambda c: ask_information(call=self.as_assignee(c), pack=pack, case_id=c.pk, items=["an invoice"]),
            "give": lambda c: give_information(call=self.as_holder(), pack=pack, case_id=c.pk, answer=f"here it is, {self.dice.random()}"),
            "agree": lambda c: second.agree(call=staff(), pack=pack, case_id=c.pk),
            "disagree": lambda c: second.disagree(call=staff(), pack=pack, case_id=c.pk, because="look again"),
            "breach": lambda c: reopen_case(call=staff(), pack=pack, case_id=c.pk, broken=[("we check every delivery", "3 of 40")]),
            **verbs_of(self),
        }

    # the play

    def run(self) -> None:
        """Thirty steps, then everybody's letters and clocks of a year."""
        make_violation(self.account, self.dice.choice(REASONS))
        self.something_new(Case())
        for _ in range(STEPS):
            self.step()
        self.now += timedelta(days=400)
        self.work()
        check(self.account.pk, self.now)
        check_sent(self.account.pk, self.delivered)
        self.done.update(LedgerEntry.objects.filter(case_id__in=[case.pk for case in self.cases()]).values_list("kind", flat=True))

    def step(self) -> None:
        if self.dice.random() < 0.35:
            self.now += self.dice.choices(JUMPS, (3, 6, 3, 2, 1, 1, 1))[0] if self.dice.random() < 0.95 else -timedelta(hours=2)
            self.work()
        cases = self.cases()
        open_ones = [one for one in cases if one.state not in TERMINAL]
        case = self.dice.choice(open_ones if open_ones and self.dice.random() < 0.8 else cases or [Case()])
        verbs = self.verbs()
        likely = LIKELY.get(CaseState(case.state) if case.pk else CaseState.DISMISSED, ())
        name = self.dice.choice(likely) if likely and self.dice.random() < 0.75 else self.dice.choice(list(verbs))
        if not case.pk and name not in ("new", "cures"):
            return
        before = {one.pk: one.state for one in cases}
        self.trace.append(f"{self.now:%m-%d %H:%M} {name} {case.state}")
        try:
            verbs[name](case)
            self.done[name] += 1
        except REFUSALS as error:
            self.trace.append(f"    refused: {error}")
        check_moves(before, self.cases())
        if self.dice.random() < 0.25:
            self.work()
            check(self.account.pk, self.now)

    def work(self) -> None:
        """The worker, who comes twice as often as there is work."""
        for _ in range(2):
            exclude_windows(call=self.call(AUTOMATION), pack=self.pack)
            fire_due(call=self.call(AUTOMATION), pack=self.pack)
            send_due(now=self.now, deliver=self.take)

    def take(self, message: OutboxMessage, now: datetime) -> None:
        self.delivered[message.key] += 1


LIKELY: dict[CaseState, tuple[str, ...]] = {
    CaseState.PROPOSED: ("approve", "approve", "approve", "dismiss", "facts"),
    CaseState.SOLVING: IN_A_WINDOW,
    CaseState.SCHEDULED: ("submit", "facts", "cures", "approve"),
    CaseState.IN_FORCE: ("submit", "submit", "submit", "hold money", "facts", "cures"),
    CaseState.UPHELD: ("submit", "submit"),
    CaseState.EXPIRED: ("submit",),
    CaseState.SUBMITTED: ("claim", "claim", "claim", "withdraw", "ask after", "cures"),
    CaseState.IN_REVIEW: ("decide", "decide", "decide", "ask", "release", "hand over", "extend", "escalate", "ask after"),
    CaseState.ESCALATED: ("claim", "claim", "decide", "decide", "decide", "ask", "release", "hand over"),
    CaseState.INFORMATION_ASKED: ("give", "give", "withdraw"),
    CaseState.SECOND_REVIEW: ("agree", "agree", "disagree", "withdraw", "rescind"),
    CaseState.MONITORING: ("breach",),
    **dict.fromkeys(TERMINAL, ("new", "new", "new", "facts", "rescind", "cures")),
}


def check_moves(before: dict[str, str], after: Iterable[Case]) -> None:
    """One verb moves a case along one row of the table, whatever else it does; what begins begins as a proposal."""
    for case in after:
        was, now = CaseState(before.get(case.pk, CaseState.PROPOSED)), CaseState(case.state)
        if was != now:
            assert any(now in targets_of(row) for row in TABLE.values() if row.state == was), f"{case.pk} came from {was} to {now}"


def check(account_id: str, now: datetime) -> None:
    """What must hold of an account whose worker has just been here."""
    for case in Case.objects.filter(account=account_id).select_related("action"):
        state = CaseState(case.state)
        _check_limits(case, state, now)
        _check_clocks(case, state, now)
        _check_appeals(case, state)
        check_window(case, state)


def _check_limits(case: Case, state: CaseState, now: datetime) -> None:
    action = case.action
    live = [limit for limit in Limit.objects.filter(action=action) if limit.as_value().is_active(now)]
    is_running = action.effective_at is not None and action.lifted_at is None and action.ended_at is None
    assert not live or is_running, f"{case.pk}: a limit without a live action"
    assert not (live and state in NOT_IN_FORCE | ENDED), f"{case.pk}: a limit of its own while {state}"
    by_machine = Limit.objects.filter(action=action, owner_kind=OwnerKind.PERSON, lifted_by=AUTOMATION.id)
    assert not by_machine.exists(), f"{case.pk}: automation lifted what a person set"
    acts = [limit.act for limit in Limit.objects.filter(action=action, lifted_at=None)]
    assert len(acts) == len(set(acts))
    if is_running and action.kind == ActionKind.DEACTIVATE:
        assert Act.SELL in acts, f"{case.pk}: in force without its limits"


def _check_clocks(case: Case, state: CaseState, now: datetime) -> None:
    running = Deadline.objects.filter(case=case, done_at=None, cancelled_at=None)
    clocks = [Clock(row.clock) for row in running]
    single = [clock for clock in clocks if clock is not Clock.CALL_DUE]
    assert len(single) == len(set(single)), f"{case.pk}: a clock runs twice"
    assert all(state in RUNS_IN[clock] for clock in clocks), f"{case.pk}: {clocks} while {state}"
    assert all(row.due_at > now for row in running), f"{case.pk}: a clock that is due was not fired"
    told = Counter(LedgerEntry.objects.filter(case_id=case.pk).values_list("kind", flat=True))
    fired = Counter(Clock(clock) for clock in Deadline.objects.filter(case=case).exclude(done_at=None).values_list("clock", flat=True))
    for clock, kinds in TOLD_OF.items():
        said = sum(told[kind] for kind in kinds)
        exact = clock not in NOT_ALONE
        assert said == fired[clock] if exact else said >= fired[clock], f"{case.pk}: {clock} ran out {fired[clock]} times and was told {said} times"
    rising = Deadline.objects.filter(case=case, clock=Clock.FOLLOW_UP).exclude(done_at=None).count()
    assert rising <= case.attempts, f"{case.pk}: one appeal rose twice"


def _check_appeals(case: Case, state: CaseState) -> None:
    waiting = case.appeals.filter(outcome="").count()
    assert waiting == (state in UNDER_APPEAL), f"{case.pk}: {waiting} appeals wait while {state}"
    assert case.appeals.count() == case.attempts
    asked = InformationRequest.objects.filter(appeal__case=case, answered_at=None, lapsed_at=None).count()
    assert asked == (state == CaseState.INFORMATION_ASKED), f"{case.pk}: {asked} questions are open while {state}"
    firsts = FirstDecision.objects.filter(appeal__case=case, answered_at=None).count()
    assert firsts == (state == CaseState.SECOND_REVIEW), f"{case.pk}: {firsts} decisions wait for a second person while {state}"
    held = {CaseState.IN_REVIEW, CaseState.INFORMATION_ASKED, CaseState.SECOND_REVIEW}
    assert bool(case.assignee) == (state in held) or state == CaseState.ESCALATED, f"{case.pk}: '{case.assignee}' holds it while {state}"
    assert (case.closed_at is not None) == (state in {CaseState.DISMISSED, CaseState.SETTLED, CaseState.REINSTATED, CaseState.FINAL})
    omitted = case.appeals.filter(outcome=AppealOutcome.OMITTED).count()
    assert omitted <= case.attempts


def check_sent(account_id: str, delivered: Counter) -> None:
    """Every letter and every event left exactly once, and each letter is in the ledger once."""
    notices = Notice.objects.filter(case__account=account_id)
    assert all(delivered[notice.message_id] == 1 for notice in notices), "a letter left twice or never"
    assert not [key for key, count in delivered.items() if count != 1], "something left twice"
    kept = LedgerEntry.objects.filter(case_id__in=notices.values("case_id"), kind="NoticeIssued").count()
    assert kept == notices.count()
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


def play(seed: int, pack: PolicyPack) -> Play:
    """One whole history, of which nothing is kept; a failure says how to play it again."""
    try:
        with transaction.atomic():
            make_endpoint()
            one = Play(seed, pack)
            one.run()
            assert list(ledger.verify()) == [], "the ledger is broken"
            transaction.set_rollback(True)
    except (AssertionError, GoodstandingError, ValueError) as error:
        told = "\n".join(one.trace[-25:])
        raise AssertionError(f"history {seed}: {error}\n{told}") from error
    return one
