"""Reading how a pack orders its queue, what it asks of the review, and the limits of conversations."""

from collections.abc import Mapping

from goodstanding.core.policy.pack import Reason
from goodstanding.core.policy.queueing import QueueOrder, Reviewing, Talking
from goodstanding.core.policy.tables import Table, nearest
from goodstanding.core.terms import Act, Severity

PER_MILLE = 1000
"""The whole of a share that is written in thousandths."""


def read_queue(top: Table, reasons: Mapping[str, Reason]) -> QueueOrder:
    """The order of the queue; by date alone where the pack says nothing."""
    if not top.has("queue"):
        return QueueOrder()
    table = top.table("queue")
    severity, acts, large = table.table("severity"), table.table("acts", required=False), table.table("large", required=False)
    skills = table.table("skills", required=False)
    order = QueueOrder(
        severity={one: severity.whole(one, 0) for one in Severity},
        acts={one: acts.whole(one, 0) for one in Act},
        money_held=table.whole("money_held", 0),
        money_large=table.whole("money_large", 0),
        large={currency: large.whole(currency, least=1) for currency in large.content},
        overdue=table.whole("overdue", 24 * 365, least=1),
        skills={skill: skills.texts(skill) for skill in skills.content},
        citation=table.citation(),
    )
    _check_skills(order, skills, reasons)
    for one in (severity, acts, large, skills, table):
        one.close()
    return order


def _check_skills(order: QueueOrder, table: Table, reasons: Mapping[str, Reason]) -> None:
    taken: dict[str, str] = {}
    for skill, codes in order.skills.items():
        for code in codes:
            if code not in reasons:
                table.note("unknown-name", skill, f"'{code}' is no reason of this pack", nearest(code, reasons))
            elif taken.setdefault(code, skill) != skill:
                table.note("repeated", skill, f"names '{code}', as '{taken[code]}' does", "a reason takes one skill; write it once")


def read_reviewing(top: Table) -> Reviewing:
    """What the pack asks of the review; nothing beyond the law of the house where it says nothing."""
    if not top.has("review"):
        return Reviewing()
    table = top.table("review")
    reviewing = Reviewing(
        blind_per_1000=table.whole("blind_per_1000", 0),
        names_a_fact=table.flag("names_a_fact", False),
        precedents=table.whole("precedents", 5),
        citation=table.citation(),
    )
    if reviewing.blind_per_1000 > PER_MILLE:
        table.note("out-of-range", "blind_per_1000", f"is {reviewing.blind_per_1000}", f"it is a share in thousandths, at most {PER_MILLE}")
    table.close()
    return reviewing


def read_talking(top: Table) -> Talking:
    """The limits of conversations; the house's own where the pack says nothing."""
    if not top.has("conversation"):
        return Talking()
    table, usual = top.table("conversation"), Talking()
    talking = Talking(
        letter_after=table.whole("letter_after_minutes", usual.letter_after, least=1),
        most_an_hour=table.whole("most_an_hour", usual.most_an_hour, least=1),
        citation=table.citation(),
    )
    table.close()
    return talking
