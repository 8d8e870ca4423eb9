"""What the API answers to a program that speaks for a holder, as its OpenAPI document tells it. Words are in the language asked for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ninja import Field, Schema

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.file_terms import ScanState
from goodstanding.core.terms import AppealOutcome, CommitmentState, DecisionOutcome, FindingSeverity, Route, Severity
from goodstanding.server.api.schemas import CaseBriefOut, LimitOut, NoticeOut
from goodstanding.server.services.possible import HolderAct
from goodstanding.server.store.models.conversation import Speaker


class Side(StrEnum):
    """Whose turn it is."""

    HOLDER = "you"
    MARKETPLACE = "us"
    NOBODY = "nobody"


class TurnOut(Schema):
    """Where the case stands, said to its holder: what the portal's page of the case says first."""

    who: Side = Field(description="who acts next: `you` is the holder, `us` the marketplace")
    title: str
    lead: str
    by: datetime | None = Field(description="until when; null: no clock runs")


class PossibleOut(Schema):
    """One thing that a holder can do about a case, and whether it can be done now."""

    act: HolderAct
    allowed: bool
    why_not: str = Field(description="one clear line, the same that a try would be refused with; empty where it is allowed")
    until: datetime | None = Field(description="when it ends to be possible; null: no clock ends it, or it is not possible")
    routes: list[Route] = Field(description="of an appeal: the routes that the reasons open; empty for the rest")
    left: int | None = Field(description="of an appeal: how many more there can be; null for the rest")
    is_last_instance: bool = Field(description="of an appeal: whether it would go to a senior, beyond whom nobody decides")


class VerdictOut(Schema):
    """What an appeal came to for one violation, with the reason in words."""

    violation_id: str
    outcome: DecisionOutcome
    because: str
    decided_at: datetime


class CauseOut(Schema):
    """One cause that stands out, in words; shares as whole percents."""

    name: str
    facts: list[str]
    confidence: str
    share_of_defects: int
    share_of_orders: int


class DayOut(Schema):
    """One unusual day: all its orders, the bad ones, and what else happened."""

    day: date
    orders: int
    defects: int
    happened: list[str]


class DiagnosisOut(Schema):
    """What explains a violation, as the facts of a day tell it."""

    as_of: date
    short: str = Field(description="one line: the first cause, or that none stands out")
    causes: list[CauseOut] = Field(description="the gravest first; empty where none stands out")
    days: list[DayOut]


class TaskOut(Schema):
    """One task that puts something right, as far as facts show it done."""

    name: str
    state: str
    done: int
    of: int
    open_ids: list[str] = Field(description="the first of those that are still open")
    more: int = Field(description="how many more are open")


class ReasonOut(Schema):
    """One violation with everything that its holder is told: rule, counts, and the facts item by item."""

    violation_id: str
    reason: str = Field(description="its code in the policy pack")
    name: str
    severity: Severity
    points: int
    clause: str
    rule: str
    opened: date
    closed: date | None
    metric: str = Field(description="its name; empty where no metric counts it")
    numerator: int | None
    denominator: int | None
    counts: str = Field(description="the same in words, with rate and target")
    window: str
    subject: str
    items: list[dict[str, Any]] = Field(description="each with `id`, `kind` and `facts`")
    hidden: int = Field(description="items that belong to somebody else's account, of which nothing is told")
    cure: str = Field(description="what puts it right")
    proof: list[str] = Field(description="documents that help")
    is_contested: bool = Field(description="whether an appeal now is about it")
    verdict: VerdictOut | None = Field(description="the newest; null: none yet")
    diagnosis: DiagnosisOut | None
    tasks: list[TaskOut]


class FileOut(Schema):
    """One file of a case."""

    evidence_id: str
    name: str
    content_type: str = Field(description="by its bytes, whatever its name says")
    size: int
    sha256: str
    proves: str = Field(description="the part of the answer, or `corrective:2` for its second point; empty: the answer as a whole, or not sent yet")
    scan: ScanState | None = Field(description="what the virus scanner said; null: it was never asked")
    added_at: datetime


class AskedOut(Schema):
    """What a reviewer asked for, and what the holder answered."""

    request_id: str
    items: list[str]
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    lapsed_at: datetime | None
    files: list[FileOut]


class MeasureOut(Schema):
    """One measure that the holder would commit to, and its day."""

    measure: str
    due: date


class PartOut(Schema):
    """One part of an answer: `root_cause`, `corrective` and `preventive` of a plan, `grounds` of a dispute."""

    part: str
    text: str


class SentAppealOut(Schema):
    """One attempt to appeal: what was sent, what was asked in between, and what it came to."""

    appeal_id: str
    attempt: int
    route: Route
    language: str
    parts: list[PartOut]
    submitted_at: datetime
    sent_by: str = Field(description="the holder, a delegate by name, or the holder by a program's name")
    is_last_instance: bool
    files: list[FileOut]
    asked: list[AskedOut]
    outcome: AppealOutcome | None = Field(description="null: not decided yet; omitted: withdrawn")
    decided_at: datetime | None
    verdicts: list[VerdictOut]


