"""What is counted for Prometheus: requests as they come, and what stands in the database when it is asked for."""

from collections.abc import Iterator
from functools import cache

from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from goodstanding.server.services.lateness import cases_by_state, lateness_at

REQUESTS = Counter("goodstanding_requests", "Requests answered by this process", ["route", "method", "status"], registry=None)
SECONDS = Histogram("goodstanding_request_seconds", "Seconds to answer a request", ["route"], registry=None)


class Standing(Collector):
    """What stands in the database at the moment of asking; the same from every process."""

    def collect(self) -> Iterator[Metric]:
        """Cases by state, and how far the worker is behind."""
        cases = GaugeMetricFamily("goodstanding_cases", "Cases by state", labels=["state"])
        for state, many in cases_by_state().items():
            cases.add_metric([state], many)
        yield cases
        late = lateness_at(timezone.now())
        yield GaugeMetricFamily("goodstanding_overdue_deadlines", "Deadlines past their moment and not yet carried out", late.overdue_deadlines)
        yield GaugeMetricFamily("goodstanding_oldest_overdue_deadline_seconds", "Age of the oldest of them", late.oldest_deadline)
        yield GaugeMetricFamily("goodstanding_waiting_messages", "Mails and events that should have left by now", late.waiting_messages)
        yield GaugeMetricFamily("goodstanding_oldest_waiting_message_seconds", "Age of the oldest of them", late.oldest_message)
        yield GaugeMetricFamily("goodstanding_dead_messages", "Messages given up, which wait for a person", late.dead_messages)

    def describe(self) -> list[Metric]:
        """Nothing ahead of time, so that registering asks no database."""
        return []


@cache
def registry() -> CollectorRegistry:
    """Everything that is counted in this process."""
    made = CollectorRegistry()
    made.register(REQUESTS)
    made.register(SECONDS)
    made.register(Standing())
    return made
