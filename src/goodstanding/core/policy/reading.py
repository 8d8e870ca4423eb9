"""From the parsed files of a pack to a `PolicyPack`, or to every mistake in them at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy import measures, sections
from goodstanding.core.policy.asked import read_evidence
from goodstanding.core.policy.looking import read_diagnosis, read_ticking
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.programme import read_assurance, read_retention
from goodstanding.core.policy.queue_reading import read_queue, read_reviewing, read_talking
from goodstanding.core.policy.references import check_metrics, check_reasons, check_rules, check_watches
from goodstanding.core.policy.tables import PackFile, Problems, Table
from goodstanding.core.policy.texts import read_words
from goodstanding.core.policy.watching import read_watches


def read_pack(files: Sequence[PackFile], digest: str, standard: Sequence[PackFile] = ()) -> PolicyPack:
    """The pack that these files make together; the first one is the pack's main file.

    `digest` is the SHA-256 of their bytes. `standard` files lie under the others: what the pack writes itself wins over them.
    Raises InvalidPack with every mistake found, each with its file and key.
    """
    problems = Problems((*files, *standard))
    whole = _overlay(_merge(standard, problems), _merge(files, problems))
    pack = _read(Table(whole, "", problems), digest, problems)
    if problems.findings:
        raise InvalidPack(pack.id or files[0].name, problems.findings)
    return pack


def _read(top: Table, digest: str, problems: Problems) -> PolicyPack:
    sources = top.sources = sections.read_sources(top)
    stores, metrics, reasons = sections.read_marketplaces(top), measures.read_metrics(top), sections.read_reasons(top)
    languages = top.texts("languages")
    deadlines, deadline_citations = sections.read_deadlines(top)
    appeals = sections.read_appeals(top)
    pack = PolicyPack(
        id=top.text("id"),
        version=top.text("version"),
        title=top.text("title"),
        effective_from=top.day("effective_from"),
        digest=digest,
        languages=languages,
        sources=sources,
        marketplaces=stores,
        metrics=metrics,
        rating=measures.read_rating(top),
        reasons=reasons,
        rules=sections.read_rules(top),
        deadlines=deadlines,
        deadline_citations={**deadline_citations, "most_appeals": appeals.citation},
        most_appeals=appeals.most,
        has_last_instance=appeals.has_last_instance,
        second_person=appeals.second_person,
        second_person_severity=appeals.second_person_severity,
        closing=sections.read_closing(top),
        words=read_words(top, languages, metrics, reasons),
        linkage=sections.read_linkage(top),
        sign_in_watch=sections.read_sign_in_watch(top),
        watches=read_watches(top),
        evidence=read_evidence(top, reasons),
        early_warning=sections.read_early_warning(top),
        assurance=read_assurance(top, stores, reasons, deadlines),
        retention=read_retention(top),
        diagnosis=read_diagnosis(top),
        ticking=read_ticking(top),
        notes=_notes(top),
        queue=read_queue(top, reasons),
        reviewing=read_reviewing(top),
        talking=read_talking(top),
    )
    top.texts("include", required=False)
    top.flag("standard_words", False)
    top.close()
    check_metrics(metrics, reasons, stores, problems)
    check_reasons(metrics, reasons, problems)
    check_watches(pack.watches, reasons, problems)
    check_rules(pack.rules, reasons, problems)
    return pack


def _notes(top: Table) -> dict[str, str]:
    table = top.table("notes", required=False)
    return {key: table.text(key) for key in table.content}


def _merge(files: Sequence[PackFile], problems: Problems) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in files:
        _merge_into(merged, file.content, "", file.name, problems)
    return merged


def _merge_into(merged: dict[str, Any], content: Mapping[str, Any], path: str, file: str, problems: Problems) -> None:
    for key, value in content.items():
        here = f"{path}.{key}" if path else key
        have = merged.get(key)
        if isinstance(have, dict) and isinstance(value, Mapping):
            _merge_into(have, value, here, file, problems)
        elif key in merged:
            problems.add("repeated", here, f"is written again in {file}", "write it in one file only")
        else:
            merged[key] = _copy(value)


def _overlay(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        have = merged.get(key)
        merged[key] = _overlay(have, value) if isinstance(have, dict) and isinstance(value, dict) else value
    return merged


def _copy(value: Any) -> Any:
    return {key: _copy(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
