"""Who may review a case: nobody an own decision, and still somebody even in a small house (requirements H1, H4)."""

from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from goodstanding.core.appeals.review import check_reviewer, may_hear
from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.judgements import judges_of
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Appeal, Case, User


def deciders(case: Case) -> set[str]:
    """Who decided the action, or an earlier appeal about it, or had a part in deciding one, or confirmed a relation behind it."""
    past = {name for appeal in _deciding(case_id=case.pk) for name in (appeal.decided_by, appeal.first_by, appeal.second_by)}
    return {case.action.decided_by, *past, *judges_of(case)} - {"", None}


def _with_pairs(case_id: str) -> QuerySet[Any]:
    """The appeals of a case, each with the two people who decided it where it took two."""
    agreed = FilteredRelation("first_decisions", condition=Q(first_decisions__agreed=True))
    appeals = Appeal.objects.filter(case=case_id).annotate(agreed_on=agreed)
    return appeals.annotate(first_by=F("agreed_on__decided_by"), second_by=F("agreed_on__answered_by"))


_deciding = compiled.Query(_with_pairs, texts=["case_id"])


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


def may_review(*, actor: Actor, case: Case, never: frozenset[str] = frozenset()) -> bool:
    """Whether `check_may_review` lets somebody: for pages, which offer what would not be refused."""
    try:
        check_may_review(actor=actor, case=case, never=never)
    except NotPermitted:
        return False
    return True


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
