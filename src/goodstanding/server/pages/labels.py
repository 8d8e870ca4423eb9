"""The words of the pages for every enumeration, translated. Words of policy (reasons, metrics, acts) come from the pack instead."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goodstanding.core.appeals.diagnosis.model import Confidence
from goodstanding.core.appeals.tasks import TickState
from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.file_terms import FileNote, ScanState
from goodstanding.core.linkage.judgements import Against
from goodstanding.core.terms import (
    AccountStatus,
    AppealOutcome,
    Approval,
    Automation,
    Band,
    CallOutcome,
    CommitmentState,
    Criterion,
    CriterionState,
    DecisionOutcome,
    DelegationEnd,
    DraftForm,
    FoundBy,
    MailCause,
    MailVerdict,
    NoticeException,
    NoticeKind,
    Opened,
    OwnerKind,
    RelationVerdict,
    ReleaseCause,
    Right,
    Role,
    Route,
    Severity,
    WindowOutcome,
)
from goodstanding.server.pages.ledger_labels import LEDGER
from goodstanding.server.services.keys import Scope
from goodstanding.server.store.models.audit import AuditKind

Labels = Mapping[str, object]

STATE: Labels = {
    CaseState.PROPOSED: _("Proposed"),
    CaseState.DISMISSED: _("Dismissed"),
    CaseState.SOLVING: _("Being solved with the holder"),
    CaseState.SETTLED: _("Settled"),
    CaseState.SCHEDULED: _("Takes effect later"),
    CaseState.IN_FORCE: _("In force"),
    CaseState.SUBMITTED: _("Appeal waiting"),
    CaseState.IN_REVIEW: _("In review"),
    CaseState.INFORMATION_ASKED: _("Waiting for the holder"),
    CaseState.SECOND_REVIEW: _("Waiting for a second person"),
    CaseState.ESCALATED: _("With a senior specialist"),
    CaseState.UPHELD: _("Upheld"),
    CaseState.MONITORING: _("Reinstated on conditions"),
    CaseState.REINSTATED: _("Reinstated"),
    CaseState.EXPIRED: _("Ended by its date"),
    CaseState.FINAL: _("Final"),
}
EVENT: Labels = {
    CaseEvent.APPROVE: _("Approve the action"),
    CaseEvent.DISMISS: _("Dismiss the proposal"),
    CaseEvent.OPEN_WINDOW: _("Open the time to solve it"),
    CaseEvent.CALL_DUE: _("A call to the holder is due"),
    CaseEvent.SETTLE: _("Settle it without the action"),
    CaseEvent.WINDOW_ENDS: _("The time to solve it ends"),
    CaseEvent.EXCLUDE: _("End the time to solve it at once"),
    CaseEvent.SCHEDULE: _("Approve the action for later"),
    CaseEvent.TAKES_EFFECT: _("The action takes effect"),
    CaseEvent.APPROVAL_LAPSES: _("The approval is no longer valid"),
    CaseEvent.SUBMIT_APPEAL: _("Submit an appeal"),
    CaseEvent.WITHDRAW_APPEAL: _("Withdraw the appeal"),
    CaseEvent.ASK_AFTER: _("Ask where the appeal stands"),
    CaseEvent.FOLLOW_UP_DUE: _("The appeal waits too long"),
    CaseEvent.CLAIM: _("Claim the case"),
    CaseEvent.EXTEND_LEASE: _("Hold the case longer"),
    CaseEvent.RELEASE: _("Release the case"),
    CaseEvent.HAND_OVER: _("Hand the case over"),
    CaseEvent.LEASE_LAPSES: _("The time to hold the case ends"),
    CaseEvent.ASK_INFORMATION: _("Ask for information"),
    CaseEvent.GIVE_INFORMATION: _("Give information"),
    CaseEvent.INFORMATION_LAPSES: _("The time for information ends"),
    CaseEvent.PASS_TO_SECOND: _("Pass the decision to a second person"),
    CaseEvent.SECOND_AGREES_UPHELD: _("Agree: the decision stands"),
    CaseEvent.SECOND_AGREES_REINSTATED: _("Agree: the action is lifted"),
    CaseEvent.SECOND_AGREES_CONDITIONS: _("Agree: the action is lifted on conditions"),
    CaseEvent.SECOND_DISAGREES: _("Disagree and give the case back"),
    CaseEvent.DECIDE_UPHELD: _("Decide the appeal"),
    CaseEvent.DECIDE_REINSTATED: _("Decide the appeal"),
    CaseEvent.DECIDE_CONDITIONS: _("Reinstate on conditions"),
    CaseEvent.ESCALATE: _("Pass the appeal to a senior specialist"),
    CaseEvent.RESCIND: _("Rescind the action"),
    CaseEvent.CURE: _("Lift the action because it is put right"),
    CaseEvent.EXPIRES: _("The action comes to its end"),
    CaseEvent.MONITORING_ENDS: _("The time of the conditions ends"),
    CaseEvent.BREACH: _("Re-open because a condition is broken"),
    CaseEvent.APPEAL_WINDOW_ENDS: _("The time to appeal ends"),
    CaseEvent.CAUSE_ENDS: _("What it rested on ends"),
    CaseEvent.RETENTION_ENDS: _("The time to keep the texts ends"),
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
    Role.DELEGATE: _("Delegate"),
    Role.SPECIALIST: _("Specialist"),
    Role.SENIOR_SPECIALIST: _("Senior specialist"),
    Role.POLICY_MANAGER: _("Policy manager"),
    Role.AUDITOR: _("Auditor"),
    Role.INTEGRATION: _("A program"),
    Role.AUTOMATION: _("The system"),
}
RIGHT: Labels = {
    Right.READ: _("Read cases, notices and account health"),
    Right.DRAFT: _("Write drafts for the holder to send"),
    Right.APPEAL: _("Send and withdraw appeals"),
    Right.ANSWER: _("Answer our questions"),
    Right.SOLVE: _("Solve issues with us: plans, calls, commitments"),
    Right.COPIES: _("Get copies of our letters by e-mail"),
}
DELEGATION_END: Labels = {
    DelegationEnd.WITHDRAWN: _("withdrawn"),
    DelegationEnd.GIVEN_UP: _("given up by the delegate"),
    DelegationEnd.DECLINED: _("declined"),
    DelegationEnd.EXPIRED: _("run out"),
    DelegationEnd.LAPSED: _("not accepted in time"),
    DelegationEnd.ERASED: _("erased"),
}
ROUTE: Labels = {Route.PLAN: _("Plan of action"), Route.DISPUTE: _("Dispute")}
PART: Labels = {
    "root_cause": _("What caused it"),
    "corrective": _("What you have already done"),
    "preventive": _("What keeps it from happening again"),
    "grounds": _("Why the decision is wrong"),
    "answer": _("Your answer"),
    "measure": _("Measure"),
    "due": _("In place by"),
    "text": _("Your message"),
    "said": _("A word about them"),
    "": _("Evidence"),
}
THEIR_PART: Labels = {**PART, "corrective": _("What the holder has already done"), "answer": _("The holder's answer")}
"""The same parts as staff read them."""

DRAFT: Labels = {
    DraftForm.PLAN: _("Plan of action"),
    DraftForm.DISPUTE: _("Dispute"),
    DraftForm.INFORMATION: _("Answer to our question"),
    DraftForm.SOLVING: _("Plan to solve it"),
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
    NoticeKind.ENROLLED: _("You are in the assurance programme"),
    NoticeKind.CONTACT_NEEDED: _("An emergency contact is missing"),
    NoticeKind.MEMBERSHIP_ENDED: _("Your membership in the assurance programme has ended"),
    NoticeKind.WINDOW_OPENED: _("Time to solve an issue"),
    NoticeKind.CALL_MISSED: _("We could not reach you"),
    NoticeKind.SETTLED: _("This is settled"),
    NoticeKind.REOPENED: _("Your case is open again"),
    NoticeKind.ERASURE_ANSWERED: _("Answer to your request for erasure"),
    NoticeKind.CURED: _("This is put right"),
    NoticeKind.EXPIRED: _("The decision has ended"),
    NoticeKind.POSTPONED: _("Not in effect for now"),
    NoticeKind.ASKED_AFTER: _("Answer to your question where your appeal stands"),
    NoticeKind.MONITORING_ENDED: _("All conditions are met"),
    NoticeKind.MONEY_HELD: _("Money held"),
    NoticeKind.MONEY_RELEASED: _("Money free again"),
    NoticeKind.MAIL_FILED: _("Receipt of your e-mail"),
    NoticeKind.MAIL_HELD: _("Your e-mail waits"),
    NoticeKind.MESSAGES: _("Message"),
    NoticeKind.FILES_REFUSED: _("Files we could not take"),
    NoticeKind.FILE_QUARANTINED: _("A file of yours is harmful"),
    NoticeKind.ENTRY_CODE: _("Code to come in"),
    NoticeKind.DELEGATION: _("About a delegate"),
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
OPENED: Labels = {
    Opened.FACTS: _("Facts, appeal and rating"),
    Opened.NOTICE: _("Notice:"),
    Opened.EVIDENCE: _("Evidence:"),
    Opened.EARLIER_APPEAL: _("Earlier appeal:"),
}
AUTOMATION_DEGREE: Labels = {
    Automation.FULLY: _("All of it"),
    Automation.PARTIALLY: _("Found by a machine, decided by a person"),
    Automation.NOT: _("Nothing"),
}
MAIL_VERDICT: Labels = {
    MailVerdict.ACCEPTED: _("taken"),
    MailVerdict.HELD: _("held"),
    MailVerdict.IGNORED: _("by a machine"),
    MailVerdict.REJECTED: _("refused"),
}
MAIL_CAUSE: Labels = {
    MailCause.NONE: _("nothing, it is proved"),
    MailCause.BOUNCE: _("a server tells that a letter did not arrive"),
    MailCause.AUTOMATIC: _("an automatic reply"),
    MailCause.BULK: _("sent to many at once"),
    MailCause.NO_TOKEN: _("not sent to the address of a letter"),
    MailCause.EXPIRED_TOKEN: _("the time to answer that letter is over"),
    MailCause.OTHER_CASE: _("sent to the addresses of several cases"),
    MailCause.OTHER_SENDER: _("not from the registered address"),
    MailCause.UNPROVED: _("neither DKIM nor SPF proves the sender"),
    MailCause.REPLAYED: _("the same signature came before with another mail"),
    MailCause.TOO_MANY: _("too many mails within a day"),
    MailCause.EMPTY: _("no words of its own, and no file"),
}
SCAN: Labels = {
    ScanState.CLEAN: _("scanned, clean"),
    ScanState.FOUND: _("harmful, closed"),
    ScanState.WAITING: _("waits for the virus scanner"),
    ScanState.TOO_LARGE: _("larger than the virus scanner takes"),
    "": _("not scanned"),
}
FILE_NOTE: Labels = {
    FileNote.PLACE: _("The camera wrote where the picture was taken. Compare it with what is claimed; the holder may not know that it is there."),
    FileNote.EDITED: _("The file was last written by a program that edits pictures or documents."),
    FileNote.FORMULAS: _("Some cells begin like formulas. Shown here they are text; a spreadsheet program might run them."),
    FileNote.INVOICE_DATA: _("The same invoice is in it once more as data for machines (XML). The page and the data may differ."),
    FileNote.CUT: _("The text goes on; here it is cut off. The original has all of it."),
}
FILE_FACT: Labels = {
    "pixels": _("Pixels"),
    "camera": _("Camera"),
    "taken": _("Taken (by the camera's clock)"),
    "made": _("Made"),
    "changed": _("Last changed"),
    "software": _("Program"),
    "producer": _("Written as PDF by"),
    "author": _("Author"),
    "title": _("Title"),
    "place": _("Place (degrees north, east)"),
    "pages": _("Pages"),
    "from": _("From"),
    "to": _("To"),
    "sent": _("Sent"),
    "subject": _("Subject"),
}
RELATION: Labels = {
    "strong": _("Strong"),
    "related": _("Related"),
    "weak": _("Weak"),
    RelationVerdict.CONFIRMED: _("Confirmed"),
    RelationVerdict.DENIED: _("Denied"),
}
AGAINST: Labels = {
    Against.BELOW_THRESHOLD: _("Together it is too little to count as related."),
    Against.ONE_PIECE: _("One single piece of evidence carries it."),
    Against.SHARED_BY_MANY: _("Everything they share is shared by many others too."),
    Against.HOUSEHOLD_ONLY: _("A home or an office shares all of it by nature."),
    Against.NEVER_AT_ONCE: _("They never used it at the same time: one stopped before the other began."),
    "home": _("a shared home explains it"),
    "provider": _("a service provider explains it"),
    "handed_over": _("one stopped using it before the other began"),
}
RELEASE: Labels = {
    ReleaseCause.RELATION_DENIED: _("A person denied the relation that the action rests on."),
    ReleaseCause.RELATION_ENDED: _("The account it was related to is no longer under enforcement."),
}
CONFIDENCE: Labels = {
    Confidence.HIGH: _("very sure"),
    Confidence.MEDIUM: _("fairly sure"),
    Confidence.LOW: _("less sure"),
}
TICK: Labels = {
    TickState.DONE: _("done"),
    TickState.OPEN: pgettext_lazy("a task", "open"),
    TickState.UNKNOWN: _("for you to show"),
}
THEIR_TICK: Labels = {**TICK, TickState.UNKNOWN: _("for the holder to show")}
"""The same as staff read it."""

CRITERION: Labels = {
    Criterion.MARKETPLACE: _("Store"),
    Criterion.PLAN: _("Selling plan"),
    Criterion.RATING: _("Rating"),
    Criterion.CONTACT: _("Emergency contact"),
}
CRITERION_STATE: Labels = {
    CriterionState.MET: _("met"),
    CriterionState.NOT_MET: _("not met"),
    CriterionState.UNKNOWN: _("not known yet"),
}
ENDED: Labels = {**CRITERION, "harm": _("a decision about fraud or harm"), "closed": _("the account was closed")}
CALL_OUTCOME: Labels = {
    CallOutcome.REACHED: _("We spoke with the holder"),
    CallOutcome.NO_ANSWER: _("No answer"),
    CallOutcome.VOICEMAIL: _("Voicemail"),
    CallOutcome.WRONG_NUMBER: _("Wrong number"),
    CallOutcome.REFUSED: _("The holder did not want to talk"),
}
WINDOW: Labels = {
    WindowOutcome.SETTLED: _("Settled"),
    WindowOutcome.UNSOLVED: _("Not solved in time"),
    WindowOutcome.EXCLUDED: _("Ended because of fraud or harm"),
    WindowOutcome.DISMISSED: _("Taken back"),
}
COMMITMENT: Labels = {
    CommitmentState.OPEN: _("open"),
    CommitmentState.KEPT: _("kept"),
    CommitmentState.OVERDUE: _("overdue"),
    CommitmentState.BROKEN: _("not kept"),
}
EXCEPTION: Labels = {
    NoticeException.LEGAL_OBLIGATION: _("A law or an order obliges us to close it at once"),
    NoticeException.IMPERATIVE_REASON: _("An imperative reason of national law holds"),
    NoticeException.REPEATED_INFRINGEMENT: _("The terms were infringed repeatedly, and that was upheld"),
}
AUDIT: Labels = {
    AuditKind.SIGNED_IN: _("Signed in"),
    AuditKind.SIGN_IN_FAILED: _("Sign-in failed"),
    AuditKind.CODE_FAILED: _("Second factor failed"),
    AuditKind.LOCKED_OUT: _("Locked out"),
    AuditKind.SIGN_ON_REFUSED: _("Single sign-on refused"),
    AuditKind.SIGNED_OUT: _("Signed out"),
    AuditKind.SESSION_ENDED: _("Session ended"),
    AuditKind.FACTOR_ADDED: _("Second factor added"),
    AuditKind.FACTOR_REMOVED: _("Second factor taken away"),
    AuditKind.RECOVERY_CODES_MADE: _("New recovery codes"),
    AuditKind.PASSWORD_CHANGED: _("Password changed"),
    AuditKind.PASSWORD_RESET: _("New password set by the link in a mail"),
    AuditKind.USER_MADE: _("User made"),
    AuditKind.USER_CHANGED: _("User changed"),
}
MEANS: Labels = {
    "password": _("password"),
    "totp": _("authenticator app"),
    "webauthn": _("passkey"),
    "recovery_codes": _("recovery code"),
    "single_sign_on": _("single sign-on"),
    "demo": _("one click of the demonstration"),
}
USER_FIELD: Labels = {
    "name": _("name"),
    "email": _("e-mail"),
    "role": _("role"),
    "languages": _("languages"),
    "skills": _("skills"),
    "manages_staff": _("manages the staff"),
    "is_active": _("is active"),
    "factors": _("second factors"),
    "because": _("because"),
}
SIGN_ON: Labels = {
    "no_group": _("no group has a role here"),
    "not_open": _("a holder, switched off by a person, or an address that is not vouched for"),
    "broken_off": _("broken off on the way"),
}
SCOPE: Labels = {
    Scope.STANDING_READ: _("how an account stands, and what it may do"),
    Scope.CASES_READ: _("cases and what was decided, without anything that anybody wrote"),
    Scope.NOTICES_READ: _("the letters of cases, without the link that lets their holder in"),
    Scope.FACTS_WRITE: _("send facts"),
    Scope.APPEALS_READ: _("on behalf of a holder: cases whole, with facts, diagnosis, appeals and messages"),
    Scope.APPEALS_WRITE: _("on behalf of a holder: check and send appeals, give what was asked for, withdraw, write messages"),
    Scope.EVIDENCE_WRITE: _("on behalf of a holder: hand in files"),
}
FINDING: Labels = {"error": _("To mend"), "warning": _("Advice"), "info": _("Hint")}
LANGUAGE: Labels = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}

TABLES: Mapping[str, Labels] = {
    "state": STATE,
    "event": EVENT,
    "severity": SEVERITY,
    "band": BAND,
    "status": STATUS,
    "role": ROLE,
    "right": RIGHT,
    "delegation_end": DELEGATION_END,
    "route": ROUTE,
    "part": PART,
    "their_part": THEIR_PART,
    "draft": DRAFT,
    "verdict": VERDICT,
    "outcome": OUTCOME,
    "notice": NOTICE,
    "owner": OWNER,
    "found": FOUND,
    "approval": APPROVAL,
    "ledger": LEDGER,
    "opened": OPENED,
    "automation": AUTOMATION_DEGREE,
    "mail_verdict": MAIL_VERDICT,
    "mail_cause": MAIL_CAUSE,
    "file_note": FILE_NOTE,
    "scan": SCAN,
    "file_fact": FILE_FACT,
    "relation": RELATION,
    "against": AGAINST,
    "release": RELEASE,
    "confidence": CONFIDENCE,
    "tick": TICK,
    "their_tick": THEIR_TICK,
    "finding": FINDING,
    "audit": AUDIT,
    "means": MEANS,
    "user_field": USER_FIELD,
    "sign_on": SIGN_ON,
    "language": LANGUAGE,
    "criterion": CRITERION,
    "criterion_state": CRITERION_STATE,
    "ended": ENDED,
    "call_outcome": CALL_OUTCOME,
    "window": WINDOW,
    "commitment": COMMITMENT,
    "exception": EXCEPTION,
    "scope": SCOPE,
}
"""Every table by the name that templates ask it with."""


def label(table: str, code: str | StrEnum) -> str:
    """The word for a code; the code itself, readable, where a table has none."""
    return str(TABLES[table].get(code) or str(code).replace("_", " "))
