"""A mail as it came over the wire, read into values: text without quotes, attachments, what a thread needs. For notices and for mail-in.

Made for mails that break the rules: every part is read as well as it can be, `troubles` says what was not right, and nothing is raised.
"""

import base64
import binascii
import email
import email.policy
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message as Part
from email.utils import getaddresses

from goodstanding.intake.charsets import decode
from goodstanding.intake.html_text import html_to_text
from goodstanding.intake.quoting import split_quoted, thread_subject

MOST_PARTS = 200
"""Parts of one mail that are read."""

LARGEST_MAIL = 40 * 1024 * 1024
"""Bytes of one mail that are read; mail servers carry less."""

_BEFORE = b"\xef\xbb\xbf \t\r\n"
_ONLY_MAILS_HAVE = frozenset({b"received", b"return-path", b"mime-version", b"message-id", b"content-type", b"delivered-to", b"dkim-signature"})
_MAILS_HAVE = frozenset({b"from", b"to", b"date", b"subject", b"reply-to", b"x-mailer", b"cc"})
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=)\s+(?==\?[^?\s]{1,60}\?[bq]\?)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w\-]{2,30})", re.IGNORECASE)
_RESULTS = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(pass|fail|softfail|neutral|none|temperror|permerror)", re.IGNORECASE)
_AUTOMATIC_SUBJECTS = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|自动回复|自動回覆|自動回復|abwesenheit)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail. `content_type` is what the sender says it is."""

    name: str
    content_type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, read.

    `text`: what its sender wrote; `quoted`: what it repeats or forwards, attached mails among it. `sender`, `reply_to`, `to`: bare addresses in small letters.
    `senders`: how many addresses From names, `from_headers`: how many From headers there are; more than one is a sign of forgery. `references`: ids of the thread, oldest first.
    `links`: (what is shown, where it leads). `authentication`: method -> result from the topmost Authentication-Results, which the
    receiving server wrote. `date`: as written.
    """

    subject: str
    sender: str
    sender_name: str
    senders: int
    from_headers: int
    reply_to: str
    to: tuple[str, ...]
    date: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    quoted: str
    attachments: tuple[Attachment, ...]
    links: tuple[tuple[str, str], ...]
    authentication: tuple[tuple[str, str], ...]
    is_automatic: bool
    is_bounce: bool
    is_bulk: bool
    troubles: tuple[str, ...]

    @property
    def thread_subject(self) -> str:
        """The subject without marks of replies."""
        return thread_subject(self.subject)


@dataclass(slots=True)
class _Gathered:
    """What the parts of a mail gave so far."""

    texts: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    troubles: dict[str, None] = field(default_factory=dict)
    parts: int = 0


def read_mail(content: bytes) -> Mail:
    """Read a mail from its bytes. Never raises: what cannot be read is left out and named in `troubles`."""
    gathered = _Gathered()
    if len(content) > LARGEST_MAIL:
        gathered.troubles[f"only the first {LARGEST_MAIL // 1024 // 1024} MiB were read"] = None
    whole = _parsed(content[:LARGEST_MAIL])
    _gather(whole, gathered)
    _fall_back(whole, gathered)
    own, quoted = split_quoted("\n\n".join(text for text in gathered.texts if text.strip()))
    senders = _addresses(whole, "from")
    subject = _header(whole, "subject")
    return Mail(
        subject=subject,
        sender=senders[0][1] if senders else "",
        sender_name=senders[0][0] if senders else "",
        senders=len(senders),
        from_headers=sum(1 for _ in _headers(whole, "from")),
        reply_to=next((address for _, address in _addresses(whole, "reply-to")), ""),
        to=tuple(address for name in ("to", "cc") for _, address in _addresses(whole, name)),
        date=_header(whole, "date"),
        message_id=_header(whole, "message-id"),
        in_reply_to=_header(whole, "in-reply-to"),
        references=tuple(re.findall(r"<[^<>\s]{1,500}>", _header(whole, "references"))),
        text=own,
        quoted="\n\n".join(part for part in (quoted, *gathered.forwarded) if part.strip()),
        attachments=tuple(gathered.attachments),
        links=tuple(gathered.links),
        authentication=_authentication(whole),
        is_automatic=_is_automatic(whole, subject),
        is_bounce=_is_bounce(whole, senders),
        is_bulk=_is_bulk(whole),
        troubles=tuple(gathered.troubles),
    )


