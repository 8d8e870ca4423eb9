"""A first draft of a plan or a dispute: the facts' own numbers and days, and a marked gap for everything only the writer knows (requirement F4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from goodstanding.core.appeals.checks.context import FactSummary
from goodstanding.core.appeals.diagnosis.model import Diagnosis
from goodstanding.core.appeals.diagnosis.sentences import say_cause, say_facts, say_surface
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack, Reason, Words
from goodstanding.core.policy.templates import say_date
from goodstanding.core.terms import Route

MOST_CAUSES = 2
"""Causes of a diagnosis that a draft takes up; more is for the writer to choose."""

SHOWN_BY = {
    "refund_affected_buyers": "refunded",
    "ship_overdue_orders": "shipped",
    "answer_open_claims": "resolved",
    "add_tracking": "tracked",
}
"""Tasks whose state facts count, and the count."""


@dataclass(frozen=True, slots=True)
class DraftOf:
    """What a draft rests on. `diagnosis`, `facts` None: nothing is known, so there are more gaps.

    `known`: reason code -> its counts as the notice gave them. `documents`: names of evidence that is asked for.
    """

    route: Route
    reasons: tuple[str, ...]
    products: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    facts: FactSummary | None = None
    known: Mapping[str, str] = field(default_factory=dict)


def draft(pack: PolicyPack, language: str, basis: DraftOf) -> str:
    """A draft as Markdown in the nearest language of the pack. Raises UnusableInput for a pack without drafts or without any of the reasons."""
    writer = _writer(pack, language, basis)
    lines = writer.dispute() if basis.route is Route.DISPUTE else writer.plan()
    return "\n".join(lines).strip() + "\n"


def draft_parts(pack: PolicyPack, language: str, basis: DraftOf) -> dict[str, str]:
    """The same draft, part by part, for a form that has a field for each. Raises UnusableInput like `draft`."""
    writer = _writer(pack, language, basis)
    parts = writer.parts()
    return {name: "\n".join(f"- {point}" for point in points) for name, points in parts.items()}


def _writer(pack: PolicyPack, language: str, basis: DraftOf) -> "_Writer":
    words = pack.words_for(language)
    if words.checks is None or not words.checks.drafts:
        raise UnusableInput(f"{pack.name} has no words for drafts; write standard_words = true in its main file to take over the shipped ones")
    reasons = [pack.reasons[code] for code in dict.fromkeys(basis.reasons) if code in pack.reasons]
    if not reasons:
        raise UnusableInput(f"{pack.name} knows none of the reasons {', '.join(basis.reasons) or '(none given)'}; name one with --reason")
    return _Writer(pack, words, words.checks.drafts, reasons, basis)


def usual_route(pack: PolicyPack, reasons: Sequence[str]) -> Route:
    """The plan, where any reason is open to one; else the dispute."""
    known = [pack.reasons[code] for code in reasons if code in pack.reasons]
    return Route.PLAN if not known or any(Route.PLAN in reason.routes for reason in known) else Route.DISPUTE


@dataclass(frozen=True, slots=True)
class _Writer:
    pack: PolicyPack
    words: Words
    said: Mapping[str, str]
    reasons: list[Reason]
    basis: DraftOf

    def parts(self) -> dict[str, list[str]]:
        """The points of each part of the route."""
        if self.basis.route is Route.DISPUTE:
            return {"grounds": list(self._grounds())}
        tasks = dict.fromkeys(task for reason in self.reasons for task in reason.tasks)
        measures = dict.fromkeys(one for reason in self.reasons for one in reason.prevention)
        prevention = [f"{self.words.prevention[one]}{self.said['colon']}{self.said['gap_who']}" for one in measures]
        return {
            "root_cause": list(self._causes()),
            "corrective": [self._task(task) for task in tasks] or [self.said["gap_done"]],
            "preventive": prevention or [self.said["gap_who"]],
        }

    def plan(self) -> Iterator[str]:
        """The three parts, then what to attach."""
        yield from self._title("plan_title")
        for name, points in self.parts().items():
            yield from self._part(name, points)
        yield from self._attachments()

    def dispute(self) -> Iterator[str]:
        """Each statement of the notice with what is wrong in it and what shows that, then what to attach."""
        yield from self._title("dispute_title")
        yield from self._part("grounds", self.parts()["grounds"])
        yield from self._attachments()

    def _title(self, name: str) -> Iterator[str]:
        reasons = self.said["comma"].join(self.words.reasons[reason.code] for reason in self.reasons)
        yield f"# {self.said[name].format(reasons=reasons)}"
        yield ""

    def _part(self, name: str, points: Sequence[str]) -> Iterator[str]:
        yield f"## {self.said[name]}"
        yield ""
        yield from (f"- {point}" for point in points)
        yield ""

    def _causes(self) -> Iterator[str]:
        diagnosis = self.basis.diagnosis
        if diagnosis is not None:
            yield say_surface(self.pack, self.words, diagnosis)
            for cause in diagnosis.causes[:MOST_CAUSES]:
                facts = say_facts(self.pack, self.words, diagnosis, cause)
                yield f"{say_cause(self.words, diagnosis, cause)}{self.said['colon']}{facts[0]}"
        covered = diagnosis.reason if diagnosis is not None else None
        for reason in self.reasons:
            if reason.code != covered:
                yield f"{self.words.reasons[reason.code]}{self.said['colon']}{self.basis.known.get(reason.code, self.said['gap_what'])}"
        yield from self._products()
        yield self.said["gap_why"]

    def _task(self, task: str) -> str:
        text, facts = f"{self.words.tasks[task]}{self.said['colon']}", self.basis.facts
        tally = facts.tallies.get(SHOWN_BY.get(task, "")) if facts else None
        if facts is None or tally is None or self.words.checks is None:
            return text + self.said["gap_done"]
        what = self.words.checks.labels[f"claim_{SHOWN_BY[task]}"]
        counted = self.said["tally"].format(done=tally.done, of=tally.of, what=what, day=say_date(self.words, facts.as_of))
        return text + counted + (self.said["gap_rest"] if tally.done < tally.of else self.said["gap_done"])

    def _grounds(self) -> Iterator[str]:
        for reason in self.reasons:
            yield f"{self.words.reasons[reason.code]}{self.said['colon']}{self.said['gap_wrong']}"
            special = f"gap_{reason.guidance}"
            yield self.said.get(special, self.said["gap_proof"])
        if self.basis.diagnosis is not None:
            yield f"{self.said['records']}{self.said['colon']}{say_surface(self.pack, self.words, self.basis.diagnosis)}"
        yield from self._products()

    def _products(self) -> Iterator[str]:
        if self.basis.products:
            yield f"{self.said['products']}{self.said['colon']}{self.said['comma'].join(self.basis.products)}"

    def _attachments(self) -> Iterator[str]:
        named = self.basis.documents or tuple(dict.fromkeys(key for reason in self.reasons for key in reason.evidence))
        if named:
            yield from self._part("attachments", [f"{self._document(key)}{self.said['colon']}{self.said['gap_file']}" for key in named])

    def _document(self, key: str) -> str:
        return self.words.evidence.get(key) or key.replace("_", " ")
