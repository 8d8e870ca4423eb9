"""Alive, ready, and the figures. `ready` is what a load balancer asks; `metrics` what Prometheus reads, with the token of the settings."""

import hmac

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from goodstanding.server.probes.figures import registry
from goodstanding.server.services.lateness import lateness_at


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nothing else, so that a database that is away restarts nobody."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, its tables are up to date and the worker is not behind; else 503 with what is wrong."""
    wrong = _wrong()
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus. 404 unless a token is set; 401 without it."""
    if not settings.METRICS_TOKEN:
        raise Http404("no token is set for metrics")
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse("give the token of GOODSTANDING_METRICS_TOKEN as a bearer token\n", status=401, content_type="text/plain")
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def _wrong() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return ["the tables are not up to date; run `goodstanding manage migrate`"]
        if _is_older(executor.loader):
            return ["the tables belong to a newer version; start that one, or restore the backup that was made before it"]
        late = lateness_at(timezone.now())
    except DatabaseError:
        return ["the database cannot be used"]
    if late.oldest > settings.READY_LATE_SECONDS:
        return [f"the worker is {late.oldest:.0f} seconds behind; start another `goodstanding worker`, or see its log"]
    return []


def _is_older(loader: MigrationLoader) -> bool:
    """Whether the tables have a migration that comes after the last one this version knows; migrations are numbered."""
    known = max(name for app, name in loader.disk_migrations or {} if app == "store")
    return any(app == "store" and name > known for app, name in loader.applied_migrations or {})
