"""The policy manager's pages: the pack as people read it, another one handed in and compared, tried on history, the result (requirement K2).

Specialists and auditors read them. Nothing on these pages puts a pack into force: that is the setting of who runs the server.
"""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.errors import Finding, GoodstandingError, InvalidPack, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.values import Actor
from goodstanding.packs.loader import LARGEST_FILE
from goodstanding.packs.parcels import Parcel, pack_up, read_parcel
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.policy import show_changes, show_pack
from goodstanding.server.policy import current_pack
from goodstanding.server.services.packs import MAY_HAND_IN, check_reads, hand_in, pack_of, parcel_in_force, version_before, version_of, versions
from goodstanding.server.services.trials import ask_trial, cancel_trial, result_of, trial_of, trials
from goodstanding.server.store.models import PackVersion
from goodstanding.telling.wording import LANGUAGES, wording


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def in_force(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The pack in force, what changed with it, and all that was handed in and tried; a POST hands a pack in."""
    if request.method != "POST":
        return _in_force(request, actor)
    try:
        version = hand_in(call=call_of(actor), parcel=_handed(request))
    except InvalidPack as invalid:
        return _in_force(request, actor, findings=invalid.findings, status=422)
    except NotPermitted:
        raise
    except GoodstandingError as error:
        return _in_force(request, actor, wrong=say_error(error), status=status_of(error))
    messages.success(request, _("The pack is read without a mistake. It is not in force: look at what it changes, and try it on history."))
    return redirect("console:policy_version", version.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def version(request: HttpRequest, actor: Actor, digest: str) -> HttpResponse:
    """A kept version against the one in force; a POST asks for a trial of it."""
    found = version_of(actor=actor, digest=digest)
    if request.method != "POST":
        return _version(request, actor, found)
    try:
        trial = ask_trial(call=call_of(actor), digest=digest, first=_day(request, "first"), last=_day(request, "last"))
    except (NotPermitted, NotFound):
        raise
    except GoodstandingError as error:
        return _version(request, actor, found, wrong=say_error(error), status=status_of(error))
    return redirect("console:trial", trial.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def trial(request: HttpRequest, actor: Actor, trial_id: str) -> HttpResponse:
    """How far a trial is, or what came of it; a POST cancels it."""
    found = trial_of(actor=actor, trial_id=trial_id)
    if request.method == "POST":
        try:
            cancel_trial(call=call_of(actor), trial_id=trial_id)
        except NotPermitted:
            raise
        except GoodstandingError as error:
            messages.error(request, say_error(error))
        return redirect("console:trial", trial_id)
    result, language = result_of(found), wording(get_language()).language
    context = {
        "trial": found,
        "page": result.pages.get(language, result.pages.get(LANGUAGES[0], "")) if result else "",
        "who": names_of({found.asked_by}).get(found.asked_by, ""),
        "may_cancel": actor.role in MAY_HAND_IN and found.ended_at is None,
        "percent": 100 * found.done // found.of if found.of else 0,
    }
    return render(request, "console/trial.html", context)


@require_safe
@for_staff
def document(request: HttpRequest, actor: Actor, trial_id: str) -> HttpResponse:
    """The result of a trial with every account, as `policy try --json` prints it."""
    result = result_of(trial_of(actor=actor, trial_id=trial_id))
    if result is None:
        raise NotFound(f"trial {trial_id} has no result")
    response = JsonResponse(result.document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="policy-try-{trial_id}.json"'
    return response


@require_safe
@for_staff
def archive(request: HttpRequest, actor: Actor, digest: str) -> HttpResponse:
    """The files of a version, to be edited and handed in again; `in-force` names the present one."""
    check_reads(actor)
    if digest == "in-force":
        name, parcel = current_pack().name, parcel_in_force()
    else:
        found = version_of(actor=actor, digest=digest)
        name, parcel = found.name, Parcel(found.main, found.files)
    response = HttpResponse(pack_up(parcel), content_type="application/zip")
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-._@") else "-" for letter in name)
    response["Content-Disposition"] = f'attachment; filename="{plain}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _handed(request: HttpRequest) -> Parcel:
    file = request.FILES.get("pack")
    if file is None:
        raise UnusableInput(_("choose the file of the pack"))
    if (file.size or 0) > LARGEST_FILE:
        raise UnusableInput(_("this file is too large for a policy pack"))
    parcel = read_parcel(file.name or "pack.toml", file.read())
    return parcel.over(parcel_in_force()) if request.POST.get("over") else parcel


def _day(request: HttpRequest, name: str) -> date | None:
    text = request.POST.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnusableInput(_("write each day like 2026-03-31, or leave it empty")) from None


def _in_force(request: HttpRequest, actor: Actor, *, findings: tuple[Finding, ...] = (), wrong: str = "", status: int = 200) -> HttpResponse:
    before, pack = version_before(actor=actor), current_pack()
    was = _read(before)
    kept = versions(actor=actor)
    names = names_of({one.uploaded_by for one in kept})
    context = {
        "pack": pack,
        "parts": show_pack(pack, get_language()),
        "before": before,
        "changes": show_changes(was, pack, get_language()) if was else None,
        "kept": [(one, names.get(one.uploaded_by, ""), [span.since for span in one.spans.all()]) for one in kept],
        "trials": trials(actor=actor),
        "may_hand_in": actor.role in MAY_HAND_IN,
        "findings": findings,
        "wrong": wrong,
        "policy": "in_force",
    }
    return render(request, "console/policy.html", context, status=status)


def _version(request: HttpRequest, actor: Actor, found: PackVersion, *, wrong: str = "", status: int = 200) -> HttpResponse:
    pack, present = _read(found), current_pack()
    is_present = found.pk == present.digest
    context = {
        "version": found,
        "pack": pack,
        "parts": show_pack(pack, get_language()) if pack else [],
        "is_present": is_present,
        "present": present,
        "changes": show_changes(present, pack, get_language()) if pack and not is_present else None,
        "who": names_of({found.uploaded_by}).get(found.uploaded_by, ""),
        "tried": [one for one in trials(actor=actor) if one.new_id == found.pk],
        "may_try": actor.role in MAY_HAND_IN and not is_present and pack is not None,
        "wrong": wrong,
        "typed": request.POST,
        "policy": "version",
    }
    return render(request, "console/policy_version.html", context, status=status)


def _read(version: PackVersion | None) -> PolicyPack | None:
    """What a kept version says; None where this release of the program cannot read it any more."""
    if version is None:
        return None
    try:
        return pack_of(version)
    except InvalidPack:
        return None
