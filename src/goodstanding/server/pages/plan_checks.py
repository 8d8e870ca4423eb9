"""The checks of an answer beside its text, for the holder who writes it and for the reviewer who reads it (requirements F2, F3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from goodstanding.core.appeals.checks.asking import asked_by, checks_of, names_of
from goodstanding.core.appeals.checks.context import Attached, Checked, FactSummary, PlacedFinding, Tally
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import Source, read_plan
from goodstanding.core.appeals.checks.registry import Score, run_checks
from goodstanding.core.appeals.drafting import SHOWN_BY, DraftOf, draft_parts
from goodstanding.core.appeals.plan import Answer
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.terms import FindingSeverity, MetricRule, Route
from goodstanding.intake.spelling import slips_of
from goodstanding.server.pages.reasons import ReasonShown
from goodstanding.server.services.diagnoses import diagnosed
from goodstanding.server.store.models import Appeal, Violation

AGAINST_FACTS = frozenset({"false-count", "other-count", "false-rate", "false-day", "strange-order"})
"""Findings that set a claim against the facts; they are told first."""

ABOUT_FILES = frozenset({"document-missing", "document-kind", "document-old", "document-large", "attachment-forgotten"})
"""Findings about the files that go with an answer."""

_COUNTED = {MetricRule.LATE_SHIPMENT_RATE: "late", MetricRule.CANCELLATION_RATE: "cancelled"}


@dataclass(frozen=True, slots=True)
class FindingShown:
    """One finding for a page. `excerpt`: the words it is about, empty where it is about a part as a whole; `start`: where they begin in the part."""

    severity: str
    message: str
    hint: str
    excerpt: str
    is_against_facts: bool
    is_about_files: bool = False
    code: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class ChecksShown:
    """What was found: by part of the answer, claims against the facts first, with the sum behind the score."""

    parts: tuple[tuple[str, tuple[FindingShown, ...]], ...]
    errors: int
    count: int
    score: Score


@dataclass(frozen=True, slots=True)
class _Laid:
    """An answer as one text, and where each part's own words begin and end in it."""

    text: str
    spans: Mapping[str, tuple[int, int]]


def check_answer(
    answer: Answer,
    reasons: Sequence[ReasonShown],
    pack: PolicyPack,
    today: date,
    *,
    earlier: Iterable[Appeal] = (),
    attached: tuple[Attached, ...] | None = None,
    told_in: str | None = None,
) -> ChecksShown | None:
    """Every check on an answer; None where the pack brings none or nothing is written.

    `earlier`: appeals sent before, in which resends are looked for. `told_in`: the reader's language; None: the writer's own.
    """
    languages = checks_of(pack)
    if not languages or answer.is_empty:
        return None
    spoken = language_of(" ".join(text for _, text in answer.parts), languages)
    words = languages[spoken]
    laid = _lay_out(answer, words)
    codes = [reason.violation.reason for reason in reasons]
    checked = Checked(
        plan=read_plan(Source(laid.text), words),
        route=answer.route,
        today=today,
        asked=asked_by(
            pack, pack.words_for(told_in).language if told_in else spoken, codes, documents=_documents(pack, codes) if attached is not None else ()
        ),
        facts=_facts(pack, [reason.violation for reason in reasons]),
        previous=tuple(text for one in earlier for text in (one.root_cause, one.corrective, one.preventive, one.grounds) if text),
        attached=attached,
        most_bytes=settings.EVIDENCE_MAX_BYTES,
        slips=slips_of(laid.text, spoken, words.words),
        quoted=names_of(pack, spoken),
        told=languages[pack.words_for(told_in).language] if told_in else None,
    )
    report = run_checks(checked)
    shown = _by_part(report.findings, laid, checked.plan.source)
    errors = sum(finding.severity is FindingSeverity.ERROR for finding in report.findings)
    return ChecksShown(shown, errors, len(report.findings), report.score)


def about_files(checks: ChecksShown | None) -> list[FindingShown]:
    """What of the findings is about the files, each once."""
    told = [one for _, found in (checks.parts if checks else ()) for one in found if one.is_about_files]
    return list({(one.severity, one.message, one.hint): one for one in reversed(told)}.values())[::-1]


