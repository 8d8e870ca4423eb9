"""The ASGI application of the live process: streams under `/live/`, and what those who run it ask; pages are the WSGI server's."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
_django: Any = get_asgi_application()

# After Django is set up, for both look into its tables.
from goodstanding.server.live.probes import PATHS, TEXT, probe  # noqa: E402
from goodstanding.server.live.streams import HUB  # noqa: E402


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request for a stream or a probe; whatever else is asked for is not here."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/live/"):
        await _django(scope, receive, send)
    elif scope["type"] == "http":
        path = scope["path"]
        status, kind, body = probe(path, dict(scope["headers"])) if path in PATHS else (404, TEXT, b"only /live/ is here")
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": body})


async def _live(receive: Any, send: Any) -> None:
    """From the start to the end of the process: the database is heard before the first page comes, so that readiness says so."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            HUB.start()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
