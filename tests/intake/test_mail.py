"""Mails as they come: any charset, any nesting, and bytes that no mail program would send."""

import os
import random
import time
from email.message import EmailMessage

import pytest

from goodstanding.core.appeals.reading.read import read_notice
from goodstanding.intake.charsets import decode
from goodstanding.intake.mail import looks_like_mail, read_mail
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.packs.reading import load_reading
from tests.notice_data import mails

CHINESE = "尊敬的卖家，您的账户已被停用，请在七天内提交申诉。"
TRADITIONAL = "敬愛的賣家，您的帳戶已被停用，請在七天內提出申訴。"
MUTATIONS = int(os.environ.get("GOODSTANDING_MUTATIONS", "150"))
"""Mutated mails that are read; 10,000 is the full number (GOODSTANDING_MUTATIONS=10000)."""


def raw(body: bytes, charset: str = "", extra: str = "") -> bytes:
    kind = f"Content-Type: text/plain{f'; charset={charset}' if charset else ''}\r\nContent-Transfer-Encoding: 8bit\r\n{extra}"
    return f"From: a@shop.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n{kind}\r\n".encode() + body


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("X-GBK", "gbk", CHINESE),
        ("GB2312", "utf-8", CHINESE),
        ("GB2312", "gb18030", CHINESE + "镕"),
        ("", "big5", TRADITIONAL),
        ("", "gbk", CHINESE),
        ("us-ascii", "big5", TRADITIONAL),
        ("iso-8859-1", "gbk", CHINESE),
        ("ks_c_5601-1987", "cp949", "안녕하세요 회원님께 알려 드립니다"),
        ("no-such-charset", "utf-8", CHINESE),
        ("hz-gb-2312", "hz", CHINESE),
        ("utf-8", "utf-8", TRADITIONAL),
    ],
)
def test_text_is_read_whatever_the_charset_is_said_to_be(charset: str, codec: str, text: str) -> None:
    assert read_mail(raw(text.encode(codec), charset)).text == text


def test_western_text_stays_western() -> None:
    text = "Naïve café: größer, señor – it’s £5"
    assert decode(text.encode("cp1252"), "iso-8859-1")[0] == text
    assert decode(text.encode("cp1252"))[0] == text


def test_what_was_wrong_with_a_charset_is_told() -> None:
    assert read_mail(raw(CHINESE.encode(), "GB2312")).troubles == ("the text says GB2312 but is UTF-8",)


def test_subjects_are_decoded_also_where_a_character_is_cut_or_bytes_are_raw() -> None:
    first, second = CHINESE.encode("gb18030")[:7], CHINESE.encode("gb18030")[7:]
    from base64 import b64encode

    words = b"Subject: =?gb2312?B?" + b64encode(first) + b"?=\r\n =?gb2312?B?" + b64encode(second) + b"?=\r\nFrom: a@b.example\r\n\r\nx"
    assert read_mail(words).subject == CHINESE
    assert read_mail(b"Subject: " + TRADITIONAL.encode("big5") + b"\r\nFrom: a@b.example\r\n\r\nx").subject == TRADITIONAL


def test_a_mail_of_html_alone_gives_its_text_and_its_links() -> None:
    mail = EmailMessage()
    mail["From"] = "a@shop.example"
    mail.set_content(
        '<html><style>p{}</style><p>First</p><p style="display:none">hidden</p><a href="https://x.example/">Show</a></html>', subtype="html"
    )
    read = read_mail(mail.as_bytes())
    assert read.text.split() == ["First", "Show"]
    assert read.links == (("Show", "https://x.example/"),)


def test_attachments_are_files_and_a_forwarded_mail_is_quoted_text() -> None:
    inner = EmailMessage()
    inner["Subject"] = "The notice"
    inner.set_content("Your account has been deactivated.")
    outer = EmailMessage()
    outer["From"] = "Holder <Holder@Shop.example>"
    outer["In-Reply-To"] = "<1@x>"
    outer["References"] = "<0@x> <1@x>"
    outer.set_content("Please help.")
    outer.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="发票.pdf")
    outer.add_attachment(inner)
    mail = read_mail(outer.as_bytes())
    assert mail.text == "Please help."
    assert mail.quoted == "The notice\nYour account has been deactivated."
    assert [(file.name, file.content_type, file.size) for file in mail.attachments] == [("发票.pdf", "application/pdf", 8)]
    assert (mail.sender, mail.in_reply_to, mail.references) == ("holder@shop.example", "<1@x>", ("<0@x>", "<1@x>"))
    found = read_notice(message_from_bytes(outer.as_bytes()), load_reading())
    assert found.stage is not None
    assert found.stage.code == "deactivated"


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 1 Jan 2024 at 10:00, Some One <a@b.example>\nwrote:\n> old",
        '------------------ 原始邮件 ------------------\n发件人: "a"\nold',
        "发件人： a@b.example\n发送时间： 2024-01-01 10:00\n收件人： c\n主题： 回复：x\n\nold",
        "寄件者: a\n寄件日期: 2024年1月1日\n收件者: b\n主旨: x\nold",
        "在 2024年1月1日，下午8:00，a@b.example 写道：\n> old",
        "-----Original Message-----\nFrom: a\nold",
        "---------- Forwarded message ---------\nold",
        "From: a\nSent: Monday\nTo: b\nSubject: x\n\nold",
        "> old",
    ],
)
def test_what_a_mail_program_repeats_is_told_from_what_was_written(quote: str) -> None:
    mail = read_mail(raw(f"My answer.\n\n{quote}\n".encode(), "utf-8"))
    assert mail.text == "My answer."
    assert "old" in mail.quoted


