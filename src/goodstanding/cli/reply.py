"""`goodstanding reply`: a plan as the mail that answers a notice, its attachments held against what the notice asks for (requirement F5)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import click

from goodstanding.cli.book import Book, book_path
from goodstanding.cli.check import FILE, MOST_BYTES, Answering, prepare, read_bytes
from goodstanding.cli.moments import MOMENT, in_utc
from goodstanding.cli.notices import answer_notice
from goodstanding.cli.reply_mail import File, build_reply
from goodstanding.core.appeals.checks.registry import run_checks
from goodstanding.core.appeals.followups import Sent, follow_up
from goodstanding.core.appeals.reading.dangers import is_own
from goodstanding.core.appeals.reading.notice_read import NoticeRead
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Clock
from goodstanding.intake.attachments import read_attachment
from goodstanding.intake.mail import Mail, looks_like_mail, read_mail
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.intake.plan_file import read_plan_file
from goodstanding.packs.loader import load_pack
from goodstanding.packs.reading import load_reading
from goodstanding.telling.wording import Wording, wording

BY_MAIL = frozenset({"reply", "notice_mailbox", "email"})
"""Channels that a mail reaches."""

MOST_TOGETHER = 20 * 1024 * 1024
"""Bytes of all files of one mail that most mail servers carry, as base64 makes them a third larger (ours)."""

ABOUT_FILES = ("document-missing", "document-kind", "document-old", "document-large", "attachment-forgotten", "gap", "leftover")
"""Findings of the checks that stop a reply from doing its work, whatever the plan says; the rest is told by `goodstanding check`."""

_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}")

LANGUAGES = ("en", "zh-Hans", "zh-Hant")

_EXAMPLES = """\b
Examples:
  goodstanding reply plan.md --notice notice.eml --out reply.eml
  goodstanding reply plan.md --notice notice.eml --attach invoice-2026-10-02.pdf --attach contract.pdf --out reply.eml
  goodstanding reply plan.docx --notice notice.txt --to notice@marketplace.example --from me@shop.example --out reply.eml

\b
Exit 0: written, 1: written, and there is something to look at first (on stderr), 2: nothing was written.
Open reply.eml in your mail program and press send. It is noted in your book: see `goodstanding followups`."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing to look at before sending."""

    code: str
    message: str


