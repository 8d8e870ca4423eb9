"""`manage reseal_secrets`: seals what another key of the server sealed with the present one, and says what no key opens."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from goodstanding.server.services.sealing import reseal_secrets


class Command(BaseCommand):
    """Changes the key of the secrets in the database."""

    help = (
        "Seal every secret in the database with GOODSTANDING_SECRET_KEY that a key of GOODSTANDING_SECRET_KEY_FALLBACKS sealed; "
        "exit code 1 where one opens by none of them. Done twice it changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal anew, and say what is lost."""
        done = reseal_secrets()
        for one in done.lost:
            self.stderr.write(one)
        self.stdout.write(f"{done.secrets} secrets, {done.anew} sealed anew, {len(done.lost)} that no key opens")
        if done.lost:
            sys.exit(1)
