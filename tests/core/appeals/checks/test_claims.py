"""Claims held against facts, and the facts they are held against (requirement F3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from goodstanding.core.appeals.checks.asking import checks_of
from goodstanding.core.appeals.checks.context import Checked, FactSummary, Tally
from goodstanding.core.appeals.checks.reading import Source, read_plan
from goodstanding.core.appeals.checks.registry import run_checks
from goodstanding.core.appeals.checks.summary import summarise
from goodstanding.core.facts import Account, Order, Return
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.terms import Route
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
WORDS = checks_of(PACK)
TODAY = date(2026, 3, 20)
FACTS = FactSummary(TODAY, tallies={"refunded": Tally(9, 12), "answered": Tally(5, 5)}, rates={"late_shipment_rate": (Tally(16, 348), Tally(4, 90))})


def held(text, language="en", facts=FACTS):
    checked = Checked(read_plan(Source(text), WORDS[language]), Route.PLAN, TODAY, facts=facts)
    return {finding.code for finding in run_checks(checked).findings} & {"false-count", "false-rate", "other-count", "false-day", "strange-order"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We refunded all 12 orders.", "en"),
        ("We refunded every order.", "en"),
        ("We refunded 100 % of the orders.", "en"),
        ("Refunds were issued to 10 buyers.", "en"),
        ("我们已向所有买家退款。", "zh-Hans"),
        ("我们已向十二位买家退款。", "zh-Hans"),
        ("我們已向全部12筆訂單退款。", "zh-Hant"),
    ],
)
def test_more_than_was_done_is_shown(text, language):
    assert held(text, language) == {"false-count"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We refunded 9 of 12 orders.", "en"),
        ("We refunded 9 orders.", "en"),
        ("We refunded 75 % of the orders.", "en"),
        ("We will refund all 12 orders.", "en"),
        ("We have not refunded all 12 orders.", "en"),
        ("We answered all 5 messages.", "en"),
        ("截至目前，12笔中有9笔已退款。", "zh-Hans"),
        ("我們已向九筆訂單退款。", "zh-Hant"),
    ],
)
def test_what_the_facts_bear_announcements_and_denials_are_no_false_claims(text, language):
    assert held(text, language) == set()


@pytest.mark.parametrize("rate", ["4.6 %", "4.60%", "4.4 %"])
def test_the_rate_of_any_window_is_right(rate):
    assert held(f"Our late shipment rate was {rate}; the target is less than 4 %.") == set()


def test_a_rate_that_no_window_shows_is_wrong_and_a_target_is_no_claim():
    assert held("Our late shipment rate was 2 %.") == {"false-rate"}
    assert held("Our late shipment rate missed the target of 4 %.") == set()


def test_without_facts_nothing_is_held_against_anybody():
    assert held("We refunded all 12 orders. Our late shipment rate was 2 %.", facts=None) == set()


def moment(day, hour=9):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_the_summary_counts_what_was_known_at_the_end_of_the_day():
    orders = [
        Order(f"o{n}", "S", moment(1), ship_by=moment(3), shipped_at=moment(5 if n < 2 else 2), tracking_valid=True, deliver_by=moment(9))
        for n in range(8)
    ]
    returns = [Return(f"r{n}", f"o{n}", "S", moment(6), refunded_at=moment(8 + 6 * (n > 1)) if n < 3 else None) for n in range(4)]
    facts = AccountFacts("S", [Account("S", "seller", "US", moment(1) - timedelta(days=90))], orders, returns=returns)
    summary = summarise(facts, PACK, date(2026, 3, 10))
    assert summary.tallies["refunded"] == Tally(2, 4), "the third refund is of the 14th"
    assert summary.tallies["shipped"] == Tally(8, 8)
    assert summary.tallies["late"] == Tally(2, 8)
    assert summary.rates["late_shipment_rate"] == (Tally(2, 8), Tally(2, 8))
    assert summary.days["refunded"] == {date(2026, 3, 8)}
    assert summary.orders == {f"o{n}" for n in range(8)}
    assert "answered" not in summary.tallies, "nothing was asked, so nothing can be claimed wrongly"
