"""Random histories through the services, on whichever database the suite runs (issue 5: nothing lost, nothing twice).

`GOODSTANDING_HISTORIES=500` plays five hundred of them; unset, as few as make a useful test of every day.
"""

import os
from collections import Counter

import pytest

from tests.server.histories import pack_with_everything, play

pytestmark = pytest.mark.django_db

HISTORIES = int(os.environ.get("GOODSTANDING_HISTORIES", "20"))
MANY = 300
USUAL = {"approve", "submit", "claim", "decide", "withdraw", "facts", "cures"}
ENDED = {"WindowSettled", "WindowExtended", "WindowExcluded", "SolveWindowEnded", "ActionTookEffect", "MonitoringEnded", "CaseReopened"}
WINDOWS = {"plan", "contact", "call", "settle", "question", "exclude"}
SELDOM = WINDOWS | {
    "agree",
    "disagree",
    "ask",
    "give",
    "rescind",
    "breach",
    "escalate",
    "hand over",
    "extend",
    "hold money",
    "cure",
    "dismiss",
    "release",
}


def test_random_histories_leave_nothing_illegal_nothing_lost_and_nothing_twice() -> None:
    pack, done = pack_with_everything(), Counter()
    for seed in range(HISTORIES):
        done += play(seed, pack).done
    # A walk that is refused everything would find nothing.
    assert set(+done) >= USUAL
    assert set(+done) >= {"plan", "call", "WindowOpened", "CallDue"}
    assert HISTORIES < MANY or set(+done) >= USUAL | SELDOM | ENDED
