"""`manage receive_mail`: take answers to letters in, by a listener, by a mailbox, or both."""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from goodstanding.core.errors import UnusableInput
from goodstanding.core.values import AUTOMATION
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.incoming import Taken, take_mail
from goodstanding.server.services.runs import Job, record_run

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """The way in for mails. Any number of them may run at once."""

    help = "Take answers to letters in (GOODSTANDING_REPLY_DOMAIN), by GOODSTANDING_MAIL_LISTEN, by GOODSTANDING_IMAP, or both, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--once", action="store_true", help="empty the mailbox once, and stop; without listening")
        parser.add_argument(
            "--every", type=float, default=30.0, metavar="SECONDS", help="how long to rest between two looks at the mailbox (default: 30)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop. Raises CommandError in one line where a setting is missing or wrong."""
        if not settings.REPLY_DOMAIN:
            raise CommandError("no letter can be answered yet: set GOODSTANDING_REPLY_DOMAIN to the domain that answers go to")
        if not settings.IMAP_URL and (options["once"] or not settings.MAIL_LISTEN):
            raise CommandError("there is no way in: set GOODSTANDING_MAIL_LISTEN (smtp:// or lmtp://) or GOODSTANDING_IMAP (imaps://)")
        try:
            self._run(**options)
        except (UnusableInput, DeliveryFailed) as error:
            raise CommandError(str(error)) from None
        except ImportError as error:
            raise CommandError(f"taking mails in needs the extra 'mail' ({error}); install goodstanding[mail]") from None

    def _run(self, *, once: bool, every: float, **_: Any) -> None:
        from goodstanding.server.inbox.listener import listen
        from goodstanding.server.inbox.mailbox import empty_mailbox

        if once:
            kept, refused = empty_mailbox(url=settings.IMAP_URL, take=take)
            record_run(job=Job.RECEIVE_MAIL, now=timezone.now())
            self.stdout.write(f"{kept} mails kept, {refused} refused")
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        listening = listen(url=settings.MAIL_LISTEN, take=take) if settings.MAIL_LISTEN else None
        if listening:
            self.stdout.write(f"listening at {settings.MAIL_LISTEN}")
        self.stdout.flush()
        try:
            while not stopped.wait(every):
                _look(empty_mailbox if settings.IMAP_URL else None)
        finally:
            if listening:
                listening.stop()


def take(raw: bytes, envelope: Envelope) -> Taken:
    """Take one mail by the pack in force, now."""
    return take_mail(call=Call(AUTOMATION, timezone.now()), pack=current_pack(), raw=raw, envelope=envelope)


def _look(empty_mailbox: Callable[..., object] | None) -> None:
    """One look at the mailbox, where there is one; a server or database that is away for a moment ends nothing."""
    try:
        if empty_mailbox:
            empty_mailbox(url=settings.IMAP_URL, take=take)
        record_run(job=Job.RECEIVE_MAIL, now=timezone.now())
    except (DeliveryFailed, DatabaseError):
        log.exception("the mailbox could not be emptied; trying again")
    close_old_connections()