def looks_like_mail(content: bytes) -> bool:
    """Whether bytes begin as a mail does (header lines, some of them a mail's own) rather than as pasted text."""
    head = re.split(rb"\r?\n\r?\n", content[:8000].lstrip(_BEFORE), maxsplit=1)[0]
    names = {match[1].lower() for match in re.finditer(rb"^([A-Za-z][A-Za-z0-9\-]{1,60}):", head, re.MULTILINE)}
    begins = head.startswith(b"From ") or re.match(rb"[A-Za-z][A-Za-z0-9\-]{1,60}:", head) is not None
    return begins and (bool(names & _ONLY_MAILS_HAVE) or len(names & _MAILS_HAVE) >= 2)


def _parsed(content: bytes) -> Part:
    try:
        # compat32 hands out headers and payloads as they are; the newer policies raise on many real mails.
        return email.message_from_bytes(content.lstrip(_BEFORE), policy=email.policy.compat32)
    except (MessageError, ValueError, LookupError, RecursionError, TypeError, AttributeError, IndexError):
        plain = Part()
        plain.set_payload(content.decode("latin-1"))
        return plain


def _gather(part: Part, into: _Gathered, depth: int = 0) -> None:
    into.parts += 1
    if into.parts > MOST_PARTS or depth > 20:
        into.troubles["parts nested too deep or too many; the rest was left out"] = None
        return
    payload = part.get_payload()
    kind = _content_type(part)
    inside = [inner for inner in payload if isinstance(inner, Part)] if isinstance(payload, list) else []
    if kind == "message/rfc822" and inside:
        _gather_attached_mail(inside[0], into, depth)
    elif isinstance(payload, list):
        for inner in _chosen(kind, inside):
            _gather(inner, into, depth + 1)
    else:
        _gather_leaf(part, kind, into, depth)


def _fall_back(whole: Part, into: _Gathered) -> None:
    """Where no part is a body, a text sent as an attachment is one, and else what stands before the parts."""
    if any(text.strip() for text in (*into.texts, *into.forwarded)):
        return
    into.texts += [decode(one.content)[0] for one in into.attachments if one.content_type == "text/plain"]
    before = whole.preamble or ""
    if not into.texts and not re.search(r"mime|multi-?part", before, re.IGNORECASE):
        into.texts.append(decode(before.encode("utf-8", "surrogateescape"))[0])


def _gather_attached_mail(inner: Part, into: _Gathered, depth: int) -> None:
    """A mail inside the mail is a forward: its text is what was forwarded, its files stay files."""
    own = _Gathered(parts=into.parts)
    _gather(inner, own, depth + 1)
    into.parts = own.parts
    subject = _header(inner, "subject")
    into.forwarded += [f"{subject}\n{text}".strip() for text in own.texts[:1]] + own.texts[1:] + own.forwarded
    into.attachments += own.attachments
    into.links += own.links
    into.troubles |= own.troubles


def _chosen(kind: str, parts: list[Part]) -> list[Part]:
    """Of alternatives the plain text, unless it is empty or only says that there is HTML; of anything else all parts."""
    if kind != "multipart/alternative":
        return parts
    plain = [part for part in parts if _content_type(part) == "text/plain"]
    rich = [part for part in parts if part not in plain and not _is_attached(part)]
    has_text = any(len(_bytes_of(part).strip()) > 60 for part in plain) or not rich
    return [*(plain if has_text else rich), *(part for part in parts if _is_attached(part) and part not in plain)]


def _gather_leaf(part: Part, kind: str, into: _Gathered, depth: int) -> None:
    content = _bytes_of(part)
    name = _file_name(part)
    if kind == "message/rfc822" or (kind == "application/octet-stream" and name.lower().endswith(".eml")):
        _gather_attached_mail(_parsed(content), into, depth)
    elif kind.startswith("text/") and not _is_attached(part) and kind in ("text/plain", "text/html", "text/enriched", "text/x-amp-html"):
        _gather_text(part, kind, content, into)
    elif not kind.startswith("multipart/") and content and not kind.startswith(("message/delivery", "message/disposition", "message/feedback")):
        into.attachments.append(Attachment(name or "unnamed", kind, content))
    elif content.strip():
        into.texts.append(decode(content)[0])


def _gather_text(part: Part, kind: str, content: bytes, into: _Gathered) -> None:
    declared = _parameter(part, "charset")
    if not declared and kind == "text/html":
        meta = _META_CHARSET.search(content[:4000])
        declared = meta[1].decode("ascii", "replace") if meta else ""
    text, trouble = decode(content, declared)
    if trouble:
        into.troubles[trouble] = None
    if kind in ("text/html", "text/x-amp-html"):
        text, links = html_to_text(text)
        into.links += links
    into.texts.append(text.replace("\0", ""))