@click.command(epilog=_EXAMPLES)
@click.argument("plan", type=FILE)
@click.option(
    "--notice", required=True, type=FILE, metavar="FILE", help="The notice that is answered: the .eml as it came (text works, without a thread)."
)
@click.option("--attach", multiple=True, type=FILE, metavar="FILE", help="A file to send along; may be given more than once.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write the reply (.eml).")
@click.option("--from", "sender", default="", metavar="ADDRESS", help="Your address (default: the one the notice went to).")
@click.option("--to", default="", metavar="ADDRESS", help="Where it goes (default: the notice's Reply-To, else its sender).")
@click.option("--book", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Your book of replies (default: GOODSTANDING_BOOK).")
@click.option("--no-book", is_flag=True, help="Note nothing in the book.")
@click.option("--now", type=MOMENT, metavar="MOMENT", help="The moment it is sent, like 2026-03-02T09:30 (UTC; default: now).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="Policy pack: a name, a file or a folder.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is printed.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def reply(
    plan: Path,
    notice: Path,
    attach: Sequence[Path],
    out: Path,
    sender: str,
    to: str,
    book: Path | None,
    no_book: bool,
    now: datetime | None,
    pack_name: str,
    language: str,
    force: bool,
    as_json: bool,
) -> int:
    """Write the mail that answers a notice with a plan: in its thread, to the right address, with the right files.

    PLAN is Markdown, text or .docx. Files are held against what the notice asks for: kind, size, age, name. Nothing is blocked
    but what cannot be sent; nothing is sent by itself.
    """
    if out.exists() and not force:
        raise UnusableInput(f"{out} is there already; give another name, or --force to write over it")
    pack, said, moment = load_pack(pack_name), wording(language), in_utc(now)
    content = read_bytes(notice)
    mail = read_mail(content) if looks_like_mail(content) else None
    asked, read = answer_notice(pack, pack_name, notice, Answering())
    source = read_plan_file(plan.name, read_bytes(plan))
    files = [File(path.name, read_bytes(path)) for path in attach]
    address = to or named_address(mail.text if mail else source_text(content), read, pack_name) or (mail.reply_to or mail.sender if mail else "")
    from_address = sender or (mail.to[0] if mail and mail.to else "")
    subject = f"Re: {mail.thread_subject}" if mail and mail.thread_subject else said("reply", "subject")
    warnings = [*_about_way(said, mail, read, address, from_address), *_about_files(said, pack, source, asked, files, moment)]
    _write(out, build_reply(mail, source.text, files, sender=from_address, to=address, subject=subject, now=moment))
    sent = Sent(
        number=0,
        sent_at=moment,
        subject=subject,
        to=address,
        channel=read.channel or "",
        plan=str(plan),
        file=str(out.resolve()),
        reasons=asked.reasons,
        must_by=due_of(mail, read, moment),
    )
    if not no_book:
        sent = Book(book_path(book)).add(sent)
    ask_at = follow_up(sent, pack.deadlines[Clock.FOLLOW_UP], moment).ask_at
    if as_json:
        click.echo(json.dumps(_document(out, sent, from_address, files, warnings, ask_at), ensure_ascii=False, indent=2))
    else:
        _tell(said, out, sent, files, warnings, ask_at, noted=not no_book)
    return int(bool(warnings))


def source_text(content: bytes) -> str:
    """The text of a notice that is no mail."""
    return message_from_bytes(content).text


def named_address(text: str, read: NoticeRead, pack_name: str) -> str:
    """The marketplace's address that a notice wants the answer sent to; empty where it names none or several, or wants it another way.

    Only the marketplace's own hosts count: a notice also names rights owners, whom such an answer must never reach.
    """
    if read.channel not in ("notice_mailbox", "email"):
        return ""
    words = load_reading(pack_name)
    named = {address.lower().rstrip(".") for address in _ADDRESS.findall(text)}
    own = [address for address in named if is_own(address.rpartition("@")[2], words)]
    return own[0] if len(own) == 1 else ""


def due_of(mail: Mail | None, read: NoticeRead, now: datetime) -> datetime | None:
    """Until when the notice wants an answer: its earliest deadline, hours counted from the day it was sent (else from now); None where it says none."""
    try:
        start = parsedate_to_datetime(mail.date) if mail and mail.date else now
    except ValueError:
        start = now
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    moments = [start + timedelta(hours=due.within_hours) for due in read.deadlines if due.within_hours is not None]
    moments += [datetime(due.on.year, due.on.month, due.on.day, 23, 59, tzinfo=UTC) for due in read.deadlines if due.on is not None]
    return min(moments, default=None)


def _about_way(said: Wording, mail: Mail | None, read: NoticeRead, to: str, sender: str) -> list[Noted]:
    """Whether a mail is the way to answer at all, and whether it can find it."""
    found = []
    if read.is_suspicious:
        found.append(Noted("forged", said("reply", "forged")))
    if read.channel is not None and read.channel not in BY_MAIL:
        name = said.tables["channels"].get(read.channel, read.channel)
        found.append(Noted("other-channel", said("reply", "nothing_more" if read.channel == "none" else "other_channel", channel=name)))
    if read.channel is None:
        found.append(Noted("channel-unknown", said("reply", "channel_unknown")))
    if mail is None:
        found.append(Noted("no-thread", said("reply", "no_thread")))
    elif mail.is_automatic or mail.is_bounce:
        found.append(Noted("automatic", said("reply", "automatic")))
    found += [
        Noted(code, said("reply", key))
        for code, key, value in (("no-recipient", "no_recipient", to), ("no-sender", "no_sender", sender))
        if not value
    ]
    return found


def _about_files(said: Wording, pack: PolicyPack, source: Any, asked: Answering, files: Sequence[File], now: datetime) -> list[Noted]:
    """What the checks say of the files and of gaps left open, and how much the mail holds together."""
    checked = prepare(pack, source, now.date(), asked, None, None)
    attached = tuple(read_attachment(file.name, file.content, now.date()) for file in files)
    report = run_checks(replace(checked, attached=attached, most_bytes=MOST_BYTES))
    found = [Noted(one.code, f"{one.message} ({one.hint})" if one.hint else one.message) for one in report.findings if one.code in ABOUT_FILES]
    empty = [Noted("file-empty", said("reply", "file_empty", file=file.name)) for file in files if not file.content]
    whole = sum(len(file.content) for file in files)
    if whole > MOST_TOGETHER:
        size, most = f"{whole / 2**20:.1f}", MOST_TOGETHER // 2**20
        found.append(Noted("mail-large", said("reply", "mail_large", size=size, most=most)))
    return [*dict.fromkeys(found), *empty]


def _write(out: Path, content: bytes) -> None:
    """The whole file or none of it."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UnusableInput(f"{out} cannot be written: {error.strerror or error}; check the folder and its permissions") from None


def _document(out: Path, sent: Sent, sender: str, files: Sequence[File], warnings: Sequence[Noted], ask_at: datetime | None) -> dict[str, Any]:
    return {
        "file": str(out),
        "number": sent.number or None,
        "subject": sent.subject,
        "from": sender or None,
        "to": sent.to or None,
        "channel": sent.channel or None,
        "reasons": list(sent.reasons),
        "attachments": [file.name for file in files],
        "must_by": sent.must_by.isoformat() if sent.must_by else None,
        "ask_at": ask_at.isoformat() if ask_at else None,
        "warnings": [{"code": one.code, "message": one.message} for one in warnings],
    }


def _tell(said: Wording, out: Path, sent: Sent, files: Sequence[File], warnings: Sequence[Noted], ask_at: datetime | None, *, noted: bool) -> None:
    for one in warnings:
        click.echo(click.style(said("reply", "look"), fg="yellow", bold=True) + f" {one.message} [{one.code}]", err=True)
    click.echo(said("reply", "written", file=out, to=sent.to or "-", subject=sent.subject, n=len(files)))
    if sent.must_by:
        click.echo(said("reply", "must_by", by=f"{sent.must_by:%Y-%m-%d %H:%M} UTC"))
    if noted and ask_at:
        click.echo(said("reply", "noted", number=sent.number, at=f"{ask_at:%Y-%m-%d %H:%M} UTC"))
