"""`manage verify_ledger`: proves that every case's chain holds, or names where it does not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from goodstanding.server.services import ledger
from goodstanding.server.store.models import LedgerEntry


class Command(BaseCommand):
    """The ledger's proof."""

    help = "Check the chain of every case; exit code 1 and the first break of each case where one does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say how many entries hold or where they break."""
        breaks = list(ledger.verify())
        for found in breaks:
            self.stderr.write(f"{found.case_id}: entry {found.sequence}: {found.what}")
        if breaks:
            sys.exit(1)
        entries = LedgerEntry.objects.count()
        self.stdout.write(f"{entries} entries of {LedgerEntry.objects.values('case_id').distinct().count()} cases hold")
