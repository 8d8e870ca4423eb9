"""A seller's own flat files: encodings, delimiters, dates, and the facts they make together (issue 6, point 2)."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.errors import UnusableInput
from goodstanding.intake.order_report import Facts, facts_from_reports
from goodstanding.intake.seller_report import unpacked
from goodstanding.intake.tables import moment_of, read_table
from goodstanding.packs.reports import load_health_form, load_table_forms

FORMS = load_table_forms()
CHANNELS = load_health_form().channels
ORDERS = "amazon-order-id\tpurchase-date\torder-status\tfulfillment-channel\tsales-channel\tproduct-name\tasin\tquantity\titem-price\tpromise-date"
ORDER = "111-0000001-0000001\t2026-03-01T10:00:00+00:00\tShipped\tMerchant\tAmazon.de\t{}\tB000000001\t2\t19,90\t2026-03-03"
SHIPPED = "order-id\tship-date\tcarrier-name\ttracking-number\n111-0000001-0000001\t2026-03-04\tNordpost\tNP1\n"


def facts(*texts: str, **more: str) -> Facts:
    files = [read_table(text.encode(), f"{place}.txt", FORMS) for place, text in enumerate(texts)]
    return facts_from_reports(files, FORMS, CHANNELS, "me", more.get("store", ""), more.get("dates", ""))


def notes(found: Facts) -> set[str]:
    return {key for key, _ in found.notes}


def test_orders_and_what_was_confirmed_become_one_fact():
    found = facts(SHIPPED, f"{ORDERS}\n{ORDER.format('Lamp')}\n")
    (order,) = found.orders
    assert order["shipped_at"] == "2026-03-04T00:00:00+00:00"
    assert order["ship_by"] == "2026-03-03T00:00:00+00:00"
    assert (order["marketplace"], order["fulfilment"], order["carrier"], order["tracking_valid"]) == ("DE", "merchant", "Nordpost", "true")
    assert (order["units"], order["amount"]) == (2, 19.9)
    assert found.accounts == [{"account_id": "me", "holder_kind": "seller", "marketplace": "DE", "opened_at": order["placed_at"]}]


def test_several_lines_of_an_order_add_up():
    (order,) = facts(f"{ORDERS}\n{ORDER.format('Lamp')}\n{ORDER.format('Shade')}\n").orders
    assert (order["units"], order["amount"]) == (4, 39.8)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Lampe für Gäste"),
        ("utf-8-sig", "灯"),
        ("cp1252", "Lampe für Gäste – schön"),
        ("shift_jis", "ホワイト ランプ"),
        ("cp932", "白いペン①を使う"),
        ("gb18030", "我们的台灯，适合家用的产品"),
        ("big5", "我們的檯燈，適合家用的產品"),
        ("utf-16", "Lampe für Gäste"),
    ],
)
def test_the_encodings_that_reports_come_in_are_told_from_the_bytes(encoding: str, name: str):
    table = read_table(f"{ORDERS}\n{ORDER.format(name)}\n".encode(encoding), "orders.txt", _with_names())
    assert table.rows[0][1]["name"] == name


def _with_names():  # type: ignore[no-untyped-def]
    from dataclasses import replace

    orders = next(form for form in FORMS.tables if form.name == "orders")
    return replace(FORMS, tables=(replace(orders, columns={**orders.columns, "name": ("product-name",)}),))


def test_a_quote_in_a_tab_delimited_text_is_a_quote_and_csv_is_read_as_csv():
    inches = ORDER.format('12" pan')
    (order,) = facts(f"{ORDERS}\n{inches}\n").orders
    assert order["product_id"] == "B000000001"
    (order,) = facts('order-id,purchase-date,sku\n111-0000001-0000001,2026-03-01,"a, b"\n').orders
    assert order["sku"] == "a, b"


def test_low_ratings_are_defects_and_what_belongs_to_no_order_is_counted_and_left_out():
    feedback = "Date\tRating\tComments\tOrder ID\n3/14/26\t1\tlate\t111-0000001-0000001\n3/15/26\t4\tfine\t111-0000001-0000001\n3/15/26\t2\tno\t999-0000001-0000001\n"
    found = facts(f"{ORDERS}\n{ORDER.format('Lamp')}\n", feedback)
    (defect,) = found.defects
    assert (defect["kind"], defect["at"], defect["text"]) == ("negative_feedback", "2026-03-14T00:00:00+00:00", "late")
    assert ("no_orders", {"n": 1}) in found.notes


def test_what_no_report_says_is_named_and_never_made_up():
    found = facts("order-id\tpurchase-date\torder-status\n111-0000001-0000001\t2026-03-01\tCancelled\n")
    assert {"no_ship_by", "no_shipped", "no_tracking", "no_delivery", "cancelled_by"} <= notes(found)
    (order,) = found.orders
    assert "cancelled_by" not in order
    assert "tracking_valid" not in order


def test_a_line_that_cannot_be_used_is_named_by_file_and_row_and_the_rest_goes_on():
    found = facts(
        f"{ORDERS}\n{ORDER.format('x')}\n??\t2026-03-01\n{ORDER.format('x').replace('2026-03-01T10:00:00+00:00', 'yesterday')}\n{ORDER.format('x')}\tmore\n"
    )
    assert len(found.orders) == 1
    assert [finding.where for finding in found.findings] == ["0.txt row 5", "0.txt row 3", "0.txt row 4"]


@pytest.mark.parametrize(
    ("cell", "is_day_first", "moment"),
    [
        ("2026-03-01T10:00:00-08:00", False, datetime(2026, 3, 1, 18, tzinfo=UTC)),
        ("2026/03/01 10:00:00 JST", False, datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("03/01/2026", False, datetime(2026, 3, 1, tzinfo=UTC)),
        ("1.3.26", True, datetime(2026, 3, 1, tzinfo=UTC)),
        ("3/1/26 1:05 PM", False, datetime(2026, 3, 1, 13, 5, tzinfo=UTC)),
        ("31/02/2026", True, None),
        ("soon", False, None),
    ],
)
def test_dates_are_read_as_reports_write_them(cell: str, is_day_first: bool, moment: datetime | None):
    assert moment_of(cell, is_day_first=is_day_first) == moment


def test_whether_the_day_comes_first_is_told_from_the_whole_column_and_said():
    text = "order-id\tpurchase-date\n111-0000001-0000001\t03/04/2026\n111-0000001-0000002\t25/04/2026\n"
    found = facts(text)
    assert found.orders[0]["placed_at"] == "2026-04-03T00:00:00+00:00"
    assert "day_first" in notes(found)
    assert "month_first" in notes(facts("order-id\tpurchase-date\n111-0000001-0000001\t03/04/2026\n"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\0\0", "is no text"),
        (b"name\tprice\nLamp\t2\n", "is no report that is known here"),
    ],
)
def test_what_is_no_report_is_refused_with_one_reason(content: bytes, reason: str):
    with pytest.raises(UnusableInput, match=reason):
        read_table(content, "x.txt", FORMS)


def test_a_gzipped_report_is_unpacked():
    assert unpacked(gzip.compress(b"a report"), "x.gz") == b"a report"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_one_line(noise: bytes):
    header = b"order-id\tpurchase-date\n"
    try:
        found = facts_from_reports([read_table(header + noise, "x.txt", FORMS)], FORMS, CHANNELS, "me")
    except UnusableInput as refused:
        found, line = None, str(refused)
        assert "\n" not in line
    assert found is None or all(order["placed_at"] for order in found.orders)
