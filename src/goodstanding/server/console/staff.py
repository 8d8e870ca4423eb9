"""Users of the staff, for who manages them: a list, a new one, and one to change (requirement K5)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.policy import current_pack
from goodstanding.server.services import staff
from goodstanding.server.services.factors import has_factor, signs_on
from goodstanding.server.services.staff import Wish
from goodstanding.server.store.models import User

ROLES = (Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.POLICY_MANAGER, Role.AUDITOR)


@require_safe
@for_staff
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody of the staff."""
    users = staff.list_staff(actor=actor)
    words = pack_words()
    rows = [(user, has_factor(user=user), [words.term(skill) for skill in user.skills]) for user in users]
    return render(request, "console/staff.html", {"staff": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def make(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new user."""
    staff.check_manages(actor=actor)
    wrong, status, typed = "", 200, _blank()
    if request.method == "POST":
        email, typed = request.POST.get("email", "").strip(), _typed(request)
        try:
            user = staff.make_staff(call=call_of(actor), pack=current_pack(), email=email, wish=_wish(request))
        except NotPermitted:
            raise
        except GoodstandingError as error:
            wrong, status = say_error(error), status_of(error)
        else:
            messages.success(request, _("%(name)s is made. A password is set by “Forgot your password?” on the sign-in page.") % {"name": user.name})
            return redirect("console:staff")
    return _form(request, {"typed": typed, "email": request.POST.get("email", ""), "wrong": wrong}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def change(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """One user, to be changed; or whose factors are to be taken away, because they are lost."""
    wrong, status = "", 200
    user = staff.staff_user(actor=actor, user_id=user_id)
    typed = _of_user(user)
    if request.method == "POST":
        try:
            return _change(request, actor, user)
        except (NotFound, NotPermitted):
            raise
        except GoodstandingError as error:
            wrong, status, typed = say_error(error), status_of(error), _typed(request)
    context = {"one": user, "typed": typed, "wrong": wrong, "is_own": actor.id == f"user:{user.pk}", "signs_on": signs_on(user=user)}
    return _form(request, context | {"has_factor": has_factor(user=user)}, status)


def _change(request: HttpRequest, actor: Actor, user: User) -> HttpResponse:
    if request.POST.get("do") == "factors":
        staff.reset_factors(call=call_of(actor), user_id=user.pk)
        said = _("The second factors of %(name)s are gone. A new one is set up at the next sign-in.")
    else:
        staff.change_staff(call=call_of(actor), pack=current_pack(), user_id=user.pk, wish=_wish(request))
        said = _("%(name)s is changed.")
    messages.success(request, said % {"name": user.name})
    return redirect("console:staff")


def _wish(request: HttpRequest) -> Wish:
    typed = _typed(request)
    if typed["role"] not in set(ROLES):
        raise UnusableInput("choose a role")
    languages, skills = tuple(typed["languages"]), tuple(typed["skills"])
    return Wish(typed["name"], Role(typed["role"]), languages, skills, manages_staff=typed["manages_staff"], is_active=typed["is_active"])


def _typed(request: HttpRequest) -> dict[str, Any]:
    sent = request.POST
    return {
        "name": sent.get("name", "").strip(),
        "role": sent.get("role", ""),
        "languages": sent.getlist("languages"),
        "skills": sent.getlist("skills"),
        "manages_staff": "manages_staff" in sent,
        "is_active": "is_active" in sent,
    }


def _blank() -> dict[str, Any]:
    return {"name": "", "role": "", "languages": [], "skills": [], "manages_staff": False, "is_active": True}


def _of_user(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _blank()}


def _form(request: HttpRequest, told: dict[str, object], status: int) -> HttpResponse:
    pack, words = current_pack(), pack_words()
    context = {"staff": True, "roles": ROLES, "languages": pack.languages, "skills": [(skill, words.term(skill)) for skill in pack.queue.skills]}
    return render(request, "console/staff_user.html", context | told, status=status)
