"""`manage work`: let deadlines run out and send what waits, for ever or once."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.jobs.trying import Helper, run_waiting
from goodstanding.server.jobs.trying import now as moments
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.conversation import mail_unread
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.delegations import end_due_delegations
from goodstanding.server.services.endings import exclude_windows
from goodstanding.server.services.outbox import Sent, send_due
from goodstanding.server.services.packs import keep_in_force
from goodstanding.server.services.releases import free_related
from goodstanding.server.services.runs import Job, record_run
from goodstanding.server.services.scans import scan_due

BATCH = 10
"""Messages sent by one reading of the clock: so few that a slow receiver cannot outlast their lease."""

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """The worker. Any number of them may run at once."""

    help = "Let deadlines run out and send mails and events, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")
        parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="how long to rest between two rounds (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop; the message being sent is finished first."""
        keep_in_force(call=Call(AUTOMATION, timezone.now()))
        if options["once"]:
            fired, sent = work_once()
            while run_waiting(call=moments()):
                pass
            self.stdout.write(f"{fired} deadlines, {sent.sent} messages sent, {sent.failed} to be tried again, {sent.dead} given up")
            return
        stopped, trials = threading.Event(), Helper()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            try:
                work_once(stopped)
                trials.start_if_needed()
            # The database may be away for a moment; the worker must be there when it is back.
            except DatabaseError:
                log.exception("the database could not be used; trying again")
            close_old_connections()
            stopped.wait(options["every"])
        trials.stop()


def work_once(stopped: threading.Event | None = None) -> tuple[int, Sent]:
    """Do everything that is due now: deadlines first, because they write messages."""
    call, pack, total = Call(AUTOMATION, timezone.now()), current_pack(), Sent()
    exclude_windows(call=call, pack=pack)
    fired = fire_due(call=call, pack=pack)
    free_related(call=call, pack=pack)
    end_due_delegations(call=call, pack=pack)
    mail_unread(call=call, pack=pack)
    scan_due(call=call, pack=pack)
    while not (stopped and stopped.is_set()):
        sent = send_due(now=timezone.now(), limit=BATCH)
        total = Sent(total.sent + sent.sent, total.failed + sent.failed, total.dead + sent.dead)
        if sent.tried < BATCH:
            break
    record_run(job=Job.WORK, now=timezone.now())
    return fired, total
