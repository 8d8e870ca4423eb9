"""Whether a mail was sent by the domain that its From names: DKIM (RFC 6376) and SPF (RFC 7208), each aligned as DMARC asks (RFC 7489, 3.1).

Needs the extra `mail`. Names are looked up by a resolver that is an argument, so tests ask no network.
"""

import contextlib
import hashlib
import ipaddress
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from goodstanding.core.errors import UnusableInput

Resolver = Callable[[str, str], Sequence[Any]]
"""(name, A | AAAA | MX | PTR | TXT) -> answers: texts as bytes, addresses and names as str, MX as (preference, name). None found: empty."""

MOST_SIGNATURES = 5
"""Signatures of one mail that are looked at; each costs a look-up."""

DNS_TIMEOUT = 5
"""Seconds for one look-up."""

_SAFE_ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
"""RFC 8301, 3.1: rsa-sha1 proves nothing any more."""

_NEVER_REMOTE = tuple(ipaddress.ip_network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
_SILENT = logging.getLogger("goodstanding.dkim")
_SILENT.setLevel(logging.CRITICAL)  # the library writes a line for every forged mail

_SIGNATURE = re.compile(rb"^dkim-signature[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_RESULTS = re.compile(r"\bspf\s*=\s*(\w+)(?:[^;]*?\bsmtp\.mailfrom\s*=\s*\"?(?:[^\s;\"@]*@)?([\w.-]+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail came. `mail_from`: '<>' of a bounce, '' where unknown. `peer`: address of the server that brought it, '' where unknown (IMAP) or our own relay."""

    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    peer: str = ""
    helo: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a mail. `signature`: the digest of the DKIM signature that proves it."""

    dkim: str = "none"
    spf: str = "none"
    dkim_domain: str = ""
    spf_domain: str = ""
    is_dkim_aligned: bool = False
    is_spf_aligned: bool = False
    signature: str = ""

    @property
    def is_enough(self) -> bool:
        """One of the two is."""
        return self.is_dkim_aligned or self.is_spf_aligned


def prove(*, raw: bytes, sender: str, envelope: Envelope, resolver: Resolver, own_server: str = "") -> Proof:
    """What speaks for a mail of `sender`. `own_server`: the name under which our own mail server writes Authentication-Results."""
    domain = sender.rpartition("@")[2].lower()
    if not domain or not domain.isascii():
        return Proof()
    dkim_result, dkim_domain, signature = _dkim(raw, domain, resolver)
    spf_result, spf_domain = _spf(raw, envelope, resolver, own_server)
    return Proof(
        dkim=dkim_result,
        spf=spf_result,
        dkim_domain=dkim_domain,
        spf_domain=spf_domain,
        is_dkim_aligned=dkim_result == "pass" and organisation(dkim_domain) == organisation(domain),
        is_spf_aligned=spf_result == "pass" and organisation(spf_domain) == organisation(domain),
        signature=signature if dkim_result == "pass" else "",
    )


def organisation(domain: str) -> str:
    """The organisational domain: one label more than the public suffix (`shop.example.co.uk` -> `example.co.uk`)."""
    return _suffixes().privatesuffix(domain.lower().rstrip(".")) or domain.lower()


def resolve(name: str, kind: str) -> Sequence[Any]:
    """Look a name up in the real DNS; nothing where there is nothing or nobody answers."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError as error:
        raise _missing(error) from error
    try:
        answers = dns.resolver.resolve(name, kind, lifetime=DNS_TIMEOUT)
    except dns.exception.DNSException:
        return ()
    match kind:
        case "TXT":
            return [b"".join(answer.strings) for answer in answers]
        case "MX":
            return [(answer.preference, str(answer.exchange).rstrip(".")) for answer in answers]
        case _:
            return [str(answer).rstrip(".") for answer in answers]


@cache
def _suffixes() -> Any:
    try:
        from publicsuffixlist import PublicSuffixList
    except ImportError as error:
        raise _missing(error) from error
    return PublicSuffixList()


def _missing(error: ImportError) -> UnusableInput:
    return UnusableInput(f"taking mails in needs the extra 'mail' ({error}); install goodstanding[mail]")


def _dkim(raw: bytes, domain: str, resolver: Resolver) -> tuple[str, str, str]:
    """The result of the first signature that is aligned and holds, else of the last one looked at."""
    result, of, head = "none", "", re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    for place, found in enumerate(_SIGNATURE.findall(head)[:MOST_SIGNATURES]):
        tags = _tags(found)
        of = tags.get("d", "").lower()
        result = _verify(raw, place, tags, resolver)
        if result == "pass" and organisation(of) == organisation(domain):
            return result, of, hashlib.sha256(tags.get("b", "").encode()).hexdigest()
    return ("other" if result == "pass" else result), of, ""


def _verify(raw: bytes, place: int, tags: dict[str, str], resolver: Resolver) -> str:
    """Whether a signature holds and covers what is read: From and Subject, and the whole body (no `l=`, RFC 6376, 8.2)."""
    try:
        import dkim
    except ImportError as error:
        raise _missing(error) from error
    signed = {name.strip().lower() for name in tags.get("h", "").split(":")}
    if tags.get("a", "").lower() not in _SAFE_ALGORITHMS or not {"from", "subject"} <= signed:
        return "weak"
    if "l" in tags:
        return "partial"

    def look_up(name: bytes | str, timeout: int = DNS_TIMEOUT) -> bytes | None:
        asked = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        return next(iter(resolver(asked.rstrip("."), "TXT")), None)

    # The library raises what its parsers raise on broken input; whatever it is, the signature does not hold.
    with contextlib.suppress(Exception):
        return "pass" if dkim.DKIM(raw, logger=_SILENT, minkey=1024).verify(idx=place, dnsfunc=look_up) else "fail"
    return "fail"


def _tags(header: bytes) -> dict[str, str]:
    text = re.sub(r"\s+", "", header.decode("ascii", "replace"))
    pairs = (pair.partition("=") for pair in text.split(";") if "=" in pair)
    return {name.lower(): value for name, _, value in pairs}


def _spf(raw: bytes, envelope: Envelope, resolver: Resolver, own_server: str) -> tuple[str, str]:
    """Our own server's word where it is trusted; else the peer is asked about, if it is a stranger's."""
    if own_server and (told := _told_by(raw, own_server)):
        return told
    domain = envelope.mail_from.rpartition("@")[2].lower() if "@" in envelope.mail_from else ""
    try:
        peer = ipaddress.ip_address(envelope.peer)
    except ValueError:
        return "none", domain
    # SPF libraries let every local connection pass; a relay in our own house says nothing of who sent.
    if not domain or any(peer in net for net in _NEVER_REMOTE if net.version == peer.version):
        return "none", domain
    return _check_spf(envelope, resolver), domain


def _told_by(raw: bytes, own_server: str) -> tuple[str, str] | None:
    """The topmost Authentication-Results, if our server wrote it: any other one may be the sender's own."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    found = re.search(rb"^authentication-results[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", head, re.IGNORECASE | re.MULTILINE)
    text = " ".join(found[1].decode("ascii", "replace").split()) if found else ""
    if text.partition(";")[0].strip().lower() != own_server.lower():
        return None
    told = _RESULTS.search(text)
    return (told[1].lower(), (told[2] or "").lower()) if told else None


def _check_spf(envelope: Envelope, resolver: Resolver) -> str:
    try:
        import spf
    except ImportError as error:
        raise _missing(error) from error

    class Query(spf.query):  # type: ignore[misc]
        """The library's query, asking our resolver."""

        def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
            """Answers in the shapes that the library works with."""
            answers = resolver(str(name).rstrip(".").lower(), qtype)
            if not answers and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError("too many empty look-ups")
            return [(one,) for one in answers] if qtype in ("TXT", "SPF") else list(answers)

    with contextlib.suppress(Exception):
        return str(Query(envelope.peer, envelope.mail_from, envelope.helo or "unknown", timeout=DNS_TIMEOUT, querytime=20).check()[0])
    return "error"
