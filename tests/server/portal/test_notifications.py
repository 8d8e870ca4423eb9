"""Notifications with what is new, a letter with its facts as a table and a file, and the orders behind a metric (requirements A5, C1)."""

import csv
import io
from collections.abc import Callable

from django.test import Client

from goodstanding.server.store.models import Case, MetricItems, MetricReading, Notice
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]


def text(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


def test_the_list_says_what_is_new_and_can_be_narrowed(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["upheld"]
    browser, start = holder_of(case), f"/account/{case.account_id}/notices/"
    letters = Notice.objects.filter(case=case)
    before = text(browser, start)
    assert before.count('class="card flat new"') == letters.count() > 2
    first = letters.get(kind="action")
    assert "What it rests on" in text(browser, f"{start}{first.pk}/")
    first.refresh_from_db()
    opened_at = first.read_at
    assert opened_at is not None
    text(browser, f"{start}{first.pk}/")
    first.refresh_from_db()
    assert first.read_at == opened_at
    assert text(browser, start).count('class="card flat new"') == letters.count() - 1
    assert first.pk not in text(browser, f"{start}?show=unread")
    assert text(browser, f"{start}?kind=action").count("card flat") == 1
    assert f"{letters.count() - 1} new" in text(browser, f"/account/{case.account_id}/")
    assert browser.get(f"{start}?page=99&kind=nonsense").status_code == 200


def test_a_letter_gives_its_facts_as_a_table_and_as_a_file(show: Showcase, holder_of: Enter) -> None:
    """C1: what the letter said then, in the reader's words; a cell that would run as a formula is guarded."""
    case = show.cases["in_force"]
    notice = case.notices.get(kind="action")
    notice.statement["reasons"][0]["items"][0]["facts"] = [["carrier", "=HYPERLINK(1)"]]
    notice.save(update_fields=["statement"])
    browser, start = holder_of(case), f"/account/{case.account_id}/notices/{notice.pk}/"
    page = text(browser, start)
    items = [item["id"] for reason in notice.statement["reasons"] for item in reason["items"]]
    assert all(item in page for item in items)
    assert "Appeal this decision" in page
    answer = browser.get(f"{start}facts.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer["Content-Disposition"].startswith("attachment")
    assert {item for row in rows for item in row} >= set(items)
    assert any("'=HYPERLINK(1)" in row for row in rows)


def test_a_letter_is_told_in_the_readers_language_as_long_as_it_says_the_same(show: Showcase, holder_of: Enter) -> None:
    """C3: reasons and counts; where the facts have moved on since, the letter's own words stay."""
    case = show.cases["in_force"]
    notice = case.notices.get(kind="action")
    browser, path = holder_of(case), f"/account/{case.account_id}/notices/{notice.pk}/"
    browser.cookies["django_language"] = "zh-hans"
    page = text(browser, path)
    assert "1. 迟发率超标" in page
    assert "112 个订单中有 12 个" in page
    assert 'lang="en">Dear' in page, "the letter itself stays as it was sent"
    late = case.action.violations.get(reason="PERF_LATE_SHIPMENT")
    late.numerator = 11
    late.save(update_fields=["numerator"])
    page = text(browser, path)
    assert 'lang="en">1. Late shipment' in page
    assert "12 of 112 orders" in page


def test_behind_a_metric_stand_its_orders_page_by_page(show: Showcase, holder_of: Enter) -> None:
    """A5: down to the order, with window and target; nobody else's."""
    case = show.cases["in_force"]
    MetricItems.objects.all().delete()
    reading = MetricReading.objects.filter(account=case.account_id).first()
    assert reading is not None
    items = [{"id": f"O-{n:03}", "kind": "orders", "facts": {"carrier": "=cmd" if n == 0 else "SwiftParcel"}} for n in range(60)]
    MetricItems.objects.create(account_id=case.account_id, metric=reading.metric, as_of=reading.as_of, count=75, items=items)
    browser, path = holder_of(case), f"/account/{case.account_id}/metric/{reading.metric}/"
    assert path in text(browser, f"/account/{case.account_id}/")
    first, second = text(browser, path), text(browser, f"{path}?page=2")
    assert ("O-049" in first, "O-050" in first, "O-050" in second) == (True, False, True)
    assert "15 older ones count too" in first
    rows = list(csv.reader(io.StringIO(browser.get(path.rstrip("/") + ".csv").content.decode("utf-8-sig"))))
    assert (len(rows), "'=cmd" in rows[1]) == (61, True)
    assert browser.get(f"/account/{case.account_id}/metric/nonsense/").status_code == 404
    other = holder_of(show.cases["in_review"])
    assert [other.get(one).status_code for one in (path, path.rstrip("/") + ".csv", f"/account/{case.account_id}/notices/")] == [404] * 3
