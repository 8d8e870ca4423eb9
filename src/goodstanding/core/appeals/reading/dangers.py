"""Signs of a forged notice. The address of a rights owner is none: real notices name it, as the one to write to for a retraction."""

import re

from goodstanding.core.appeals.reading.matching import hits
from goodstanding.core.appeals.reading.message import Link, Message
from goodstanding.core.appeals.reading.normal import Normal
from goodstanding.core.appeals.reading.notice_read import Caution
from goodstanding.core.appeals.reading.words import ReadingWords, Tongue

_HOST = re.compile(r"(?:https?://|www\.)(?:[^\s/@]{0,80}@)?([a-z0-9.\-]{1,253})", re.IGNORECASE)
_SHOWN_HOST = re.compile(r"(?:^|[\s/@(])((?:[a-z0-9\-]{1,63}\.){1,6}[a-z]{2,18})(?=$|[\s/:?#)])", re.IGNORECASE)
_LOOKALIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "@": "a", "і": "i", "а": "a", "о": "o", "е": "e", "z": "z"})
MOST_LINKS = 300
"""Links of one message that are looked at."""


def dangers_in(message: Message, text: Normal, tongue: Tongue | None, words: ReadingWords) -> list[Caution]:
    """Every sign of a forged message."""
    found: list[Caution] = []
    if tongue:
        for code, phrases in tongue.dangers.items():
            places = hits(text, phrases, ())
            if places:
                found.append(Caution(code, text.passage(places[0].start, places[0].end)))
    found += _links(message, text, words)
    found += _envelope(message, words)
    return found


def is_own(host: str, words: ReadingWords) -> bool:
    """Whether a host belongs to the marketplace. `*` in the pack's list stands for one country ending, `com` or `co.uk`."""
    host = host.lower().strip(".")
    return any(re.fullmatch(rf"(?:[a-z0-9\-]+\.)*{_as_regex(own)}", host) for own in words.hosts)


def _as_regex(own: str) -> str:
    return re.escape(own).replace(r"\*", r"(?:com|[a-z]{2}|com?\.[a-z]{2})")


def _imitates(host: str, words: ReadingWords) -> bool:
    """Whether a foreign host carries the marketplace's name, perhaps with look-alike letters."""
    plain = host.lower().translate(_LOOKALIKE).replace("rn", "m").replace("vv", "w")
    brands = {own.split(".")[0] for own in words.hosts}
    return any(re.search(rf"(?:^|[.\-]){re.escape(brand)}|{re.escape(brand)}(?:[.\-]|$)", plain) for brand in brands)


def _links(message: Message, text: Normal, words: ReadingWords) -> list[Caution]:
    found: dict[tuple[str, str], Caution] = {}
    written = [Link("", match[0]) for match in _HOST.finditer(text.original)]
    for link in [*message.links, *written][:MOST_LINKS]:
        target = _HOST.match(link.target)
        host = target[1].lower() if target else ""
        if not host or is_own(host, words):
            continue
        shown = _SHOWN_HOST.search(link.shown)
        if shown and shown[1].lower() != host and is_own(shown[1], words):
            found.setdefault(("misleading_link", host), Caution("misleading_link", link.shown.strip(), {"host": host, "shown": shown[1].lower()}))
        elif _imitates(host, words):
            found.setdefault(("lookalike_host", host), Caution("lookalike_host", link.target[:160], {"host": host}))
    return list(found.values())


def _envelope(message: Message, words: ReadingWords) -> list[Caution]:
    found = []
    sender, reply = _host_of(message.sender), _host_of(message.reply_to)
    is_sent_by_us = is_own(sender, words)
    if sender and not is_sent_by_us and _imitates(sender, words):
        found.append(Caution("lookalike_host", message.sender, {"host": sender}))
    if reply and reply != sender and not is_own(reply, words) and (is_sent_by_us or _imitates(sender, words)):
        found.append(Caution("reply_elsewhere", message.reply_to, {"host": reply, "sender": sender}))
    failed = [f"{method}={result}" for method, result in message.authentication if result in ("fail", "softfail", "permerror")]
    passed = {method for method, result in message.authentication if result == "pass"}
    # One of SPF and DKIM is enough for DMARC; a forwarded mail fails SPF and is still genuine by its signature.
    if failed and not passed & {"dmarc", "dkim"}:
        found.append(Caution("not_authentic", ", ".join(failed), {"sender": sender}))
    return found


def _host_of(address: str) -> str:
    return address.rpartition("@")[2].strip("<> ").lower() if "@" in address else ""
