"""Who asks for a page, as an actor of the core, and the guards that every view of a door stands behind."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.errors import refuse_signed_out, typed_in
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.services.call import Call
from goodstanding.server.services.factors import lacks_factor
from goodstanding.server.services.rights import actor_of
from goodstanding.server.store.models import AccessLink, Delegate, User

READERS = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.POLICY_MANAGER, Role.AUDITOR})
"""Who may open the console; what each may do there is the lifecycle's table."""

LINK, DELEGATE = "access_link", "delegate"
"""Under which keys a session keeps the link it was opened by, or the delegate who came in. Never both: nobody is two people at once."""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
HolderView = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]


def call_of(actor: Actor) -> Call:
    """The circumstances of a service call made for this actor now."""
    return Call(actor, timezone.now())


def user_of(request: HttpRequest) -> User | None:
    """The signed-in user; None for a visitor."""
    user = request.user
    return user if isinstance(user, User) and user.is_active else None


def bind_link(request: HttpRequest, link: AccessLink) -> None:
    """Let this browser act for the holder of the link's account, until it is closed or the link is over. Only after the code (`services.codes`)."""
    request.session.cycle_key()
    request.session.pop(DELEGATE, None)
    request.session[LINK] = link.pk
    # Nothing is remembered on a device: phones are lent, and shops' computers are shared.
    request.session.set_expiry(0)


def bind_delegate(request: HttpRequest, delegate: Delegate) -> None:
    """Let this browser act as a delegate until it is closed, and as nobody else. Only after the code."""
    logout(request)
    request.session.cycle_key()
    request.session[DELEGATE] = delegate.pk
    request.session.set_expiry(0)


def forget_link(request: HttpRequest) -> None:
    """End what a link opened in this browser, and what a delegate came in for."""
    request.session.pop(LINK, None)
    request.session.pop(DELEGATE, None)


def delegate_in(request: HttpRequest) -> Delegate | None:
    """The delegate who came in by this browser; None where nobody did."""
    if DELEGATE not in request.session:
        return None
    return Delegate.objects.filter(pk=request.session[DELEGATE]).exclude(email="").first()


def holder_of(request: HttpRequest) -> Actor | None:
    """The holder who asks: by the session of a link that is still good, by signing in, or both; None where neither."""
    user, who, accounts = user_of(request), "", set[str]()
    if user and user.role == Role.HOLDER:
        accounts.update(user.accounts.values_list("pk", flat=True))
        who = f"user:{user.pk}"
    if account_id := _account_of_link(request):
        accounts.add(account_id)
        who = who or f"holder:{account_id}"
    return Actor(who, Role.HOLDER, frozenset(accounts)) if who else None


def _account_of_link(request: HttpRequest) -> str | None:
    if LINK not in request.session:
        return None
    good = AccessLink.objects.filter(pk=request.session[LINK], withdrawn_at=None, expires_at__gt=timezone.now())
    return good.values_list("case__account_id", flat=True).first()


def staff_of(request: HttpRequest) -> Actor | None:
    """The member of staff who asks; None for everybody else."""
    user = user_of(request)
    return Actor(f"user:{user.pk}", Role(user.role)) if user and user.role in READERS else None


def for_holder(view: HolderView[P]) -> View[P]:
    """Guard a view: a holder comes in as its second argument, everybody else gets a page that says how to come in."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = holder_of(request)
        if actor is None and delegate_in(request):
            raise PermissionDenied(_("Only the holder of the account can do this; it cannot be done by a delegate."))
        if actor is None:
            raise PermissionDenied(_how_to_come_in())
        return _answer(view, request, actor, *args, **kwargs)

    return guarded


def for_party(view: HolderView[P]) -> View[P]:
    """Guard a view: the holder or a delegate comes in as its second argument. What a delegate may do there is asked by the view and its services."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = holder_of(request)
        if actor is None and (delegate := delegate_in(request)):
            actor = actor_of(delegate=delegate, now=timezone.now())
            request.delegate = delegate  # type: ignore[attr-defined]  # the pages say on whose behalf everything is done
        if actor is None:
            raise PermissionDenied(_how_to_come_in())
        return _answer(view, request, actor, *args, **kwargs)

    return guarded


def _how_to_come_in() -> str:
    return _("This page belongs to the holder of the account. Open it with the link in the newest notice we sent you, or sign in.")


def for_staff(view: HolderView[P]) -> View[P]:
    """Guard a view: a member of staff comes in as its second argument; a visitor is sent to sign in, a holder is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = staff_of(request)
        if actor is None and user_of(request) is None:
            if typed_in(request):
                return refuse_signed_out(request)
            return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
        if actor is not None and _lacks_factor(request):
            messages.warning(request, _("Set up a second factor first. Until then nothing of the console opens."))
            return redirect("mfa_index")
        if actor is None:
            raise PermissionDenied(_("The console is for the marketplace's staff. Your role does not open it."))
        return _answer(view, request, actor, *args, **kwargs)

    return guarded


def _lacks_factor(request: HttpRequest) -> bool:
    user = user_of(request)
    return user is not None and lacks_factor(user=user)


def _answer(view: HolderView[P], request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    """The view's answer, never kept by a cache; what the core refuses becomes the page that says so."""
    try:
        response = view(request, actor, *args, **kwargs)
    except NotFound as error:
        raise Http404(str(error)) from error
    except NotPermitted as error:
        raise PermissionDenied(say_error(error)) from error
    add_never_cache_headers(response)
    return response
