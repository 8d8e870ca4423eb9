"""`manage export_case`: one case as a file that proves itself, or the check of such a file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.exports import check_export, export_case

OPERATOR = Actor("operator", Role.AUDITOR)
"""Who has the machine may read the tables anyway."""


class Command(BaseCommand):
    """The export and its check."""

    help = "Write a case as an archive: every notice as it was sent, appeals, decisions, calls and the ledger. Or check such an archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("case", nargs="?", help="the case's number")
        parser.add_argument("--out", metavar="FILE", help="where to write it (default: CASE.zip)")
        parser.add_argument("--check", metavar="FILE", help="check an archive instead; exit code 1 where something does not hold")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export or check. Raises CommandError in one line."""
        try:
            if options["check"]:
                self._check(Path(options["check"]))
            elif options["case"]:
                self._export(options["case"], Path(options["out"] or f"{options['case']}.zip"))
            else:
                raise CommandError("name a case, or give --check FILE")
        except (GoodstandingError, OSError) as error:
            raise CommandError(str(error)) from None

    def _export(self, case_id: str, path: Path) -> None:
        data = export_case(call=Call(OPERATOR, timezone.now()), case_id=case_id)
        path.write_bytes(data)
        self.stdout.write(f"{path}: {len(data)} bytes")

    def _check(self, path: Path) -> None:
        wrong = check_export(data=path.read_bytes())
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            sys.exit(1)
        self.stdout.write(f"{path}: every entry and every notice holds")