class CommitmentOut(Schema):
    """One measure that the holder has committed to, a condition of the reinstatement."""

    commitment_id: str
    measure: str
    due: date
    metric: str = Field(description="the metric that has to be within its target from then on; empty: none")
    counts: str
    state: CommitmentState
    done_on: date | None


class WindowOut(Schema):
    """The time to solve what would otherwise deactivate the account, and the plan that was handed in last."""

    ends_at: datetime
    ended_at: datetime | None
    is_our_turn: bool = Field(description="while it is the marketplace's, the time does not run out for the holder")
    needs_plan: bool = Field(description="whether it can be settled only once a plan is there")
    needs_call: bool = Field(description="whether it can be settled only once a call has reached the holder")
    question: str = Field(description="what a specialist asked about the plan; empty: nothing")
    planned_calls: list[datetime]
    call_waits: bool = Field(description="whether a call is on the specialists' list")
    plan_at: datetime | None
    parts: list[PartOut]
    measures: list[MeasureOut]
    files: list[FileOut]


class HappeningOut(Schema):
    """One thing that happened to a case."""

    kind: str
    name: str
    at: datetime
    who: str


class HoldersBriefOut(CaseBriefOut):
    """One case in a holder's overview."""

    turn: TurnOut
    possible: list[HolderAct] = Field(description="what the holder can do about it now")


class HoldersCasesOut(Schema):
    """The cases of one account, as its holder may know of them."""

    account_id: str
    language: str
    cases: list[HoldersBriefOut] = Field(description="the newest first")
    more: bool = Field(description="whether there are older ones beyond these")


class HoldersCaseOut(CaseBriefOut):
    """One case with everything its holder may know: exactly what is contested, what can be done, what was said and decided."""

    language: str
    turn: TurnOut
    possible: list[PossibleOut]
    review_due_at: datetime | None = Field(description="by when the marketplace answers")
    paused_at: datetime | None = Field(description="since when that clock rests, while the holder is asked for something")
    reasons: list[ReasonOut] = Field(description="the gravest first")
    limits: list[LimitOut] = Field(description="of this action, in force now")
    appeals: list[SentAppealOut] = Field(description="oldest first")
    asked: AskedOut | None = Field(description="what is asked of the holder at the moment")
    window: WindowOut | None = Field(description="the time to solve; null: this case has none")
    unsent: list[FileOut] = Field(description="files handed in that no appeal and no answer has named yet")
    commitments: list[CommitmentOut] = Field(description="the earliest due first")
    notices: list[NoticeOut] = Field(description="oldest first")
    happenings: list[HappeningOut] = Field(description="oldest first")


class DoneOut(Schema):
    """What came of an act of the holder: where the case stands now, the appeal it was about, and the letter that acknowledges it."""

    case_id: str
    state: CaseState
    again: bool = Field(description="true where this very thing had been taken before, and nothing happened")
    language: str
    turn: TurnOut
    possible: list[PossibleOut]
    due_at: datetime | None = Field(description="when the clock of the present state runs out")
    review_due_at: datetime | None = Field(description="by when the marketplace answers")
    appeal_until: datetime | None
    appeal: SentAppealOut
    acknowledgement: NoticeOut | None = Field(description="the letter about it; null: it has none")


class QuestionOut(Schema):
    """One part of an answer: what it is called for its writer, and a first draft with what is known filled in (empty: there is none)."""

    part: str
    name: str
    draft: str


class FormOut(Schema):
    """What an appeal by one route should answer."""

    case_id: str
    route: Route
    language: str
    open: bool = Field(description="whether an appeal by this route can be sent now")
    parts: list[QuestionOut]
    reasons: list[ReasonOut] = Field(
        description="those that the route is open to, the gravest first, with what explains them and what is done already"
    )
    longest: int = Field(description="characters of one part, at most")
    most_files: int


class PlacedFindingOut(Schema):
    """One thing that a check found: in which part, at which signs of its text (from 0; equal where it is about the part as a whole)."""

    code: str
    severity: FindingSeverity
    part: str
    start: int
    end: int
    excerpt: str
    message: str
    hint: str
    is_against_facts: bool = Field(description="a claim that the facts do not bear out")
    is_about_files: bool


class ChecksOut(Schema):
    """What the checks found: advice, which never stops an appeal from being sent."""

    route: Route
    language: str
    score: int | None = Field(description="points of `best`; null: the policy pack brings no checks")
    best: int | None
    errors: int = Field(description="findings that should be mended before sending")
    findings: list[PlacedFindingOut] = Field(description="in the order of the parts, claims against the facts first")


class MessageOut(Schema):
    """One message of the conversation about a case."""

    number: int
    speaker: Speaker
    text: str
    at: datetime
    read_at: datetime | None = Field(description="when the other side had it before its eyes")


class MessagesOut(Schema):
    """The conversation about a case, which decides nothing and moves no clock."""

    case_id: str
    may_write: bool
    messages: list[MessageOut] = Field(description="oldest first")
