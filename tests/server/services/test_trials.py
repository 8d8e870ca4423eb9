"""Trials of a pack: who may ask, once is once, a worker that dies gives it back, a cancelled one keeps nothing (requirement K2)."""

from datetime import UTC, datetime, timedelta

import pytest

from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.parcels import parcel_of
from goodstanding.server.jobs.trying import run_waiting
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.packs import hand_in, keep_in_force, version_before
from goodstanding.server.services.trials import (
    LEASE,
    MOST_ATTEMPTS,
    TrialCancelled,
    TrialResult,
    ask_trial,
    cancel_trial,
    claim_trial,
    finish_trial,
    note_progress,
    result_of,
)
from goodstanding.server.store.models import PackInForce, PackVersion, PolicyTrial

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def call(role: Role = Role.POLICY_MANAGER, *, minutes: int = 0) -> Call:
    actor = AUTOMATION if role == Role.AUTOMATION else Actor("user:5", role)
    return Call(actor, NOON + timedelta(minutes=minutes))


@pytest.fixture
def version() -> PackVersion:
    return hand_in(call=call(), parcel=parcel_of("minimal"))


def test_only_a_policy_manager_hands_in_and_tries(version: PackVersion) -> None:
    for role in (Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR, Role.HOLDER):
        with pytest.raises(NotPermitted):
            hand_in(call=call(role), parcel=parcel_of("minimal"))
        with pytest.raises(NotPermitted):
            ask_trial(call=call(role), digest=version.pk)


def test_a_pack_that_is_handed_in_takes_no_effect_and_is_kept_once(version: PackVersion) -> None:
    again = hand_in(call=call(minutes=5), parcel=parcel_of("minimal"))
    assert (again.pk, again.kept_at) == (version.pk, version.kept_at)
    assert [span.version_id for span in PackInForce.objects.all()] == [current_pack().digest]
    keep_in_force(call=call(minutes=6))
    assert PackInForce.objects.count() == 1
    assert version_before(actor=call().actor) is None
    assert list(ledger.verify()) == []


def test_asked_twice_it_is_one_trial_and_the_pack_in_force_is_not_tried(version: PackVersion) -> None:
    one, two = ask_trial(call=call(), digest=version.pk), ask_trial(call=call(minutes=1), digest=version.pk)
    assert one.pk == two.pk
    with pytest.raises(UnusableInput, match="in force"):
        ask_trial(call=call(), digest=current_pack().digest)


def test_a_worker_that_dies_gives_the_trial_back_and_not_for_ever(version: PackVersion) -> None:
    trial = ask_trial(call=call(), digest=version.pk)
    minutes = 0
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claimed = claim_trial(call=call(Role.AUTOMATION, minutes=minutes))
        assert claimed is not None
        assert claimed.attempts == attempt
        assert claim_trial(call=call(Role.AUTOMATION, minutes=minutes + 1)) is None, "somebody has it"
        minutes += int(LEASE.total_seconds() // 60)
    assert claim_trial(call=call(Role.AUTOMATION, minutes=minutes)) is None
    trial.refresh_from_db()
    assert "stopped 3 times" in trial.error


def test_a_cancelled_trial_stops_its_worker_and_keeps_nothing(version: PackVersion) -> None:
    trial = ask_trial(call=call(), digest=version.pk)
    claimed = claim_trial(call=call(Role.AUTOMATION))
    assert claimed is not None
    cancel_trial(call=call(minutes=1), trial_id=trial.pk)
    with pytest.raises(TrialCancelled):
        note_progress(call=call(Role.AUTOMATION), trial=claimed, stage="replaying", done=1, of=2)
    finish_trial(call=call(Role.AUTOMATION), trial=claimed, result=TrialResult({"counts": {}}, {}))
    trial.refresh_from_db()
    assert result_of(trial) is None


def test_without_a_nightly_run_the_trial_ends_with_a_word_that_says_so(version: PackVersion) -> None:
    ask_trial(call=call(), digest=version.pk)
    assert run_waiting(call=lambda: call(Role.AUTOMATION))
    assert "no nightly run yet" in PolicyTrial.objects.get().error
    assert not run_waiting(call=lambda: call(Role.AUTOMATION))
