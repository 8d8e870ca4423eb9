"""`manage check_evidence`: proves that every file and mail still lies where it was put, byte for byte."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goodstanding.server.services.keeping import check_evidence, remove_orphans
from goodstanding.server.vault.stores import failures, store, store_at


class Command(BaseCommand):
    """The proof of the stored files."""

    help = "Hold every stored file and mail against its digest; exit code 1 where one is missing or damaged. Tells of bytes that nobody names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--remove-orphans", action="store_true", help="remove bytes that nobody has named for a day")
        parser.add_argument("--in", dest="place", default="", metavar="PLACE", help="look at a copy instead: a folder or s3://BUCKET/...")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what is wrong."""
        try:
            where = store_at(options["place"]) if options["place"] else store()
            checked = check_evidence(now=timezone.now(), where=where)
        except failures() as error:
            raise CommandError(str(error)) from None
        broken = [*checked.of("missing"), *checked.of("damaged")]
        for one in broken:
            self.stderr.write(f"{one.what}: {one.sha256} ({', '.join(one.who)}); bring it back from a backup")
        orphans = checked.of("orphaned")
        for one in orphans:
            self.stdout.write(f"orphaned: {one.stored.name if one.stored else one.sha256}")
        if options["remove_orphans"]:
            self.stdout.write(f"{remove_orphans(now=timezone.now(), where=where)} orphans removed")
        self.stdout.write(f"{checked.named} files, {len(broken)} missing or damaged, {len(orphans)} that nobody names")
        if broken:
            sys.exit(1)
