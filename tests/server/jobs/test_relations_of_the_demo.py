"""The made-up marketplace through the nightly run: its ring is found, and strangers in one room are left alone (issue: done when; B16, K5)."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from django.test import Client

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource
from goodstanding.server.demo.run import LAST_DAY
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.users import make_user
from goodstanding.server.store.models import Case, Relation, Violation
from goodstanding.synthetic.marketplace import make_marketplace
from goodstanding.synthetic.stories.links import COWORKING, COWORKING_GUESTS, RING
from goodstanding.synthetic.truth import Truth

pytestmark = pytest.mark.django_db


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    """A night over a small marketplace with every planted story."""
    told = make_marketplace(7, tmp_path / "facts", sellers=250, buyers=1_500, orders=15_000, last_day=LAST_DAY)
    call = Call(AUTOMATION, datetime.combine(LAST_DAY, time(23), UTC))
    run_assessment(call=call, pack=current_pack(), source=FactSource(tmp_path / "facts"), as_of=LAST_DAY)
    return told


def test_the_ring_is_found_and_the_room_is_weak_evidence(truth: Truth, client: Client) -> None:
    ring, room = truth.story(RING), truth.story(COWORKING)
    assert set(Violation.objects.filter(reason="RELATED_ACCOUNT").values_list("account_id", flat=True)) == set(ring.accounts)
    assert {case.action.kind for case in Case.objects.filter(account__in=ring.accounts)} == {"deactivate"}
    clusters = Relation.objects.filter(account_a__in=(*ring.accounts, *ring.bystanders)).exclude(cluster_id="").values_list("cluster_id", flat=True)
    assert len(set(clusters)) == 1

    # The six of the room: nothing follows, and a reviewer who asks is shown why.
    assert not Violation.objects.filter(account__in=room.accounts, reason="RELATED_ACCOUNT").exists()
    assert not Relation.objects.filter(account_a__in=room.accounts).exclude(cluster_id="").exists()
    assert not Case.objects.filter(account__in=room.accounts, action__violations__other_account__gt="").exists()
    staff = make_user(
        call=Call(AUTOMATION, datetime.now(UTC)), email="a@market.example", name="Ada", role=Role.AUDITOR, password="four calm words here"
    )
    client.force_login(staff)
    (struck,) = room.bystanders
    everybody = len(room.accounts) + 1 + COWORKING_GUESTS
    for account in room.accounts:
        page = client.get(f"/console/account/{account}/").content.decode()
        _, found, weak = page.partition("Weak evidence beside accounts under enforcement")
        assert found, account
        assert struck in weak
        assert f'<td class="number">{everybody}</td>' in weak, "so many share the room"
        assert "Together it is too little to count as related." in weak
        assert "Everything they share is shared by many others too." in weak
