"""The holder's page of the assurance programme: each criterion with its dates, the membership, and windows that are open (J1, J2)."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from goodstanding.core.assurance.eligibility import Judged
from goodstanding.core.assurance.sentences import say_criterion, say_to_do
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import NotFound
from goodstanding.core.values import Actor, day_of
from goodstanding.server.pages.asking import for_party
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.windows import show_window
from goodstanding.server.policy import current_pack
from goodstanding.server.services.enrollments import membership_of
from goodstanding.server.services.windows import masked
from goodstanding.server.store.models import Account


@dataclass(frozen=True, slots=True)
class CriterionShown:
    """One criterion: how it stands in a sentence, and what to do about it (empty: nothing)."""

    judged: Judged
    said: str
    to_do: str


@require_safe
@for_party
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The page; an account for which there is no programme leads to its account page."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    pack, words, now = current_pack(), pack_words(), timezone.now()
    membership = membership_of(account=account, pack=pack, as_of=day_of(now, pack.zone(account.marketplace)))
    if membership is None or pack.assurance is None:
        return redirect("portal:account_of", account_id)
    criteria = [
        CriterionShown(one, say_criterion(words, pack.assurance, one), say_to_do(words, pack.assurance, one))
        for one in membership.eligibility.criteria
    ]
    context = {
        "account": account,
        "membership": membership,
        "criteria": criteria,
        "rules": pack.assurance,
        "number": masked(account.emergency_phone),
        "windows": [
            (case, show_window(case, pack)) for case in account.cases.filter(state=CaseState.SOLVING).select_related("window").order_by("due_at")
        ],
        "earlier": account.enrollments.exclude(ended_at=None).order_by("-ended_at"),
    }
    return render(request, "portal/assurance.html", context)
