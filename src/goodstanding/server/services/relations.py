"""Relations as the last nightly run found them: taken in whole, and read by staff, each as the role may see it (requirements B16, K5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Max, Q

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.linkage.judgements import Against, pair_of
from goodstanding.core.policy.pack import Linkage
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.judgements import history_of, judgements_of, violations_of
from goodstanding.server.services.reading import READERS
from goodstanding.server.store.models import Account, Judgement, Relation, StruckAccount

SEE_VALUES = REVIEWERS | {Role.AUDITOR}
"""Who sees the masked values of identifiers. Others of the staff see kinds and counts; nobody sees a value whole."""

MOST_CLUSTERS, MOST_LOOSE, MOST_IN_CLUSTER, MOST_WEAK = 200, 200, 60, 10
"""How many clusters and loose pairs a list shows, how many accounts a cluster's page, and how many weak pairs that of an account."""

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Struck:
    """A deactivation or closure in force on the day of a run."""

    account_id: str
    action_id: str
    since: date


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts and what they share: one relation to keep. `cluster_id` empty: too weak to belong together."""

    account_a: str
    account_b: str
    score: int
    cluster_id: str
    evidence: tuple[Mapping[str, object], ...]
    against: tuple[Against, ...]


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """One account of a cluster. `struck_since`: under enforcement of its own since then."""

    account_id: str
    name: str
    struck_since: date | None


@dataclass(frozen=True, slots=True)
class RelationSeen:
    """One relation for a reader, with the judgement that counts."""

    relation: Relation
    judgement: Judgement | None

    @property
    def pair(self) -> tuple[str, str]:
        """The two accounts."""
        return self.relation.account_a, self.relation.account_b


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """The surroundings of one account: its cluster, and weak pairs beside it. `hidden`: accounts that are too many to show."""

    accounts: tuple[AccountSeen, ...]
    relations: tuple[RelationSeen, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """One cluster of the list: its size, its strongest score and how many of its accounts are under enforcement."""

    cluster_id: str
    first: str
    accounts: int
    strongest: int
    struck: int


@dataclass(frozen=True, slots=True)
class PairFile:
    """Everything about one pair for one reader; `history` is oldest first. `relation` None: the last run did not find them related (any more)."""

    one: AccountSeen
    other: AccountSeen
    relation: Relation | None
    history: tuple[Judgement, ...]
    may_judge: bool


def record_relations(*, pairs: Iterable[Pair], struck: Sequence[Struck], as_of: date) -> None:
    """Replace what is known of relations by what the last run found; readers see the old or the new and never half of it."""
    with transaction.atomic():
        Relation.objects.all().delete()
        StruckAccount.objects.all().delete()
        made = (Relation(as_of=as_of, **_columns(pair)) for pair in pairs)
        Relation.objects.bulk_create(made, batch_size=BATCH)
        rows = (StruckAccount(account_id=one.account_id, action_id=one.action_id, since=one.since) for one in struck)
        StruckAccount.objects.bulk_create(rows, batch_size=BATCH)


def clusters(*, actor: Actor) -> list[ClusterLine]:
    """The clusters, those with accounts under enforcement first, then the strongest. Raises NotPermitted for who reads no cases."""
    check_reads(actor)
    found = Relation.objects.exclude(cluster_id="").values("cluster_id").annotate(strongest=Max("score"), pairs=Count("pk"))
    members: dict[str, set[str]] = {}
    for key, a, b in Relation.objects.exclude(cluster_id="").values_list("cluster_id", "account_a", "account_b"):
        members.setdefault(key, set()).update((a, b))
    struck = set(StruckAccount.objects.values_list("account_id", flat=True))
    lines = [_line(row["cluster_id"], members[row["cluster_id"]], row["strongest"], struck) for row in found]
    return sorted(lines, key=lambda line: (not line.struck, -line.strongest, line.cluster_id))[:MOST_CLUSTERS]


def loose_pairs(*, actor: Actor) -> list[RelationSeen]:
    """Pairs beside an account under enforcement that are too weak to belong together, the strongest first."""
    check_reads(actor)
    return _judged(list(Relation.objects.filter(cluster_id="").order_by("-score", "account_a", "account_b")[:MOST_LOOSE]))


def weak_pairs(*, actor: Actor, account_id: str, linkage: Linkage | None) -> list[Relation]:
    """What an account shares with others under enforcement (or they with it), too weak to be a relation, the strongest first. Raises NotPermitted."""
    check_reads(actor)
    own = Relation.objects.filter(Q(account_a=account_id) | Q(account_b=account_id), score__lt=linkage.relate_at if linkage else 0)
    return list(own.order_by("-score", "account_a", "account_b")[:MOST_WEAK])


def cluster_of(*, actor: Actor, account_id: str) -> ClusterSeen:
    """The cluster of an account, or the weak pairs beside it. Raises NotFound where nothing is known of it, NotPermitted."""
    check_reads(actor)
    own = Relation.objects.filter(Q(account_a=account_id) | Q(account_b=account_id))
    together = set(own.exclude(cluster_id="").values_list("cluster_id", flat=True))
    rows = list(Relation.objects.filter(Q(pk__in=own) | Q(cluster_id__in=together)).order_by("-score", "account_a", "account_b"))
    if not rows and not Account.objects.filter(pk=account_id).exists():
        raise NotFound(f"there is no account {account_id}")
    ids = list(dict.fromkeys([account_id, *(one for row in rows for one in (row.account_a, row.account_b))]))
    shown = set(ids[:MOST_IN_CLUSTER])
    kept = [row for row in rows if {row.account_a, row.account_b} <= shown]
    return ClusterSeen(tuple(_accounts(ids[:MOST_IN_CLUSTER])), tuple(_judged(kept)), len(ids) - len(shown))


def pair_file(*, actor: Actor, one: str, other: str) -> PairFile:
    """One pair with its evidence and judgements. Raises NotFound where the accounts have nothing to do with each other, NotPermitted."""
    check_reads(actor)
    a, b = pair_of(one, other)
    relation, history = Relation.objects.filter(account_a=a, account_b=b).first(), tuple(history_of((a, b)))
    if relation is None and not history and not violations_of((a, b)).exists():
        raise NotFound(f"nothing relates {one} and {other}")
    seen = {account.account_id: account for account in _accounts([a, b])}
    known = Account.objects.filter(pk__in=(a, b)).count() == 2
    return PairFile(seen[a], seen[b], relation, history, may_judge=known and actor.role in REVIEWERS)


def values_for(role: Role, evidence: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Evidence as a role may see it: with masked values, or without any."""
    return list(evidence) if role in SEE_VALUES else [{**row, "value": ""} for row in evidence]


