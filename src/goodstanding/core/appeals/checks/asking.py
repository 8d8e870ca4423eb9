"""From reason codes and the pack to what a plan has to answer."""

from collections.abc import Iterable

from goodstanding.core.appeals.checks.context import Asked, DocumentAsked, ReasonAsked
from goodstanding.core.policy.pack import EvidenceAsked, PolicyPack, Words
from goodstanding.core.policy.plan_words import PlanWords


def checks_of(pack: PolicyPack) -> dict[str, PlanWords]:
    """What plans are checked by, per language; empty where the pack brings nothing of the kind."""
    return {language: words.checks for language, words in pack.words.items() if words.checks is not None}


def asked_by(
    pack: PolicyPack, language: str, reasons: Iterable[str], products: Iterable[str] = (), documents: Iterable[str] = (), wanted: str | None = None
) -> Asked:
    """What a notice asks, named in `language`. Reasons that the pack does not know are left out; documents it does not know are asked by name."""
    words = pack.words_for(language)
    known = [pack.reasons[code] for code in dict.fromkeys(reasons) if code in pack.reasons]
    named = [ReasonAsked(reason.code, words.reasons[reason.code], reason.guidance or "") for reason in known]
    return Asked(tuple(named), tuple(dict.fromkeys(products)), tuple(_document(pack, words, key) for key in dict.fromkeys(documents)), wanted)


def names_of(pack: PolicyPack, language: str) -> tuple[str, ...]:
    """The names that the pack itself gives to reasons, documents, tasks and measures: quoting them is no fault of a writer."""
    words = pack.words_for(language)
    return (*words.reasons.values(), *words.evidence.values(), *words.tasks.values(), *words.prevention.values())


def _document(pack: PolicyPack, words: Words, key: str) -> DocumentAsked:
    name = words.evidence.get(key) or key.replace("_", " ")
    asked = pack.evidence.get(key)
    told = words.checks.documents.get(key, ()) if words.checks else ()
    if asked is None:
        any_source = next(iter(pack.deadline_citations.values()))
        asked = EvidenceAsked(key, (), any_source)
    return DocumentAsked(name, (*told, name), asked)
