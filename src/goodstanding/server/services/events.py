"""The kinds of events that addresses of webhooks are told (docs/reference/events.md), and which of them one address wants."""

from collections.abc import Collection

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.tables import nearest

KINDS = frozenset(
    {
        *("action.scheduled", "action.postponed", "action.in_force", "action.lifted", "action.expired"),
        *(
            "appeal.submitted",
            "appeal.withdrawn",
            "appeal.information_asked",
            "appeal.information_given",
            "appeal.information_lapsed",
            "appeal.asked_after",
            "appeal.overdue",
            "appeal.escalated",
            "appeal.decided",
        ),
        *("assurance.enrolled", "assurance.ended"),
        *("case.colleague_asked", "case.final", "case.monitoring_ended", "case.reopened", "case.settled", "case.window_ended"),
        *("money.held", "money.released"),
        *("relation.judged",),
        *("reopening.requested", "reopening.granted", "reopening.refused"),
        *("window.opened", "window.extended", "window.plan_handed_in", "window.call_asked_for", "window.settled", "window.excluded"),
    }
)
"""Every kind but `ping`, which somebody sends by hand to one address."""

WHOLE_GROUP = ".*"
"""What stands for every kind of a group: `appeal.*`."""


def check_kinds(wanted: Collection[str]) -> list[str]:
    """Kinds and whole groups as they are kept, each once. Raises UnusableInput, with the nearest that there is."""
    known = KINDS | {f"{kind.partition('.')[0]}{WHOLE_GROUP}" for kind in KINDS}
    if strange := sorted(set(wanted) - known):
        raise UnusableInput(
            f"there is no kind of event '{strange[0]}' ({nearest(strange[0], known)}); write kinds like appeal.decided, or appeal.* for a group"
        )
    return sorted(set(wanted))


def is_wanted(kind: str, wanted: Collection[str]) -> bool:
    """Whether an address that wants these kinds is told of one; where it names none, it is told of every one."""
    return not wanted or kind in wanted or f"{kind.partition('.')[0]}{WHOLE_GROUP}" in wanted
