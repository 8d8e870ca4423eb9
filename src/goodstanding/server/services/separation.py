"""Who may review a case: nobody an own decision, and still somebody even in a small house (requirements H1, H4)."""

from django.db.models import FilteredRelation, Q

from goodstanding.core.appeals.review import check_reviewer, may_hear
from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.judgements import judges_of
from goodstanding.server.store.models import Appeal, Case, User


def deciders(case: Case) -> set[str]:
    """Who decided the action, or an earlier appeal about it, or had a part in deciding one, or confirmed a relation behind it."""
    agreed = FilteredRelation("first_decisions", condition=Q(first_decisions__agreed=True))
    appeals = Appeal.objects.filter(case=case.pk).annotate(agreed=agreed)
    past = {name for row in appeals.values_list("decided_by", "agreed__decided_by", "agreed__answered_by") for name in row}
    return {case.action.decided_by, *past, *judges_of(case)} - {"", None}


def check_may_review(*, actor: Actor, case: Case, never: frozenset[str] = frozenset()) -> bool:
    """Raise NotPermitted where somebody may not review a case; gives whether it is the exception for a small house.

    `never`: who may not whatever happens, as the first of two people who have to agree. The exception: where no other reviewer is left, a senior
    who had no part in the last decision hears the case, although an earlier one was his.
    """
    past = deciders(case) | never
    if actor.id not in past:
        return False
    if may_hear(actor.id, actor.role, last=_last_deciders(case) | never, past=past, reviewers=_reviewers(), is_last_instance=case.is_escalated):
        return True
    check_reviewer(actor.id, past)
    return False


def _last_deciders(case: Case) -> set[str]:
    """Who had a part in the latest decision on the case: the newest appeal that was decided, else the action itself."""
    last = case.appeals.exclude(decided_at=None).exclude(outcome="omitted").order_by("-attempt").first()
    if last is None:
        return {case.action.decided_by}
    firsts = last.first_decisions.filter(agreed=True).values_list("decided_by", "answered_by")
    return {last.decided_by, *(name for pair in firsts for name in pair)}


def _reviewers() -> dict[str, Role]:
    active = User.objects.filter(is_active=True, role__in=REVIEWERS).values_list("pk", "role")
    return {f"user:{key}": Role(role) for key, role in active}
