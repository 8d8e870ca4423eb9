"""`manage assess_accounts`: the nightly run over a folder of facts."""

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.runs import Job, record_run

PROBLEMS_SHOWN = 20


class Command(BaseCommand):
    """The nightly run."""

    help = "Assess every account from a folder of facts, record what came of it, and propose what the policy pack calls for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--facts", type=Path, default=settings.FACTS, help="folder of fact tables (default: those that came by HTTP)")
        parser.add_argument("--mapping", type=Path, help="folder of <kind>.sql files, where --facts holds the marketplace's own tables")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day to assess (default: the last day with an order)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, and say what came of it; rows that could not be used are named on stderr."""
        source = FactSource(options["facts"].absolute(), options["mapping"].absolute() if options["mapping"] else None)
        call = Call(AUTOMATION, timezone.now())
        run = run_assessment(call=call, pack=current_pack(), source=source, as_of=options["as_of"], progress=self._progress)
        record_run(job=Job.ASSESS_ACCOUNTS, now=timezone.now())
        for problem in run.problems[:PROBLEMS_SHOWN]:
            self.stderr.write(problem.line())
        if run.findings > PROBLEMS_SHOWN:
            self.stderr.write(f"... and {run.findings - PROBLEMS_SHOWN} more")
        self.stdout.write(
            f"{run.as_of}: {run.accounts} accounts, {run.open_violations} open violations; "
            f"{run.proposed} actions proposed, {run.in_force} of them in force at once"
        )

    def _progress(self, what: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{what} {done}/{total}", ending="" if done < total else "\r\x1b[K")
