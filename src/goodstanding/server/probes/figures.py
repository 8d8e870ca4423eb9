"""What is counted for Prometheus: requests as they come, and what stands in the database when it is asked for.

`goodstanding serve` names a folder in PROMETHEUS_MULTIPROC_DIR, by which each of its processes tells what all of them have counted.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache

from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from goodstanding.server.services.lateness import cases_by_state, cases_waiting, lateness_at, running_clocks
from goodstanding.server.services.runs import last_runs

REQUESTS = Counter("goodstanding_requests", "Requests answered by this process", ["route", "method", "status"], registry=None)
SECONDS = Histogram("goodstanding_request_seconds", "Seconds to answer a request", ["route"], registry=None)


class Standing(Collector):
    """What stands in the database at the moment of asking; the same from every process."""

    def collect(self) -> Iterator[Metric]:
        """Cases and clocks, how far the worker is behind, and when each job last came to its end."""
        now = timezone.now()
        yield _by("goodstanding_cases", "Cases by state", "state", cases_by_state())
        yield _by("goodstanding_waiting_cases", "Cases that wait for staff, by lane of the queue", "lane", cases_waiting())
        yield _by("goodstanding_running_clocks", "Deadlines that run, by clock", "clock", running_clocks())
        runs = {job: moment.timestamp() for job, moment in last_runs().items()}
        yield _by("goodstanding_last_success_timestamp_seconds", "When a job last came to its end, by job", "job", runs)
        late = lateness_at(now)
        yield GaugeMetricFamily("goodstanding_overdue_appeals", "Appeals that have waited longer than the policy allows", late.overdue_appeals)
        yield GaugeMetricFamily("goodstanding_overdue_deadlines", "Deadlines past their moment and not yet carried out", late.overdue_deadlines)
        yield GaugeMetricFamily("goodstanding_oldest_overdue_deadline_seconds", "Age of the oldest of them", late.oldest_deadline)
        yield GaugeMetricFamily("goodstanding_waiting_messages", "Mails and events that should have left by now", late.waiting_messages)
        yield GaugeMetricFamily("goodstanding_oldest_waiting_message_seconds", "Age of the oldest of them", late.oldest_message)
        yield GaugeMetricFamily("goodstanding_dead_messages", "Messages given up, which wait for a person", late.dead_messages)

    def describe(self) -> list[Metric]:
        """Nothing ahead of time, so that registering asks no database."""
        return []


def _by(name: str, says: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        made.add_metric([key], value)
    return made


@cache
def registry() -> CollectorRegistry:
    """Everything that is counted: by all processes of `serve`, or by this one where there is no folder that they share."""
    made = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(made)  # type: ignore[no-untyped-call]
    else:
        made.register(REQUESTS)
        made.register(SECONDS)
    made.register(Standing())
    return made
