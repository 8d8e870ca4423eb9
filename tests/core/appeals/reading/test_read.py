"""What a notice says, told from texts that no collection holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.appeals.reading.message import Link, Message
from goodstanding.core.appeals.reading.notice_read import NoticeRead
from goodstanding.core.appeals.reading.read import read_notice
from goodstanding.packs.reading import load_reading

WORDS = load_reading()


def read(text: str, **envelope: object) -> NoticeRead:
    return read_notice(Message(text, **envelope), WORDS)


def codes(notice: NoticeRead) -> set[str]:
    return {found.code for found in notice.reasons}


def asked(notice: NoticeRead) -> set[str]:
    return {ask.code for ask in notice.asks}


AUTHENTICITY = """Hello from Seller Central,

Your account has been deactivated under Section 3 of the agreement.
We got several complaints about the authenticity of these goods: B0TESTAA11, B0TESTAA12 (order 111-2222222-3333333).

Please provide within 10 days:
- supplier invoices issued in the past 180 days
- a letter of authorization from the brand
"""


def test_a_notice_gives_stage_reason_clause_numbers_asks_and_deadline() -> None:
    """D1: everything that another system wrote into one letter."""
    notice = read(AUTHENTICITY)
    assert notice.stage is not None
    assert notice.stage.code == "deactivated"
    assert codes(notice) == {"AUTH_INAUTHENTIC"}
    assert [found.code for found in notice.legal_basis] == ["SECTION_3"]
    assert notice.products == ("B0TESTAA11", "B0TESTAA12")
    assert notice.orders == ("111-2222222-3333333",)
    assert asked(notice) == {"invoices_180d", "letter_of_authorization"}
    assert [(due.within_hours, due.on) for due in notice.deadlines] == [(240, None)]
    assert notice.language == "en"
    assert notice.system == "amazon"


def test_every_reason_comes_with_the_passage_that_shows_it() -> None:
    notice = read(AUTHENTICITY)
    assert "complaints about the authenticity" in notice.reasons[0].where
    assert 0.5 < notice.reasons[0].confidence <= 1


def test_a_clause_of_the_agreement_is_never_a_reason() -> None:
    """Section 3 of the field's facts: the clause is relied on, what happened stands elsewhere."""
    notice = read("Your seller account has been deactivated in accordance with section 3 of the agreement.")
    assert codes(notice) == set()
    assert "only_legal_basis" in {caution.code for caution in notice.warnings}


def test_a_refusal_that_asks_for_documents_is_a_refusal() -> None:
    notice = read("We reviewed your appeal and cannot reinstate your account. Please send invoices of the last 365 days to us.")
    assert notice.stage is not None
    assert notice.stage.code == "appeal_rejected"
    assert "invoices_365d" in asked(notice)


def test_what_is_not_said_stays_unknown_and_is_named() -> None:
    notice = read("Hello, we hope that you enjoy the spring with your family and friends.")
    assert notice.stage is None
    assert notice.reasons == ()
    assert notice.channel is None
    assert {"no_stage", "no_reason", "no_asks", "no_deadline", "no_channel"} <= {caution.code for caution in notice.warnings}


def test_what_could_happen_has_not_happened() -> None:
    notice = read("We received complaints. If you do not answer, your account may be deactivated.")
    assert notice.stage is not None
    assert notice.stage.code in ("at_risk", "warning")


SIMPLIFIED = "尊敬的卖家：您的账户已被停用，因为您的迟发率超过了４％。请在１７天内提交行动计划，并提供过去 90 天内开具的水电费账单。资金将冻结90天。"
TRADITIONAL = (
    "敬愛的賣家：您的帳戶已被停用，因為您的延遲出貨率超過了 4%。請在十七天內提交行動計劃，並提供過去 90 天內開具的水電費帳單。款項將凍結90天。"
)


@pytest.mark.parametrize(("text", "language"), [(SIMPLIFIED, "zh-Hans"), (TRADITIONAL, "zh-Hant")])
def test_both_chinese_scripts_say_the_same(text: str, language: str) -> None:
    """L1; full-width digits and punctuation count as the narrow ones."""
    notice = read(text)
    assert notice.language == language
    assert notice.stage is not None
    assert notice.stage.code == "deactivated"
    assert codes(notice) == {"PERF_LATE_SHIPMENT"}
    assert asked(notice) == {"poa", "utility_bill_90d"}
    assert [due.within_hours for due in notice.deadlines] == [17 * 24]
    assert notice.funds_hold_days == 90


