"""`manage make_api_key`: a key with which a program asks the API."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key


class Command(BaseCommand):
    """Makes a key."""

    help = "Make a key for a program and print it, this once; only a digest of it is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("name", help="the program that gets it")
        parser.add_argument("--scope", action="append", choices=[str(scope) for scope in Scope], help="what it may open (default: standing:read)")
        parser.add_argument("--account", action="append", metavar="ID", help="the only account that it knows of; may be given again (default: all)")
        parser.add_argument("--days", type=float, metavar="DAYS", help="for how long it is good (default: until it is revoked)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print it."""
        now = timezone.now()
        ends = now + timedelta(days=options["days"]) if options["days"] else None
        scopes = options["scope"] or [Scope.STANDING_READ]
        call, accounts = Call(AUTOMATION, now), options["account"]
        self.stdout.write(make_key(call=call, name=options["name"], scopes=scopes, expires_at=ends, accounts=accounts))
