"""`manage hold_messages`: after a restore, let nothing leave twice."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.outbox import hold_messages


class Command(BaseCommand):
    """Holds what waits to be sent."""

    help = "Hold every mail and event that waits to be sent, because it may have left after the backup. Run it after a restore, before a worker."

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold, and say how many."""
        count = hold_messages(call=Call(AUTOMATION, timezone.now()))
        self.stdout.write(f"{count} messages are held; the page 'Not delivered' of the console sends those that have not left")
