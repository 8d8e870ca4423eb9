"""Which accounts hang together by relations, directly or through others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goodstanding.core.linkage.relations import Relation
from goodstanding.core.policy.pack import Linkage


@dataclass(frozen=True, slots=True)
class Cluster:
    """Accounts connected by relations, at least two. The id is that of its first account, so it is the same in every run."""

    cluster_id: str
    accounts: tuple[str, ...]


def find_clusters(relations: Iterable[Relation]) -> tuple[Cluster, ...]:
    """The connected components of relations, ordered by id. Give it only relations that score the pack's `cluster_at`: `strong_enough`."""
    heads: dict[str, str] = {}
    for relation in relations:
        one, other = _head(heads, relation.account_a), _head(heads, relation.account_b)
        heads[max(one, other)] = min(one, other)
    members: dict[str, list[str]] = defaultdict(list)
    for account in heads:
        members[_head(heads, account)].append(account)
    return tuple(Cluster(f"K-{first}", tuple(sorted(accounts))) for first, accounts in sorted(members.items()))


def _head(heads: dict[str, str], account: str) -> str:
    """The smallest account known to hang together with this one; shortens the way there for the next who asks."""
    head = heads.setdefault(account, account)
    while head != heads[head]:
        head = heads[head]
    while account != head:
        heads[account], account = head, heads[account]
    return head


def strong_enough(relations: Iterable[Relation], linkage: Linkage) -> Iterator[Relation]:
    """The relations from which clusters follow; weaker ones are shown as evidence only."""
    return (relation for relation in relations if relation.score >= linkage.cluster_at)