def _documents(pack: PolicyPack, codes: Iterable[str]) -> tuple[str, ...]:
    """The evidence that the reasons ask for."""
    return tuple(dict.fromkeys(key for code in codes if code in pack.reasons for key in pack.reasons[code].evidence))


def drafted(route: Route, reasons: Sequence[ReasonShown], pack: PolicyPack, language: str) -> dict[str, str]:
    """A first draft of each part, with the counts that the notice rests on and what the last night found; empty where the pack has no words for drafts."""
    codes = tuple(dict.fromkeys(reason.violation.reason for reason in reasons))
    if not codes or not any(code in pack.reasons for code in codes):
        return {}
    known = {one.violation.reason: f"{one.counts} ({one.window})" if one.window else one.counts for one in reasons if one.counts}
    violations = [one.violation for one in reasons]
    kept = (found.diagnosis for one in violations if (found := diagnosed(one)) is not None)
    diagnosis = next((one for one in kept if one is not None and one.metric in {*pack.metrics, *pack.reasons}), None)
    return draft_parts(pack, language, DraftOf(route, codes, diagnosis=diagnosis, facts=_facts(pack, violations), known=known))


def _lay_out(answer: Answer, words: PlanWords) -> _Laid:
    text, spans = "", dict[str, tuple[int, int]]()
    for part, written in answer.parts:
        text += f"## {words.drafts.get(part) or words.labels[part]}\n"
        clean = written.replace("\r\n", "\n").replace("\r", "\n")
        spans[part] = (len(text), len(text) + len(clean))
        text += f"{clean}\n\n"
    return _Laid(text, spans)


def _by_part(findings: Sequence[PlacedFinding], laid: _Laid, source: Source) -> tuple[tuple[str, tuple[FindingShown, ...]], ...]:
    """Findings under the part they stand in; what is about the whole text stands under the first."""
    shown: dict[str, list[FindingShown]] = {part: [] for part in laid.spans}
    for finding in findings:
        start, end = source.offset(finding.place.line, finding.place.column), source.offset(finding.place.end_line, finding.place.end_column)
        part = next((name for name, (_, last) in laid.spans.items() if start <= last), next(iter(laid.spans)))
        own = laid.spans[part][0] <= start
        against = finding.code in AGAINST_FACTS
        told = FindingShown(
            finding.severity,
            finding.message,
            finding.hint,
            laid.text[start:end] if own else "",
            against,
            finding.code in ABOUT_FILES,
            finding.code,
            start - laid.spans[part][0] if own else 0,
        )
        shown[part].append(told)
    return tuple((part, tuple(sorted(told, key=lambda one: not one.is_against_facts))) for part, told in shown.items() if told)


def _facts(pack: PolicyPack, violations: Sequence[Violation]) -> FactSummary | None:
    """What the violations rest on, as the holder was told, and the tasks as the last night ticked them: rates, counts, what is done of what."""
    counted = [one for one in violations if one.metric in pack.metrics and one.numerator is not None and one.denominator]
    ticked = {one.pk: _ticked(one) for one in violations}
    if not counted and not any(ticked.values()):
        return None
    rates: dict[str, tuple[Tally, ...]] = {}
    tallies: dict[str, Tally] = {}
    for one in counted:
        rule, tally = pack.metrics[one.metric].rule, Tally(one.numerator or 0, one.denominator or 0)
        rates[rule] = (*rates.get(rule, ()), tally)
        if rule in _COUNTED:
            tallies[_COUNTED[rule]] = tally
    for done in ticked.values():
        tallies |= {what: tally for what, tally in done.items() if tally.of > tallies.get(what, Tally(0, 0)).of}
    days = [one.counted_on or one.opened for one in counted] + [one.diagnosed.as_of for one in violations if ticked[one.pk]]
    return FactSummary(as_of=max(days), rates=rates, tallies=tallies)


def _ticked(violation: Violation) -> dict[str, Tally]:
    """What plans claim (refunded, shipped ...) -> done of all, of the tasks that facts can show."""
    found = diagnosed(violation)
    return {SHOWN_BY[tick.task]: Tally(tick.done, tick.of) for tick in (found.ticks if found else ()) if tick.task in SHOWN_BY and tick.of}
