"""One case as a file that anybody can read and check without this system: every notice and every mail byte for byte, messages, decisions, ledger (issue: K3).

The archive proves itself: each entry's digest covers the one before it, each body is committed to by its entry, each notice and mail by its digest in
the ledger. `check_export` does what the page inside tells a reader to do by hand.
"""

import contextlib
import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Set
from typing import Any

from django.template.loader import render_to_string

from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.mails import original
from goodstanding.server.services.notices import as_json
from goodstanding.server.store.models import Case, LedgerBody, LedgerEntry

MAY_EXPORT = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR})
"""Who may take a whole case out of the house."""

FORMAT = "goodstanding case 1"
_FIXED = (1980, 1, 1, 0, 0, 0)


def export_case(*, call: Call, case_id: str) -> bytes:
    """The archive (ZIP) of a case: `case.html` to read, `case.json` for programs, `notices/*.eml` as they were sent, `mails/*.eml` as they came.

    The same case gives the same bytes. A mail whose stored bytes are gone or damaged is left out, which `check_export` tells. Raises NotFound, NotPermitted.
    """
    _check_may(call.actor)
    case = Case.objects.select_related("account", "action").filter(pk=case_id).first()
    if case is None:
        raise NotFound(f"there is no case {case_id}")
    document = _document(case)
    files = {"case.json": json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode(), "case.html": _page(document).encode()}
    files |= {f"notices/{notice.pk}.eml": bytes(notice.message) for notice in case.notices.order_by("created_at", "notice_id") if notice.message}
    return _zip(files | _mails(case))


def _mails(case: Case) -> dict[str, bytes]:
    """The mails that were filed under a case, byte for byte, as far as they are kept."""
    kept = {}
    for mail in case.mails.filter(erased_at=None).order_by("received_at", "mail_id"):
        with contextlib.suppress(NotFound):
            kept[f"mails/{mail.pk}.eml"] = original(mail)
    return kept


def check_export(*, data: bytes) -> list[str]:
    """What does not hold in an exported archive, in lines; empty where everything does. Needs no database. Raises UnusableInput."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        document = json.loads(archive.read("case.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UnusableInput(f"this is no exported case: {error}") from None
    if document.get("format") != FORMAT:
        raise UnusableInput(f"this is no exported case of the form '{FORMAT}'")
    texts = (*_check_texts(document, "message", "MessageSent"), *_check_texts(document, "note", "NoteWritten"))
    return [*_check_chain(document), *_check_notices(document, archive), *_check_mails(document, archive), *texts]


def _check_chain(document: Mapping[str, Any]) -> Iterator[str]:
    previous = ""
    for number, entry in enumerate(document["ledger"], 1):
        row = LedgerEntry(case_id=document["case_id"], **{name: entry[name] for name in _ENTRY})
        if entry["sequence"] != number or entry["previous"] != previous:
            yield f"ledger entry {number} is missing or out of order"
        elif ledger.digest_of(row) != entry["digest"]:
            yield f"ledger entry {number} was changed"
        elif entry["text"] is not None and _commitment(entry["salt"], entry["text"]) != entry["body_digest"]:
            yield f"what ledger entry {number} says was changed"
        previous = entry["digest"]


def _check_notices(document: Mapping[str, Any], archive: zipfile.ZipFile) -> Iterator[str]:
    told = {body["notice_id"]: body["sha256"] for body in _bodies(document, {"NoticeIssued"})}
    for notice in document["notices"]:
        yield from _check_file(archive, "notice", f"notices/{notice['notice_id']}.eml", notice["notice_id"], notice, told)


def _check_mails(document: Mapping[str, Any], archive: zipfile.ZipFile) -> Iterator[str]:
    # Archives that were made before mails were in them have none.
    told = {body["mail_id"]: body["sha256"] for body in _bodies(document, {"MailReceived", "MailHeld"})}
    for mail in document.get("mails", ()):
        yield from _check_file(archive, "mail", f"mails/{mail['mail_id']}.eml", mail["mail_id"], mail, told)


def _check_file(archive: zipfile.ZipFile, what: str, name: str, key: str, row: Mapping[str, Any], told: Mapping[str, str]) -> Iterator[str]:
    """A file against its digest in the document, and that against the ledger's."""
    names = set(archive.namelist())
    if key in told and told[key] != row["sha256"]:
        yield f"{what} {key} has another digest than the ledger says"
    if name in names and hashlib.sha256(archive.read(name)).hexdigest() != row["sha256"]:
        yield f"{name} was changed"
    if name not in names and not row["erased_at"]:
        yield f"{name} is missing"


def _check_texts(document: Mapping[str, Any], what: str, kind: str) -> Iterator[str]:
    """Messages or notes, each against its digest and that against the ledger's. Archives that were made before there were any have none."""
    told = {body["number"]: body["sha256"] for body in _bodies(document, {kind})}
    for one in document.get(f"{what}s", ()):
        number = one["number"]
        if number in told and told[number] != one["sha256"]:
            yield f"{what} {number} has another digest than the ledger says"
        if not one["erased_at"] and hashlib.sha256(one["text"].encode()).hexdigest() != one["sha256"]:
            yield f"{what} {number} was changed"


