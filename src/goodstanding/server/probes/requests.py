"""One line in the log and one count for each request, without a word about a person: the route, never the path or what was sent."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from goodstanding.server.probes.figures import REQUESTS, SECONDS

log = logging.getLogger("goodstanding.requests")


def watch(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware."""

    def watched(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = answer(request)
        seconds = time.perf_counter() - began
        # Unknown addresses share one label: they are as many as somebody cares to try.
        route = request.resolver_match.route if request.resolver_match else "unknown"
        REQUESTS.labels(route, request.method or "", str(response.status_code)).inc()
        SECONDS.labels(route).observe(seconds)
        told = {"route": route, "method": request.method, "status": response.status_code, "ms": round(seconds * 1000, 1)}
        log.info("answered", extra={"told": told})
        return response

    return watched
