"""What tests of the server may use."""

import copy
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.server.policy import current_pack
from tests.server.factories import NOW, server_pack
from tests.server.showcase import Showcase, build_showcase


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path: Path) -> None:
    """Mails and evidence go to the test's own folder, also where a mark and no fixture brings the database."""
    settings.EMAIL_FILE_PATH, settings.MEDIA_ROOT, settings.PREVIEWS = tmp_path / "mail", tmp_path / "evidence", tmp_path / "previews"
    settings.SMTP_URL = ""


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's clock stands an hour after NOW of the factories, on whatever day the test runs: appeal windows and letters are as old as they look."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))


@pytest.fixture(scope="session")
def pack() -> PolicyPack:
    """The small test pack, with the clocks and letters of a case."""
    return server_pack()


@pytest.fixture(scope="module")
def _shown(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[tuple[Showcase, Path]]:
    """The showcase, built once for a file of tests in a transaction around them all, since building it takes longer than most tests of a page."""
    files = tmp_path_factory.mktemp("shown")
    plain = {"SECOND_FACTOR": False, "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=files, **plain):
            show = build_showcase(current_pack(), timezone.now())
        yield show, files
        transaction.set_rollback(True)


@pytest.fixture
def show(_shown: tuple[Showcase, Path], db: None, settings) -> Showcase:
    """Cases in every state that a page shows differently; what a test does to them is gone after it."""
    built, files = _shown
    shutil.copytree(files, settings.MEDIA_ROOT, dirs_exist_ok=True)
    return copy.deepcopy(built)
