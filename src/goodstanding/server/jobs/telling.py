"""What commands say of evidence that was copied."""

import sys

from django.core.management.base import BaseCommand

from goodstanding.server.services.keeping import Copied


def tell_copied(command: BaseCommand, copied: Copied, place: str) -> None:
    """Say what came; each file that could not be copied is a line of its own, and the command fails."""
    for one in copied.troubles:
        who = f" ({', '.join(one.who)})" if one.who else ""
        command.stderr.write(f"{one.what}: {one.sha256}{who}; it is not in the copy, bring it back from an older one")
    command.stdout.write(f"{place}: {copied.copied} files copied, {copied.there} there already, {len(copied.troubles)} missing or damaged")
    if copied.troubles:
        sys.exit(1)
