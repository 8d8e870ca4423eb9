"""Addresses for answers, verdicts on mails, and which route a mail's own words take (requirements C2, F0, G1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.incoming import Arrived, chosen_answer, judge, told_answer
from goodstanding.core.appeals.reply_address import ReplyToken, make_reply_address, read_reply_address
from goodstanding.core.terms import MailCause, MailVerdict, Route
from goodstanding.packs.loader import load_pack

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY, DOMAIN = b"a key of the tests", "reply.market.example"
GOOD = Arrived(case_id="C-1", token="good", is_registered=True, is_proved=True)
WORDS = checks_of(load_pack("amazon"))


def make(case_id: str = "C-7K2M9QXW4TPB", *, expires: datetime = NOW + timedelta(days=180)) -> str:
    return make_reply_address(case_id=case_id, expires_at=expires, key=KEY, domain=DOMAIN)


def read(address: str, *, key: bytes = KEY, domain: str = DOMAIN, now: datetime = NOW) -> ReplyToken | None:
    return read_reply_address(address, key=key, domain=domain, now=now)


@given(st.from_regex(r"[A-Z0-9-]{1,30}", fullmatch=True), st.integers(0, 30_000))
def test_an_address_says_its_case_until_its_day_in_any_case_of_letters(case_id: str, days: int) -> None:
    address = make(case_id, expires=NOW + timedelta(days=days))
    assert len(address.split("@")[0]) <= 64
    assert address == address.lower()
    assert read(address) == read(address.upper()) == ReplyToken(case_id, False)
    assert read(address, now=NOW + timedelta(days=days + 1)) == ReplyToken(case_id, True)


@given(st.integers(0, 43), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567-."))
def test_an_address_with_one_sign_changed_is_none(place: int, sign: str) -> None:
    local, _, domain = make().partition("@")
    changed = local[:place] + sign + local[place + 1 :]
    assert changed == local or read(f"{changed}@{domain}") is None


@pytest.mark.parametrize(
    "address", ["", "appeals@reply.market.example", "appeals+@reply.market.example", "x" * 5000, "appeals+c.zz.aaaaaaaaaaaaaaaa@reply.market.example"]
)
def test_other_addresses_are_none(address: str) -> None:
    assert read(address) is None


def test_an_address_of_another_key_or_domain_is_none() -> None:
    assert read(make(), key=b"another") is None
    assert read(make(), domain="reply.other.example") is None
    assert make("C/../X") == ""


@given(
    st.builds(
        Arrived,
        case_id=st.sampled_from(["", "C-1"]),
        token=st.sampled_from(["", "good", "expired", "other"]),
        today=st.integers(0, 30),
        from_headers=st.integers(0, 2),
        senders=st.integers(0, 2),
        **{
            name: st.booleans()
            for name in (
                "is_too_large",
                "is_whole",
                "is_bounce",
                "is_automatic",
                "is_bulk",
                "is_registered",
                "is_known",
                "is_proved",
                "is_replayed",
                "is_empty",
            )
        },
    )
)
def test_only_a_proved_mail_of_the_registered_address_with_a_good_token_is_accepted(mail: Arrived) -> None:
    judged = judge(mail)
    if judged.verdict == MailVerdict.ACCEPTED:
        assert mail.is_registered and mail.is_proved and mail.token == "good" and mail.case_id  # noqa: PT018
        assert judged.cause == MailCause.NONE
    if mail.is_automatic or mail.is_bulk or mail.is_bounce:
        assert judged.verdict in (MailVerdict.IGNORED, MailVerdict.REFUSED)
        assert not judged.is_answered


def test_each_thing_that_is_missing_has_its_own_word() -> None:
    assert judge(GOOD).verdict == MailVerdict.ACCEPTED
    assert judge(replace(GOOD, is_proved=False)).cause == MailCause.UNPROVED
    assert judge(replace(GOOD, is_registered=False)).cause == MailCause.OTHER_SENDER
    assert judge(replace(GOOD, token="expired")).cause == MailCause.EXPIRED_TOKEN
    assert judge(replace(GOOD, today=20)).is_answered is False


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("We never sold fakes: all items are genuine.", Route.DISPUTE),
        ("投诉不实，商品均为正品。", Route.DISPUTE),
        ("Root cause:\nOur supplier mixed two batches.\nCorrective actions:\nWe removed 12 listings.", Route.PLAN),
        ("根本原因：供应商混入了另一批次。\n纠正措施：我们已下架 12 个商品。\n预防措施：每批到货前抽检。", Route.PLAN),
        ("The reason was a wrong feed. We removed the listings. Going forward we check every feed.", Route.PLAN),
        ("Hello, what does this mean?", None),
        ("请问这是什么意思？", None),
        ("", None),
    ],
)
def test_a_mails_own_words_tell_its_route_or_nothing_is_guessed(text: str, route: Route | None) -> None:
    told = told_answer(text, WORDS)
    assert (told.route if told else None) == route


@given(st.text(max_size=400), st.sampled_from(list(Route)))
def test_no_word_is_lost_when_a_text_becomes_an_answer(text: str, route: Route) -> None:
    answer = chosen_answer(text, route, WORDS)
    kept = "".join(part for _, part in answer.parts)
    assert "".join(kept.split()) == "".join(text.split())
