"""Mails that wait for a person, and any mail that came in: who wrote, what proves it, the original as text (requirements C2, G1, H5)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted
from goodstanding.core.terms import MailVerdict
from goodstanding.core.values import Actor
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.mails import held_mails, mail_shown, reject_mail, release_mail


@require_safe
@for_staff
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits, the oldest first."""
    return render(request, "console/mails.html", {"mails": held_mails(actor=actor)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor, mail_id: str) -> HttpResponse:
    """One mail; a POST releases it into its case or refuses it."""
    wrong, status = "", 200
    if request.method == "POST":
        try:
            return _decide(request, actor, mail_id)
        except (NotFound, NotPermitted):
            raise
        except GoodstandingError as error:
            wrong, status = say_error(error), status_of(error)
    mail, original = mail_shown(actor=actor, mail_id=mail_id)
    may_decide = mail.verdict == MailVerdict.HELD and actor.role in REVIEWERS
    context = {"mail": mail, "original": original, "may_decide": may_decide, "wrong": wrong, "typed": request.POST if wrong else {}}
    return render(request, "console/mail.html", context, status=status)


def _decide(request: HttpRequest, actor: Actor, mail_id: str) -> HttpResponse:
    if request.POST.get("do") == "release":
        row = release_mail(call=call_of(actor), pack=current_pack(), mail_id=mail_id, case_id=request.POST.get("case", ""))
        messages.success(request, _("The mail is in its case, and the holder is told that we have it."))
        return redirect("console:case", row.case_id)
    reject_mail(call=call_of(actor), mail_id=mail_id, because=check_words(request.POST.get("because", ""), or_say=_("say why it is refused")))
    messages.success(request, _("The mail is refused. Nothing follows from it."))
    return redirect("console:mails")
