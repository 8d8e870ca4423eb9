"""Mails as holders and forgers send them, signed with a key that is used nowhere else, and a resolver that asks no network."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import dkim

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind
from goodstanding.packs.loader import load_pack
from goodstanding.server.mailroom.addresses import reply_address
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.services.incoming import Taken, take_mail
from goodstanding.server.store.models import Case
from tests.server.factories import NOW, automation, make_account, make_action_in_force, server_pack

SELLER = "li@seller.example"
"""The registered address of the account in these tests."""

REPLIES = "reply.market.example"
"""The domain that answers go to."""

KEY = b"""-----BEGIN RSA PRIVATE KEY-----
MIICWwIBAAKBgQCv8VHUFFi2A7Wo8+DQ/tgy+mmqFac4afG8mkPuTpLm990GjKph
3lHZ9I1GdlL6VGctUKXU8TjH3niw+XqvZH9s3+ctWuFY/QEBoXZauG3Ic0WiIHwO
Y828RuCLn1WUUGQjQqcqRghDQhdsHywNhfd2q4CT3JIbKkK0UzfulJKDzwIDAQAB
AoGAelrQFTSxHKMnyf8P8UfJAmqy4N1+FPVYb1i4tRlff9APnWZldvos4e338XCH
9B6OQi07pgK7AgPs2uYkM6UoF16PPh4/q3TaH77Hpnp1hwD+mUuPMoCOqmCCwOj9
XFO4YxwjfhB7EqO8dZEVehcpk734LrygiW8HF/hgJKmjWoECQQDor71eGX+/4aB2
UO4Z6bBRWFw6p2ZBNyEEsQde66wl3V7Yl5CU0BX/V5N1lrunJJN7XY1gBaB8Zm11
fBuMFmBHAkEAwZIjBrlTH+IEJWXVN9wdk/zaWp3NB2VAFpGmET2def3aodWTYQCe
U4P7/vHHthdaftevsC8ofme3+Q3ZW+5MOQJAYEGq/c1gmpkUzz0lclTI2q3J4X20
gE/0+cLeALdPjI5qGQGCDv2RzAKHfsJvOHKaDBOkU0+glzWsHEjOAIKVKwJAbkOk
mCvxYfQJkJQVhSBp6ObcK0pAhLn0a+bDxoZmshsc85sJvPPxPHmujmeD8AIVlrOe
bKowUvEaJ1DwRCHWYQJAM3u65MUOSquBVR+Y6PzUApNABZSRCXzIhUwvIGjd2yCK
L5r7OcG94zpreLYi1phF5+l8YSYYmg4JoC2SHS0sjg==
-----END RSA PRIVATE KEY-----
"""
PUBLIC = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCv8VHUFFi2A7Wo8+DQ/tgy+mmqFac4afG8mkPuTpLm990GjKph3lHZ9I1GdlL6VGctUKXU8TjH3niw+XqvZH9s3+ctWuFY/QEBoXZauG3Ic0WiIHwOY828RuCLn1WUUGQjQqcqRghDQhdsHywNhfd2q4CT3JIbKkK0UzfulJKDzwIDAQAB"

HOME, EVIL = "192.0.2.10", "198.51.100.7"
"""The servers that seller.example and evil.example send from."""

ZONE: Mapping[tuple[str, str], Sequence[Any]] = {
    ("s1._domainkey.seller.example", "TXT"): [f"v=DKIM1; k=rsa; p={PUBLIC}".encode()],
    ("s1._domainkey.evil.example", "TXT"): [f"v=DKIM1; k=rsa; p={PUBLIC}".encode()],
    ("s1._domainkey.se1ler.example", "TXT"): [f"v=DKIM1; k=rsa; p={PUBLIC}".encode()],
    ("s1._domainkey.xn--seller-8ve.example", "TXT"): [f"v=DKIM1; k=rsa; p={PUBLIC}".encode()],
    ("seller.example", "TXT"): [f"v=spf1 ip4:{HOME} -all".encode()],
    ("evil.example", "TXT"): [f"v=spf1 ip4:{EVIL} -all".encode()],
}
DISPUTE = "We never sold fakes: all items are genuine. The invoice is attached."
PLAN = "Root cause:\nOne supplier sent us fakes.\n\nCorrective actions:\nWe removed 12 listings.\n\nPreventive measures:\nWe test every delivery."


def reading_pack() -> PolicyPack:
    """The test pack with the words by which a mail's route is told."""
    pack, amazon = server_pack(), load_pack("amazon")
    return replace(pack, words={language: replace(words, checks=amazon.words_for(language).checks) for language, words in pack.words.items()})


def resolver(name: str, kind: str) -> Sequence[Any]:
    """The names of these tests."""
    return ZONE.get((name.lower(), kind), ())


def make_case(email: str = SELLER, kind: ActionKind = ActionKind.DEACTIVATE) -> Case:
    """A case in force of an account whose registered address is known."""
    return make_action_in_force(kind, account=make_account(email=email))


def reply_to(case: Case) -> str:
    """The address that the case's letters can be answered to."""
    return reply_address(case_id=case.case_id, expires_at=NOW + timedelta(days=180))


def write(
    to: str,
    body: bytes | str = DISPUTE,
    *,
    sender: str = SELLER,
    sign: str = "seller.example",
    extra: str = "",
    subject: str = "Re: your account",
    id: str = "<1@seller.example>",
    options: Mapping[str, Any] | None = None,
) -> bytes:
    """A mail, signed by the domain `sign` where there is one. `extra`: more header lines; `body` may begin with headers of a multipart."""
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: {id}\r\n{extra}"
    text = (
        body
        if isinstance(body, bytes)
        else f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()
    )
    raw = head.encode() + text
    return signed(raw, sign, **(options or {})) if sign else raw


def signed(raw: bytes, domain: str, **options: Any) -> bytes:
    """The mail with a DKIM signature of a domain."""
    headers = options.pop("include_headers", [b"from", b"to", b"subject", b"date", b"message-id"])
    return bytes(dkim.sign(raw, b"s1", domain.encode(), KEY, include_headers=headers, **options)) + raw


def files(*parts: tuple[str, str, bytes], text: str = DISPUTE) -> bytes:
    """The body of a mail with files: (name, content type, content)."""
    pieces = [f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()]
    for name, kind, content in parts:
        head = f'--b\r\nContent-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        pieces.append(head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n"))
    return b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(pieces) + b"--b--\r\n"


def send(case: Case, pack: Any, raw: bytes, *, peer: str = "203.0.113.5", mail_from: str = SELLER, to: str | None = None, now: Any = NOW) -> Taken:
    """The mail as the listener hands it over."""
    envelope = Envelope(mail_from, (to if to is not None else reply_to(case),), peer, "mx.seller.example")
    return take_mail(call=automation(now=now), pack=pack, raw=raw, envelope=envelope, resolver=resolver)
