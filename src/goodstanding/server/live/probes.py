"""What those who run the live process ask it, on its own port: alive, ready, figures. Answered without Django's middleware, for it comes from inside."""

import hmac
from collections.abc import Iterator, Mapping

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from goodstanding.server.live.streams import HUB

PATHS = ("/healthz", "/readyz", "/metrics")
TEXT = "text/plain; charset=utf-8"

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class Figures(Collector):
    """How many pages are open, and whether the database is heard."""

    def collect(self) -> Iterator[Metric]:
        """Both, at the moment of asking."""
        yield GaugeMetricFamily("goodstanding_live_pages", "Pages that hold a stream open here", HUB.pages)
        yield GaugeMetricFamily("goodstanding_live_hears", "1 while the database tells this process of changes, else 0", float(HUB.hears))

    def describe(self) -> list[Metric]:
        """Nothing ahead of time."""
        return []


def probe(path: str, headers: Mapping[bytes, bytes]) -> Answer:
    """The answer to one of PATHS. `headers` are those of ASGI, names in lower case."""
    if path == "/healthz":
        return 200, TEXT, b"alive\n"
    if path == "/readyz":
        return (200, TEXT, b"ready\n") if HUB.hears else (503, TEXT, b"the database is not heard; open pages learn late of what changes\n")
    if not settings.METRICS_TOKEN:
        return 404, TEXT, b"no token is set for metrics\n"
    if not hmac.compare_digest(headers.get(b"authorization", b""), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return 401, TEXT, b"give the token of GOODSTANDING_METRICS_TOKEN as a bearer token\n"
    return 200, CONTENT_TYPE_LATEST, generate_latest(registry())


def registry() -> CollectorRegistry:
    """What this process tells."""
    made = CollectorRegistry()
    made.register(Figures())
    return made
