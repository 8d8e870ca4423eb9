"""The ASGI application of the live process: streams under `/live/` and nothing else; pages are the WSGI server's."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
_django: Any = get_asgi_application()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request for a stream; whatever else is asked for is not here."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "http" and scope["path"].startswith("/live/"):
        await _django(scope, receive, send)
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"only /live/ is here"})
