"""`manage order_queue`: give every waiting case the place that the pack gives it now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.placing import order_queue_anew


class Command(BaseCommand):
    """Orders the queue anew."""

    help = "Give every waiting case the place that the policy pack gives it now; run it once after the pack's weights have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Order, and say how many cases wait."""
        count = order_queue_anew(call=Call(AUTOMATION, timezone.now()), pack=current_pack())
        self.stdout.write(f"{count} waiting cases have their place by {current_pack().name}")
