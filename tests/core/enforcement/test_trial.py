"""Two policies over one past: who comes, who goes, who stays, and how appeals went (requirement K2)."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.replay import PastAction
from goodstanding.core.enforcement.trial import AppealRecord, PastOutcome, Trial, Verdict, appeals_of, by_reason, by_rule, limited_by_day, try_on
from goodstanding.core.terms import Act, ActionKind, Approval, DecisionOutcome
from tests.rules import make_rule

DAY = date(2026, 3, 1)
WARN = make_rule("warn", ["late"], ActionKind.WARN, Approval.NONE)
RESTRICT = make_rule("restrict", ["late"], ActionKind.RESTRICT, Approval.PERSON, limits={Act.LIST})
CLOSE = make_rule("close", ["fake"], ActionKind.CLOSE, Approval.SENIOR, limits={Act.SELL})
LAST = DAY + timedelta(days=9)


def act(rule, start: int, end: int | None, *reasons: str) -> PastAction:
    until = None if end is None else DAY + timedelta(days=end)
    return PastAction(DAY + timedelta(days=start), until, rule, ("V",), reasons or rule.reasons)


OLD = {"a": (act(WARN, 0, 5), act(RESTRICT, 2, 5)), "b": (act(RESTRICT, 0, None), act(CLOSE, 4, 6)), "d": (act(WARN, 1, 2),)}
NEW = {"b": (act(CLOSE, 4, 6),), "c": (act(RESTRICT, 8, 30),), "d": (act(WARN, 1, 2),), "e": (act(RESTRICT, -9, -2),)}
TRIAL = try_on(OLD, NEW, DAY, LAST, 100)


def names(trial: Trial, verdict: Verdict) -> list[str]:
    return [account.account_id for account in trial.of(verdict)]


def test_each_account_has_one_verdict() -> None:
    assert {verdict: names(TRIAL, verdict) for verdict in Verdict} == {
        Verdict.NEWLY_LIMITED: ["c"],
        Verdict.NEWLY_FREE: ["a"],
        Verdict.KEPT: ["b"],
        Verdict.UNLIMITED: ["d"],
    }


def test_days_are_counted_within_the_period_and_once() -> None:
    days = {account.account_id: (account.old.days, account.new.days) for account in TRIAL.trials}
    assert days == {"a": (3, 0), "b": (10, 2), "c": (0, 2), "d": (0, 0)}


def test_tallies_tell_who_comes_and_goes_by_reason_and_by_rule() -> None:
    told = {t.name: (t.old, t.new, t.gained, t.lost, t.old_days, t.new_days) for t in (*by_reason(TRIAL), *by_rule(TRIAL))}
    assert told == {
        "late": (2, 1, 1, 2, 13, 2),
        "fake": (1, 1, 0, 0, 2, 2),
        "restrict": (2, 1, 1, 2, 13, 2),
        "close": (1, 1, 0, 0, 2, 2),
        "warn": (2, 1, 0, 1, 0, 0),
    }


def test_the_daily_line_adds_up_to_the_days() -> None:
    line = limited_by_day(TRIAL)
    assert [(old, new) for _, old, new in line] == [(1, 0), (1, 0), (2, 0), (2, 0), (2, 1), (1, 1), (1, 0), (1, 0), (1, 1), (1, 1)]


def decided(account: str, reason: str, outcome: str, day: int) -> PastOutcome:
    return PastOutcome(account, reason, DecisionOutcome(outcome), datetime(2026, 3, day))


def test_the_latest_decision_on_the_limiting_reason_counts() -> None:
    outcomes = [
        decided("a", "late", "upheld", 2), decided("a", "late", "overturned", 3), decided("a", "fake", "upheld", 9),
        decided("b", "late", "overturned", 2), decided("b", "fake", "upheld", 2), decided("c", "late", "upheld", 2), decided("z", "late", "upheld", 2),
    ]  # fmt: skip
    counts = {verdict: dict(found) for verdict, found in appeals_of(TRIAL, outcomes).items()}
    assert counts == {
        Verdict.NEWLY_FREE: {AppealRecord.WON: 1},
        Verdict.KEPT: {AppealRecord.PARTLY: 1},
        Verdict.NEWLY_LIMITED: {AppealRecord.LOST: 1},
    }
    assert appeals_of(TRIAL, [])[Verdict.NEWLY_FREE] == {AppealRecord.NONE: 1}


actions = st.lists(
    st.builds(lambda rule, start, length: act(rule, start, None if length is None else start + length),
              st.sampled_from([WARN, RESTRICT, CLOSE]), st.integers(-5, 15), st.none() | st.integers(0, 12)),
    max_size=4,
).map(tuple)  # fmt: skip
pasts = st.dictionaries(st.sampled_from("abcd"), actions)


@given(pasts, pasts)
def test_swapping_the_policies_swaps_the_sets(old, new) -> None:
    there, back = try_on(old, new, DAY, LAST, 9), try_on(new, old, DAY, LAST, 9)
    assert names(there, Verdict.NEWLY_LIMITED) == names(back, Verdict.NEWLY_FREE)
    assert names(there, Verdict.NEWLY_FREE) == names(back, Verdict.NEWLY_LIMITED)
    assert names(there, Verdict.KEPT) == names(back, Verdict.KEPT)
    assert [(t.old, t.gained, t.old_days) for t in by_rule(there)] == [(t.new, t.lost, t.new_days) for t in by_rule(back)]


@given(pasts)
def test_a_policy_against_itself_moves_nobody(past) -> None:
    trial = try_on(past, past, DAY, LAST, 9)
    assert not trial.of(Verdict.NEWLY_LIMITED)
    assert not trial.of(Verdict.NEWLY_FREE)
    assert all(tally.gained == tally.lost == 0 for tally in (*by_reason(trial), *by_rule(trial)))
    assert sum(old for _, old, _ in limited_by_day(trial)) == sum(account.old.days for account in trial.trials)
