"""Taking a mail in: kept byte for byte, judged, and put where it belongs, once (requirements C2, F5, G1, G2)."""

import hashlib
import logging
import re
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from email.utils import getaddresses

from django.conf import settings
from django.db import transaction

from goodstanding.core.appeals.incoming import Arrived, Judged, judge
from goodstanding.core.notices import compose_mail_answer
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import MailCause, MailVerdict, NoticeKind
from goodstanding.intake.bounces import read_bounce
from goodstanding.intake.mail import Mail, read_mail
from goodstanding.intake.quoting import split_signature
from goodstanding.server.mailroom.addresses import read_address
from goodstanding.server.mailroom.proofs import Envelope, Proof, Resolver, prove, resolve
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import store_bytes, store_original
from goodstanding.server.services.mails import Sorted, deliver, sort_files
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.store.models import Account, Case, IncomingMail, Notice

DAY = timedelta(days=1)
"""Within this time mails of one case are counted, and a held one is answered once."""

LONGEST_TEXT = 200_000
"""Characters of a mail's own text, and of what it quotes, that are kept beside the original."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail. `mail` is None where it was refused; `is_repeated`: it had come before, and counts once."""

    verdict: MailVerdict
    cause: MailCause
    mail: IncomingMail | None = None
    is_repeated: bool = False


def take_mail(*, call: Call, pack: PolicyPack, raw: bytes, envelope: Envelope, resolver: Resolver = resolve) -> Taken:
    """Take a mail as it came over the wire. Whatever it is, nothing is raised for its content.

    Looks names up before it locks anything. When it returns, the mail is kept for good or refused, and may be acknowledged to its server.
    """
    if len(raw) > settings.MAIL_MAX_BYTES:
        return Taken(MailVerdict.REFUSED, MailCause.TOO_LARGE)
    mail = read_mail(raw)
    key = _key(mail, raw)
    if earlier := IncomingMail.objects.filter(key=key).first():
        return _repeated(earlier)
    case, token = _find_case(call, mail, envelope)
    arrived = _arrived(mail, raw, envelope, case, token)
    proof = Proof()
    if not (arrived.is_bounce or arrived.is_automatic or arrived.is_bulk) and (case or arrived.is_known):
        proof = prove(raw=raw, sender=mail.sender, envelope=envelope, resolver=resolver, own_server=settings.MAIL_OWN_SERVER)
        arrived = replace(arrived, is_proved=proof.is_enough)
    judged = judge(arrived)
    if judged.verdict == MailVerdict.REFUSED:
        log.warning("a mail of %d bytes was refused: %s", len(raw), judged.cause)
        return Taken(judged.verdict, judged.cause)
    files = sort_files(mail.attachments)
    sha256 = store_original(raw)
    store_bytes(files.uploads)
    with transaction.atomic():
        return _file(call, pack, _Kept(mail, raw, key, sha256, files, proof), case, arrived)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A mail that is on the disk."""

    mail: Mail
    raw: bytes
    key: str
    sha256: str
    files: Sorted
    proof: Proof


def _file(call: Call, pack: PolicyPack, kept: _Kept, found: Case | None, arrived: Arrived) -> Taken:
    """Write the mail's row and do what follows, with its case locked, so that two copies of it that come at once are one."""
    automatic = call.by_automation()
    case = lock_case(call=automatic, case_id=found.case_id) if found else None
    if earlier := IncomingMail.objects.filter(key=kept.key).first():
        return _repeated(earlier)
    judged = judge(_as_of_now(call, kept, case, arrived))
    fresh = _fresh(call, kept, case, judged)
    row, is_new = IncomingMail.objects.get_or_create(key=kept.key, defaults=fresh)
    if not is_new:
        return _repeated(row)
    if judged.cause == MailCause.BOUNCE and case:
        _mark_bounced(automatic, case, kept.raw)
    elif judged.verdict == MailVerdict.ACCEPTED and case:
        deliver(call=automatic, pack=pack, case=case, row=row, files=kept.files)
    elif judged.verdict == MailVerdict.HELD:
        _hold(automatic, pack, case, row, judged)
    return Taken(judged.verdict, judged.cause, row)


def _as_of_now(call: Call, kept: _Kept, case: Case | None, arrived: Arrived) -> Arrived:
    earlier = IncomingMail.objects.filter(case=case) if case else IncomingMail.objects.none()
    replayed = bool(kept.proof.signature) and IncomingMail.objects.filter(signature=kept.proof.signature).exists()
    return replace(arrived, today=earlier.filter(received_at__gt=call.now - DAY).count(), is_replayed=replayed)


