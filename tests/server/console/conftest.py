"""A small marketplace, and its staff signed in."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.server.policy import current_pack
from goodstanding.server.store.models import User
from tests.server.showcase import Showcase, build_showcase


@pytest.fixture
def show(db: None) -> Showcase:
    """Cases in every state that a page shows differently."""
    return build_showcase(current_pack(), timezone.now())


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A browser in which a user has signed in."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter
