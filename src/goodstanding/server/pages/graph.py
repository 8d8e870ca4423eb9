"""A cluster of accounts as an inline SVG: numbered marks on a ring and lines between them, plain geometry for a template to draw.

Accounts under enforcement are squares and others circles, strong lines thick and weak ones dashed, so that nothing is said by colour alone.
The numbers lead to the list beside the drawing, where everything stands as text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from goodstanding.core.policy.pack import Linkage
from goodstanding.core.terms import RelationVerdict
from goodstanding.server.services.relations import AccountSeen, ClusterSeen, RelationSeen, strength

WIDTH, HEIGHT, MARGIN = 480, 400, 34
RADIUS = 17
MOST_SCORES = 14
"""More lines than this go without their scores, which would cover each other; the table has them."""


@dataclass(frozen=True, slots=True)
class Node:
    """One account of the drawing. `number` is its place in the list beside it."""

    number: int
    account: AccountSeen
    x: float
    y: float
    is_asked: bool

    @property
    def corner(self) -> tuple[float, float]:
        """The upper left corner of the square."""
        return round(self.x - RADIUS, 1), round(self.y - RADIUS, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One relation of the drawing. `verdict` is empty where nobody has judged it; `score` where it is not written."""

    seen: RelationSeen
    one: Node
    other: Node
    strength: str
    verdict: str
    score: str

    @property
    def middle(self) -> tuple[float, float]:
        """Where the score stands: a little nearer to one end, so that lines that cross do not share it."""
        return round(self.one.x * 0.55 + self.other.x * 0.45, 1), round(self.one.y * 0.55 + self.other.y * 0.45 + 4, 1)


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything the template draws."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    radius: int = RADIUS
    side: int = 2 * RADIUS


def draw(cluster: ClusterSeen, asked: str, linkage: Linkage | None) -> Graph | None:
    """The drawing of a cluster around the account asked for, which stands on top; None where there is nothing to draw."""
    if not cluster.relations:
        return None
    order = _around(cluster, asked)
    nodes = {account.account_id: _node(place, len(order), account, asked) for place, account in enumerate(order)}
    with_scores = len(cluster.relations) <= MOST_SCORES
    # Weak lines first, so that strong ones lie over them.
    lines = [_line(seen, nodes, linkage, with_scores=with_scores) for seen in reversed(cluster.relations)]
    return Graph(tuple(nodes.values()), tuple(lines))


def _around(cluster: ClusterSeen, asked: str) -> list[AccountSeen]:
    """Accounts in the order of the ring: each next to the one it is related to most, which keeps long lines few."""
    left = {account.account_id: account for account in cluster.accounts}
    scores: dict[str, dict[str, int]] = {key: {} for key in left}
    for seen in cluster.relations:
        a, b = seen.pair
        scores[a][b] = scores[b][a] = seen.relation.score
    here = asked if asked in left else next(iter(left))
    ring = [left.pop(here)]
    while left:
        near: Mapping[str, int] = scores[here]
        here = min(left, key=lambda key: (-near.get(key, 0), key))
        ring.append(left.pop(here))
    return ring


def _node(place: int, count: int, account: AccountSeen, asked: str) -> Node:
    angle = 2 * pi * place / count - pi / 2
    x = WIDTH / 2 + (WIDTH / 2 - MARGIN) * cos(angle)
    y = HEIGHT / 2 + (HEIGHT / 2 - MARGIN) * sin(angle)
    return Node(place + 1, account, round(x, 1), round(y, 1), account.account_id == asked)


def _line(seen: RelationSeen, nodes: Mapping[str, Node], linkage: Linkage | None, *, with_scores: bool) -> Line:
    a, b = seen.pair
    verdict = RelationVerdict(seen.judgement.verdict) if seen.judgement else ""
    score = seen.relation.score
    return Line(seen, nodes[a], nodes[b], strength(score, linkage), verdict, str(score) if with_scores else "")


def numbers(graph: Graph | None) -> Mapping[str, int]:
    """Account id -> its number in the drawing."""
    return {node.account.account_id: node.number for node in graph.nodes} if graph else {}


def by_number(accounts: Sequence[AccountSeen], numbered: Mapping[str, int]) -> list[tuple[int, AccountSeen]]:
    """Accounts with their numbers, in their order."""
    return sorted(((numbered.get(account.account_id, 0), account) for account in accounts), key=lambda one: one[0])
