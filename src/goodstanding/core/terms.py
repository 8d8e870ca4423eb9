"""Every enumeration of the field, once. The values are the words used in packs, files, JSON and the database."""

from enum import StrEnum


class HolderKind(StrEnum):
    """Who holds an account."""

    SELLER = "seller"
    BUYER = "buyer"


class AccountStatus(StrEnum):
    """The one-word standing of an account, as a marketplace's own systems see it (requirement A2)."""

    NORMAL = "normal"
    AT_RISK = "at_risk"
    RESTRICTED = "restricted"
    DEACTIVATED = "deactivated"
    CLOSED = "closed"


class Act(StrEnum):
    """What a holder may or may not do; a limit forbids exactly one of these (requirement A2)."""

    SIGN_IN = "sign_in"
    SEE_ORDERS = "see_orders"
    SELL = "sell"
    BUY = "buy"
    LIST = "list"
    WITHDRAW = "withdraw"
    USE_BENEFITS = "use_benefits"
    APPEAL = "appeal"


class Severity(StrEnum):
    """How grave a violation is; the pack gives each its points."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Band(StrEnum):
    """A range of the 0-1000 rating; the pack gives the bounds."""

    HEALTHY = "healthy"
    AT_RISK = "at_risk"
    UNHEALTHY = "unhealthy"


class ActionKind(StrEnum):
    """What the marketplace does to an account, mildest first."""

    WARN = "warn"
    HOLD = "hold"
    RESTRICT = "restrict"
    DEACTIVATE = "deactivate"
    CLOSE = "close"


class Approval(StrEnum):
    """Who has to agree before a proposed action takes effect."""

    NONE = "none"
    PERSON = "person"
    SENIOR = "senior"


class OwnerKind(StrEnum):
    """Who set a limit. Order matters: a later one is never lifted or weakened by an earlier one (requirement A7)."""

    AUTOMATION = "automation"
    POLICY = "policy"
    PERSON = "person"


class FoundBy(StrEnum):
    """How facts reveal a violation of a reason."""

    METRIC = "metric"
    COMPLAINT = "complaint"
    INFORMATION = "information"
    SIGN_IN = "sign_in"
    BEHAVIOUR = "behaviour"
    RELATION = "relation"
    PERSON = "person"


class MetricRule(StrEnum):
    """The countings of `facts.md` section 2; a pack's metric names one of them and adds window, lag and target."""

    ORDER_DEFECT_RATE = "order_defect_rate"
    NEGATIVE_FEEDBACK_RATE = "negative_feedback_rate"
    CANCELLATION_RATE = "pre_fulfillment_cancellation_rate"
    LATE_SHIPMENT_RATE = "late_shipment_rate"
    OVERDUE_UNSHIPPED = "overdue_unshipped"
    VALID_TRACKING_RATE = "valid_tracking_rate"
    ON_TIME_DELIVERY_RATE = "on_time_delivery_rate"
    RETURN_RATE = "return_rate"
    BUYER_CANCELLATION_RATE = "buyer_cancellation_rate"
    COMPLAINED_OF_RATE = "complained_of_rate"
    LATE_RESPONSE_RATE = "late_response_rate"


class BehaviourRule(StrEnum):
    """What an account does that can be out of line with its own past, with its orders, or with the size of the earth."""

    MESSAGES_TO_BUYERS = "messages_to_buyers"
    LISTING_CHANGES = "listing_changes"
    ORDERS_RECEIVED = "orders_received"
    COMPLAINTS_RECEIVED = "complaints_received"
    PURCHASES = "purchases"
    UNITS_BOUGHT = "units_bought"
    AMOUNT_SPENT = "amount_spent"
    PURCHASES_ABROAD = "purchases_abroad"
    MESSAGES_PER_ORDER = "messages_per_order"
    OFF_TOPIC_MESSAGES = "off_topic_messages"
    IMPOSSIBLE_TRAVEL = "impossible_travel"


class Weight(StrEnum):
    """How far a reason may be settled without much ado (requirement H3); the pack says which is which."""

    MILD = "mild"
    ORDINARY = "ordinary"
    SEVERE = "severe"


class WarningCode(StrEnum):
    """What an early warning tells, before a threshold is crossed (requirement I3)."""

    WILL_BREACH = "will_breach"
    LITTLE_HEADROOM = "little_headroom"
    BAND_FALLS = "band_falls"


class TaskCode(StrEnum):
    """One entry of the list that a holder goes through regularly (requirement I3)."""

    OVERDUE_ORDERS = "overdue_orders"
    ORDERS_DUE = "orders_due"
    UNANSWERED_MESSAGES = "unanswered_messages"
    INFORMATION_INCOMPLETE = "information_incomplete"
    OPEN_COMPLAINTS = "open_complaints"
    DEFECTIVE_PRODUCTS = "defective_products"


