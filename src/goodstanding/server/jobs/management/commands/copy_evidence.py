"""`manage copy_evidence`: evidence into another store, or from another store into the one in use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goodstanding.server.jobs.telling import tell_copied
from goodstanding.server.services.keeping import copy_evidence
from goodstanding.server.vault.stores import failures, store, store_at


class Command(BaseCommand):
    """Copies evidence."""

    help = (
        "Copy stored files and mails to a folder or s3://BUCKET/..., or from one into the store in use: those that are not there yet, each "
        "held against its digest. Nothing is ever written over. Exit code 1 where one is missing or damaged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--to", metavar="PLACE", help="a folder, or a bucket's address as in GOODSTANDING_EVIDENCE_STORE")
        way.add_argument("--from", dest="source", metavar="PLACE", help="the same, to bring evidence back from")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say what came. Raises CommandError in one line."""
        place = options["to"] or options["source"]
        try:
            other = store_at(place)
            here = store()
            copied = copy_evidence(source=here, target=other) if options["to"] else copy_evidence(source=other, target=here)
        except failures() as error:
            raise CommandError(str(error)) from None
        tell_copied(self, copied, place)
