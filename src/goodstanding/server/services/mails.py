"""Mails that came in, after the verdict: into the case, held for a person, made an appeal by its writer's choice (requirements C2, G1).

The verdict itself is `incoming`'s. A mail becomes what the portal would have made of it, by the portal's own services.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.db import transaction

from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.evidence import RefusedFile, clean_name
from goodstanding.core.appeals.incoming import chosen_answer, told_answer
from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import APPEALABLE, REVIEWERS, CaseState
from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.notices import compose_mail_answer
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import MailVerdict, NoticeKind, Role, Route
from goodstanding.core.values import Actor
from goodstanding.intake.mail import Attachment, read_mail
from goodstanding.server.services import ledger
from goodstanding.server.services.appeals import appeals_left, give_information, latest_appeal, submit_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import Upload, over_room, store_bytes
from goodstanding.server.services.gate import refused, unfit_for
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.store.models import Appeal, Case, IncomingMail
from goodstanding.server.vault.stores import whole

READERS = REVIEWERS | {Role.AUDITOR}
"""Who reads what came in; reviewers release and refuse."""

MOST_FILES = 20
"""Files of one mail that are looked at, as many as a form takes."""

LONGEST_ORIGINAL = 200_000
"""Characters of an original that a page shows."""

MOST_SHOWN = 200
"""Held mails on one page."""

APPEALED, INFORMED, FILED = "appeal", "information", "message"
"""What a mail can become."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The files of a mail: those that can be evidence, and those that cannot."""

    uploads: tuple[Upload, ...]
    refused: tuple[RefusedFile, ...]


def sort_files(attachments: Sequence[Attachment]) -> Sorted:
    """Tell the files that can be taken from those that cannot, by the gate that forms have. Never call it while a lock is held."""
    uploads, unfit = [], []
    for place, one in enumerate(attachments):
        if place >= MOST_FILES:
            unfit.append(refused(one.name, FileTrouble.CASE_FULL))
        elif wrong := unfit_for(one.name, one.content):
            unfit.append(refused(one.name, wrong.trouble))
        else:
            uploads.append(Upload(named(one), one.content))
    return Sorted(tuple(uploads), tuple(unfit))


def named(one: Attachment) -> str:
    """The file's name, with a suffix where the sender gave none."""
    name = clean_name(one.name)
    return name if PurePosixPath(name).suffix else f"{name}.{one.content_type.rpartition('/')[2][:10] or 'bin'}"


def deliver(*, call: Call, pack: PolicyPack, case: Case, row: IncomingMail, files: Sorted) -> str:
    """Put an accepted mail into its locked case: as an appeal, as the information asked for, or as a message; gives which. Acknowledges at once."""
    holder = Call(Actor(f"holder:{case.account_id}", Role.HOLDER, frozenset({case.account_id})), call.now, call.new_id, call.new_secret)
    files = _within_room(case, files)
    became = _by_state(holder, pack, case, row, files)
    case.refresh_from_db()
    if became == FILED:
        row.asks_route = _takes_appeals(case, pack, call)
        _answer(call, pack, case, NoticeKind.MAIL_FILED, asks_route=row.asks_route, refused=files.refused)
    else:
        row.appeal = latest_appeal(case)
        if files.refused:
            _answer(call, pack, case, NoticeKind.FILES_REFUSED, refused=files.refused)
    row.verdict = MailVerdict.ACCEPTED
    row.save(update_fields=["verdict", "asks_route", "appeal", "case"])
    body = {"mail_id": row.mail_id, "sha256": row.sha256, "became": became, "proof": row.proof}
    ledger.append(call=holder, case_id=case.case_id, kind="MailReceived", body=body)
    return became


def submit_mail(*, call: Call, pack: PolicyPack, mail_id: str, route: Route) -> Appeal:
    """Make a filed mail an appeal by the route that its writer chooses, with everything that came with it. Raises as `submit_appeal`, and NotFound."""
    files = _files_of(mail_id)
    with transaction.atomic():
        row = _locked(mail_id)
        if row.case_id is None or row.verdict != MailVerdict.ACCEPTED or not row.asks_route:
            raise NotFound(f"there is no mail {mail_id} that waits for your choice")
        case = lock_case(call=call, case_id=row.case_id)
        answer = chosen_answer(row.text, route, checks_of(pack))
        appeal = _submit(call, pack, case, row, answer, _within_room(case, files))
        row.appeal, row.asks_route = appeal, False
        row.save(update_fields=["appeal", "asks_route"])
        ledger.append(call=call, case_id=case.case_id, kind="MailAppealed", body={"mail_id": mail_id, "appeal_id": appeal.appeal_id})
    return appeal


def release_mail(*, call: Call, pack: PolicyPack, mail_id: str, case_id: str = "") -> IncomingMail:
    """A person takes a held mail for the holder's own: it goes into its case, or into `case_id` where it named none.

    Raises NotPermitted, NotFound, UnusableInput where no case is known, IllegalTransition where the mail waits no longer.
    """
    _check_decides(call)
    files = _files_of(mail_id)
    with transaction.atomic():
        row = _waiting(mail_id)
        chosen = row.case_id or case_id.strip()
        if not chosen:
            raise UnusableInput("this mail names no case; write the number of the case it belongs to")
        case = lock_case(call=call, case_id=chosen)
        row.case, row.decided_at, row.decided_by = case, call.now, call.actor.id
        row.save(update_fields=["case", "decided_at", "decided_by"])
        ledger.append(call=call, case_id=case.case_id, kind="MailReleased", body={"mail_id": mail_id, "cause": row.cause, "sender": row.sender})
        deliver(call=call, pack=pack, case=case, row=row, files=files)
    return row


