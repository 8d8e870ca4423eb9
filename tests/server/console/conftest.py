"""A small marketplace, and its staff signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.server.store.models import User


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A browser in which a user has signed in."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter
