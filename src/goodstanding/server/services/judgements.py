"""What people hold of relations: kept for good, entered in every case that rests on them, and followed by what they change.

A judgement outlives every run: a denied relation gives no violation any more, a confirmed one keeps its ground (requirements B16, I1).
"""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.linkage import judgements as rules
from goodstanding.core.linkage.judgements import Pair, pair_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome, FoundBy, OwnerKind, RelationGround, RelationVerdict
from goodstanding.core.values import day_of
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.services.releases import free_unfounded
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.services.together import together
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, Case, Judgement, Violation

LONGEST_NOTE = 2000
"""Characters; only staff read them."""


def judge_relation(
    *, call: Call, pack: PolicyPack, account_id: str, other_id: str, verdict: RelationVerdict, ground: RelationGround, note: str
) -> Judgement:
    """Confirm or deny the relation of two accounts; a later judgement supersedes this one, and none is ever changed.

    Denied, every violation that rests on it is overturned, and whoever was limited for nothing else is free in this transaction. The same
    said again by the same person is the judgement that stands. Raises NotPermitted, NotFound or UnusableInput.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("judging a relation", sorted(REVIEWERS))
    pair = pair_of(account_id, other_id)
    said = _checked(verdict, ground, note)
    with together():
        # Cases before accounts, each in their order: as every service does, so that nobody waits in a ring.
        cases = [lock_case(call=call, case_id=case_id) for case_id in sorted(_case_ids(pair))]
        _lock_both(pair)
        standing = history_of(pair).last()
        if standing and (standing.verdict, standing.ground, standing.note, standing.decided_by) == (verdict, ground, said, call.actor.id):
            return standing
        judgement = keep_judgement(call=call, pair=pair, verdict=verdict, ground=ground, note=said)
        if verdict == RelationVerdict.DENIED:
            for case in cases:
                free_unfounded(call=call, pack=pack, case=case, lifter=OwnerKind.PERSON)
            for one in pair:
                refresh_rating(call=call, pack=pack, account_id=one)
    return judgement


def keep_judgement(*, call: Call, pair: Pair, verdict: RelationVerdict, ground: RelationGround, note: str, case: Case | None = None) -> Judgement:
    """Keep a judgement, inside the transaction of what it belongs to, and enter it in the cases that rest on the relation.

    `case`: whose appeal it decides. A denial overturns the relation's violations; other cases that rested on them are freed by
    `releases.free_related`. Raises UnusableInput where the ground does not go with the verdict.
    """
    rules.check_ground(verdict, ground)
    judgement = Judgement.objects.create(
        judgement_id=call.new_id("J"),
        account_a_id=pair[0],
        account_b_id=pair[1],
        verdict=verdict,
        ground=ground,
        note=note,
        case=case,
        decided_at=call.now,
        decided_by=call.actor.id,
    )
    if verdict == RelationVerdict.DENIED:
        standing = violations_of(pair).exclude(decided=DecisionOutcome.OVERTURNED)
        standing.update(decided=DecisionOutcome.OVERTURNED, decided_at=call.now)
    body = {"judgement_id": judgement.judgement_id, "accounts": list(pair), "verdict": verdict, "ground": ground, "note": note}
    for one in Case.objects.filter(pk__in=_case_ids(pair)).select_related("action", "account").order_by("pk"):
        ledger.append(call=call, case_id=one.pk, kind="RelationJudged", body=body)
        queue_event(call=call, type="relation.judged", case=one, body={"verdict": verdict, "ground": ground})
    return judgement


def lock_with_related(*, call: Call, case_id: str) -> Case:
    """The case, locked with every other case and every account that a judgement on one of its relations would change.

    In the order of `judge_relation`: decided one after the other, the two ends of a relation would otherwise wait for each other in a ring.
    A case that rests on no relation is locked alone, with its account. Raises NotFound.
    """
    pairs = [pair_of(one.account_id, one.other_account) for one in _related(case_id=case_id) if one.account_id != one.other_account]
    cases = {
        one: lock_case(call=call, case_id=one, with_account=not pairs)
        for one in sorted({case_id, *(one for pair in pairs for one in _case_ids(pair))})
    }
    for account_id in sorted(Account.objects.filter(pk__in={one for pair in pairs for one in pair}).values_list("pk", flat=True)) if pairs else ():
        lock_account(account_id=account_id)
    return cases[case_id]


_related = compiled.Query(lambda case_id: Violation.objects.filter(actions__case=case_id).exclude(other_account=""), texts=["case_id"])


def history_of(pair: Pair) -> QuerySet[Judgement]:
    """The judgements on one pair, in the order in which they were made: the last one counts."""
    return Judgement.objects.filter(account_a=pair[0], account_b=pair[1]).order_by("pk")


def judgements_of(accounts: Sequence[str]) -> dict[Pair, Judgement]:
    """The judgement that counts for each pair with one of these accounts."""
    made = Judgement.objects.filter(Q(account_a__in=accounts) | Q(account_b__in=accounts)).order_by("pk")
    return {(one.account_a_id, one.account_b_id): one for one in made}


def all_judgements() -> list[rules.Judgement]:
    """Every judgement as the rules read it, in their order."""
    made = Judgement.objects.order_by("pk").values_list("account_a_id", "account_b_id", "verdict", "decided_at")
    return [rules.Judgement((a, b), RelationVerdict(verdict), day_of(at)) for a, b, verdict, at in made]


def violations_of(pair: Pair) -> QuerySet[Violation]:
    """The violations of either account that rest on the relation of a pair."""
    a, b = pair
    return Violation.objects.filter(Q(account=a, other_account=b) | Q(account=b, other_account=a), found_by=FoundBy.RELATION)


def judges_of(case: Case) -> set[str]:
    """Who confirmed a relation that a case rests on, and so reviews no appeal against it (requirement H1)."""
    others = {violation.other_account for violation in violations_behind(case.action)}
    last = (history_of(pair_of(case.account_id, other)).last() for other in others - {case.account_id, ""})
    return {judgement.decided_by for judgement in last if judgement and judgement.verdict == RelationVerdict.CONFIRMED}


def _checked(verdict: RelationVerdict, ground: RelationGround, note: str) -> str:
    rules.check_ground(verdict, ground)
    said = note.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise UnusableInput(f"say in 1 to {LONGEST_NOTE} characters what the judgement rests on; staff read it")
    return said


def _lock_both(pair: Pair) -> None:
    try:
        for account_id in pair:
            lock_account(account_id=account_id)
    except Account.DoesNotExist:
        raise NotFound(f"there is no account {account_id}") from None


def _case_ids(pair: Pair) -> list[str]:
    return list(Case.objects.filter(action__violations__in=violations_of(pair)).order_by("pk").values_list("pk", flat=True).distinct())
