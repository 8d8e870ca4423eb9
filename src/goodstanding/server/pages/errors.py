"""The pages for what went wrong: not found, not allowed, our own fault."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from goodstanding.server.pages.labels import PART, label

WRITTEN = ("because", "note", "items", "text", "question", "measure-")
"""How the names of fields begin into which people write whole sentences. A password is none of them."""


def refuse(request: HttpRequest, *, status: int, title: str, said: str) -> HttpResponse:
    """A page that says in plain words why there is nothing else to see, and what to do."""
    context = {"title": title, "said": said, "status": status, "kept": typed_in(request), "back": _back(request)}
    return render(request, "refused.html", context, status=status)


def refuse_signed_out(request: HttpRequest) -> HttpResponse:
    """403 for staff whose session ended while they wrote: what was typed is shown, and the way back leads to where it was."""
    return refuse(
        request, status=403, title=_("You are signed out"), said=_("Your session has ended, so nothing was done. Sign in and send it again.")
    )


def typed_in(request: HttpRequest) -> list[tuple[str, str, str]]:
    """The longer texts that a form brought, each with its field and what that is called, so that whoever could not send them can copy them (G2)."""
    if request.method != "POST":
        return []
    texts = [(name, request.POST.get(name, "").strip()) for name in request.POST if name in PART or name.startswith(WRITTEN)]
    return [(name, label("part", name) if name in PART else _("Your text"), text) for name, text in texts if name and text]


def _back(request: HttpRequest) -> str:
    """Where the form stood, for staff to come back to by signing in."""
    return request.path if request.method == "POST" and request.path.startswith("/console/") else ""


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. Says the same whether the thing does not exist or is not the reader's to see."""
    said = _("There is nothing at this address, or it is not yours to see. Check the address, or open the link in your notice again.")
    return refuse(request, status=404, title=_("Page not found"), said=said)


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the clear word that the view gave."""
    return refuse(request, status=403, title=_("You cannot open this page"), said=str(exception) or _("Your role does not open this page."))


def not_trusted(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token (an old tab, cookies switched off)."""
    said = _("This form was open for too long, or your browser refuses cookies. Go back, reload the page and send it again.")
    return refuse(request, status=403, title=_("Please send the form again"), said=said)


def our_fault(request: HttpRequest) -> HttpResponse:
    """500. Needs neither database nor session, because those may be what failed."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)
