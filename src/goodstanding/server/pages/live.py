"""Where open pages hear what has changed: the address of the live process as this very browser reaches it, and the leave to ask there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def live_address(request: HttpRequest, door: str, case_id: str) -> str:
    """The address of a page's stream; empty where no live process runs, and pages ask by themselves.

    The setting is `/live/` behind a proxy that hands these requests on, or `:8001` for the same host at that port.
    """
    place = settings.LIVE
    if place.startswith(":"):
        host = urlsplit(f"//{request.get_host()}").hostname or "localhost"
        host = f"[{host}]" if ":" in host else host
        return f"{request.scheme}://{host}{place}/live/{door}/{case_id}/"
    return f"{place.rstrip('/')}/{door}/{case_id}/" if place else ""


def allow_live(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the page's script ask the live process where it stands at another port; the security policy allows no other place."""
    if settings.LIVE.startswith(":"):
        parts = urlsplit(live_address(request, "", ""))
        response._csp_update = {"connect-src": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return response
