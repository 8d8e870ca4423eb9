"""The pages for what went wrong: not found, not allowed, our own fault."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from goodstanding.server.pages.labels import PART


def refuse(request: HttpRequest, *, status: int, title: str, said: str) -> HttpResponse:
    """A page that says in plain words why there is nothing else to see, and what to do."""
    context = {"title": title, "said": said, "status": status, "kept": _typed(request)}
    return render(request, "refused.html", context, status=status)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the refused form brought, so that whoever has been signed out meanwhile can copy it (requirement G2)."""
    if request.method != "POST":
        return []
    return [(part, text) for part in PART if part and (text := request.POST.get(part, "").strip())]


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
