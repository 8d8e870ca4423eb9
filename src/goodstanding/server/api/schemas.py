"""What the API answers with, as its OpenAPI document tells it."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import (
    AccountStatus,
    Act,
    ActionKind,
    AppealOutcome,
    Band,
    ClosedBy,
    DecisionOutcome,
    FindingSeverity,
    NoticeKind,
    Route,
    Severity,
)


class FindingOut(Schema):
    """One thing about what was sent: a row or a file that cannot be taken, or a column that cannot be used."""

    code: str
    severity: FindingSeverity
    message: str
    hint: str
    where: str = Field(description="`line 3 column placed_at`, or the name of a file")


class Problem(Schema):
    """An error (RFC 9457). What is not said is left out."""

    type: str
    title: str
    status: int
    detail: str = Field(description="one clear line, for the program and its log")
    message: str = Field("", description="the same for the holder, in the language asked for: where a program speaks for one")
    state: str = Field("", description="of the case, where the moment is wrong")
    possible: list[str] = Field([], description="what is possible instead")
    who_may: list[str] = Field([], description="who may do it")
    findings: list[FindingOut] = Field([], description="what is wrong with each file that cannot be taken; `where` is its name")


def refusals(*more: int) -> dict[int, type[Problem]]:
    """What every operation may answer instead: 401, 403 and 429, and `more`."""
    return dict.fromkeys((401, 403, *more, 429), Problem)


class HeldOut(Schema):
    """Money that is held: free again when its limit ends."""

    amount: int = Field(description="in the currency's smallest unit")
    currency: str
    because: str


class LimitOut(Schema):
    """One limit in force: which action forbids the act, for which reasons, and in which case its holder can act on it."""

    limit: str = Field(description="id of the limit")
    act: Act
    action: str = Field(description="id of the action that set it")
    action_kind: ActionKind
    reasons: list[str] = Field(description="reason codes of the policy pack; those that were overturned are left out")
    since: datetime
    until: datetime | None = Field(description="null: until it is lifted")
    case_id: str
    held: HeldOut | None = Field(description="the money a limit on withdrawing holds; null: no particular amount")


class StandingOut(Schema):
    """How an account stands at a moment."""

    account_id: str
    at: datetime
    status: AccountStatus
    rating: int | None = Field(description="0 to 1000; null: never assessed")
    band: Band | None
    closed_by: ClosedBy | None = Field(description="holder: reopening is a request; platform: its closing can be appealed; null: open")
    acts: dict[Act, bool] = Field(description="what the account may do")
    limits: list[LimitOut]


class MayOut(Schema):
    """Whether an account may do one act; if not, why, and what to tell its holder."""

    account_id: str
    act: Act
    at: datetime
    allowed: bool
    closed: bool = Field(description="true where the account is closed, whatever its limits")
    because: list[LimitOut] = Field(description="every limit in the way, oldest first")
    act_on_it: str | None = Field(description="the address where the holder can act on it")
    message: str = Field(description="for the holder, in the account's language; empty where the act is allowed")
    language: str


class ViolationOut(Schema):
    """One violation that a case's action rests on."""

    violation_id: str
    reason: str
    severity: Severity
    points: int
    opened: date
    closed: date | None
    decided: DecisionOutcome | None = Field(description="what the last appeal decided of it; null: nothing yet")


class DecisionOut(Schema):
    """What one appeal came to for one violation."""

    violation_id: str
    outcome: DecisionOutcome
    decided_at: datetime


class AppealOut(Schema):
    """One attempt to appeal."""

    appeal_id: str
    attempt: int
    route: Route
    submitted_at: datetime
    outcome: AppealOutcome | None = Field(description="null: not decided yet; omitted: withdrawn")
    decided_at: datetime | None
    decisions: list[DecisionOut] = Field(description="one for each violation that was contested; empty until it is decided")


class CaseBriefOut(Schema):
    """One case in a list."""

    case_id: str
    account_id: str
    state: CaseState
    severity: Severity
    outcome: AppealOutcome | None
    action: str
    action_kind: ActionKind
    rule: str
    policy: str
    effective_at: datetime | None
    ends_at: datetime | None
    lifted_at: datetime | None
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None = Field(description="when the clock of the present state runs out")
    appeal_until: datetime | None
    act_on_it: str = Field(description="the address where its holder can act on it")


class CaseOut(CaseBriefOut):
    """One case: an action, what it rests on, and the appeals against it."""

    violations: list[ViolationOut]
    limits: list[LimitOut] = Field(description="limits of this action that are in force")
    appeals: list[AppealOut]


class CasesOut(Schema):
    """One page of cases."""

    cases: list[CaseBriefOut] = Field(description="by their last change, the newest at the end")
    cursor: str | None = Field(description="where to go on, now or later; null: there was nothing to begin with")
    more: bool = Field(description="whether there are more by now")


class NoticeOut(Schema):
    """One letter to the holder of an account, and what became of its mail."""

    notice_id: str
    kind: NoticeKind
    language: str
    subject: str
    body: str = Field(description="empty once it was erased")
    statement: dict[str, Any] | None = Field(description="the statement of reasons as data; null: this letter gives none")
    created_at: datetime
    mailed: bool = Field(description="false where the account had no address: the letter is on the holder's page all the same")
    sent_at: datetime | None = Field(description="when the mail left; null: not yet, or never")
    given_up_at: datetime | None = Field(description="when the last attempt to send it failed")
    bounced_at: datetime | None = Field(description="when a server told that it did not arrive")
    erased_at: datetime | None


class NoticesOut(Schema):
    """The letters of a case."""

    case_id: str
    notices: list[NoticeOut] = Field(description="oldest first")
