"""`manage live`: the process that tells open pages what has changed. Pages work without it, and then ask by themselves."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

PORT = 8001


class Command(BaseCommand):
    """Streams, by uvicorn."""

    help = "Serve the streams of open pages (/live/), until stopped. One process is enough for hundreds of pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default: {PORT})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped; open streams end at once then, and their pages come again."""
        try:
            import uvicorn
        except ImportError as error:
            raise CommandError("uvicorn is not installed; install it with: pip install 'goodstanding[web]'") from error
        uvicorn.run(
            "goodstanding.server.asgi:application",
            host=options["host"],
            port=options["port"],
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
