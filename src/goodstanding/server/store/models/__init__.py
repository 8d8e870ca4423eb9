"""One file per noun. Rules live in `goodstanding.core`, writes in `goodstanding.server.services`."""

from goodstanding.server.store.models.accounts import Account, ReopeningRequest
from goodstanding.server.store.models.actions import EnforcementAction
from goodstanding.server.store.models.appeals import Appeal, FirstDecision, InformationRequest, ViolationDecision
from goodstanding.server.store.models.assessments import Assessment, MetricReading, RatingReading
from goodstanding.server.store.models.assurance import ContactAttempt, Enrollment, SolveWindow
from goodstanding.server.store.models.audit import AuditEntry
from goodstanding.server.store.models.cache import CacheEntry
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.codes import EntryCode
from goodstanding.server.store.models.commitments import Commitment
from goodstanding.server.store.models.conversation import CaseMessage
from goodstanding.server.store.models.deadlines import Deadline
from goodstanding.server.store.models.delegations import Delegate, Delegation
from goodstanding.server.store.models.diagnoses import DiagnosisRecord
from goodstanding.server.store.models.drafts import Draft
from goodstanding.server.store.models.evidence import Evidence, FileScan
from goodstanding.server.store.models.fact_batches import FactBatch
from goodstanding.server.store.models.judgements import Judgement
from goodstanding.server.store.models.keys import ApiKey, KeySecret, QuotaUse, SubmissionKey
from goodstanding.server.store.models.ledger import LedgerBody, LedgerEntry, LedgerHead
from goodstanding.server.store.models.limits import Limit
from goodstanding.server.store.models.links import AccessLink
from goodstanding.server.store.models.mails import IncomingMail
from goodstanding.server.store.models.metric_items import MetricItems
from goodstanding.server.store.models.notes import CaseNote
from goodstanding.server.store.models.notices import Notice
from goodstanding.server.store.models.openings import Opening, Viewing
from goodstanding.server.store.models.outbox import OutboxMessage
from goodstanding.server.store.models.outlooks import Outlook
from goodstanding.server.store.models.policies import PackInForce, PackVersion, PolicyTrial
from goodstanding.server.store.models.quality import BlindReview
from goodstanding.server.store.models.relations import Relation, StruckAccount
from goodstanding.server.store.models.releases import ReleaseOutcome, ReleaseProposal
from goodstanding.server.store.models.retention import Erasure, ErasureRequest
from goodstanding.server.store.models.runs import JobRun
from goodstanding.server.store.models.users import User
from goodstanding.server.store.models.violations import Violation
from goodstanding.server.store.models.webhooks import WebhookEndpoint

__all__ = [
    "AccessLink",
    "Account",
    "ApiKey",
    "Appeal",
    "Assessment",
    "AuditEntry",
    "BlindReview",
    "CacheEntry",
    "Case",
    "CaseMessage",
    "CaseNote",
    "Commitment",
    "ContactAttempt",
    "Deadline",
    "Delegate",
    "Delegation",
    "DiagnosisRecord",
    "Draft",
    "EnforcementAction",
    "Enrollment",
    "EntryCode",
    "Erasure",
    "ErasureRequest",
    "Evidence",
    "FactBatch",
    "FileScan",
    "FirstDecision",
    "IncomingMail",
    "InformationRequest",
    "JobRun",
    "Judgement",
    "KeySecret",
    "LedgerBody",
    "LedgerEntry",
    "LedgerHead",
    "Limit",
    "MetricItems",
    "MetricReading",
    "Notice",
    "Opening",
    "OutboxMessage",
    "Outlook",
    "PackInForce",
    "PackVersion",
    "PolicyTrial",
    "QuotaUse",
    "RatingReading",
    "Relation",
    "ReleaseOutcome",
    "ReleaseProposal",
    "ReopeningRequest",
    "SolveWindow",
    "StruckAccount",
    "SubmissionKey",
    "User",
    "Viewing",
    "Violation",
    "ViolationDecision",
    "WebhookEndpoint",
]
