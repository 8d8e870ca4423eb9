"""`manage try_policies`: run the trials of policy packs that wait, and stop. The worker starts it by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from goodstanding.server.jobs.trying import now, run_waiting


class Command(BaseCommand):
    """Trials, in a process of their own."""

    help = "Run the trials of policy packs that were asked for in the console, one after the other, and stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them; say how many."""
        done = 0
        while run_waiting(call=now()):
            done += 1
        self.stdout.write(f"{done} trials")
