"""`manage backup`: everything that a restore needs, in one folder, while the server goes on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goodstanding.server.jobs.backup import back_up
from goodstanding.server.jobs.telling import tell_copied
from goodstanding.server.vault.stores import failures


class Command(BaseCommand):
    """Writes a backup."""

    help = (
        "Copy the database, then evidence (from the disk or a bucket), facts and the embedded key, into a folder that does not exist yet. "
        "The server may go on meanwhile. Exit code 1 where evidence is missing or damaged; the backup is there all the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("folder", type=Path, help="where to; readable by its owner only")
        parser.add_argument(
            "--pg-dump", default="pg_dump", metavar="PROGRAM", help="the pg_dump of the server's version (default: the one on the path)"
        )

        parser.add_argument(
            "--evidence", default="", metavar="PLACE", help="a folder or s3://BUCKET/... for evidence, which gets what it does not have yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say what is there and what is not. Raises CommandError in one line."""
        try:
            made = back_up(options["folder"], options["pg_dump"], options["evidence"])
        except failures() as error:
            raise CommandError(str(error)) from None
        for part in made.parts:
            self.stdout.write(f"{part}")
        tell_copied(self, made.copied, made.evidence)
