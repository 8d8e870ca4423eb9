"""What a violation says to a reader: the pack's words, the counts, and its items as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from goodstanding.core.enforcement.reasons import say_counts, say_window
from goodstanding.core.notices import rows_csv
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.policy.templates import say_list
from goodstanding.core.terms import Role, Severity
from goodstanding.server.pages.diagnosis import DiagnosisShown, TaskShown, show_diagnosis, show_tasks
from goodstanding.server.pages.moments import say_fact
from goodstanding.server.pages.relations import RelatedShown, show_relations
from goodstanding.server.services.reading import CaseFile, ViolationFile
from goodstanding.server.services.statements import violation_facts
from goodstanding.server.store.models import Violation, ViolationDecision


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The items of a violation: column names in the reader's words and one row per item."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """One violation, ready for a template. Empty texts mean that the pack or the facts say nothing of it."""

    violation: Violation
    name: str
    clause: str
    rule: str
    cure: str
    evidence: tuple[str, ...]
    metric: str
    counts: str
    window: str
    subject: str
    items: tuple[Mapping[str, object], ...]
    table: ItemTable
    hidden: int
    is_contested: bool
    decision: ViolationDecision | None
    diagnosis: DiagnosisShown | None = None
    tasks: tuple[TaskShown, ...] = ()
    relations: tuple[RelatedShown, ...] = ()


def show_case(file: CaseFile, pack: PolicyPack, words: Words) -> list[ReasonShown]:
    """The reasons of a case for its reader, gravest first, each with the newest verdict on it."""
    decisions = (decision for appeal in file.appeals for decision in appeal.decisions.all())
    return show_reasons(file.violations, decisions, pack, words)


def with_relations(shown: Iterable[ReasonShown], words: Words, role: Role) -> list[ReasonShown]:
    """The same reasons with what only staff may read, as the role may: whose the related accounts are and by what."""
    return [replace(reason, relations=show_relations(reason.violation.account_id, reason.items, words, role)) for reason in shown]


def show_reasons(files: Iterable[ViolationFile], decisions: Iterable[ViolationDecision], pack: PolicyPack, words: Words) -> list[ReasonShown]:
    """Violations for a reader, gravest first, each with the newest verdict on it."""
    newest = {decision.violation_id: decision for decision in sorted(decisions, key=lambda decision: decision.decided_at)}
    order = list(Severity)
    ranked = sorted(files, key=lambda one: (order.index(Severity(one.violation.severity)), one.violation.opened, one.violation.pk))
    return [_show(one, newest.get(one.violation.pk), pack, words) for one in ranked]


def _show(file: ViolationFile, decision: ViolationDecision | None, pack: PolicyPack, words: Words) -> ReasonShown:
    violation, told = file.violation, violation_facts(file.violation)
    reason, metric = pack.reasons.get(violation.reason), pack.metrics.get(violation.metric)
    return ReasonShown(
        violation=violation,
        name=reason_name(words, violation.reason),
        clause=reason.clause if reason else "",
        rule=words.clauses.get(violation.reason, ""),
        cure=words.cures.get(violation.reason, ""),
        evidence=tuple(words.evidence.get(key, key) for key in reason.evidence) if reason else (),
        metric=words.metrics.get(violation.metric, violation.metric),
        counts=counts_of(violation, pack, words).replace(" %", "\u00a0%"),  # A percent sign alone on the next line of a phone reads as a mistake.
        window=say_window(words, metric.window.bounds(told.as_of or told.opened)) if metric else "",
        subject=words.term(violation.subject_kind),
        items=file.items,
        table=table_of(file.items, words),
        hidden=file.hidden,
        is_contested=file.is_contested,
        decision=decision,
        diagnosis=show_diagnosis(violation, pack, words),
        tasks=show_tasks(violation, pack, words),
    )


def counts_of(violation: Violation, pack: PolicyPack, words: Words) -> str:
    """The counts of a violation as the notices tell them; empty where it rests on none."""
    metric = pack.metrics.get(violation.metric)
    if metric is None or violation.numerator is None:
        return ""
    return say_counts(metric, violation.numerator, violation.denominator, words)


def reason_name(words: Words, code: str) -> str:
    """The name of a reason; the code, readable, where the pack of today has none."""
    return words.reasons.get(code) or code.replace("_", " ")


def table_of(items: Sequence[Mapping[str, object]], words: Words) -> ItemTable:
    """Items as rows under the columns they have in common, in the order the facts gave them."""
    facts = [_facts_of(item) for item in items]
    keys = [key for key in dict.fromkeys(key for row in facts for key in row) if any(row.get(key) for row in facts)]
    head = (words.term("id"), *(words.term(key) for key in keys))
    rows = ((str(item["id"]), *(_value(row.get(key, ""), words) for key in keys)) for item, row in zip(items, facts, strict=True))
    return ItemTable(head, tuple(rows))


def reasons_csv(shown: Sequence[ReasonShown], words: Words) -> str:
    """Every item of every reason as one CSV for a spreadsheet; values as the facts have them."""
    keys = list(dict.fromkeys(key for reason in shown for item in reason.items for key in _facts_of(item)))
    rows = [(words.term("reason"), words.term("kind"), words.term("id"), *(words.term(key) for key in keys))]
    for reason in shown:
        for item in reason.items:
            facts = _facts_of(item)
            rows.append((reason.name, words.term(str(item.get("kind", ""))), str(item["id"]), *(str(facts.get(key) or "") for key in keys)))
    return rows_csv(rows)


def items_csv_rows(items: Sequence[Mapping[str, object]], words: Words) -> list[tuple[str, ...]]:
    """Items as rows for a file, under one header; values as the facts have them."""
    keys = list(dict.fromkeys(key for item in items for key in _facts_of(item)))
    head = (words.term("kind"), words.term("id"), *(words.term(key) for key in keys))
    return [
        head,
        *((words.term(str(item.get("kind", ""))), str(item["id"]), *(str(_facts_of(item).get(key) or "") for key in keys)) for item in items),
    ]


def _facts_of(item: Mapping[str, object]) -> Mapping[str, object]:
    facts = item.get("facts")
    return facts if isinstance(facts, dict) else {}


def _value(value: object, words: Words) -> str:
    text = "" if value is None else str(value)
    parts = text.split(", ")
    if all(part in words.terms for part in parts):
        return say_list(words, (words.terms[part] for part in parts))
    return say_fact(text)
