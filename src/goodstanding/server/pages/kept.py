"""The view of the queue that somebody comes from: its tab, filters and page, kept in the browser until it is closed, so that the way back finds it."""

from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse

COOKIE = "queue"
"""Holds the query of the address and nothing else; whoever changes it changes a link of their own pages."""

LONGEST = 600
"""Characters; a query of the queue has far fewer."""


def keep_view(request: HttpRequest, response: HttpResponse) -> None:
    """Keep what the queue was just asked for. It lies in the browser and not in the session, so that looking writes nothing."""
    query = request.GET.urlencode()
    if len(query) <= LONGEST:
        response.set_cookie(COOKIE, query, path=request.path, httponly=True, samesite="Lax", secure=request.is_secure())


def kept_view(request: HttpRequest) -> str:
    """The query of the view that was kept, with its question mark, written anew; empty where there is none."""
    pairs = parse_qsl(request.COOKIES.get(COOKIE, "")[:LONGEST])
    return "?" + urlencode(pairs) if pairs else ""
