"""Which accounts are related, on what evidence, and which of them belong to an account under enforcement.

A relation is evidence, never a judgement: what follows from it waits for a person (`facts.md` section 5).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations

from goodstanding.core.facts import Identifier
from goodstanding.core.linkage.company import Piece, lift, vouching
from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.linkage.weighing import weigh
from goodstanding.core.policy.pack import Linkage, PolicyPack, Reason
from goodstanding.core.terms import FoundBy, UseOrder
from goodstanding.core.values import day_of

RELATED, SUCCESSOR = "B16", "B17"
"""The requirements that a pack's reasons for related accounts and for new accounts under enforcement name."""

Pair = tuple[str, str]
Use = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Relation:
    """Two accounts, `account_a` < `account_b`, and everything they share, the strongest first. The shares add up to the score.

    `successor`: the one of the two that was opened under an enforcement against the other (requirement B17), if one was.
    """

    account_a: str
    account_b: str
    score: int
    evidence: tuple[SharedIdentifier, ...]
    successor: str | None = None

    def reached(self, score: int) -> date | None:
        """The first day on which what both had used made up a score; None where it never did."""
        sum_so_far = 0
        for shared in sorted(self.evidence, key=lambda piece: piece.shared_since):
            sum_so_far += shared.share
            if sum_so_far >= score:
                return day_of(shared.shared_since)
        return None

    def other(self, account_id: str) -> str:
        """The account at the other end."""
        return self.account_b if account_id == self.account_a else self.account_a


@dataclass(frozen=True, slots=True)
class Holder:
    """What has to be known of an account to say which reason a relation gives against it."""

    holder_kind: str
    opened: date


@dataclass(frozen=True, slots=True)
class Enforced:
    """A deactivation or closure in force from `since` until it was lifted (None: still in force)."""

    account_id: str
    action_id: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RelationViolation:
    """An account that is related to one under enforcement, on [opened, closed); closed None: still.

    With the other account's action lifted the violation ends too, so that related accounts come free by themselves (I1).
    """

    account_id: str
    reason: Reason
    other_id: str
    action_id: str
    opened: date
    closed: date | None


def find_relations(
    uses: Iterable[Identifier], linkage: Linkage, holders: Mapping[str, Holder] | None = None, enforced: Iterable[Enforced] = ()
) -> tuple[Relation, ...]:
    """All pairs that score at least `relate_at`, by their ids; the order of `uses` makes no difference.

    An identifier used by more accounts than the hub allows says nothing, so no pair is ever formed from it. `uses` must
    hold every use of an identifier that any of its users shares, or it would look rarer than it is; an account's repeated uses of one count as one.
    `holders` and `enforced` tell which accounts are successors; without them nobody is.
    """
    users = _users(uses, linkage)
    pairs: dict[Pair, list[Piece]] = defaultdict(list)
    for piece, accounts in users.items():
        for pair in combinations(sorted(accounts), 2):
            pairs[pair].append(piece)
    struck = _by_account(enforced)
    made = [_relation(pair, pieces, users, linkage, _successor(pair, holders or {}, struck, linkage)) for pair, pieces in pairs.items()]
    lifted = _in_company(made, users, linkage) if linkage.company >= linkage.relate_at else made
    return tuple(sorted((relation for relation in lifted if relation.score >= linkage.relate_at), key=lambda r: (r.account_a, r.account_b)))


def find_relation_violations(
    relations: Sequence[Relation], enforced: Iterable[Enforced], holders: Mapping[str, Holder], pack: PolicyPack
) -> tuple[RelationViolation, ...]:
    """A violation for each account that scores at least `propose_at` with one under enforcement.

    It opens on the later of the day the evidence reached that score and the day the enforcement began, and only if that was
    while the enforcement lasted. Accounts that were themselves under enforcement by then get none: nothing would follow from it.
    """
    if pack.linkage is None:
        return ()
    struck = _by_account(enforced)
    found = [
        _follows(account, relation.other(account), reached, struck, holders, pack)
        for relation in relations
        if (reached := relation.reached(pack.linkage.propose_at)) is not None
        for account in (relation.account_a, relation.account_b)
    ]
    return tuple(sorted((v for violations in found for v in violations), key=lambda v: (v.account_id, v.opened, v.other_id, v.action_id)))