class LateBy(StrEnum):
    """Whether an order is late by calendar day or to the second."""

    DAY = "day"
    TIMESTAMP = "timestamp"


class Doubt(StrEnum):
    """What speaks against taking a shared identifier for one hand: the innocent explanation of it."""

    HOME = "home"
    PROVIDER = "provider"
    HANDED_OVER = "handed_over"


class UseOrder(StrEnum):
    """When two accounts used one identifier: at the same time, or one only after the other had stopped."""

    TOGETHER = "together"
    A_FIRST = "a_first"
    B_FIRST = "b_first"


class IdentifierKind(StrEnum):
    """What two accounts can share. A profile (name and address that are nearly equal) is found, never told as a fact."""

    IP = "ip"
    MAC = "mac"
    DEVICE = "device"
    WIFI = "wifi"
    PAYMENT_INSTRUMENT = "payment_instrument"
    BANK_ACCOUNT = "bank_account"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    TAX_ID = "tax_id"
    COMPANY_NUMBER = "company_number"
    DOCUMENT = "document"
    PROFILE = "profile"


class RelationVerdict(StrEnum):
    """What a person holds of the relation of two accounts: it counts, or it does not (`facts.md` section 5)."""

    CONFIRMED = "confirmed"
    DENIED = "denied"


class RelationGround(StrEnum):
    """Why two accounts share what they share, as a person sees it."""

    SAME_OWNER = "same_owner"
    SOLD_BUSINESS = "sold_business"
    FAMILY = "family"
    FORMER_EMPLOYEE = "former_employee"
    SERVICE_PROVIDER = "service_provider"
    MISTAKEN_IDENTITY = "mistaken_identity"


class ReleaseCause(StrEnum):
    """Why an account that was limited only for a relation is to be free again (requirement I1)."""

    RELATION_DENIED = "relation_denied"
    RELATION_ENDED = "relation_ended"


class Role(StrEnum):
    """Who acts (requirement K5). AUTOMATION is the system itself."""

    HOLDER = "holder"
    DELEGATE = "delegate"
    SPECIALIST = "specialist"
    SENIOR_SPECIALIST = "senior_specialist"
    POLICY_MANAGER = "policy_manager"
    AUDITOR = "auditor"
    INTEGRATION = "integration"
    AUTOMATION = "automation"


class Right(StrEnum):
    """What a delegate may do for an account (requirement A1). READ is part of every delegation."""

    READ = "read"
    DRAFT = "draft"
    APPEAL = "appeal"
    ANSWER = "answer"
    SOLVE = "solve"
    COPIES = "copies"


class DelegationEnd(StrEnum):
    """Why a delegation is over."""

    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"
    DECLINED = "declined"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    ERASED = "erased"


class Route(StrEnum):
    """The two ways to appeal, never mixed: it happened and is mended, or it did not happen (requirement F0)."""

    PLAN = "plan"
    DISPUTE = "dispute"


class DraftForm(StrEnum):
    """The forms of a case whose text is kept while it is written: the two routes of an appeal, answers to a reviewer, the plan of a solve window."""

    PLAN = "plan"
    DISPUTE = "dispute"
    INFORMATION = "information"
    SOLVING = "solving"


class Clock(StrEnum):
    """The clocks of a case. A pack's deadline of the same name gives the span.

    But TAKES_EFFECT and ACTION_END run to a date of the action, and CALL_DUE to the hours of the assurance programme; of this one several
    may run at once.
    """

    SOLVE_WINDOW = "solve_window"
    CALL_DUE = "call_due"
    TAKES_EFFECT = "takes_effect"
    ACTION_END = "action_end"
    APPEAL_WINDOW = "appeal_window"
    REVIEW_DUE = "review_due"
    FOLLOW_UP = "follow_up"
    REVIEW_LEASE = "review_lease"
    INFORMATION_DUE = "information_due"
    MONITORING = "monitoring"
    RETENTION = "retention"


class NoticeException(StrEnum):
    """Why a closing may take effect without the time of notice that the law gives (P2B art. 4(4))."""

    LEGAL_OBLIGATION = "legal_obligation"
    IMPERATIVE_REASON = "imperative_reason"
    REPEATED_INFRINGEMENT = "repeated_infringement"


class ClosedBy(StrEnum):
    """Who closed an account: reopening is a request to one, an appeal to the other (requirement A4)."""

    HOLDER = "holder"
    PLATFORM = "platform"


class Opened(StrEnum):
    """What a reviewer can open of a case before deciding."""

    FACTS = "facts"
    NOTICE = "notice"
    EVIDENCE = "evidence"
    EARLIER_APPEAL = "earlier_appeal"


class Automation(StrEnum):
    """How much of an action was decided by a machine, as the DSA database tells it."""

    FULLY = "fully"
    PARTIALLY = "partially"
    NOT = "not"


