"""`manage demo`: run the whole loop, print what came of it, and say where to look."""

import json
import sys
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.server.demo import run as demonstration
from goodstanding.server.demo.report import Teller, render


class Command(BaseCommand):
    """The demonstration."""

    help = "Run the whole loop over a made-up marketplace (or real facts) on an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--facts", type=Path, help="a folder of real facts instead of a made-up marketplace")
        parser.add_argument("--mapping", type=Path, help="a folder of <kind>.sql files for those facts")
        parser.add_argument("--seed", type=int, default=7, help="another seed makes another marketplace")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day to assess")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; exit code 1 where a planted story did not come out as it should."""
        started = time.perf_counter()
        wish = demonstration.Wish(options["facts"], options["mapping"], options["seed"], options["as_of"])
        with Teller(sys.stderr) as teller:
            summary = demonstration.run(wish, now=timezone.now(), progress=teller.progress, say=teller.say)
        seconds = time.perf_counter() - started
        if options["json"]:
            self.stdout.write(json.dumps({**demonstration.as_json(summary), "seconds": round(seconds, 1)}, ensure_ascii=False, indent=2))
        else:
            render(summary, demonstration.addresses(timezone.now()), seconds)
        if not summary.came_out:
            sys.exit(1)
