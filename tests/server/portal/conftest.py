"""A small marketplace, and the ways in for its holders."""

from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.server.store.models import Case
from tests.server.entering import come_in, link_to


@pytest.fixture
def link_of() -> Callable[[Case], str]:
    """Makes the path of a fresh link to a case."""
    return link_to


@pytest.fixture
def holder_of(client: Client, link_of: Callable[[Case], str]) -> Callable[[Case], Client]:
    """A browser in which the holder of a case came in by its link."""

    def enter(case: Case) -> Client:
        return come_in(client, link_of(case))

    return enter