class DecisionOutcome(StrEnum):
    """What a reviewer decides of one violation (requirement H6)."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealOutcome(StrEnum):
    """What a whole appeal came to; four values because the EU's report asks for four (regulation.md, 0.6)."""

    UPHELD = "upheld"
    PARTIALLY_REVERSED = "partially_reversed"
    REVERSED = "reversed"
    OMITTED = "omitted"


class NoticeKind(StrEnum):
    """The letters a holder may get."""

    ACTION = "action"
    ACKNOWLEDGEMENT = "acknowledgement"
    INFORMATION_ASKED = "information_asked"
    UPHELD = "upheld"
    REINSTATED = "reinstated"
    ENROLLED = "enrolled"
    CONTACT_NEEDED = "contact_needed"
    MEMBERSHIP_ENDED = "membership_ended"
    WINDOW_OPENED = "window_opened"
    CALL_MISSED = "call_missed"
    SETTLED = "settled"
    REOPENED = "reopened"
    ERASURE_ANSWERED = "erasure_answered"
    CURED = "cured"
    EXPIRED = "expired"
    POSTPONED = "postponed"
    ASKED_AFTER = "asked_after"
    MONITORING_ENDED = "monitoring_ended"
    MONEY_HELD = "money_held"
    MONEY_RELEASED = "money_released"
    MAIL_FILED = "mail_filed"
    MAIL_HELD = "mail_held"
    FILES_REFUSED = "files_refused"
    FILE_QUARANTINED = "file_quarantined"
    ENTRY_CODE = "entry_code"
    DELEGATION = "delegation"
    MESSAGES = "messages"


class MailVerdict(StrEnum):
    """What becomes of a mail that comes in. A person makes ACCEPTED or REJECTED of one that is HELD; REFUSED ones are not kept."""

    ACCEPTED = "accepted"
    HELD = "held"
    IGNORED = "ignored"
    REFUSED = "refused"
    REJECTED = "rejected"


class MailCause(StrEnum):
    """Why a mail is not simply accepted."""

    NONE = "none"
    TOO_LARGE = "too_large"
    SENDERS = "senders"
    UNREADABLE = "unreadable"
    NO_CASE = "no_case"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    BULK = "bulk"
    NO_TOKEN = "no_token"  # noqa: S105 - no password
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - no password
    OTHER_CASE = "other_case"
    OTHER_SENDER = "other_sender"
    UNPROVED = "unproved"
    REPLAYED = "replayed"
    TOO_MANY = "too_many"
    EMPTY = "empty"


class Criterion(StrEnum):
    """What the assurance programme asks of an account (requirement J1)."""

    MARKETPLACE = "marketplace"
    PLAN = "plan"
    RATING = "rating"
    CONTACT = "contact"


class CriterionState(StrEnum):
    """Whether a criterion is met; UNKNOWN where facts do not reach back far enough or say nothing."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class CallWish(StrEnum):
    """Why a call is due: the pack's schedule says so, or the holder asked for it."""

    SCHEDULE = "schedule"
    HOLDER = "holder"


class CallOutcome(StrEnum):
    """How a call to a holder went, in the word of the person who made it."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"


class WindowOutcome(StrEnum):
    """What a solve window came to."""

    SETTLED = "settled"
    UNSOLVED = "unsolved"
    EXCLUDED = "excluded"
    DISMISSED = "dismissed"


class CommitmentState(StrEnum):
    """How a dated preventive measure stands."""

    OPEN = "open"
    KEPT = "kept"
    OVERDUE = "overdue"
    BROKEN = "broken"


class RecordKind(StrEnum):
    """Kinds of stored records that are kept for different times after an account is closed (requirement A3)."""

    IDENTITY = "identity"
    CONTACT = "contact"
    STANDING = "standing"
    CASES = "cases"
    EVIDENCE = "evidence"


class ClockStart(StrEnum):
    """What starts the clock of a kind of record."""

    CLOSURE = "closure"
    END_OF_YEAR = "end_of_year"


class FollowUpState(StrEnum):
    """How a reply that was sent stands: waited for, to be asked after, or answered."""

    WAITING = "waiting"
    ASK_NOW = "ask_now"
    ANSWERED = "answered"


class DoubtKind(StrEnum):
    """What is doubtful in a report: it contradicts itself, is spelled otherwise than documented, lacks something, or needs a word of explanation."""

    CONTRADICTION = "contradiction"
    SPELLING = "spelling"
    MISSING = "missing"
    NOTE = "note"


class FindingSeverity(StrEnum):
    """How grave a finding about a pack, a fact row or a plan is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Language(StrEnum):
    """The languages a reference pack speaks; packs may add more under their BCP 47 names."""

    EN = "en"
    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
