"""The how-to page on answers by mail is true: its commands listen, and a mail to no case is refused as it says."""

import os
import select
import smtplib
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests import environment
from tests.house.test_how_to import ROOT, blocks, run

PAGE = "receive-mail.md"


def test_the_commands_of_the_page_listen_until_they_are_stopped(tmp_path: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    command = blocks(PAGE, "sh")[0].replace("PORT", port).replace("goodstanding manage", "exec goodstanding manage")
    run("true", tmp_path)
    settings = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), "GOODSTANDING_VAR": str(tmp_path / "var")}
    with subprocess.Popen(["bash", "-ec", command], cwd=tmp_path, env=environment.plain(settings), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert select.select([running.stdout], [], [], 60)[0], "it says nothing"
        assert running.stdout.readline().strip() == f"listening at smtp://127.0.0.1:{port}"
        with smtplib.SMTP("127.0.0.1", int(port)) as server, pytest.raises(smtplib.SMTPRecipientsRefused, match="No such address"):
            server.sendmail("a@b.example", ["appeals@reply.marketplace.example"], b"Subject: x\r\n\r\nx\r\n")
        began = time.monotonic()
        running.terminate()
        assert running.wait(timeout=30) == 0
        assert time.monotonic() - began < 20
