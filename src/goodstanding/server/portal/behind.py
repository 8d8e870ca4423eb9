"""What lies behind one metric, order by order: a paged list, and the whole of it as a file (requirement A5)."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goodstanding.core.errors import NotFound
from goodstanding.core.notices import rows_csv
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import for_party
from goodstanding.server.pages.downloads import as_download
from goodstanding.server.pages.health import metric_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.reasons import items_csv_rows, table_of
from goodstanding.server.portal.notifications import own_account
from goodstanding.server.services.metric_items import items_behind

ON_A_PAGE = 50
"""Items on one page."""


@require_safe
@for_party
def show(request: HttpRequest, actor: Actor, account_id: str, metric: str) -> HttpResponse:
    """The metric with its counts, window and target, and a page of the items that speak against the account."""
    account, words = own_account(actor, account_id), pack_words()
    reading = account.metric_readings.filter(metric=metric).first()
    if reading is None:
        raise NotFound(f"there is no metric {metric}")
    behind = items_behind(actor=actor, account_id=account_id, metric=metric)
    table = table_of(behind.items, words)
    page = Paginator(table.rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "metric": metric_of(reading, words),
        "behind": behind,
        "page": page,
        "table": replace(table, rows=tuple(page.object_list)),
        "more": behind.count - len(behind.items),
    }
    return render(request, "portal/behind.html", context)


@require_safe
@for_party
def download(request: HttpRequest, actor: Actor, account_id: str, metric: str) -> HttpResponse:
    """The same items as CSV; a text that a spreadsheet would run as a formula is guarded."""
    own_account(actor, account_id)
    behind = items_behind(actor=actor, account_id=account_id, metric=metric)
    return as_download(
        rows_csv(items_csv_rows(behind.items, pack_words())).encode(), name=f"{account_id}-{metric}.csv", content_type="text/csv; charset=utf-8"
    )