def _bodies(document: Mapping[str, Any], kinds: Set[str]) -> Iterator[dict[str, Any]]:
    for entry in document["ledger"]:
        if entry["kind"] in kinds and entry["text"] is not None:
            yield json.loads(entry["text"])


_ENTRY = ("sequence", "at", "actor", "role", "kind", "body_digest", "previous", "digest")


def _document(case: Case) -> dict[str, Any]:
    action = case.action
    return {
        "format": FORMAT,
        "case_id": case.pk,
        "account_id": case.account_id,
        "marketplace": case.account.marketplace,
        "state": case.state,
        "language": case.language,
        "opened_at": as_json(case.opened_at),
        "action": _row(
            action,
            "action_id kind rule approval pack_name pack_digest as_of proposed_at proposed_by decided_at decided_by effective_at ends_at lifted_at",
        ),
        "violations": [
            _row(
                one,
                "violation_id reason found_by opened closed severity points numerator denominator counted_on settled_on items decided decided_at explanation",
            )
            for one in action.violations.order_by("opened", "violation_id")
        ],
        "limits": [
            _row(one, "limit_id act owner_kind owner since ends_at lifted_at lifted_by") for one in action.limits.order_by("since", "limit_id")
        ],
        "notices": [
            _row(one, "notice_id kind language recipient subject body statement message_id sha256 created_at erased_at")
            for one in case.notices.order_by("created_at", "notice_id")
        ],
        "mails": [
            _row(
                one, "mail_id verdict cause sender subject message_id text quoted files proof sha256 size received_at decided_at decided_by erased_at"
            )
            | {"appeal_id": one.appeal_id}
            for one in case.mails.order_by("received_at", "mail_id")
        ],
        "appeals": [_appeal(one) for one in case.appeals.order_by("attempt")],
        "messages": [_row(one, "number speaker actor at text sha256 read_at mailed_at erased_at") for one in case.messages.order_by("number")],
        "notes": [
            _row(one, "number about author addressee answers at text sha256 settled_at settled_as erased_at") for one in case.notes.order_by("number")
        ],
        "window": _window(case),
        "commitments": [
            _row(one, "commitment_id measure metric due made_at state done_on done_note counted_on numerator denominator")
            for one in case.commitments.all()
        ],
        "ledger": _ledger(case),
    }


def _row(row: object, names: str) -> dict[str, Any]:
    return {name: as_json(getattr(row, name)) for name in names.split()}


def _appeal(appeal: Any) -> dict[str, Any]:
    kept = _row(
        appeal, "appeal_id attempt route language root_cause corrective preventive grounds submitted_at submitted_by outcome decided_at decided_by"
    )
    return kept | {
        "evidence": _evidence(appeal),
        "information_requests": [
            _row(one, "request_id items asked_at asked_by due_at answer answered_at lapsed_at")
            for one in appeal.information_requests.order_by("asked_at")
        ],
        "decisions": [_row(one, "violation_id outcome because decided_at decided_by") for one in appeal.decisions.order_by("violation_id")],
    }


def _evidence(of: Any) -> list[dict[str, Any]]:
    names = "evidence_id part name content_type size sha256 added_at erased_at"
    return [_row(one, names) for one in of.evidence.order_by("evidence_id")]


def _window(case: Case) -> dict[str, Any] | None:
    window = getattr(case, "window", None)
    if window is None:
        return None
    kept = _row(
        window, "opened_at ends_at extensions root_cause corrective preventive measures plan_at question answered_at ended_at outcome because"
    )
    return kept | {
        "evidence": _evidence(window),
        "calls": [
            _row(one, "attempt_id wish due_at called_at called_by outcome note dropped_at")
            for one in window.attempts.order_by("due_at", "attempt_id")
        ],
    }


def _ledger(case: Case) -> list[dict[str, Any]]:
    bodies = {body.entry_id: body for body in LedgerBody.objects.filter(entry__case_id=case.pk)}
    entries = []
    for entry in LedgerEntry.objects.filter(case_id=case.pk).order_by("sequence"):
        body = bodies.get(entry.pk)
        entries.append(_row(entry, " ".join(_ENTRY)) | {"salt": body.salt if body else None, "text": body.text if body else None})
    return entries


def _page(document: Mapping[str, Any]) -> str:
    return render_to_string("export/case.html", {"case": document})


def _commitment(salt: str, text: str) -> str:
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def _zip(files: Mapping[str, bytes]) -> bytes:
    """With fixed times, so that two exports of an unchanged case are equal."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _FIXED), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _check_may(actor: Actor) -> None:
    if actor.role not in MAY_EXPORT:
        raise NotPermitted("taking a case out as a file", sorted(MAY_EXPORT))
