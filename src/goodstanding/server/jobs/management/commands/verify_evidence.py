"""`manage verify_evidence`: proves that every file is there as it was sent, or names those that are not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from goodstanding.server.services.kept_files import count_files, lost_files


class Command(BaseCommand):
    """The files' proof."""

    help = "Check that evidence and mails are on the disk, byte for byte; exit code 1 and each that is missing or damaged."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say how many are there or which are not."""
        lost = list(lost_files())
        for one in lost:
            self.stderr.write(f"{one.row}: {one.what} ({one.sha256})")
        if lost:
            sys.exit(1)
        self.stdout.write(f"{count_files()} files are as they were sent")
