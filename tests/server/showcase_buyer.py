"""A buyer whose orders are on hold, beside the showcase's sellers."""

from datetime import timedelta

from goodstanding.core.terms import HolderKind
from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.actions import propose_actions
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Account, Case, Violation
from tests.server.showcase import Showcase

BUYER, REASON = "B-2101", "BUYER_PAYMENT_HOLD"


def hold_of_a_buyer(show: Showcase) -> Case:
    """The case of the hold, which the pack puts in force without a person; made once, and among the showcase's own as `on_hold`."""
    if "on_hold" in show.cases:
        return show.cases["on_hold"]
    now, pack = show.cases["in_force"].opened_at, current_pack()
    rule = pack.reasons[REASON]
    account = Account.objects.create(
        account_id=BUYER,
        holder_kind=HolderKind.BUYER,
        marketplace="US",
        language="en",
        display_name="Ben Ortega",
        email="ben@home.example",
        opened_at=now - timedelta(days=400),
    )
    Violation.objects.create(
        violation_id="V-B2101",
        account=account,
        reason=REASON,
        found_by=rule.found_by,
        opened=now.date(),
        severity=rule.severity,
        points=pack.rating.points[rule.severity],
        subject_kind=rule.subject,
        items=[{"id": BUYER, "kind": "accounts", "facts": {"information_complete": "false"}}],
        recorded_at=now,
    )
    propose_actions(call=Call(AUTOMATION, now), pack=pack, as_of=now.date())
    show.cases["on_hold"] = Case.objects.select_related("account", "action").get(account=account)
    return show.cases["on_hold"]
