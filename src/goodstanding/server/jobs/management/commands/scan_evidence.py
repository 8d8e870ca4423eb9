"""`manage scan_evidence`: asks the virus scanner about what waits, now; with --again about everything once more."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.scans import AT_ONCE, Scanned, scan_again, scan_due


class Command(BaseCommand):
    """Scanning by hand. The worker does the same by itself, but for --again."""

    help = "Have the virus scanner look at every file that waits; exit code 1 where it cannot be asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--again", action="store_true", help="also what was found clean before, as after new signatures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Scan until nothing waits, or the scanner fails."""
        if not settings.SCANNER:
            raise CommandError("no virus scanner is set up; set GOODSTANDING_SCANNER")
        call, total = Call(AUTOMATION, timezone.now()), Scanned()
        if options["again"]:
            scan_again(call=call)
        while True:
            done = scan_due(call=call, pack=current_pack())
            total = Scanned(total.scanned + done.scanned, total.found + done.found, total.failed + done.failed)
            if done.failed or done.scanned < AT_ONCE:
                break
        self.stdout.write(f"{total.scanned} files scanned, {total.found} harmful, {total.failed} to be tried again")
        if total.failed:
            sys.exit(1)
