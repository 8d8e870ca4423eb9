"""Handing out what somebody sent: to be kept on the reader's disk, never to be shown or run by the browser as a part of these pages."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

SANDBOX = "sandbox; default-src 'none'"
"""The policy under which a browser that shows a file all the same runs nothing in it, lets it fetch nothing and treats it as a stranger's page."""


def as_download(data: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file as an attachment under its real kind."""
    response = guarded(data, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


def guarded(data: bytes, *, content_type: str) -> HttpResponse:
    """Bytes of a kind that a browser may not guess anew, with no right to anything."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": SANDBOX, "Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(data, content_type=content_type, headers=headers)