def strength(score: int, linkage: Linkage | None) -> str:
    """How strong a relation is, in a word: `strong` from where an action may be proposed, `related`, or `weak`."""
    if linkage is None or score >= linkage.propose_at:
        return "strong"
    return "related" if score >= linkage.relate_at else "weak"


def check_reads(actor: Actor) -> None:
    """Raise NotPermitted for who reads no relations: they are for staff alone."""
    if actor.role not in READERS:
        raise NotPermitted("reading relations", sorted(READERS))


def _columns(pair: Pair) -> dict[str, object]:
    return {
        "account_a": pair.account_a,
        "account_b": pair.account_b,
        "score": pair.score,
        "cluster_id": pair.cluster_id,
        "evidence": [dict(row) for row in pair.evidence],
        "against": [str(one) for one in pair.against],
    }


def _line(cluster_id: str, members: set[str], strongest: int, struck: set[str]) -> ClusterLine:
    return ClusterLine(cluster_id, min(members), len(members), strongest, len(members & struck))


def _judged(rows: Sequence[Relation]) -> list[RelationSeen]:
    said = judgements_of([row.account_a for row in rows])
    return [RelationSeen(row, said.get((row.account_a, row.account_b))) for row in rows]


def _accounts(ids: Sequence[str]) -> list[AccountSeen]:
    names = {account.pk: str(account) for account in Account.objects.filter(pk__in=ids)}
    since: dict[str, date] = {}
    for one in StruckAccount.objects.filter(account_id__in=ids).order_by("-since"):
        since[one.account_id] = one.since
    return [AccountSeen(account_id, names.get(account_id, account_id), since.get(account_id)) for account_id in ids]
