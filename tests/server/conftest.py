"""What tests of the server may use."""

from pathlib import Path

import pytest

from goodstanding.core.policy.pack import PolicyPack
from tests.server.factories import server_pack


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path: Path) -> None:
    """Mails and evidence go to the test's own folder, also where a mark and no fixture brings the database."""
    settings.EMAIL_FILE_PATH, settings.MEDIA_ROOT, settings.PREVIEWS = tmp_path / "mail", tmp_path / "evidence", tmp_path / "previews"
    settings.SMTP_URL = ""


@pytest.fixture(scope="session")
def pack() -> PolicyPack:
    """The small test pack, with the clocks and letters of a case."""
    return server_pack()
