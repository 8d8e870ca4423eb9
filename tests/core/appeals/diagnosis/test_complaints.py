"""Reasons that complaints reveal are diagnosed by what the complaints gather on (requirement D2)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose, metric_to_diagnose
from goodstanding.core.appeals.diagnosis.model import Background, CauseKind, Confidence, Diagnosis
from goodstanding.core.appeals.diagnosis.records import from_record, to_record
from goodstanding.core.appeals.diagnosis.sentences import say_cause, say_facts, say_surface
from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import Complaint, ListingChange
from tests.core.appeals.diagnosis.made import LAST, PACK, seller, shipped_on, values_of

REASON = "AUTH_COUNTERFEIT"
SUPPLIERS = {f"P-{number}": "Brightway" if number < 3 else "Harlan" for number in range(11)}


def complaint(number: int, *, order: str | None = None, product: str | None = None, reason: str = REASON) -> Complaint:
    return Complaint(f"C-{number}", "ann", reason, datetime(2026, 3, 30, 9), order_id=order, product_id=product)


def diagnosed(complaints: list[Complaint], changes: tuple[ListingChange, ...] = ()) -> Diagnosis:
    facts, background = seller(lambda n: False, changes=changes)
    columns = {key: {**values, "supplier": SUPPLIERS[values["product_id"]]} for key, values in background.orders.items()}
    facts = replace(facts, complaints=complaints)
    metric = metric_to_diagnose(PACK, facts, LAST, reason=REASON)
    return diagnose(PACK, metric, facts, LAST, None, Background(columns))


def orders_of(product: str, count: int) -> list[str]:
    return [f"O-{n}" for n in range(600) if values_of(n)["product_id"] == product][:count]


def test_complaints_about_one_product_name_the_product() -> None:
    found = diagnosed([complaint(n, order=order) for n, order in enumerate(orders_of("P-4", 12))])
    cause = found.causes[0]
    assert (cause.kind, cause.dimension, cause.value, cause.confidence) == (CauseKind.GROUP, "product_id", "P-4", Confidence.HIGH)
    assert (cause.defects, cause.of_defects, cause.of_orders) == (12, 12, found.denominator)
    assert (found.reason, found.numerator, found.met) == (REASON, 12, None)


def test_complaints_about_the_products_of_a_supplier_name_the_supplier() -> None:
    struck = [order for product in ("P-0", "P-1", "P-2") for order in orders_of(product, 6)]
    cause = diagnosed([complaint(n, order=order) for n, order in enumerate(struck)]).causes[0]
    assert (cause.dimension, cause.value, cause.defects) == ("supplier", "Brightway", 18)


def test_a_complaint_that_names_a_product_alone_counts_with_what_its_orders_share() -> None:
    found = diagnosed([complaint(n, product=f"P-{n % 3}") for n in range(12)])
    without = diagnosed([complaint(0, order="O-599")])
    assert (found.numerator, found.denominator) == (12, (without.denominator or 0) + 12)
    assert (found.causes[0].dimension, found.causes[0].value) == ("supplier", "Brightway")


def test_complaints_since_a_change_of_the_page_name_the_change() -> None:
    changed = ListingChange("L-1", "ann", "P-4", shipped_on(300) - timedelta(days=2), field="title")
    struck = [order for order in orders_of("P-4", 60) if int(order[2:]) >= 320][:12]
    found = diagnosed([complaint(n, order=order) for n, order in enumerate(struck)], (changed,))
    assert {"P-4", "P-4 title"} & {cause.value for cause in found.causes}


def test_complaints_spread_over_everything_claim_nothing() -> None:
    found = diagnosed([complaint(n, order=f"O-{n * 49}") for n in range(12)])
    assert found.causes == ()
    assert found.looks > 0


def test_complaints_of_other_reasons_do_not_count_and_without_any_it_says_so() -> None:
    with pytest.raises(UnusableInput, match="nor is a complaint about it among the facts"):
        diagnosed([complaint(1, order="O-1", reason="COND_USED_AS_NEW")])


@pytest.mark.parametrize("language", PACK.languages)
def test_it_is_told_under_the_name_of_the_reason_and_can_be_kept(language: str) -> None:
    found = diagnosed([complaint(n, order=order) for n, order in enumerate(orders_of("P-4", 12))])
    words = PACK.words_for(language)
    assert words.reasons[REASON] in say_surface(PACK, words, found)
    assert "P-4" in say_cause(words, found, found.causes[0])
    assert words.term("orders_with_complaint") in say_facts(PACK, words, found, found.causes[0])[0]
    assert from_record(to_record(found)) == found
