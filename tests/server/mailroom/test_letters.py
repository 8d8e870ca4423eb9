"""Notices as mails: correct in any script, the same bytes every time."""

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.errors import UnusableInput
from goodstanding.core.notices import NoticeText
from goodstanding.core.terms import NoticeKind
from goodstanding.server.mailroom.letters import compose_message, message_id, usable_address
from tests.server.factories import NOW

SENDER = "Account standing <standing@market.example>"
ROWS = (("reason", "id"), ("late", "O-1"), ("late, very", '=cmd("x")'))
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=400).map(lambda text: " ".join(text.split()))


def text(subject="Your account", body="Hello\n", rows=()):
    return NoticeText(NoticeKind.ACTION, subject, body, "zh-Hant", rows)


def compose(content, recipient="seller@example.com"):
    raw = compose_message(notice_id="N-1", text=content, sender=SENDER, recipient=recipient, at=NOW)
    return raw, message_from_bytes(raw, policy=policy.default)


def read(part):
    """The text as a mail program shows it: lines end in CRLF on the way."""
    return part.get_content().replace("\r\n", "\n")


def test_the_same_notice_is_the_same_bytes():
    assert compose(text(rows=ROWS))[0] == compose(text(rows=ROWS))[0]


def test_the_headers_say_who_to_whom_when_and_that_a_machine_wrote_it():
    _, mail = compose(text())
    assert mail["From"] == SENDER
    assert mail["To"] == "seller@example.com"
    assert parsedate_to_datetime(mail["Date"]) == NOW
    assert mail["Message-ID"] == message_id(notice_id="N-1", sender=SENDER) == "<N-1@market.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "zh-Hant"


@given(
    subject=LINES, body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=2000)
)
def test_any_script_comes_through_seven_bits_whole(subject, body):
    raw, mail = compose(text(subject, body + "\n"))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert mail["Subject"] == subject
    assert read(mail).rstrip("\n") == body.rstrip("\n")


@given(
    subject=LINES | st.text("abc =?<>,.;:-", max_size=90).map(lambda text: " ".join(text.split())),
    name=st.text("ab.+-_", min_size=1, max_size=80),
)
def test_headers_that_are_written_as_they_are_said_look_as_the_library_writes_them(subject, name):
    """All letters kept so far were written by the library alone; they must stay what would be sent again."""
    recipient = usable_address(f"{name}@market.example") or "seller@market.example"
    theirs = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    theirs["To"], theirs["Subject"] = Address(addr_spec=recipient), subject
    raw = compose_message(notice_id="N-1", text=text(subject), sender=SENDER, recipient=recipient, at=NOW)
    assert b"\r\n" + theirs.as_bytes().removesuffix(b"\r\n") in raw


def test_the_list_of_items_is_attached_byte_for_byte():
    _, mail = compose(text(body="見附件\n", rows=ROWS))
    assert read(mail.get_body()) == "見附件\n"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "facts.csv"
    assert attached.get_payload(decode=True).decode() == '\ufeffreason,id\r\nlate,O-1\r\n"late, very","\'=cmd(""x"")"\r\n'


def test_a_letter_for_the_portal_only_names_no_recipient():
    _, mail = compose(text(), recipient="")
    assert mail["To"] is None


@pytest.mark.parametrize(
    "address", ["", "nobody", "@market.example", "a@b@c", "two words@market.example", "x@y\r\nBcc: z@y", "müller@market.example"]
)
def test_garbage_for_an_address_is_no_address(address):
    assert usable_address(address) == ""


def test_an_address_is_taken_as_it_is():
    assert usable_address(" Seller.One+shop@Market.Example ") == "Seller.One+shop@Market.Example"


def test_a_wrong_sender_is_told_by_the_name_of_its_setting():
    with pytest.raises(UnusableInput, match="GOODSTANDING_MAIL_FROM is 'nobody'"):
        compose_message(notice_id="N-1", text=text(), sender="nobody", recipient="", at=NOW)
