"""What browsers put into typed text without anybody having typed it: NUL, which no database keeps as text, and line ends of two characters.

A browser counts a line end as one character when it holds somebody to a length, and sends it as two; counted as sent, a text of the allowed
length would be refused.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict, UnreadablePostError

APART = "/api/"
"""Where programs send JSON: their door checks it by itself and changes nothing of it."""


class CleanText:
    """The middleware. It looks at a form only once its view is known, as Django's own check of forms does."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand the request on."""
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Replace what the form and the address brought by the same text, cleaned; a form that ended half-way is left to whoever reads it.

        Nothing lies at an address with NUL.
        """
        if request.path.startswith(APART):
            return
        if "\0" in request.path:
            raise Http404
        request.GET = cleaned(request.GET)  # type: ignore[assignment]  # as Django itself sets it
        if request.method == "POST":
            try:
                request.POST = cleaned(request.POST)  # type: ignore[assignment]
            except UnreadablePostError:
                return


def cleaned(data: QueryDict) -> QueryDict:
    """The same fields without NUL and with one kind of line end; itself where there is nothing to change."""
    if not any(mark in value for values in data.lists() for value in values[1] for mark in "\0\r"):
        return data
    copy = data.copy()
    for name, values in data.lists():
        copy.setlist(name, [value.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n") for value in values])
    copy._mutable = False
    return copy
