"""Reading what the documents that a pack asks for have to be."""

from collections.abc import Mapping

from goodstanding.core.policy.pack import EvidenceAsked, Reason
from goodstanding.core.policy.tables import Table, nearest

FILE_KINDS = ("csv", "docx", "eml", "gif", "jpg", "pdf", "png", "txt", "webp", "xlsx")
"""The kinds of files that can be handed in (`core.appeals.evidence` tells them by their bytes)."""


def read_evidence(top: Table, reasons: Mapping[str, Reason]) -> dict[str, EvidenceAsked]:
    """What is said of the documents that reasons ask for, by key. A pack need not say anything of them."""
    asked_for = {key for reason in reasons.values() for key in reason.evidence}
    tables = top.tables("evidence", required=False)
    for key in tables:
        if key not in asked_for:
            top.note("unknown-name", f"evidence.{key}", "is asked for by no reason", nearest(key, asked_for))
    return {key: _asked(key, table) for key, table in tables.items()}


def _asked(key: str, table: Table) -> EvidenceAsked:
    kinds = table.texts("kinds")
    for kind in kinds:
        if kind not in FILE_KINDS:
            table.note("unknown-value", "kinds", f"'{kind}' is no kind of file that can be handed in", nearest(kind, FILE_KINDS))
    age = table.whole("max_age_days", least=1) if table.has("max_age_days") else None
    asked = EvidenceAsked(key, kinds, table.citation(), age, table.texts("fields", required=False))
    table.close()
    return asked
