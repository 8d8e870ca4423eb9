"""The code that a link asks for: at rest nowhere, short-lived, few tries, and sent to the registered address alone (requirement C2)."""

import email
import email.policy
from datetime import timedelta

import pytest

from goodstanding.core.terms import ActionKind
from goodstanding.server.services import outbox
from goodstanding.server.services.codes import Typed, check_code, digits_of, mask_address, send_code, waiting_code
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Account, EntryCode, LedgerBody, LedgerEntry, Notice, OutboxMessage
from tests.server.factories import NOW, automation, make_account, make_action_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_action_in_force(ActionKind.RESTRICT, account=make_account(email="ada@shop.example"))


@pytest.fixture
def link(case):
    return case.links.get()


def sent(link, pack, *, minutes=0):
    return send_code(call=automation(now=NOW + timedelta(minutes=minutes)), pack=pack, link=link)


def mail(folder):
    (path,) = [one for one in folder.glob("*.eml") if "EC-" in one.name]
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def test_the_code_comes_by_mail_in_the_subject_and_is_written_nowhere_else(case, link, pack, settings):
    code = sent(link, pack).code
    outbox.send_due(now=NOW)
    letter = mail(settings.EMAIL_FILE_PATH)
    assert letter["To"] == "ada@shop.example"
    assert letter["Subject"].startswith(f"{digits_of(code)} is your code"), "a phone shows it without opening the mail"
    assert digits_of(code) in letter.get_content()
    assert "/n/" not in letter.get_content(), "a mail with a code brings no link to follow"
    assert not Notice.objects.filter(body__contains=digits_of(code)).exists()
    kept = [
        str(EntryCode.objects.values_list().get()),
        *LedgerBody.objects.values_list("text", flat=True),
        *map(str, OutboxMessage.objects.values_list()),
    ]
    assert not [text for text in kept if digits_of(code) in text]


def test_another_key_reads_another_code_from_the_same_table(link, pack, settings):
    code = sent(link, pack).code
    here = digits_of(code)
    settings.SECRET_KEY = "another"
    assert digits_of(code) != here
    assert len(here) == 6


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]} {0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}"])
def test_a_right_code_works_once_however_it_is_spaced(link, pack, typed):
    digits = digits_of(sent(link, pack).code)
    assert check_code(call=automation(), link=link, typed=typed.format(digits)) == Typed.RIGHT
    assert check_code(call=automation(), link=link, typed=digits) == Typed.SPENT


def test_full_width_digits_of_a_chinese_keyboard_are_digits(link, pack):
    digits = digits_of(sent(link, pack).code)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    assert check_code(call=automation(), link=link, typed=wide) == Typed.RIGHT


def test_a_code_runs_out_after_its_minutes(link, pack, settings):
    settings.ENTRY_CODE_MINUTES = 3
    code = sent(link, pack).code
    just = automation(now=NOW + timedelta(minutes=3))
    assert waiting_code(of=link, now=NOW + timedelta(seconds=179)) == code
    assert check_code(call=just, link=link, typed=digits_of(code)) == Typed.SPENT


def test_a_new_code_replaces_the_one_before(link, pack):
    first, second = sent(link, pack).code, sent(link, pack, minutes=1).code
    later = automation(now=NOW + timedelta(minutes=2))
    if digits_of(first) != digits_of(second):
        assert check_code(call=later, link=link, typed=digits_of(first)) == Typed.WRONG
    assert check_code(call=later, link=link, typed=digits_of(second)) == Typed.RIGHT


def test_after_the_last_try_the_right_code_is_spent_too_and_the_ledger_tells(case, link, pack):
    digits = digits_of(sent(link, pack).code)
    wrong = str((int(digits) + 1) % 10**6).zfill(6)
    tried = [check_code(call=automation(), link=link, typed=wrong) for _ in range(5)]
    assert tried == [Typed.WRONG] * 4 + [Typed.SPENT]
    assert check_code(call=automation(), link=link, typed=digits) == Typed.SPENT
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="EntryCodeSpent").exists()


def test_so_many_codes_an_hour_and_a_day_for_one_account_by_whichever_link(case, pack, settings):
    settings.ENTRY_CODES_AN_HOUR, settings.ENTRY_CODES_A_DAY = 2, 3
    link = case.links.get()
    make_link(call=automation(), case=case, pack=pack)
    other = case.links.exclude(pk=link.pk).get()
    assert sent(link, pack).code
    assert sent(other, pack, minutes=10).code
    refused = sent(link, pack, minutes=20)
    assert (refused.code, refused.free_at) == (None, NOW + timedelta(minutes=60))
    assert sent(link, pack, minutes=61).code
    assert sent(link, pack, minutes=200).free_at == NOW + timedelta(days=1)


def test_the_code_goes_to_the_address_that_is_registered_now(case, link, pack, settings):
    """A holder who lost the address changes it at the marketplace; the link of the old letter goes on."""
    Account.objects.filter(pk=case.account_id).update(email="new@shop.example")
    sent(link, pack)
    outbox.send_due(now=NOW)
    assert mail(settings.EMAIL_FILE_PATH)["To"] == "new@shop.example"


def test_a_code_that_ran_out_in_the_outbox_is_not_sent(link, pack, settings):
    sent(link, pack)
    message = OutboxMessage.objects.get(payload__has_key="entry_code")
    OutboxMessage.objects.exclude(pk=message.pk).delete()
    assert outbox.send_due(now=NOW + timedelta(hours=1)).dead == 1
    assert not list(settings.EMAIL_FILE_PATH.glob("*EC-*"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ada@shop.example", "a•••@s•••.example"), ("x@y.co.uk", "x•••@y•••.uk"), ("nonsense", ""), ("", ""), ("a@b", "a•••@•••.b")],
)
def test_an_address_is_shown_as_far_as_its_owner_needs(address, shown):
    assert mask_address(address) == shown
