"""The how-to page on answers by mail is true: its commands listen, and a mail to no case is refused as it says."""

import os
import select
import smtplib
import subprocess
from pathlib import Path

import pytest

from tests import environment
from tests.house.test_how_to import ROOT, blocks, run
from tests.patience import SECONDS
from tests.ports import free_port

PAGE = "receive-mail.md"


def test_the_commands_of_the_page_listen_until_they_are_stopped(tmp_path: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    port = str(free_port())
    command = blocks(PAGE, "sh")[0].replace("PORT", port).replace("goodstanding manage", "exec goodstanding manage")
    run("true", tmp_path)
    settings = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), "GOODSTANDING_VAR": str(tmp_path / "var")}
    with subprocess.Popen(["bash", "-ec", command], cwd=tmp_path, env=environment.plain(settings), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert select.select([running.stdout], [], [], SECONDS)[0], "it says nothing"
        assert running.stdout.readline().strip() == f"listening at smtp://127.0.0.1:{port}"
        with smtplib.SMTP("127.0.0.1", int(port)) as server, pytest.raises(smtplib.SMTPRecipientsRefused, match="No such address"):
            server.sendmail("a@b.example", ["appeals@reply.marketplace.example"], b"Subject: x\r\n\r\nx\r\n")
        running.terminate()
        assert running.wait(timeout=SECONDS) == 0
