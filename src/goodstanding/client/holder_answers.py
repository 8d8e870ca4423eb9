"""What the API answers to a program that speaks for a holder, as frozen values; words are in the language that was asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from goodstanding.client.answers import CaseBrief, Limit, Notice


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a case stands, said to its holder. `who` acts next: you (the holder), us (the marketplace) or nobody; `by` when."""

    who: str
    title: str
    lead: str
    by: datetime | None


@dataclass(frozen=True, slots=True)
class Possible:
    """One thing a holder can do; `why_not` is empty where it is allowed. `routes`, `left` and `is_last_instance` are an appeal's."""

    act: str
    allowed: bool
    why_not: str
    until: datetime | None
    routes: list[str]
    left: int | None
    is_last_instance: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an appeal came to for one violation, with the reason in words."""

    violation_id: str
    outcome: str
    because: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause that stands out; shares are whole percents."""

    name: str
    facts: list[str]
    confidence: str
    share_of_defects: int
    share_of_orders: int


@dataclass(frozen=True, slots=True)
class Day:
    """One unusual day: its orders, the bad ones, and what else happened."""

    day: date
    orders: int
    defects: int
    happened: list[str]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What explains a violation as of a day; `short` in one line."""

    as_of: date
    short: str
    causes: list[Cause]
    days: list[Day]


@dataclass(frozen=True, slots=True)
class Task:
    """One task that puts something right: `done` of `of`, and the first that are open."""

    name: str
    state: str
    done: int
    of: int
    open_ids: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One violation with all that its holder is told of it; `items` are its facts, each with `id`, `kind` and `facts`."""

    violation_id: str
    reason: str
    name: str
    severity: str
    points: int
    clause: str
    rule: str
    opened: date
    closed: date | None
    metric: str
    numerator: int | None
    denominator: int | None
    counts: str
    window: str
    subject: str
    items: list[dict[str, Any]]
    hidden: int
    cure: str
    proof: list[str]
    is_contested: bool
    verdict: Verdict | None
    diagnosis: Diagnosis | None
    tasks: list[Task]


@dataclass(frozen=True, slots=True)
class File:
    """One file of a case. `proves` is like `corrective:2`; `scan` is None where no scanner was asked."""

    evidence_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    proves: str
    scan: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reviewer asked the holder for, and what was answered."""

    request_id: str
    items: list[str]
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    lapsed_at: datetime | None
    files: list[File]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class SentAppeal:
    """One attempt to appeal, what was asked in between, and what it came to."""

    appeal_id: str
    attempt: int
    route: str
    language: str
    parts: list[Part]
    submitted_at: datetime
    sent_by: str
    is_last_instance: bool
    files: list[File]
    asked: list[Asked]
    outcome: str | None
    decided_at: datetime | None
    verdicts: list[Verdict]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure that the holder would commit to."""

    measure: str
    due: date


@dataclass(frozen=True, slots=True)
class Window:
    """The time to solve what would otherwise deactivate the account, and the plan that was handed in last."""

    ends_at: datetime
    ended_at: datetime | None
    is_our_turn: bool
    needs_plan: bool
    needs_call: bool
    question: str
    planned_calls: list[datetime]
    call_waits: bool
    plan_at: datetime | None
    parts: list[Part]
    measures: list[Measure]
    files: list[File]


@dataclass(frozen=True, slots=True)
class Commitment:
    """One condition of a reinstatement, and how it stands."""

    commitment_id: str
    measure: str
    due: date
    metric: str
    counts: str
    state: str
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a case."""

    kind: str
    name: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class HoldersBrief(CaseBrief):
    """One case in a holder's overview, with what can be done about it now."""

    turn: Turn
    possible: list[str]


@dataclass(frozen=True, slots=True)
class HoldersCases:
    """The cases of one account, the newest first."""

    account_id: str
    language: str
    cases: list[HoldersBrief]
    more: bool


@dataclass(frozen=True, slots=True)
class HoldersCase(CaseBrief):
    """One case with everything its holder may know."""

    language: str
    turn: Turn
    possible: list[Possible]
    review_due_at: datetime | None
    paused_at: datetime | None
    reasons: list[Reason]
    limits: list[Limit]
    appeals: list[SentAppeal]
    asked: Asked | None
    window: Window | None
    unsent: list[File]
    commitments: list[Commitment]
    notices: list[Notice]
    happenings: list[Happening]

    def may(self, act: str) -> bool:
        """Whether the holder can do something now: appeal, give_information, withdraw, ask_after, write or solve."""
        return any(one.act == act and one.allowed for one in self.possible)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act of the holder: where the case stands now, and the letter that acknowledges it. `again`: it had been taken before."""

    case_id: str
    state: str
    again: bool
    language: str
    turn: Turn
    possible: list[Possible]
    due_at: datetime | None
    review_due_at: datetime | None
    appeal_until: datetime | None
    appeal: SentAppeal
    acknowledgement: Notice | None


@dataclass(frozen=True, slots=True)
class Question:
    """One part of an answer, by its name for its writer, with a first draft."""

    part: str
    name: str
    draft: str


@dataclass(frozen=True, slots=True)
class Form:
    """What an appeal by one route should answer; `longest` in characters of one part."""

    case_id: str
    route: str
    language: str
    open: bool
    parts: list[Question]
    reasons: list[Reason]
    longest: int
    most_files: int


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """One thing that a check found; `start` and `end` count signs of the part's text from 0."""

    code: str
    severity: str
    part: str
    start: int
    end: int
    excerpt: str
    message: str
    hint: str
    is_against_facts: bool
    is_about_files: bool


@dataclass(frozen=True, slots=True)
class Checks:
    """What the checks found: advice. `score` is None where the policy has no checks."""

    route: str
    language: str
    score: int | None
    best: int | None
    errors: int
    findings: list[PlacedFinding]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `speaker` is holder or staff."""

    number: int
    speaker: str
    text: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Messages:
    """The conversation about a case, oldest first."""

    case_id: str
    may_write: bool
    messages: list[Message]
