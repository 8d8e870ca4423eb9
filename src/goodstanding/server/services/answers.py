"""The reviewer's answers to the holder: drafts from the facts of the case, and the refusal of answers that name none (requirement H2)."""

from collections.abc import Mapping

from goodstanding.core.appeals.answering import DRAFTS, CaseFacts, check_answer, draft_answer, say_refused
from goodstanding.core.enforcement.reasons import say_counts
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Appeal, Case, Evidence, Violation


def check_answers(*, pack: PolicyPack, case: Case, appeal: Appeal, because: Mapping[str, str]) -> None:
    """Raise UnusableInput with every answer that names no fact of its violation, where the pack refuses such; an empty one is told elsewhere."""
    if not pack.reviewing.names_a_fact:
        return
    words, files = pack.words_for(case.language), _files(appeal)
    findings = {}
    for violation in violations_behind(case.action):
        text = because.get(violation.violation_id, "")
        if text.strip() and (finding := check_answer(text, _facts(pack, violation, files, words), words)):
            findings[violation.violation_id] = finding
    if findings:
        raise UnusableInput(say_refused(findings))


def drafts(*, pack: PolicyPack, case: Case, appeal: Appeal, violation_id: str) -> dict[str, str]:
    """What an answer on a violation can begin with, in the holder's language: template -> text. Empty for a violation of another case."""
    violation = case.action.violations.filter(pk=violation_id).first()
    if violation is None:
        return {}
    words = pack.words_for(case.language)
    facts = _facts(pack, violation, _files(appeal), words)
    return {template: draft_answer(template, facts, words) for template in DRAFTS}


def _facts(pack: PolicyPack, violation: Violation, files: tuple[str, ...], words: Words) -> CaseFacts:
    metric = pack.metrics.get(violation.metric)
    numbers = [number for number in (violation.numerator, violation.denominator) if number is not None]
    days = [day for day in (violation.opened, violation.counted_on, violation.closed) if day is not None]
    return CaseFacts(
        name=words.reasons.get(violation.reason, violation.reason),
        items=tuple(str(item["id"]) for item in violation.items),
        counts=say_counts(metric, violation.numerator, violation.denominator, words) if metric and violation.numerator is not None else "",
        numbers=(*numbers, len(violation.items)),
        days=tuple(days),
        files=files,
    )


def _files(appeal: Appeal) -> tuple[str, ...]:
    return tuple(one.name for one in _evidence(appeal_id=appeal.pk))


_evidence = compiled.Query(lambda appeal_id: Evidence.objects.filter(appeal=appeal_id).order_by("pk"), texts=["appeal_id"])
