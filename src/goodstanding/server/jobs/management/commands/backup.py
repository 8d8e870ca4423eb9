"""`manage backup`: everything that a restore needs, in one folder, while the server goes on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goodstanding.core.errors import UnusableInput
from goodstanding.server.jobs.backup import back_up


class Command(BaseCommand):
    """Writes a backup."""

    help = "Copy the database, then evidence, facts and the embedded key, into a folder that does not exist yet. The server may go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("folder", type=Path, help="where to; readable by its owner only")
        parser.add_argument(
            "--pg-dump", default="pg_dump", metavar="PROGRAM", help="the pg_dump of the server's version (default: the one on the path)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say what is there. Raises CommandError in one line."""
        try:
            parts = back_up(options["folder"], options["pg_dump"])
        except (UnusableInput, OSError) as error:
            raise CommandError(str(error)) from None
        for part in parts:
            self.stdout.write(f"{part}")
