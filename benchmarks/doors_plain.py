"""The plain Django server that `benchmarks.doors` compares with: the same rows read by the ORM and put on a bare page, no services, no labels, no checks."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from goodstanding.server.services.keys import digest_of
from goodstanding.server.store.models import Case, KeySecret, LedgerEntry, Limit, RatingReading

CREATE = """create table plain_order (id bigserial primary key, order_id varchar(100) unique, account_id varchar(100), marketplace varchar(20),
    placed_at timestamptz, ship_by timestamptz, shipped_at timestamptz, amount bigint, currency varchar(3), recorded_at timestamptz)"""
COLUMNS = ("order_id", "account_id", "marketplace", "placed_at", "ship_by", "shipped_at", "amount", "currency")


class PlainOrder(models.Model):
    """An order, as one would keep it without this project."""

    order_id = models.CharField(max_length=100, unique=True)
    account_id = models.CharField(max_length=100)
    marketplace = models.CharField(max_length=20)
    placed_at = models.DateTimeField()
    ship_by = models.DateTimeField()
    shipped_at = models.DateTimeField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()

    class Meta:
        """A table that the benchmark makes."""

        app_label, db_table, managed = "store", "plain_order", False

    def __str__(self) -> str:
        return self.order_id


CASE_PAGE = Engine().from_string(
    """<!doctype html><title>{{ case.pk }}</title><h1>{{ case.account.display_name }}: {{ case.action.kind }} {{ case.state }}</h1>
{% for one in violations %}<h2>{{ one.reason }} since {{ one.opened }}</h2><table>{% for item in one.items %}<tr><td>{{ item.id }}</td>
{% for name, value in item.facts.items %}<td>{{ name }}: {{ value }}</td>{% endfor %}</tr>{% endfor %}</table>{% endfor %}
{% for one in appeals %}<h2>{{ one.attempt }}: {{ one.route }}</h2><p>{{ one.root_cause }}</p><p>{{ one.corrective }}</p><p>{{ one.preventive }}</p><p>{{ one.grounds }}</p>
{% for file in one.evidence.all %}<p>{{ file.name }}</p>{% endfor %}{% for asked in one.information_requests.all %}<p>{{ asked.items }} {{ asked.answer }}</p>{% endfor %}
{% for said in one.decisions.all %}<p>{{ said.outcome }}: {{ said.because }}</p>{% endfor %}{% endfor %}
{% for one in limits %}<p>{{ one.act }} since {{ one.since }}</p>{% endfor %}
{% for one in notices %}<h3>{{ one.subject }}</h3><pre>{{ one.body }}</pre>{% endfor %}
{% for one in ratings %}<p>{{ one.as_of }}: {{ one.rating }}</p>{% endfor %}{% for one in others %}<p>{{ one.pk }} {{ one.state }}</p>{% endfor %}
{% for one in entries %}<p>{{ one.at }} {{ one.kind }} {{ one.actor }}</p><pre>{{ one.body.text }}</pre>{% endfor %}"""
)
QUEUE_PAGE = Engine().from_string(
    """<!doctype html><title>Queue</title>{% for one in cases %}<p><a href="/console/case/{{ one.pk }}/">{{ one.account.display_name }} {{ one.action.kind }}
{{ one.reason }} {{ one.severity }} {{ one.state }} {{ one.due_at }}</a></p>{% endfor %}"""
)


@login_required
def case(request: HttpRequest, case_id: str) -> HttpResponse:
    """A case with everything about it."""
    one = Case.objects.select_related("account", "action").get(pk=case_id)
    shown = {
        "case": one,
        "violations": one.action.violations.order_by("opened"),
        "appeals": one.appeals.order_by("attempt").prefetch_related("evidence", "information_requests", "decisions__violation"),
        "limits": Limit.objects.filter(account=one.account_id).order_by("since"),
        "notices": one.notices.defer("message").order_by("created_at"),
        "ratings": RatingReading.objects.filter(account=one.account_id).order_by("as_of"),
        "others": Case.objects.filter(account=one.account_id).exclude(pk=case_id),
        "entries": LedgerEntry.objects.filter(case_id=case_id).select_related("body").order_by("sequence"),
    }
    return HttpResponse(CASE_PAGE.render(Context(shown)))


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Fifty cases that wait, in their order."""
    cases = Case.objects.filter(lane="appeal").select_related("account", "action").order_by("place", "case_id")[:50]
    return HttpResponse(QUEUE_PAGE.render(Context({"cases": cases})))


def _has_key(request: HttpRequest) -> bool:
    return KeySecret.objects.filter(sha256=digest_of(request.headers.get("Authorization", "").removeprefix("Bearer "))).exists()


def may(request: HttpRequest, account_id: str, act: str) -> HttpResponse:
    """Whether a limit stands in the way."""
    if not _has_key(request):
        return HttpResponse(status=401)
    now = timezone.now()
    running = models.Q(ends_at=None) | models.Q(ends_at__gt=now)
    found = Limit.objects.filter(running, account=account_id, act=act, lifted_at=None).select_related("action__case")
    return JsonResponse({"allowed": not found, "because": [{"case": one.action.case.pk, "since": one.since} for one in found]})


@csrf_exempt
def facts(request: HttpRequest, kind: str) -> HttpResponse:
    """A batch of orders, each kept once."""
    if not _has_key(request):
        return HttpResponse(status=401)
    rows: list[dict[str, Any]] = [json.loads(line) for line in request.body.splitlines()]
    now = timezone.now()
    orders = [PlainOrder(recorded_at=now, **{name: row[name] for name in COLUMNS}) for row in rows]
    PlainOrder.objects.bulk_create(orders, ignore_conflicts=True)
    return JsonResponse({"accepted": len(orders)})


urlpatterns = [
    path("console/", queue),
    path("console/case/<str:case_id>/", case),
    path("api/v1/accounts/<str:account_id>/may/<str:act>", may),
    path("api/v1/facts/<str:kind>", facts),
]
