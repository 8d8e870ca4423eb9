"""One account for staff: standing, health, limits with their owners, cases."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.health import health_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.relations import show_evidence
from goodstanding.server.policy import current_pack
from goodstanding.server.services.quality import held_blind_of, note_outcomes_seen
from goodstanding.server.services.reading import cases_of
from goodstanding.server.services.relations import weak_pairs
from goodstanding.server.store.models import Account, Relation


@require_safe
@for_staff
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The page of an account."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    if appeal_id := held_blind_of(actor=actor, account_id=account_id):
        return redirect("console:blind", appeal_id)
    note_outcomes_seen(call=call_of(actor), account_id=account_id)
    words = pack_words()
    cases = list(cases_of(actor=actor, account_id=account_id).reverse())
    limits = list(account.limits.select_related("action__case").order_by("lifted_at", "-since", "limit_id"))
    names = names_of(limit.owner for limit in limits)
    weak = weak_pairs(actor=actor, account_id=account_id, linkage=current_pack().linkage)
    context = {
        "account": account,
        "health": health_of(account, words, staff=actor.role),
        "cases": [(case, words.actions.get(case.action.kind, case.action.kind)) for case in cases],
        "limits": [(limit, words.acts.get(limit.act, limit.act), names.get(limit.owner, limit.owner)) for limit in limits],
        "reopening": account.reopening_requests.filter(decided_at=None).first(),
        "now": timezone.now(),
        "may_act": actor.role in REVIEWERS,
        "weak": [(pair, pair.other(account_id), show_evidence(pair.evidence, ("a", "b"), words)) for pair in weak],
        "is_related": Relation.objects.filter(Q(account_a=account_id) | Q(account_b=account_id)).exists(),
    }
    return render(request, "console/account.html", context)
