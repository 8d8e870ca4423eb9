"""The programs that are connected: their keys, and the addresses that events go to. A secret is shown once, on the answer to what made it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.services import keys, webhooks
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope
from goodstanding.server.store.models import ApiKey

OVERLAPS = (0, 1, 7, 30)
"""Days for which the old secret may stay good, as the page offers them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret in clear, this once, and whose it is."""

    whose: str
    secret: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keys and addresses; a POST does what its button says, and answers with the secret where it made one."""
    if request.method != "POST":
        return _page(request, actor)
    try:
        made = _act(request, call_of(actor))
    except NotPermitted:
        raise
    except IllegalTransition as error:  # about a key or an address: the words of `say_error` are about cases
        return _page(request, actor, wrong=_("This could not be done: %(why)s.") % {"why": error}, status=status_of(error))
    except GoodstandingError as error:
        return _page(request, actor, wrong=say_error(error), status=status_of(error))
    if made is not None:
        return _page(request, actor, made=made)
    messages.success(request, _("Done."))
    return redirect("console:programs")


def _act(request: HttpRequest, call: Call) -> Shown | None:
    """What a button does; a secret where it made one. Raises GoodstandingError."""
    data = request.POST
    chosen = _number(data.get("which", "0"))
    match data.get("do"):
        case "make_key":
            name, scopes = data.get("name", ""), data.getlist("scope")
            ends, accounts = _end_of(data.get("expires", "")), data.get("accounts", "").split() or None
            return Shown(name, keys.make_key(call=call, name=name, scopes=scopes, expires_at=ends, accounts=accounts))
        case "rotate_key":
            return Shown(_name_of(chosen), keys.rotate_key(call=call, key_id=chosen, overlap=_overlap(data.get("overlap", ""))))
        case "end_secret":
            keys.end_secret(call=call, key_id=chosen, secret_id=_number(data.get("secret", "")))
        case "revoke_key":
            keys.revoke_key(call=call, key_id=chosen)
        case "add_endpoint":
            endpoint, secret = webhooks.add_endpoint(call=call, url=data.get("url", ""), kinds=data.get("kinds", "").split())
            return Shown(endpoint.url, secret)
        case "rotate_secret":
            secret = webhooks.rotate_secret(call=call, endpoint_id=chosen, overlap=_overlap(data.get("overlap", "")))
            return Shown(_("the address %(number)s") % {"number": chosen}, secret)
        case "switch_on" | "switch_off" as verb:
            webhooks.switch_endpoint(call=call, endpoint_id=chosen, on=verb == "switch_on")
        case "choose_kinds":
            webhooks.choose_kinds(call=call, endpoint_id=chosen, kinds=data.get("kinds", "").split())
        case "ping":
            webhooks.ping_endpoint(call=call, endpoint_id=chosen)
        case _:
            raise UnusableInput(_("use one of the buttons of this page"))
    return None


def _page(request: HttpRequest, actor: Actor, *, made: Shown | None = None, wrong: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {
        "programs": [(key, keys.why_dead(key, now)) for key in keys.list_keys(actor=actor, now=now)],
        "endpoints": [(one, webhooks.is_rotating(one, now)) for one in webhooks.list_endpoints(actor=actor)],
        "may_manage": actor.role in keys.MAY_MANAGE,
        "scopes": list(Scope),
        "overlaps": OVERLAPS,
        "made": made,
        "wrong": wrong,
        "typed": request.POST if wrong else {},
    }
    response = render(request, "console/programs.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UnusableInput(_("use one of the buttons of this page"))
    return int(text)


def _overlap(text: str) -> timedelta:
    return timedelta(days=_number(text))


def _end_of(day: str) -> datetime | None:
    """The end of a day in UTC; None where none is given."""
    if not day:
        return None
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None:
        raise UnusableInput(_("give the day like 2027-03-31, or leave it empty"))
    return datetime.combine(found, time.max, UTC)


def _name_of(key_id: int) -> str:
    return ApiKey.objects.filter(pk=key_id).values_list("name", flat=True).first() or ""
