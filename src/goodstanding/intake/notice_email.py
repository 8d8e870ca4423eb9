"""From a file or pasted text to the message that `read_notice` reads."""

from goodstanding.core.appeals.reading.message import Link, Message
from goodstanding.intake.charsets import decode
from goodstanding.intake.mail import Mail, looks_like_mail, read_mail


def message_from_bytes(content: bytes) -> Message:
    """A message from the bytes of an `.eml` file or of a text in any charset. Never raises."""
    if looks_like_mail(content):
        return message_from_mail(read_mail(content))
    text, trouble = decode(content)
    return Message(text=text.replace("\0", ""), troubles=(trouble,) if trouble else ())


def message_from_mail(mail: Mail) -> Message:
    """The message of a mail that was read already."""
    return Message(
        text=mail.text,
        subject=mail.subject,
        quoted=mail.quoted,
        sender=mail.sender,
        reply_to=mail.reply_to,
        links=tuple(Link(shown, target) for shown, target in mail.links),
        authentication=mail.authentication,
        is_automatic=mail.is_automatic,
        is_bounce=mail.is_bounce,
        troubles=mail.troubles,
    )
