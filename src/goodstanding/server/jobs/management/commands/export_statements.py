"""`manage export_statements`: statements of reasons as the EU's DSA Transparency Database takes them."""

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goodstanding.core.enforcement.database_form import MOST_AT_ONCE
from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.transparency import statements_to_tell

OPERATOR = Actor("operator", Role.AUDITOR)
"""Who has the machine may read the tables anyway."""


class Command(BaseCommand):
    """The export; it sends nothing."""

    help = "Write the statements of reasons of a time for the EU's DSA Transparency Database: a line is the body of one POST to /api/v1/statements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument(
            "--from", dest="since", required=True, type=date.fromisoformat, metavar="DAY", help="first day on which actions took effect (UTC)"
        )
        parser.add_argument("--to", dest="until", required=True, type=date.fromisoformat, metavar="DAY", help="last such day")
        parser.add_argument("--out", metavar="FILE", help="where to write (default: statements-FROM-TO.jsonl)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; exit code 1 where a statement had to be held back. Raises CommandError in one line."""
        since, until = options["since"], options["until"]
        path = Path(options["out"] or f"statements-{since}-{until}.jsonl")
        try:
            told = statements_to_tell(call=Call(OPERATOR, timezone.now()), since=since, until=until)
            requests = [told.statements[first : first + MOST_AT_ONCE] for first in range(0, len(told.statements), MOST_AT_ONCE)]
            path.write_text("".join(f"{json.dumps({'statements': one}, ensure_ascii=False)}\n" for one in requests), encoding="utf-8")
        except (GoodstandingError, OSError) as error:
            raise CommandError(str(error)) from None
        for line in told.held_back:
            self.stderr.write(f"held back: {line}")
        self.stdout.write(
            f"{path}: statements {len(told.statements)}, requests {len(requests)}, actions that are not for the database {told.not_reportable}"
        )
        if told.held_back:
            sys.exit(1)