def test_a_day_is_read_where_it_is_certain_and_pointed_at_where_not() -> None:
    notice = read("Your listing was removed. Please submit the certificate by 5 March 2026.")
    assert [str(due.on) for due in notice.deadlines] == ["2026-03-05"]
    unsure = read("Your listing was removed. Please submit the certificate by 05/03/2026.")
    assert unsure.deadlines == ()
    assert "unclear_date" in {caution.code for caution in unsure.warnings}


def test_ages_of_documents_and_held_money_are_no_deadlines() -> None:
    notice = read(
        "Your account is deactivated. Provide a utility bill dated within the last 90 days. After 90 days you may request a disbursement of funds."
    )
    assert notice.deadlines == ()
    assert notice.funds_hold_days == 90


def test_a_forwarded_notice_is_read_where_the_forwarder_says_nothing() -> None:
    notice = read("See below.", quoted=AUTHENTICITY)
    assert codes(notice) == {"AUTH_INAUTHENTIC"}
    answered = read("Your appeal was rejected. We still see late shipments.", quoted=AUTHENTICITY)
    assert codes(answered) == {"PERF_LATE_SHIPMENT"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("To unlock the account pay the processing fee of $200 today.", "asks_fee"),
        ("Reply with your password and the one-time code.", "asks_password"),
        ("Contact our manager on WhatsApp +1 555 0100.", "foreign_contact"),
        ("请支付解冻费用并添加微信。", "foreign_contact"),
        ("請支付解凍費用。", "asks_fee"),
        ("Sign in at https://sellercentral.arnazon-help.com/x", "lookalike_host"),
    ],
)
def test_signs_of_a_forged_notice_are_named(text: str, code: str) -> None:
    notice = read(text)
    assert code in {caution.code for caution in notice.warnings}
    assert notice.is_suspicious


def test_the_address_of_a_rights_owner_is_no_sign_of_forgery() -> None:
    """Real notices name it: the owner is the one who can take the complaint back."""
    text = "We removed your listings because of a trademark infringement complaint.\nRights owner: Example Brand, legal@brand-law.example, https://brand-law.example/contact\nContact the rights owner for a retraction."
    notice = read(text, sender="notice@amazon.com", authentication=(("dkim", "pass"), ("spf", "pass")))
    assert not notice.is_suspicious
    assert codes(notice) == {"IP_TRADEMARK"}
    assert asked(notice) == {"retraction"}


def test_a_link_that_shows_one_host_and_leads_to_another_is_named() -> None:
    notice = read("Sign in.", links=(Link("https://sellercentral.amazon.com/appeal", "https://login.example.net/a"),))
    assert [caution.values["host"] for caution in notice.warnings if caution.code == "misleading_link"] == ["login.example.net"]


def test_an_envelope_that_does_not_fit_is_named() -> None:
    notice = read("Hello.", sender="help@amazon.com", reply_to="agent@freemail.example", authentication=(("dmarc", "fail"), ("spf", "fail")))
    assert {"reply_elsewhere", "not_authentic"} <= {caution.code for caution in notice.warnings}
    forwarded = read("Hello.", sender="help@amazon.co.uk", authentication=(("dkim", "pass"), ("spf", "fail")))
    assert not forwarded.is_suspicious


def test_other_languages_are_said_to_be_unread() -> None:
    notice = read("Ihr Konto wurde gesperrt, weil Ihre Quote verspäteter Lieferungen B0TESTAA11 zu hoch ist.")
    assert notice.language is None
    assert notice.products == ("B0TESTAA11",)
    assert "unknown_language" in {caution.code for caution in notice.warnings}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.sampled_from([AUTHENTICITY, SIMPLIFIED, TRADITIONAL]), st.integers(0, 200))
def test_no_text_makes_the_reader_fail(noise: str, notice: str, place: int) -> None:
    read(noise)
    document = read(notice[:place] + noise + notice[place:]).as_document()
    assert set(document) >= {"stage", "reasons", "asks", "deadlines", "warnings"}


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 99), st.sampled_from(["in the next {} days", "within {} days", "You have {} days to respond", "no later than {} days from today"])
)
def test_a_period_is_read_as_it_is_written(days: int, form: str) -> None:
    notice = read(f"Your listing was removed. Please reply {form.format(days)}.")
    assert [due.within_hours for due in notice.deadlines] == [24 * days]


