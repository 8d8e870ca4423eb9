"""What tests of the client may use."""

import pytest

from goodstanding.core.policy.pack import PolicyPack
from tests.server.factories import server_pack


@pytest.fixture(scope="session")
def pack() -> PolicyPack:
    """The small test pack, with the clocks and letters of a case."""
    return server_pack()
