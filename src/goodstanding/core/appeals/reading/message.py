"""What is read: a message as text with what its envelope says. Whoever has a mail makes one with `intake.notice_email`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a message: what the reader sees and where it leads."""

    shown: str
    target: str


@dataclass(frozen=True, slots=True)
class Message:
    """A notice before it is read. Only `text` is needed; pasted text has nothing else.

    `quoted`: what the message quotes or forwards; read where `text` itself says nothing. `sender`, `reply_to`: bare addresses.
    `authentication`: the results that the receiving mail server noted, method -> result (`spf` -> `fail`). `is_automatic`: an auto-reply.
    `is_bounce`: a report that some mail was not delivered. `troubles`: what went wrong while the bytes were read, one line each.
    """

    text: str
    subject: str = ""
    quoted: str = ""
    sender: str = ""
    reply_to: str = ""
    links: tuple[Link, ...] = ()
    authentication: tuple[tuple[str, str], ...] = ()
    is_automatic: bool = False
    is_bounce: bool = False
    troubles: tuple[str, ...] = ()
