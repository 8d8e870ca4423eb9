"""Reading a pack's words: every text in every language the pack declares, and no text for what the pack does not have."""

from collections.abc import Collection, Iterable

from goodstanding.core.policy.pack import Metric, Reason, Words
from goodstanding.core.policy.plan_reading import read_plan_words
from goodstanding.core.policy.tables import Problems, Table, nearest
from goodstanding.core.policy.templates import TEMPLATES, placeholders_of
from goodstanding.core.terms import Act, ActionKind


def read_words(top: Table, languages: Collection[str], metrics: dict[str, Metric], reasons: dict[str, Reason]) -> dict[str, Words]:
    """The words by language. Notes each language, text and placeholder that is missing or too many."""
    tables = top.tables("words")
    for language in languages:
        if language not in tables:
            top.note("missing", f"words.{language}", "is missing", f"the pack declares the language '{language}'; bring its words or take it out")
    for language, table in tables.items():
        if languages and language not in languages:
            table.note("unknown-key", "", f"'{language}' is no language of this pack", nearest(language, languages))
    return {language: _language(language, table, metrics, reasons) for language, table in tables.items()}


def _language(language: str, table: Table, metrics: dict[str, Metric], reasons: dict[str, Reason]) -> Words:
    evidence = dict.fromkeys(key for reason in reasons.values() for key in reason.evidence)
    words = Words(
        language=language,
        platform=table.text("platform"),
        reasons=_texts(table, "reasons", reasons),
        cures=_texts(table, "cures", reasons),
        metrics=_texts(table, "metrics", metrics),
        actions=_texts(table, "actions", ActionKind),
        acts=_texts(table, "acts", Act),
        evidence=_texts(table, "evidence", evidence),
        templates=_texts(table, "templates", TEMPLATES),
        clauses=_texts(table, "clauses", reasons),
        tasks=_texts_if_any(table, "tasks", (key for reason in reasons.values() for key in reason.tasks)),
        prevention=_texts_if_any(table, "prevention", (key for reason in reasons.values() for key in reason.prevention)),
        guidance=_texts_if_any(table, "guidance", (reason.guidance for reason in reasons.values() if reason.guidance)),
        terms=_terms(table),
        checks=read_plan_words(table, language),
    )
    table.close()
    for name, text in words.templates.items():
        _check_placeholders(name, text, table.at("templates"), table.problems)
    return words


def _texts(table: Table, key: str, wanted: Iterable[str]) -> dict[str, str]:
    part = table.table(key)
    texts = {str(code): part.text(str(code)) for code in wanted}
    part.close()
    return {code: text for code, text in texts.items() if text}


def _texts_if_any(table: Table, key: str, wanted: Iterable[str]) -> dict[str, str]:
    names = dict.fromkeys(wanted)
    return _texts(table, key, names) if names or table.has(key) else {}


def _terms(table: Table) -> dict[str, str]:
    part = table.table("terms", required=False)
    return {code: part.text(code) for code in part.content}


def _check_placeholders(name: str, text: str, path: str, problems: Problems) -> None:
    allowed = TEMPLATES[name]
    try:
        used = placeholders_of(text)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        problems.add("bad-placeholder", f"{path}.{name}", f"has {message}", hint)
        return
    for placeholder in used:
        if placeholder not in allowed:
            problems.add("bad-placeholder", f"{path}.{name}", f"uses ${{{placeholder}}}, which nothing fills here", nearest(placeholder, allowed))
