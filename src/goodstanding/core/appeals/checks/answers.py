"""Whether the plan answers the notice: reasons, products, documents, language (rules 2, 13, 16 and 17 of the collected advice)."""

from collections.abc import Iterator
from datetime import timedelta

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Attached, Checked, DocumentAsked, Hit, ReasonAsked


def is_answered(checked: Checked, reason: ReasonAsked) -> bool:
    """Whether the plan speaks of what the reason is about; what no list knows counts as answered."""
    known = checked.words.reasons.get(reason.group, ())
    return not known or phrases.has((*known, reason.name), checked.plan.text)


def find_unanswered_reasons(checked: Checked) -> Iterator[Hit]:
    """Reasons of the notice of which the plan says nothing."""
    for reason in checked.asked.reasons:
        if not is_answered(checked, reason):
            yield Hit(0, _end_of_start(checked), {"reason": reason.name})


def find_unanswered_products(checked: Checked) -> Iterator[Hit]:
    """Products of the notice that the plan does not name."""
    text = checked.plan.text.casefold()
    for product in checked.asked.products:
        if product.casefold() not in text:
            yield Hit(0, _end_of_start(checked), {"product": product})


def find_wrong_language(checked: Checked) -> Iterator[Hit]:
    """Another language than the notice asks for."""
    wanted = checked.asked.language
    if wanted and wanted.split("-")[0] != checked.words.language.split("-")[0]:
        yield Hit(0, _end_of_start(checked), {"wanted": checked.labels.get(f"language_{wanted.split('-')[0]}", wanted)})


def find_missing_documents(checked: Checked) -> Iterator[Hit]:
    """Documents asked for that no attached file seems to be."""
    if checked.attached is None:
        return
    for document in checked.asked.documents:
        if not _files_of(checked, document):
            yield Hit(0, _end_of_start(checked), {"document": document.name})


def find_wrong_kinds(checked: Checked) -> Iterator[Hit]:
    """Files of a kind that is not taken, at all or for the document they seem to be."""
    for file in checked.attached or ():
        if not file.kind:
            yield Hit(0, _end_of_start(checked), {"file": file.name, "kinds": "PDF, PNG, JPG, GIF"})
    for document in checked.asked.documents:
        kinds = document.asked.kinds
        for file in _files_of(checked, document):
            if file.kind and kinds and file.kind.lstrip(".") not in kinds:
                yield Hit(0, _end_of_start(checked), {"file": file.name, "kinds": ", ".join(kinds).upper()})


def find_old_documents(checked: Checked) -> Iterator[Hit]:
    """Files that bear a day older than the document may be, or one that is still to come."""
    for document in checked.asked.documents:
        most = document.asked.max_age_days
        for file in _files_of(checked, document):
            if file.dated and most is not None and not checked.today - timedelta(days=most) <= file.dated <= checked.today:
                yield Hit(0, _end_of_start(checked), {"file": file.name, "dated": file.dated.isoformat(), "days": most})


def find_large_files(checked: Checked) -> Iterator[Hit]:
    """Files larger than are taken."""
    for file in checked.attached or ():
        if checked.most_bytes is not None and file.size > checked.most_bytes:
            says = {"file": file.name, "size": f"{file.size / 2**20:.1f}", "most": f"{checked.most_bytes / 2**20:.0f}"}
            yield Hit(0, _end_of_start(checked), says)


def find_promised_attachments(checked: Checked) -> Iterator[Hit]:
    """Attachments spoken of while none was given."""
    if checked.attached != ():
        return
    for start, end in phrases.found(checked.words.list("attached"), checked.plan.text):
        yield Hit(start, end, {"text": checked.plan.text[start:end]})
        return


def _files_of(checked: Checked, document: DocumentAsked) -> list[Attached]:
    names = [(file, file.name.replace("_", " ").replace("-", " ").replace(".", " ")) for file in checked.attached or ()]
    return [file for file, name in names if phrases.has(document.words, name)]


def _end_of_start(checked: Checked) -> int:
    text = checked.plan.text
    end = text.find("\n", len(text) - len(text.lstrip()))
    return len(text) if end < 0 else end
