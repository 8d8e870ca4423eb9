"""Ten thousand random lives of a case in the pure table: every event, every role, and a clock that jumps (issue 5, H1-H4, J3, I2)."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from goodstanding.core.cases.deadlines import CLOCK_EVENTS, RUNS_IN, SHOWN, goes_on
from goodstanding.core.cases.lifecycle import (
    APPEALABLE,
    ENDED,
    NOT_IN_FORCE,
    START,
    TABLE,
    TERMINAL,
    UNDER_APPEAL,
    CaseEvent,
    CaseState,
    Given,
    follow,
)
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Clock, Right, Role
from goodstanding.core.values import Span

HISTORIES, STEPS, NEW_YEAR = 10_000, 30, datetime(2027, 1, 1, tzinfo=UTC)
SPANS = {
    Clock.SOLVE_WINDOW: Span(hours=72),
    Clock.TAKES_EFFECT: Span(days=30),
    Clock.ACTION_END: Span(days=14),
    Clock.APPEAL_WINDOW: Span(months=6),
    Clock.REVIEW_DUE: Span(days=2),
    Clock.FOLLOW_UP: Span(hours=48),
    Clock.REVIEW_LEASE: Span(hours=8),
    Clock.INFORMATION_DUE: Span(days=14),
    Clock.MONITORING: Span(days=90),
    Clock.RETENTION: Span(months=60),
}
BROUGHT_BY_CLOCKS = set(CLOCK_EVENTS.values())
JUMPS = (timedelta(0), timedelta(minutes=5), timedelta(hours=9), timedelta(days=3), timedelta(days=31), timedelta(days=200), timedelta(hours=-1))


@dataclass
class Life:
    """A case as little more than its state and clocks, moved by the table alone."""

    dice: random.Random
    now: datetime = NEW_YEAR
    state: CaseState = START
    running: dict[Clock, datetime] = field(default_factory=dict)
    is_in_force: bool = False
    was_in_force: bool = False
    is_over: bool = False
    is_announced: bool = False
    raised: int = 0
    appeals: int = 0
    answered: int = 0
    fired: Counter = field(default_factory=Counter)

    def given(self) -> set[Given]:
        holds = {
            Given.APPROVED: self.dice.random() < 0.5,
            Given.AHEAD: self.is_announced and not self.was_in_force,
            Given.OVER: self.is_over,
            Given.NEVER_IN_FORCE: not self.was_in_force,
            Given.COMMITTED: self.dice.random() < 0.5,
            Given.LAST_INSTANCE: self.dice.random() < 0.3,
        }
        return {one for one, true in holds.items() if true}

    def happen(self, event: CaseEvent, role: Role) -> None:
        """One event; raises as the table does, and then nothing has changed."""
        row = follow(self.state, event, role, frozenset(Right))
        before, self.state = self.state, row.target(self.given())
        self.running = {c: due for c, due in self.running.items() if goes_on(c, self.state) and c not in (*row.starts, *row.stops)}
        for clock in row.starts:
            if goes_on(clock, self.state) and not (clock is Clock.ACTION_END and self.dice.random() < 0.5):
                self.running[clock] = SPANS[clock].after(self.now)
        self._follow_action(event, before)

    def _follow_action(self, event: CaseEvent, before: CaseState) -> None:
        if event == CaseEvent.BREACH:
            self.is_in_force = self.was_in_force = self.is_over = self.is_announced = False
        if event == CaseEvent.SCHEDULE:
            self.is_announced = True
        if event == CaseEvent.APPROVAL_LAPSES:
            self.is_announced = False
        if self.state == CaseState.IN_FORCE and before in NOT_IN_FORCE:
            self.is_in_force = self.was_in_force = True
        if event == CaseEvent.EXPIRES:
            self.is_in_force, self.is_over = False, True
        if self.state in ENDED:
            self.is_in_force = False
        if self.state in UNDER_APPEAL and before not in UNDER_APPEAL:
            self.appeals, self.raised = self.appeals + 1, 0
        if before in UNDER_APPEAL and self.state not in UNDER_APPEAL:
            self.answered += 1
        self.raised += event == CaseEvent.FOLLOW_UP_DUE

    def let_time_pass(self, jump: timedelta) -> None:
        """The clock jumps; whatever is due runs out, in the order in which it was due."""
        self.now += jump
        while due := sorted((at, clock) for clock, at in self.running.items() if at <= self.now):
            clock = due[0][1]
            del self.running[clock]
            self.fired[clock] += 1
            if event := CLOCK_EVENTS.get((self.state, clock)):
                self.happen(event, Role.AUTOMATION)

    def check(self) -> None:
        """What must hold after whatever happened."""
        assert all(goes_on(clock, self.state) for clock in self.running), f"{self.running} while {self.state}"
        shown = SHOWN.get(self.state)
        # A review that is overdue has no clock left to run, and stays at the head of the queue.
        assert shown is None or shown in self.running or shown is Clock.REVIEW_DUE, f"{self.state} without {shown}"
        assert not (self.is_in_force and self.state in (NOT_IN_FORCE | ENDED)), f"in force while {self.state}"
        assert self.raised <= 1, "one appeal rose twice"
        assert self.appeals - self.answered == (self.state in UNDER_APPEAL), "an appeal was lost, or answered twice"
        if self.state in TERMINAL:
            assert set(self.running) <= {Clock.RETENTION, Clock.ACTION_END}


def live(seed: int, seen: Counter) -> Life:
    """One random history: what may happen, what may not, and time."""
    life = Life(random.Random(seed))
    for _ in range(STEPS):
        if life.dice.random() < 0.2:
            life.let_time_pass(life.dice.choice(JUMPS))
        state = life.state
        possible = [key[1] for key in TABLE if key[0] == state and key[1] not in BROUGHT_BY_CLOCKS]
        event = life.dice.choice(possible if possible and life.dice.random() < 0.9 else list(CaseEvent))
        if event in BROUGHT_BY_CLOCKS:
            continue
        try:
            life.happen(event, life.dice.choice(list(Role)))
        except (IllegalTransition, NotPermitted):
            assert life.state == state, "a refusal changed something"
        else:
            seen[state, event] += 1
        life.check()
    return life


def test_ten_thousand_random_histories_keep_to_the_table() -> None:
    seen: Counter = Counter()
    fired: Counter = Counter()
    for seed in range(HISTORIES):
        life = live(seed, seen)
        fired += life.fired
    # Histories that reach nothing would hold anything: every row and every clock came, those of the clocks by time.
    assert {key for key, row in TABLE.items() if row.event not in BROUGHT_BY_CLOCKS and row.who & (set(Role) - {Role.AUTOMATION})} <= set(seen)
    assert set(fired) >= set(RUNS_IN) - {Clock.CALL_DUE, Clock.RETENTION}


def test_every_history_comes_to_rest_when_everybody_goes_home() -> None:
    """No case stays open for ever but one that waits for a person's word."""
    waits_for_people = {CaseState.PROPOSED, *UNDER_APPEAL}
    for seed in range(500):
        life = live(seed, Counter())
        for _ in range(8):
            life.let_time_pass(timedelta(days=400))
        assert life.state in TERMINAL | waits_for_people, f"history {seed} rests in {life.state}"
        assert life.state not in APPEALABLE
