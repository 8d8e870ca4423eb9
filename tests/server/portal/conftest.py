"""A small marketplace, and the ways in for its holders."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Case
from tests.server.showcase import Showcase, build_showcase


@pytest.fixture
def show(db: None) -> Showcase:
    """Cases in every state that a page shows differently."""
    return build_showcase(current_pack(), timezone.now())


@pytest.fixture
def link_of() -> Callable[[Case], str]:
    """Makes the path of a fresh link to a case."""
    return lambda case: urlsplit(make_link(call=Call(AUTOMATION, timezone.now()), case=case, pack=current_pack())).path


@pytest.fixture
def holder_of(client: Client, link_of: Callable[[Case], str]) -> Callable[[Case], Client]:
    """A browser in which the holder of a case came in by its link."""

    def enter(case: Case) -> Client:
        client.post(link_of(case))
        return client

    return enter