def _users(uses: Iterable[Identifier], linkage: Linkage) -> dict[Piece, dict[str, Use]]:
    """For each identifier that weighs anything and is no hub: who used it, from when to when."""
    users: dict[Piece, dict[str, Use]] = defaultdict(dict)
    for use in uses:
        if use.kind in linkage.weights:
            accounts = users[use.kind, use.value]
            accounts[use.account_id] = _widened(accounts.get(use.account_id), use)
    return {piece: accounts for piece, accounts in users.items() if 2 <= len(accounts) <= linkage.hub}


def _widened(known: Use | None, use: Identifier) -> Use:
    if known is None:
        return use.first_seen, use.last_seen
    first, last = known
    return min(first, use.first_seen), max((moment for moment in (last, use.last_seen) if moment is not None), default=None)


def _relation(pair: Pair, pieces: Iterable[Piece], users: Mapping[Piece, Mapping[str, Use]], linkage: Linkage, successor: str | None) -> Relation:
    a, b = pair
    passed = {a: UseOrder.B_FIRST, b: UseOrder.A_FIRST}.get(successor or "", UseOrder.TOGETHER)
    shared = (SharedIdentifier(*piece, len(users[piece]), 0, *users[piece][a], *users[piece][b]) for piece in pieces)
    evidence = weigh(shared, linkage, passed)
    return Relation(a, b, sum(piece.share for piece in evidence), evidence, successor)


def _in_company(made: Sequence[Relation], users: Mapping[Piece, Iterable[str]], linkage: Linkage) -> Iterator[Relation]:
    """The relations with those lifted that are in company; who vouches for whom is told by what each pair makes alone."""
    vouched: dict[Pair, set[Piece]] = defaultdict(set)
    for relation in made:
        one, other = relation.account_a, relation.account_b
        for piece in vouching(relation.score, relation.evidence, linkage):
            for third in set(users[piece]) - {one, other}:
                vouched[min(one, third), max(one, third)].add(piece)
                vouched[min(other, third), max(other, third)].add(piece)
    for relation in made:
        pieces = vouched.get((relation.account_a, relation.account_b))
        evidence = lift(relation.score, relation.evidence, pieces, linkage) if pieces else relation.evidence
        yield replace(relation, score=sum(piece.share for piece in evidence), evidence=evidence)


def _successor(pair: Pair, holders: Mapping[str, Holder], struck: Mapping[str, Sequence[Enforced]], linkage: Linkage) -> str | None:
    """The later opened of the two, if that was while an enforcement against the other lasted, and not too long after it began."""
    if not (pair[0] in holders and pair[1] in holders):
        return None
    earlier, later = sorted(pair, key=lambda account: (holders[account].opened, account))
    opened = holders[later].opened
    is_successor = any(_is_struck(action, opened) and (opened - action.since).days <= linkage.successor_days for action in struck.get(earlier, ()))
    return later if is_successor else None


def _by_account(enforced: Iterable[Enforced]) -> dict[str, list[Enforced]]:
    struck: dict[str, list[Enforced]] = defaultdict(list)
    for action in enforced:
        struck[action.account_id].append(action)
    return struck


def _follows(
    account: str, other: str, reached: date, struck: Mapping[str, list[Enforced]], holders: Mapping[str, Holder], pack: PolicyPack
) -> Iterator[RelationViolation]:
    """What follows for an account from each action against the other one."""
    holder = holders.get(account)
    for action in struck.get(other, ()):
        opened = max(reached, action.since)
        is_over = action.until is not None and opened >= action.until
        reason = _reason(pack, holder, action) if holder else None
        if reason and not is_over and not any(_is_struck(own, opened) for own in struck.get(account, ())):
            yield RelationViolation(account, reason, other, action.action_id, opened, action.until)


def _is_struck(action: Enforced, day: date) -> bool:
    return action.since <= day and (action.until is None or day < action.until)


def _reason(pack: PolicyPack, holder: Holder, action: Enforced) -> Reason | None:
    """The pack's reason for a successor where the account was opened under enforcement of the other, else the one for related accounts."""
    by_requirement = {r.requirement: r for r in _reasons(pack, holder.holder_kind)}
    if holder.opened >= action.since and SUCCESSOR in by_requirement:
        return by_requirement[SUCCESSOR]
    return by_requirement.get(RELATED)


def _reasons(pack: PolicyPack, holder_kind: str) -> Iterator[Reason]:
    return (reason for reason in pack.reasons.values() if reason.found_by == FoundBy.RELATION and reason.holder_kind == holder_kind)
