"""A statement of reasons in the form of the EU's DSA Transparency Database, and what that database refuses (requirement C4).

Source: the database's own rules, schema v2, in force since 2025-07-01. Two kinds of fault are told apart: `refusals` are what the database
itself answers with 422, by field; `losses` are what it takes without a word although its documentation forbids it, or drops. A statement
once taken can be neither changed nor withdrawn there, so an export must have neither.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from goodstanding.core.enforcement.reasons import INCOMPATIBLE, LONGEST_EXPLANATION, LONGEST_FACTS, LONGEST_GROUND
from goodstanding.core.policy.dsa import CONTENT_TYPES, KEYWORDS

MOST_AT_ONCE = 100
"""How many statements one request may hold."""

_TWO_LETTERS = re.compile("[A-Z]{2}")

ILLEGAL = "DECISION_GROUND_ILLEGAL_CONTENT"
KEYWORD_OTHER = "KEYWORD_OTHER"
TERRITORIES = frozenset(_TWO_LETTERS.findall("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"))
"""The countries of the EEA, as the database writes them."""

_LONGEST, _LONGEST_OTHER = 500, 500
_LATEST = date(2038, 1, 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_URL = re.compile(r"https?://[^\s/]+\S*")
_EAN = re.compile(r"[0-9]{13}")
_YES_NO = frozenset({"Yes", "No"})
_LANGUAGES = frozenset(
    _TWO_LETTERS.findall(
        "AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BH BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE DV DZ EE EL EN EO ES ET EU FA "
        "FF FI FJ FO FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA ID IE IG II IK IO IS IT IU JA JV KA KG KI KJ KK KL KM KN KO KR "
        "KS KU KV KW KY LA LB LG LI LN LO LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE NG NL NN NO NR NV NY OC OJ OM OR OS PA PI PL "
        "PS PT QU RM RN RO RU RW SA SC SD SE SG SI SK SL SM SN SO SQ SR SS ST SU SV SW TA TE TG TH TI TK TL TN TO TR TS TT TW TY UG UK UR "
        "UZ VE VI VO WA WO XH YI YO ZA ZH ZU "
    )
)
_VISIBILITIES = frozenset(
    f"DECISION_VISIBILITY_{what}"
    for what in (
        "CONTENT_REMOVED",
        "CONTENT_DISABLED",
        "CONTENT_DEMOTED",
        "CONTENT_AGE_RESTRICTED",
        "CONTENT_INTERACTION_RESTRICTED",
        "CONTENT_LABELLED",
        "OTHER",
    )
)
_MONETARY = frozenset(f"DECISION_MONETARY_{what}" for what in ("SUSPENSION", "TERMINATION", "OTHER"))
_PROVISION = frozenset(f"DECISION_PROVISION_{share}_{what}" for share in ("PARTIAL", "TOTAL") for what in ("SUSPENSION", "TERMINATION"))
_SOURCES = frozenset({"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"})
_AUTOMATED = frozenset(f"AUTOMATED_DECISION_{how}" for how in ("FULLY", "PARTIALLY", "NOT_AUTOMATED"))
_CATEGORIES = frozenset({*KEYWORDS, "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"})
_ALL_KEYWORDS = frozenset(keyword for keywords in KEYWORDS.values() for keyword in keywords) | {"KEYWORD_STALKING"}
"""Stalking is taken, although it belongs to no category."""

DECISIONS: Mapping[str, str] = {
    "decision_visibility": "end_date_visibility_restriction",
    "decision_monetary": "end_date_monetary_restriction",
    "decision_provision": "end_date_service_restriction",
    "decision_account": "end_date_account_restriction",
}
"""The four kinds of restriction, at least one of which a statement has, and the field for the day each ends."""

Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Field:
    """What one field takes. `when`: always needed (True), needed under a condition, or never (None); `applies`: else dropped without a word."""

    values: Collection[str] | None = None
    is_list: bool = False
    longest: int | None = None
    pattern: re.Pattern[str] | None = None
    earliest: date | None = None
    is_day: bool = False
    may_be_null: bool = True
    when: bool | Callable[[Payload], bool] | None = None
    applies: Callable[[Payload], bool] | None = None


def _holds(field: str, value: str) -> Callable[[Payload], bool]:
    """Whether a field is a value, or lists it."""

    def holds(payload: Payload) -> bool:
        there = payload.get(field)
        return there == value or (isinstance(there, list) and value in there)

    return holds


def _undecided(payload: Payload) -> bool:
    return not any(payload.get(field) for field in DECISIONS)


def _text_of(condition: Callable[[Payload], bool], longest: int) -> Field:
    """A text that is needed where something holds, and dropped where not."""
    return Field(longest=longest, when=condition, applies=condition)


_END = Field(is_day=True)
_ILLEGAL, _INCOMPATIBLE = _holds("decision_ground", ILLEGAL), _holds("decision_ground", INCOMPATIBLE)

FIELDS: Mapping[str, Field] = {
    "puid": Field(longest=_LONGEST, pattern=_ID, when=True),
    "decision_visibility": Field(_VISIBILITIES, is_list=True, when=_undecided),
    "decision_visibility_other": _text_of(_holds("decision_visibility", "DECISION_VISIBILITY_OTHER"), _LONGEST_OTHER),
    "end_date_visibility_restriction": _END,
    "decision_monetary": Field(_MONETARY, when=_undecided),
    "decision_monetary_other": _text_of(_holds("decision_monetary", "DECISION_MONETARY_OTHER"), _LONGEST_OTHER),
    "end_date_monetary_restriction": _END,
    "decision_provision": Field(_PROVISION, when=_undecided),
    "end_date_service_restriction": _END,
    "decision_account": Field(frozenset({"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"}), when=_undecided),
    "end_date_account_restriction": _END,
    "account_type": Field(frozenset({"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"})),
    "decision_ground": Field(frozenset({ILLEGAL, INCOMPATIBLE}), when=True),
    "decision_ground_reference_url": Field(longest=_LONGEST, pattern=_URL),
    "illegal_content_legal_ground": _text_of(_ILLEGAL, LONGEST_GROUND),
    "illegal_content_explanation": _text_of(_ILLEGAL, LONGEST_EXPLANATION),
    "incompatible_content_ground": _text_of(_INCOMPATIBLE, LONGEST_GROUND),
    "incompatible_content_explanation": _text_of(_INCOMPATIBLE, LONGEST_EXPLANATION),
    "incompatible_content_illegal": Field(_YES_NO, may_be_null=False, applies=_INCOMPATIBLE),
    "category": Field(_CATEGORIES, when=True),
    "category_addition": Field(_CATEGORIES, is_list=True, may_be_null=False),
    "category_specification": Field(_ALL_KEYWORDS, is_list=True),
    "category_specification_other": Field(longest=_LONGEST_OTHER),
    "content_type": Field(CONTENT_TYPES, is_list=True, when=True),
    "content_type_other": _text_of(_holds("content_type", "CONTENT_TYPE_OTHER"), _LONGEST_OTHER),
    "content_language": Field(_LANGUAGES),
    "content_date": Field(is_day=True, earliest=date(2000, 1, 1), when=True),
    "content_id": Field(),
    "content_id_ean": Field(pattern=_EAN),
    "territorial_scope": Field(TERRITORIES, is_list=True),
    "application_date": Field(is_day=True, earliest=date(2020, 1, 1), when=True),
    "decision_facts": Field(longest=LONGEST_FACTS, when=True),
    "source_type": Field(_SOURCES, when=True),
    "source_identity": Field(longest=_LONGEST, applies=lambda payload: payload.get("source_type") != "SOURCE_VOLUNTARY"),
    "automated_detection": Field(_YES_NO, when=True),
    "automated_decision": Field(_AUTOMATED, when=True),
}


def in_database_form(statement: Mapping[str, object], *, puid: str) -> dict[str, object] | None:
    """A kept statement (`StatementOfReasons` as JSON) as the database takes it; None where nothing is to be told to it.

    That is an action that restricts nothing, as a warning, and one in no country of the EEA. `puid` names the statement for ever; it must be drawn
    by lot and never be used again. What the holder is told of single items stays out: no personal data may go there (DSA art. 24(5)).
    """
    decided = {field: statement[field] for field in ("decision_monetary", "decision_provision", "decision_account") if statement.get(field)}
    places = [place for place in _listed(statement, "territorial_scope") if place in TERRITORIES]
    if not decided or not places:
        return None
    keywords = _listed(statement, "keyword")
    payload: dict[str, object] = {"puid": puid, **decided}
    if statement.get("end_date"):
        payload |= {DECISIONS[field]: statement["end_date"] for field in decided}
    payload |= {name: statement[name] for name in _TAKEN_OVER if statement.get(name)}
    payload |= {"category_specification": keywords, "territorial_scope": places}
    if KEYWORD_OTHER in keywords:
        payload["category_specification_other"] = str(statement["incompatible_content_ground"])[:_LONGEST_OTHER]
    return payload


_TAKEN_OVER = (
    "account_type",
    "decision_ground",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "category",
    "category_addition",
    "content_type",
    "content_type_other",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
)


def refusals(payload: Payload) -> dict[str, str]:
    """By field, why the database refuses a statement; empty where it takes it."""
    trimmed = {name: _trimmed(value) for name, value in payload.items()}
    found = {name: why for name, field in FIELDS.items() if (why := _refusal(field, name, trimmed))}
    ean = _ean_of(trimmed)
    if ean is not None and not _EAN.fullmatch(str(ean)):
        found["content_id.EAN-13"] = "is not 13 digits"
    return found


def losses(payload: Payload) -> list[str]:
    """What the database would take without a word, and lose or publish wrongly; empty where nothing is."""
    return [*_lost(payload), *_published_wrongly(payload)]


def names_found(payload: Payload, names: Collection[str]) -> list[str]:
    """Which names or ids of people, accounts and items stand somewhere in a statement, where none may (DSA art. 24(5))."""
    texts = [str(value) for name, value in payload.items() if name != "puid"]
    return sorted(name for name in names if name and any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for text in texts))


def _refusal(field: Field, name: str, payload: Payload) -> str | None:
    value = payload.get(name)
    if value is None or value == []:
        needed = field.when(payload) if callable(field.when) else bool(field.when)
        if needed:
            return "is missing"
        is_null = name in payload and value is None and not field.may_be_null and (field.applies is None or field.applies(payload))
        return "is null; leave it out" if is_null else None
    if field.applies and not field.applies(payload):
        return None
    if field.is_list:
        return _list_refusal(field, value)
    return _value_refusal(field, value) if name != "content_id" else None


def _list_refusal(field: Field, value: object) -> str | None:
    if not isinstance(value, list | tuple):
        return "is not a list"
    unknown = [str(one) for one in value if one not in (field.values or ())]
    return f"has the unknown value {unknown[0]}" if unknown else None


def _value_refusal(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        return "is not a text"
    if field.values is not None:
        is_known = value in field.values or (value == "null" and field.when is not True and field.may_be_null)
        return None if is_known else f"has the unknown value {value}"
    if field.is_day:
        return _day_refusal(field, value)
    if field.longest and len(value) > field.longest:
        return f"has {len(value)} characters; {field.longest} are the most"
    return "is not of its form" if field.pattern and not field.pattern.fullmatch(value) else None


def _day_refusal(field: Field, value: str) -> str | None:
    day = _day_of(value)
    if day is None:
        return "is no day like 2026-11-23"
    if field.earliest and day < field.earliest:
        return f"is before {field.earliest}"
    return f"is after {_LATEST}; leave out what has no end" if day > _LATEST else None


def _lost(payload: Payload) -> Iterator[str]:
    """What is dropped without an error."""
    for name, value in payload.items():
        field = FIELDS.get(name)
        if field is None:
            yield f"{name} is no field; it would be dropped"
        elif value is not None and field.applies and not field.applies(payload):
            yield f"{name} does not go with the rest; it would be dropped"
        elif value == "null":
            yield f"{name} is the text 'null'"
        elif value != _trimmed(value):
            yield f"{name} begins or ends with a space"
    content_id = payload.get("content_id")
    if isinstance(content_id, Mapping) and set(content_id) - {"EAN-13"}:
        yield "content_id has a key other than EAN-13; it would be dropped"


def _published_wrongly(payload: Payload) -> Iterator[str]:
    """What the documentation forbids and the code lets through; nobody could put it right afterwards."""
    begins = _day_of(payload.get("application_date"))
    for decision, end in DECISIONS.items():
        ends = _day_of(payload.get(end))
        if ends and begins and ends < begins:
            yield f"{end} is before application_date"
        if ends and not payload.get(decision):
            yield f"{end} ends what {decision} does not begin"
    since = _day_of(payload.get("content_date"))
    if since and begins and since > begins:
        yield "content_date is after application_date"
    if not payload.get("territorial_scope"):
        yield "territorial_scope names no country"
    yield from _keyword_faults(payload)
    ean = _ean_of(payload)
    if isinstance(ean, str) and _EAN.fullmatch(ean) and not _is_checked(ean):
        yield "the last digit of the EAN does not go with the others"


def _keyword_faults(payload: Payload) -> Iterator[str]:
    keywords = _listed(payload, "category_specification")
    fitting = {
        keyword for category in (payload.get("category"), *_listed(payload, "category_addition")) for keyword in KEYWORDS.get(str(category), ())
    }
    for keyword in keywords:
        if keyword in _ALL_KEYWORDS and keyword not in fitting:
            yield f"{keyword} belongs to none of the categories"
    if KEYWORD_OTHER in keywords and not payload.get("category_specification_other"):
        yield f"{KEYWORD_OTHER} is not explained in category_specification_other"


def _ean_of(payload: Payload) -> object:
    content_id = payload.get("content_id")
    return content_id.get("EAN-13") if isinstance(content_id, Mapping) else payload.get("content_id_ean")


def _is_checked(ean: str) -> bool:
    """GS1: digits weigh 1 and 3 in turn, and all thirteen together are a multiple of ten."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(ean)) % 10 == 0


def _listed(payload: Payload, name: str) -> list[str]:
    value = payload.get(name)
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def _trimmed(value: object) -> object:
    """As the database reads it: texts without spaces around them, an empty one as none at all."""
    return (value.strip() or None) if isinstance(value, str) else value


def _day_of(value: object) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
