"""Reading what plans are checked by, from a pack's words of one language."""

from goodstanding.core.policy.plan_words import PlanWords, Said
from goodstanding.core.policy.tables import Table

BOUNDS = (
    "least_words",
    "most_words",
    "most_paragraph_words",
    "least_points",
    "points_from_words",
    "least_sentences_a_part",
    "enough_words_a_part",
    "most_future_percent",
    "most_apologies",
    "words_around_heading",
    "shingle_words",
    "most_overlap_percent",
    "score_best",
    "score_error",
    "score_warning",
    "score_info",
    "score_most_of_a_kind",
    "rate_tolerance",
)
"""The whole numbers that every language's checks set."""


def read_plan_words(top: Table, language: str) -> PlanWords | None:
    """The `checks` of a language's words; None where the pack brings none."""
    if not top.has("checks"):
        return None
    table = top.table("checks")
    words = PlanWords(
        language=language,
        bounds=_numbers(table.table("bounds")),
        parts=_lists(table.table("parts")),
        phrases=_lists(table.table("phrases")),
        reasons=_lists(table.table("reasons", required=False)),
        documents=_lists(table.table("documents", required=False)),
        words=table.texts("words", required=False),
        texts={code: _said(one) for code, one in table.tables("texts").items()},
        labels=_texts(table.table("labels")),
        drafts=_texts(table.table("drafts", required=False)),
    )
    table.close()
    return words


def _numbers(table: Table) -> dict[str, int]:
    numbers = {name: table.whole(name) for name in BOUNDS}
    table.close()
    return numbers


def _lists(table: Table) -> dict[str, tuple[str, ...]]:
    return {name: table.texts(name) for name in table.content}


def _texts(table: Table) -> dict[str, str]:
    return {name: table.text(name) for name in table.content}


def _said(table: Table) -> Said:
    said = Said(table.text("message"), table.text("hint"))
    table.close()
    return said