def reject_mail(*, call: Call, mail_id: str, because: str) -> IncomingMail:
    """A person finds that a held mail is not the holder's: nothing follows from it. Raises as `release_mail`, and UnusableInput without a reason."""
    _check_decides(call)
    if not because.strip():
        raise UnusableInput("say why: the reason is kept with the mail")
    with transaction.atomic():
        row = _waiting(mail_id)
        row.verdict, row.decided_at, row.decided_by, row.decided_because = MailVerdict.REJECTED, call.now, call.actor.id, because.strip()
        row.save(update_fields=["verdict", "decided_at", "decided_by", "decided_because"])
        ledger.append(call=call, case_id=row.case_id or mail_id, kind="MailRejected", body={"mail_id": mail_id, "because": because.strip()})
    return row


def held_mails(*, actor: Actor) -> list[IncomingMail]:
    """The mails that wait for a person, oldest first. Raises NotPermitted."""
    _check_reads(actor)
    return list(IncomingMail.objects.filter(verdict=MailVerdict.HELD).select_related("case__account").order_by("received_at", "pk")[:MOST_SHOWN])


def mail_shown(*, actor: Actor, mail_id: str) -> tuple[IncomingMail, str]:
    """One mail, and its original as text for a page: never as the mail it is, so nothing in it runs. Raises NotFound, NotPermitted."""
    _check_reads(actor)
    row = IncomingMail.objects.select_related("case__account").filter(pk=mail_id).first()
    if row is None:
        raise NotFound(f"there is no mail {mail_id}")
    shown = "" if row.erased_at else original(row).decode("utf-8", "replace").replace("\0", "\N{SYMBOL FOR NULL}")
    return row, shown[:LONGEST_ORIGINAL]


def original(row: IncomingMail) -> bytes:
    """A mail byte for byte as it came. Raises NotFound where the stored bytes are gone or no longer those."""
    data = whole(row.sha256)
    if data is None:
        raise NotFound(f"the mail {row.mail_id} is missing or damaged where mails are stored; bring it back from a backup")
    return data


def _files_of(mail_id: str) -> Sorted:
    """The files of a mail that waits, looked into before anything is locked; none of one that is not there, which is said where it is locked."""
    row = IncomingMail.objects.filter(pk=mail_id, erased_at=None).first()
    return sort_files(read_mail(original(row)).attachments) if row else Sorted((), ())


def _within_room(case: Case, files: Sorted) -> Sorted:
    """Leave out what would be too much for the case; its sender is told which."""
    over = over_room(case.case_id, files.uploads)
    fitting = tuple(one for one in files.uploads if one not in over)
    return Sorted(fitting, (*files.refused, *(refused(one.name, FileTrouble.CASE_FULL) for one in over)))


def _by_state(holder: Call, pack: PolicyPack, case: Case, row: IncomingMail, files: Sorted) -> str:
    if case.state == CaseState.INFORMATION_ASKED:
        store_bytes(files.uploads)
        give_information(call=holder, pack=pack, case_id=case.case_id, answer=row.text, uploads=files.uploads)
        return INFORMED
    answer = told_answer(row.text, checks_of(pack)) if case.state in APPEALABLE else None
    if answer is None:
        return FILED
    try:
        _submit(holder, pack, case, row, answer, files)
    # Not now, or not by this route: the mail is kept as a message, and its writer is told.
    except GoodstandingError:
        return FILED
    return APPEALED


def _submit(call: Call, pack: PolicyPack, case: Case, row: IncomingMail, answer: Answer, files: Sorted) -> Appeal:
    return submit_appeal(
        call=call,
        pack=pack,
        case_id=case.case_id,
        submission_key=f"mail:{row.key}",
        answer=answer,
        language=case.language,
        uploads=files.uploads,
    )


def _takes_appeals(case: Case, pack: PolicyPack, call: Call) -> bool:
    in_time = case.appeal_until is None or call.now < case.appeal_until
    return case.state in APPEALABLE and in_time and appeals_left(pack, case) > 0


def _answer(call: Call, pack: PolicyPack, case: Case, kind: NoticeKind, *, asks_route: bool = False, refused: Sequence[RefusedFile] = ()) -> None:
    letter = letter_for(call=call, case=case, pack=pack)
    text = compose_mail_answer(letter, kind, asks_route=asks_route, refused=refused)
    issue_notice(call=call.by_automation(), case=case, kind=kind, text=text)


def _locked(mail_id: str) -> IncomingMail:
    row = IncomingMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if row is None:
        raise NotFound(f"there is no mail {mail_id}")
    return row


def _waiting(mail_id: str) -> IncomingMail:
    row = _locked(mail_id)
    if row.verdict != MailVerdict.HELD:
        raise IllegalTransition(row.verdict, "decide", [], f"this mail waits no longer; it is {row.verdict}")
    return row


def _check_decides(call: Call) -> None:
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("deciding on held mails", sorted(REVIEWERS))


def _check_reads(actor: Actor) -> None:
    if actor.role not in READERS:
        raise NotPermitted("reading mails that came in", sorted(READERS))