def test_an_answer_below_the_quote_is_kept() -> None:
    mail = read_mail(raw(b"> Where is it?\n\nHere it is.\n", "utf-8"))
    assert mail.text.strip() == "Here it is."


def test_subjects_of_one_thread_are_equal() -> None:
    subjects = ["Re: Your plan", "回复：Your plan", "Re：回复: Your plan", "FW: Your plan", "Your  plan", "轉寄: Re[2]: Your plan"]
    assert {read_mail(raw(b"x").replace(b"Hello", subject.encode())).thread_subject for subject in subjects} == {"Your plan"}


def test_automatic_answers_and_bounces_are_told_apart_from_answers() -> None:
    assert read_mail(raw(b"x", extra="Auto-Submitted: auto-replied\r\n")).is_automatic
    assert not read_mail(raw(b"x", extra="Auto-Submitted: no\r\n")).is_automatic
    assert read_mail(raw(b"x").replace(b"a@shop.example", b"MAILER-DAEMON@x.example")).is_bounce


def test_only_the_topmost_authentication_results_count() -> None:
    """Below it anybody may have written one."""
    extra = "Authentication-Results: mx.example; spf=fail; dkim=none\r\nAuthentication-Results: forged; dkim=pass; spf=pass\r\n"
    assert dict(read_mail(raw(b"x", extra=extra)).authentication) == {"spf": "fail", "dkim": "none"}


def test_pasted_text_is_no_mail() -> None:
    assert not looks_like_mail(b"Dear seller: your account is closed.\n\nFrom: now on")
    assert not looks_like_mail("问题：账户停用".encode())
    assert looks_like_mail(raw(b"x"))


@pytest.mark.real_data
def test_every_mail_of_the_collection_is_read() -> None:
    """The traps of malformed, bounced, nested and oddly encoded mails."""
    if not mails():
        pytest.skip("the collection of mails is not beside the checkout")
    for path in mails():
        message = message_from_bytes(path.read_bytes())
        read_notice(message, load_reading())
        assert "\0" not in message.text
    texts = {path.name: message_from_bytes(path.read_bytes()) for path in mails()}
    assert "代开各类增值税发票" in texts["mail_test_12.eml"].text
    assert texts["chardet-success-big-5.raw"].text.startswith("顏是家訓")
    assert texts["issue-410.eml"].text == "Hi!"
    assert texts["rfc3834-02.eml"].is_automatic
    assert texts["rhost-tencent-01.eml"].is_bounce


def mutated(seed: int, sources: list[bytes]) -> bytes:
    """A mail with bytes flipped, cut, doubled or two mails joined."""
    dice = random.Random(seed)
    content = bytearray(dice.choice(sources)[:20_000])
    for _ in range(dice.randint(1, 12)):
        at, span = dice.randrange(len(content) + 1), dice.randint(1, 60)
        match dice.randrange(5):
            case 0:
                content[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del content[at : at + span]
            case 2:
                content[at:at] = content[at : at + span] * dice.randint(1, 20)
            case 3:
                other = dice.choice(sources)
                start = dice.randrange(len(other) + 1)
                content[at : at + span] = other[start : start + dice.randint(1, 2_000)]
            case _:
                content[at:at] = dice.choice(
                    [b"\r\n\r\n", b"=?utf-8?B?", b"--", b"\0", b"charset=", b"<a href=", b"\xff\xfe", b";" * span, b"(" * span]
                )
    return bytes(content[:60_000])


def test_no_mutated_mail_makes_the_reader_fail_or_hang() -> None:
    """Robustness against whatever arrives; the seeds are the numbers, so a failure can be had again."""
    own = [
        raw(CHINESE.encode("gbk"), "X-GBK"),
        raw(b"My answer.\n\nOn Monday a@b wrote:\n> old"),
        raw(b"<p>Your account has been deactivated</p>", "utf-8"),
    ]
    sources = own + [path.read_bytes() for path in mails()]
    words, slowest = load_reading(), 0.0
    for seed in range(MUTATIONS):
        begun = time.process_time()
        read_notice(message_from_bytes(mutated(seed, sources)), words)
        slowest = max(slowest, time.process_time() - begun)
    assert slowest < 10, "the time that one mail takes is bounded"