def _bytes_of(part: Part) -> bytes:
    """The content of a part with its transfer encoding undone; as far as it goes where that is broken."""
    if part.is_multipart():
        return b""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, UnicodeError, TypeError, AttributeError, binascii.Error):
        return b""
    return content if isinstance(content, bytes) else b""


def _from_base64(raw: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    return base64.b64decode(clean + b"=" * (-len(clean) % 4))


def _content_type(part: Part) -> str:
    # get_content_type falls back to text/plain by itself; a broken header may hold anything before the semicolon.
    try:
        return part.get_content_type()
    except (ValueError, TypeError, AttributeError, IndexError, LookupError):
        return "text/plain"


def _parameter(part: Part, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except (ValueError, TypeError, AttributeError, IndexError, LookupError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def _is_attached(part: Part) -> bool:
    return _header(part, "content-disposition").strip().lower().startswith("attachment")


def _file_name(part: Part) -> str:
    try:
        name = part.get_filename("") or ""
    except (ValueError, TypeError, AttributeError, IndexError, LookupError):
        name = ""
    name = _decoded_words(name)
    return re.sub(r"[\x00-\x1f/\\]+", "_", name).strip()[:200]


def _headers(part: Part, name: str) -> Iterator[str]:
    for key, value in part.raw_items():
        if key.lower() == name:
            yield _decoded_words(str(value))


def _header(part: Part, name: str) -> str:
    """The first header of that name as text on one line."""
    return next(_headers(part, name), "")


def _decoded_words(value: str) -> str:
    """A header with encoded words undone, also where raw bytes of another charset stand in it."""
    raw = value.encode("utf-8", "surrogateescape")
    text = value if raw.isascii() else decode(raw)[0]
    joined = _BETWEEN_WORDS.sub(r"\1", text)
    pieces: list[str] = []
    pending, charset, last = b"", "", 0
    for word in _WORD.finditer(joined):
        if word.start() > last or word[1].lower() != charset:
            # A character may be cut between two words, so words of one charset are decoded together.
            pieces += [decode(pending, charset)[0], joined[last : word.start()]]
            pending = b""
        charset = word[1].partition("*")[0].lower()
        pending += _word_bytes(word[2], word[3])
        last = word.end()
    whole = "".join([*pieces, decode(pending, charset)[0], joined[last:]])
    return " ".join(whole.split())


def _word_bytes(kind: str, body: str) -> bytes:
    raw = body.encode("utf-8", "surrogateescape")
    try:
        return _from_base64(raw) if kind in "bB" else quopri.decodestring(raw.replace(b"_", b" "), header=True)
    except (ValueError, binascii.Error):
        return raw


def _addresses(part: Part, name: str) -> list[tuple[str, str]]:
    try:
        found = getaddresses(list(_headers(part, name))[:5])
    except (ValueError, TypeError, IndexError, AttributeError):
        return []
    return [(shown, address.lower()) for shown, address in found if "@" in address]


def _authentication(part: Part) -> tuple[tuple[str, str], ...]:
    topmost = _header(part, "authentication-results")
    found = {method.lower(): result.lower() for method, result in reversed(_RESULTS.findall(topmost[:5000]))}
    spf = _header(part, "received-spf").split(" ", 1)[0].lower()
    if "spf" not in found and spf in ("pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"):
        found["spf"] = spf
    return tuple(sorted(found.items()))


def _is_automatic(part: Part, subject: str) -> bool:
    submitted = _header(part, "auto-submitted").lower()
    precedence = _header(part, "precedence").lower()
    return (
        submitted.startswith(("auto-replied", "auto-generated"))
        or precedence == "auto_reply"
        or any(_header(part, name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply"))
        or _AUTOMATIC_SUBJECTS.match(subject) is not None
    )


def _is_bulk(part: Part) -> bool:
    """Sent to many, or by a list: nobody who answers it answers a person (RFC 3834)."""
    return _header(part, "precedence").lower() in ("bulk", "list", "junk") or any(_header(part, name) for name in ("list-id", "list-unsubscribe"))


def _is_bounce(part: Part, senders: list[tuple[str, str]]) -> bool:
    is_report = _content_type(part) == "multipart/report"
    by_system = any(address.split("@")[0] in ("mailer-daemon", "postmaster") for _, address in senders)
    return is_report or by_system or bool(_header(part, "x-failed-recipients"))
