"""The words of the pages for every enumeration, translated. Words of policy (reasons, metrics, acts) come from the pack instead."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.terms import (
    AccountStatus,
    AppealOutcome,
    Approval,
    Band,
    DecisionOutcome,
    FoundBy,
    NoticeKind,
    OwnerKind,
    Role,
    Route,
    Severity,
)

Labels = Mapping[str, object]

STATE: Labels = {
    CaseState.PROPOSED: _("Proposed"),
    CaseState.DISMISSED: _("Dismissed"),
    CaseState.IN_FORCE: _("In force"),
    CaseState.SUBMITTED: _("Appeal waiting"),
    CaseState.IN_REVIEW: _("In review"),
    CaseState.INFORMATION_ASKED: _("Waiting for the holder"),
    CaseState.UPHELD: _("Upheld"),
    CaseState.REINSTATED: _("Reinstated"),
    CaseState.FINAL: _("Final"),
}
EVENT: Labels = {
    CaseEvent.APPROVE: _("Approve the action"),
    CaseEvent.DISMISS: _("Dismiss the proposal"),
    CaseEvent.SUBMIT_APPEAL: _("Submit an appeal"),
    CaseEvent.WITHDRAW_APPEAL: _("Withdraw the appeal"),
    CaseEvent.CLAIM: _("Claim the case"),
    CaseEvent.RELEASE: _("Release the case"),
    CaseEvent.ASK_INFORMATION: _("Ask for information"),
    CaseEvent.GIVE_INFORMATION: _("Give information"),
    CaseEvent.INFORMATION_LAPSES: _("The time for information ends"),
    CaseEvent.DECIDE_UPHELD: _("Decide the appeal"),
    CaseEvent.DECIDE_REINSTATED: _("Decide the appeal"),
    CaseEvent.RESCIND: _("Rescind the action"),
    CaseEvent.APPEAL_WINDOW_ENDS: _("The time to appeal ends"),
}
SEVERITY: Labels = {
    Severity.CRITICAL: pgettext_lazy("severity", "Critical"),
    Severity.HIGH: pgettext_lazy("severity", "High"),
    Severity.MEDIUM: pgettext_lazy("severity", "Medium"),
    Severity.LOW: pgettext_lazy("severity", "Low"),
}
BAND: Labels = {Band.HEALTHY: _("Healthy"), Band.AT_RISK: _("At risk"), Band.UNHEALTHY: _("Unhealthy")}
STATUS: Labels = {
    AccountStatus.NORMAL: _("In good standing"),
    AccountStatus.AT_RISK: _("At risk"),
    AccountStatus.RESTRICTED: _("Restricted"),
    AccountStatus.DEACTIVATED: _("Deactivated"),
    AccountStatus.CLOSED: _("Closed"),
}
ROLE: Labels = {
    Role.HOLDER: _("Account holder"),
    Role.SPECIALIST: _("Specialist"),
    Role.SENIOR_SPECIALIST: _("Senior specialist"),
    Role.POLICY_MANAGER: _("Policy manager"),
    Role.AUDITOR: _("Auditor"),
    Role.INTEGRATION: _("A program"),
    Role.AUTOMATION: _("The system"),
}
ROUTE: Labels = {Route.PLAN: _("Plan of action"), Route.DISPUTE: _("Dispute")}
PART: Labels = {
    "root_cause": _("What caused it"),
    "corrective": _("What you have already done"),
    "preventive": _("What keeps it from happening again"),
    "grounds": _("Why the decision is wrong"),
    "": _("Evidence"),
}
VERDICT: Labels = {DecisionOutcome.UPHELD: _("Stands"), DecisionOutcome.OVERTURNED: _("Overturned")}
OUTCOME: Labels = {
    AppealOutcome.UPHELD: _("Decision upheld"),
    AppealOutcome.PARTIALLY_REVERSED: _("Partly reversed"),
    AppealOutcome.REVERSED: _("Reversed"),
    AppealOutcome.OMITTED: _("Not decided"),
}
NOTICE: Labels = {
    NoticeKind.ACTION: _("Notice of the decision"),
    NoticeKind.ACKNOWLEDGEMENT: _("Receipt"),
    NoticeKind.INFORMATION_ASKED: _("Question to you"),
    NoticeKind.UPHELD: _("Answer to your appeal"),
    NoticeKind.REINSTATED: _("Your account is reinstated"),
}
OWNER: Labels = {OwnerKind.AUTOMATION: _("Automation"), OwnerKind.POLICY: _("Policy"), OwnerKind.PERSON: _("A person")}
FOUND: Labels = {
    FoundBy.METRIC: _("Found automatically, from a metric"),
    FoundBy.COMPLAINT: _("Reported in a complaint"),
    FoundBy.INFORMATION: _("Found automatically, from account information"),
    FoundBy.SIGN_IN: _("Found automatically, from sign-ins"),
    FoundBy.BEHAVIOUR: _("Found automatically, from activity out of line"),
    FoundBy.RELATION: _("Found automatically, from links between accounts"),
    FoundBy.PERSON: _("Found by a person"),
}
APPROVAL: Labels = {
    Approval.NONE: _("takes effect by policy"),
    Approval.PERSON: _("needs a specialist"),
    Approval.SENIOR: _("needs a senior specialist"),
}
LEDGER: Labels = {
    "ActionProposed": _("Action proposed"),
    "ActionApproved": _("Action approved"),
    "ActionDismissed": _("Proposal dismissed"),
    "NoticeIssued": _("Notice sent"),
    "AppealSubmitted": _("Appeal received"),
    "AppealWithdrawn": _("Appeal withdrawn"),
    "CaseClaimed": _("Case claimed"),
    "CaseReleased": _("Case released"),
    "InformationAsked": _("Information asked for"),
    "InformationGiven": _("Information received"),
    "InformationLapsed": _("Information not given in time"),
    "AppealDecided": _("Appeal decided"),
    "LimitsLifted": _("Limits lifted"),
    "ActionRescinded": _("Action rescinded"),
    "AppealWindowEnded": _("Time to appeal ended"),
}
LANGUAGE: Labels = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}

TABLES: Mapping[str, Labels] = {
    "state": STATE,
    "event": EVENT,
    "severity": SEVERITY,
    "band": BAND,
    "status": STATUS,
    "role": ROLE,
    "route": ROUTE,
    "part": PART,
    "verdict": VERDICT,
    "outcome": OUTCOME,
    "notice": NOTICE,
    "owner": OWNER,
    "found": FOUND,
    "approval": APPROVAL,
    "ledger": LEDGER,
    "language": LANGUAGE,
}
"""Every table by the name that templates ask it with."""


def label(table: str, code: str | StrEnum) -> str:
    """The word for a code; the code itself, readable, where a table has none."""
    return str(TABLES[table].get(code) or str(code).replace("_", " "))