FAMILIES = [
    ("Your order was placed on hold since the billing address does not match your card.", "BUYER_PAYMENT_HOLD", "on_hold"),
    ("The charger overheated, a customer reported. We removed your listing.", "SAFETY_PRODUCT", "listing_removed"),
    ("Unfortunately your application to sell in the jewelry category was declined.", "CATEGORY_APPROVAL", "application_rejected"),
    ("We closed your Amazon account after an unusual number of returns.", "BUYER_RETURNS_ABUSE", "buyer_closed"),
    ("You issued refunds without a valid reason, which is an abuse. Your account was deactivated.", "ABUSE_REFUNDS", "deactivated"),
    ("Listing removed. We got a notice of infringement from Brand Inc. for trademark 123456.", "IP_TRADEMARK", "listing_removed"),
    ("We removed your ability to sell after complaints that your items were used.", "COND_USED_SOLD_AS_NEW", "privileges_removed"),
    ("The prices are significantly higher than before, against our fair pricing rules; we suspended your account.", "PRICING_POLICY", "suspended"),
    ("您的账户因与另一个已停用的账户存在关联而被停用。", "RELATED_ACCOUNT", "deactivated"),
    ("您提供的发票系伪造，您的账户已被永久停用。", "FORGED_DOCUMENTS", "permanent_deactivation"),
    ("您的账户可能因迟发率过高而被停用。", "PERF_LATE_SHIPMENT", "at_risk"),
    ("我們收到買家投訴，稱收到的商品為二手而非新品，您的商品已下架。", "COND_USED_SOLD_AS_NEW", "listing_removed"),
    ("您的帳戶正在審核中，以確認近期訂單的出貨。", "VELOCITY_REVIEW", "under_review"),
    ("我們已關閉您的帳戶，因為您的退貨次數過多。", "BUYER_RETURNS_ABUSE", "buyer_closed"),
]


@pytest.mark.parametrize(("text", "reason", "stage"), FAMILIES)
def test_reasons_of_few_samples_are_read_too(text: str, reason: str, stage: str) -> None:
    notice = read(text)
    assert codes(notice) == {reason}
    assert notice.stage is not None
    assert notice.stage.code == stage


def test_another_account_that_was_closed_is_not_this_one() -> None:
    notice = read("Your account is related to another account that was deactivated. Please explain how the accounts are related.")
    assert notice.stage is None or notice.stage.code != "deactivated"
    assert codes(notice) == {"RELATED_ACCOUNT"}


def stage(text: str) -> str | None:
    found = read(text).stage
    return found.code if found else None


def test_what_may_happen_is_no_stage_but_what_did_happen_in_the_same_sentence_is() -> None:
    assert stage("Your seller account may be deactivated unless you reply within 3 days.") == "at_risk"
    assert stage("Your seller account has been deactivated because the fee could not be charged.") == "deactivated"


def test_the_same_words_mean_another_reason_to_a_buyer_than_to_a_seller() -> None:
    assert codes(read("Dear customer, we closed your account: you asked for refunds on an unusual number of orders.")) == {"BUYER_CONCESSION_ABUSE"}
    assert codes(read("Your seller account is deactivated: you issued an unusual number of refunds to buyers without any reason.")) == {
        "ABUSE_REFUNDS"
    }


def test_a_buyers_account_that_is_deactivated_is_closed_and_a_sellers_is_not() -> None:
    assert stage("We have deactivated your customer account because of excessive returns.") == "buyer_closed"
    assert stage("We closed your seller account because it is linked to one that was closed earlier.") == "deactivated"


def test_documents_that_could_not_be_verified_as_genuine_are_told_as_forged() -> None:
    assert "FORGED_DOCUMENTS" in codes(read("Your seller account is deactivated as your invoices could not be verified as genuine."))


def test_sending_customers_to_another_website_is_misuse_of_messages() -> None:
    assert codes(read("Your selling privileges were removed because you directed customers to another website.")) == {"BUYER_MESSAGE_ABUSE"}


def test_claims_for_parcels_that_never_came_are_told_as_claims() -> None:
    assert codes(read("Your listings are suspended: buyers filed A-to-z claims because packages were never received.")) == {"PERF_ATOZ"}