def _fresh(call: Call, kept: _Kept, case: Case | None, judged: Judged) -> dict[str, object]:
    mail = kept.mail
    own, signature = split_signature(mail.text)
    taken = [{"name": one.name, "size": len(one.data), "refused": ""} for one in kept.files.uploads]
    return {
        "mail_id": call.new_id("M"),
        "case": case,
        "verdict": judged.verdict,
        "cause": judged.cause,
        "sender": _plain(mail.sender, 320),
        "subject": _plain(mail.subject, 500),
        "message_id": _plain(mail.message_id, 500),
        "text": _plain(own, LONGEST_TEXT),
        "quoted": _plain(f"{signature}\n\n{mail.quoted}".strip(), LONGEST_TEXT),
        "files": taken + [{"name": _plain(one.name, 200), "size": 0, "refused": one.trouble} for one in kept.files.refused],
        "proof": {name: value for name, value in asdict(kept.proof).items() if name != "signature"},
        "signature": kept.proof.signature,
        "sha256": kept.sha256,
        "size": len(kept.raw),
        "received_at": call.now,
    }


def _hold(call: Call, pack: PolicyPack, case: Case | None, row: IncomingMail, judged: Judged) -> None:
    """A person decides. The registered address, and no other, is told once a day what was missing: a forger learns nothing."""
    body = {"mail_id": row.mail_id, "sha256": row.sha256, "cause": judged.cause, "proof": row.proof}
    ledger.append(call=call, case_id=case.case_id if case else row.mail_id, kind="MailHeld", body=body)
    if case is None or not judged.is_answered or case.mails.filter(answered_at__gt=call.now - DAY).exists():
        return
    text = compose_mail_answer(letter_for(call=call, case=case, pack=pack), NoticeKind.MAIL_HELD, cause=judged.cause)
    issue_notice(call=call, case=case, kind=NoticeKind.MAIL_HELD, text=text)
    row.answered_at = call.now
    row.save(update_fields=["answered_at"])


def _mark_bounced(call: Call, case: Case, raw: bytes) -> None:
    """The letter that came back, if the bounce holds one of this case and is final; a delay is no news."""
    bounce = read_bounce(raw)
    notice = case.notices.filter(message_id__in=bounce.message_ids, bounced_at=None).first() if bounce.is_final else None
    if notice is None:
        return
    notice.bounced_at, notice.bounce_said = call.now, _plain(bounce.said, 300)
    notice.save(update_fields=["bounced_at", "bounce_said"])
    ledger.append(call=call, case_id=case.case_id, kind="NoticeBounced", body={"notice_id": notice.notice_id, "said": notice.bounce_said})


def _find_case(call: Call, mail: Mail, envelope: Envelope) -> tuple[Case | None, str]:
    """The case of a mail and what speaks for it: the address it went to, else the thread it answers."""
    tokens = [token for address in envelope.recipients if (token := read_address(address, call.now))]
    tokens = tokens or [token for address in mail.to if (token := read_address(address, call.now))]
    cases = Case.objects.select_related("account")
    if tokens and (case := cases.filter(pk=tokens[0].case_id).first()):
        if any(token.case_id != case.case_id for token in tokens):
            return case, "other"
        return case, "expired" if all(token.is_expired for token in tokens) else "good"
    thread = [one for one in (*re.findall(r"<[^<>\s]{1,250}>", mail.in_reply_to), *reversed(mail.references)) if one][:50]
    notice = Notice.objects.filter(message_id__in=thread).exclude(case=None).order_by("-created_at").first() if thread else None
    return (cases.get(pk=notice.case_id), "") if notice else (None, "")


def _arrived(mail: Mail, raw: bytes, envelope: Envelope, case: Case | None, token: str) -> Arrived:
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    registered = case.account.email.strip().lower() if case else ""
    return Arrived(
        is_whole=b"\0" not in head,
        from_headers=mail.from_headers,
        senders=mail.senders,
        is_bounce=mail.is_bounce,
        is_automatic=mail.is_automatic or envelope.mail_from == "<>",
        is_bulk=mail.is_bulk,
        case_id=case.case_id if case else "",
        token=token,
        is_registered=bool(registered) and mail.sender == registered,
        is_known=case is None and bool(mail.sender) and Account.objects.filter(email__iexact=mail.sender).exists(),
        is_empty=not split_signature(mail.text)[0].strip() and not mail.attachments,
    )


def _key(mail: Mail, raw: bytes) -> str:
    """One for all copies of a mail: its own id and content, without the lines that servers on its way add above them."""
    body = re.split(rb"\r?\n\r?\n", raw.replace(b"\r\n", b"\n"), maxsplit=1)[-1].rstrip()
    parts = (mail.message_id, mail.sender, mail.date if not mail.message_id else "", hashlib.sha256(body).hexdigest())
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _repeated(row: IncomingMail) -> Taken:
    return Taken(MailVerdict(row.verdict), MailCause(row.cause), row, is_repeated=True)


def _plain(text: str, most: int) -> str:
    """A text as every database takes it: no NUL, no half characters, no longer than its column."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]


def addresses_in(*values: str) -> tuple[str, ...]:
    """The addresses of header lines, for mails whose envelope is gone."""
    return tuple(address for _, address in getaddresses(list(values)) if "@" in address)
