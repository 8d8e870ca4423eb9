"""The page on connecting a marketplace is true: every command runs, every block of Python runs, in its order, against a real server."""

import re
import shlex
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from goodstanding.core.terms import ActionKind
from goodstanding.server.mailroom.webhooks import sign
from goodstanding.server.services.outbox import good_secrets
from goodstanding.server.store.models import Appeal, OutboxMessage, WebhookEndpoint
from tests import made_files
from tests.conftest import REPOSITORY
from tests.server.factories import NOW, make_account, make_action_in_force

PAGE = REPOSITORY / "docs" / "how-to" / "connect-a-marketplace.md"
COMMAND = re.compile(r"^(?:export (?P<name>\w+)=\$\()?goodstanding manage (?P<arguments>.*?)\)?$")


def blocks() -> list[tuple[str, str]]:
    """Language and text of every block of the page."""
    return re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def manage(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line of a shell block."""
    said = COMMAND.match(line)
    assert said, f"the page runs what is no management command: {line}"
    out = StringIO()
    call_command(*shlex.split(said["arguments"]), stdout=out)
    if said["name"]:
        monkeypatch.setenv(said["name"], out.getvalue().strip())


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_every_block_of_the_page_runs(
    live_server: LiveServer, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.FACTS = tmp_path / "facts"
    monkeypatch.setenv("GOODSTANDING_URL", live_server.url)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=30))
    monkeypatch.setenv("INVOICE", str(tmp_path / "invoice.pdf"))
    (tmp_path / "invoice.pdf").write_bytes(made_files.pdf())
    case = make_action_in_force(ActionKind.DEACTIVATE, account=make_account("S-1001"))
    names: dict[str, Any] = {}
    for language, text in blocks():
        if language == "sh":
            for line in text.splitlines():
                manage(line, monkeypatch)
        else:
            exec(compile(text, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert f"{live_server.url}/case/" not in said  # the link has the address of the settings
    assert f"/case/{case.pk}/" in said
    assert "404 not-found there is no account S-UNKNOWN" in said
    assert "3 taken from row 0 on" in said
    assert "409 nothing is asked of you at the moment" in said
    assert Appeal.objects.get(case=case).evidence.get().part == "corrective:2"
    assert names["copy"] == {case.pk: "in_force"}
    receives(names["receive"], capsys)


def receives(receive: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The receiver of the page takes a real event once, by either secret of the rotation, and nothing that is not ours."""
    endpoint, ping = WebhookEndpoint.objects.get(), OutboxMessage.objects.get(payload__type="ping")
    body, stamp = (
        b'{"id":"E-9","type":"case.opened","at":"2026-11-20T09:30:00+00:00","account_id":"S-1001","case_id":"C-1"}',
        int(time.time()),
    )
    assert ping.endpoint == endpoint
    secrets = good_secrets(endpoint, datetime.fromtimestamp(stamp, UTC))
    for secret in secrets:
        signature = sign(secret=secret, id="E-9", stamp=stamp, body=body)
        headers = {"webhook-id": "E-9", "webhook-timestamp": str(stamp), "webhook-signature": signature}
        assert receive(headers, body, secrets) == 204
        assert receive(headers, body + b" ", secrets[:1]) == 401
    assert capsys.readouterr().out.count("case.opened S-1001") == 1
