"""A change of policy tried on facts: exact days, exact sets, whoever else is there (requirement K2)."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from goodstanding.core.enforcement.trial import Verdict
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy, MetricRule
from goodstanding.engines.base import FactSource
from goodstanding.engines.outcomes import read_outcomes
from goodstanding.engines.trying import Tried, try_packs
from tests.engines.fact_files import write
from tests.factories import make_metric, make_pack, make_rating, make_reason
from tests.rules import make_rule

DAY = datetime(2026, 3, 1, 12)
REASONS = {r.code: r for r in (make_reason("late"), make_reason("fake", found_by=FoundBy.COMPLAINT, subject="complaints"))}
RESTRICT = make_rule("restrict", ["late"], ActionKind.RESTRICT, Approval.PERSON, limits={Act.LIST}, open_days=2)
FAKE = make_rule("fake", ["fake"], ActionKind.HOLD, Approval.NONE, limits={Act.LIST})


def pack(target: str = "< 50 %", *rules, **more):
    metric = make_metric(MetricRule.LATE_SHIPMENT_RATE, days=5, target=target, reason="late")
    return make_pack(reasons=REASONS, metrics={metric.name: metric}, rules=rules or (RESTRICT, FAKE), **more)


def day(number: int) -> date:
    return (DAY + timedelta(days=number)).date()


def orders(account: str, *shipped: tuple[int, bool]) -> list[str]:
    """Orders of an account: (day shipped, whether a day late)."""
    said = []
    for n, (number, is_late) in enumerate(shipped):
        at = DAY + timedelta(days=number)
        said.append(f"{account}-{n},{account},{at - timedelta(days=2)},{at - timedelta(days=int(is_late))},{at}")
    return said


@pytest.fixture
def source(tmp_path) -> FactSource:
    """Ann ships late on days 3 and 4 (rate 100 %), Bob half late, Cyd is complained of; Dan does nothing wrong. The last order is of day 20."""
    lines = [*orders("ann", (3, True), (4, True)), *orders("bob", (3, True), (3, False)), *orders("dan", (3, False), (22, False))]
    text = "\n".join(["order_id,account_id,placed_at,ship_by,shipped_at", *lines]) + "\n"
    complaints = (
        f"complaint_id,account_id,reason,at,resolved_at,recorded_at\nC-1,cyd,fake,{DAY},{DAY + timedelta(days=6)},{DAY + timedelta(days=4)}\n"
    )
    return write(tmp_path, {"orders.csv": text, "complaints.csv": complaints})


def sets(tried: Tried) -> dict[Verdict, list[str]]:
    return {verdict: [account.account_id for account in tried.trial.of(verdict)] for verdict in Verdict}


def test_the_days_of_limits_are_exact(source):
    """Ann is over target on days 3 to 8 (window of 5 days) and back on day 9, closed on day 10; limited from day 5, when the breach is 2 days old."""
    tried = try_packs(source, pack(), pack())
    ann = next(account for account in tried.trial.trials if account.account_id == "ann").old
    assert ann.limited == ((day(5), day(10)),)
    assert [(action.rule.id, action.day, action.until) for action in ann.actions] == [("restrict", day(5), day(10))]


def test_a_complaint_recorded_late_limits_nobody_before_anyone_knew(source):
    cyd = next(account for account in try_packs(source, pack(), pack()).trial.trials if account.account_id == "cyd").old
    assert cyd.limited == ((day(4), day(6)),)


def test_a_stricter_target_limits_who_was_at_the_old_one(source):
    """Bob ships half of his orders late: over '< 50 %', not over '<= 50 %'."""
    tried = try_packs(source, pack("<= 50 %"), pack("< 50 %"))
    assert sets(tried) == {Verdict.NEWLY_LIMITED: ["bob"], Verdict.NEWLY_FREE: [], Verdict.KEPT: ["ann", "cyd"], Verdict.UNLIMITED: []}
    assert tried.trial.accounts == 4


def test_a_pack_against_itself_moves_nobody_and_swapping_swaps(source):
    same = sets(try_packs(source, pack(), pack()))
    assert same[Verdict.NEWLY_LIMITED] == same[Verdict.NEWLY_FREE] == []
    there, back = sets(try_packs(source, pack(), pack("< 100 %"))), sets(try_packs(source, pack("< 100 %"), pack()))
    assert there[Verdict.NEWLY_FREE] == back[Verdict.NEWLY_LIMITED] == ["bob"]
    assert there[Verdict.NEWLY_LIMITED] == back[Verdict.NEWLY_FREE] == []


def test_only_days_of_the_period_count_but_what_began_before_it_does(source):
    one_day = try_packs(source, pack(), pack("< 100 %", RESTRICT), day(8), day(8))
    assert sets(one_day)[Verdict.KEPT] == ["ann"]
    assert sets(one_day)[Verdict.NEWLY_FREE] == ["bob"]
    assert one_day.trial.trials[0].old.days == 1
    after = try_packs(source, pack(), pack("< 100 %", RESTRICT), day(10), day(20))
    assert after.trial.trials == ()


def test_a_rule_bound_to_a_band_knows_the_band_of_each_day(source):
    bound = make_rule("unhealthy", ["late"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL}, bands={Band.AT_RISK})
    low = make_rating(start=200, window_days=180)
    tried = try_packs(source, pack("< 50 %", RESTRICT, rating=low), pack("< 50 %", bound, rating=low))
    ann = next(account for account in tried.trial.trials if account.account_id == "ann").new
    assert [(action.rule.id, action.day) for action in ann.actions] == [("unhealthy", day(3))]


def test_zones_of_their_own_are_each_packs_days(source):
    """In Tokyo noon UTC is still the same day, so nothing moves; but the facts are read twice."""
    from zoneinfo import ZoneInfo

    from goodstanding.core.policy.pack import Marketplace

    tokyo = pack(marketplaces={"US": Marketplace("US", ZoneInfo("Asia/Tokyo"))})
    moved = sets(try_packs(source, pack(), tokyo))
    assert moved[Verdict.NEWLY_FREE] == moved[Verdict.NEWLY_LIMITED] == []


def test_days_the_wrong_way_round_are_told(source):
    with pytest.raises(UnusableInput, match="swap them"):
        try_packs(source, pack(), pack(), day(9), day(3))


def test_outcomes_among_the_facts_are_used(source):
    head = "action_id,account_id,kind,at,lifted_at,reason,outcome\n"
    rows = "A-1,ann,restrict,2026-03-06,2026-03-09,late,overturned\nA-2,bob,restrict,2026-03-06,,,\n"
    (source.folder / "actions.csv").write_text(head + rows)
    (outcome,) = try_packs(source, pack(), pack()).outcomes
    assert (outcome.account_id, outcome.reason, outcome.outcome, outcome.decided_at) == ("ann", "late", "overturned", datetime(2026, 3, 9))


def test_outcomes_are_read_from_csv_and_parquet_alike(tmp_path):
    rows = {
        "account_id": ["a", "b"],
        "reason": ["late", "late"],
        "outcome": ["Overturned", "upheld"],
        "decided_at": ["2026-03-02", "2026-03-02T10:00:00+02:00"],
    }
    write(tmp_path, {"o.parquet": pa.table(rows), "o.csv": "\n".join([",".join(rows), *(",".join(row) for row in zip(*rows.values(), strict=True))])})
    parquet, csv = (read_outcomes(tmp_path / name, {"late"}) for name in ("o.parquet", "o.csv"))
    assert parquet == csv
    assert [outcome.decided_at for outcome in csv[0]] == [datetime(2026, 3, 2), datetime(2026, 3, 2, 8)]


def test_rows_of_outcomes_that_cannot_be_used_are_told_one_by_one(tmp_path):
    text = "account_id,reason,outcome,decided_at\n,late,upheld,2026-03-02\na,lte,upheld,2026-03-02\na,late,won,2026-03-02\na,late,upheld,soon\n"
    write(tmp_path, {"o.csv": text})
    good, findings = read_outcomes(tmp_path / "o.csv", {"late"})
    assert good == ()
    assert [finding.line() for finding in findings] == [
        "o.csv: row 1: warning: names no account; not counted (fill in account_id)",
        "o.csv: row 2: warning: reason 'lte' is in neither pack; not counted (write the reason's code as the pack does)",
        "o.csv: row 3: warning: outcome 'won' is not known; not counted (write upheld or overturned)",
        "o.csv: row 4: warning: does not say when it was decided; not counted (write decided_at like 2026-03-31)",
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [("o.txt", "", "neither .csv nor .parquet"), ("none.csv", None, "there is no file"), ("o.csv", "account_id,reason\na,b\n", "no column outcome and none decided_at"),
     ("o.parquet", "nonsense", "cannot be read")],
)  # fmt: skip
def test_a_file_of_outcomes_that_nobody_could_use_is_refused(tmp_path, name, text, says):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UnusableInput, match=says):
        read_outcomes(tmp_path / name, {"late"})
