"""One account's facts out of the tables: every kind, every version, nobody else's, and the extra columns asked for."""

from pathlib import Path

import pytest

from goodstanding.core.errors import NotFound
from goodstanding.engines.account import KINDS_READ, AccountRecords, read_account
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts

TABLES = {
    "accounts": "account_id,holder_kind,marketplace,opened_at\nann,seller,US,2025-01-01\nbob,buyer,US,2025-01-01\n",
    "orders": "order_id,account_id,buyer_id,placed_at,recorded_at,amount,carrier,colour\n"
    "o1,ann,bob,2026-03-01T10:00:00Z,2026-03-01T10:00:00Z,9.50,Heron,red\n"
    "o1,ann,bob,2026-03-01T10:00:00Z,2026-03-04T10:00:00Z,9.50,Swift,red\n"
    "o2,cat,dan,2026-03-01T10:00:00Z,,5,Heron,red\n",
    "defects": "defect_id,order_id,account_id,kind,at\nd1,o1,ann,claim,2026-03-09\nd2,o2,cat,claim,2026-03-09\n",
    "returns": "return_id,order_id,account_id,buyer_id,at\nr1,o1,ann,bob,2026-03-09\n",
    "complaints": "complaint_id,account_id,reason,at\nc1,ann,AUTH_COUNTERFEIT,2026-03-09\n",
    "messages": "message_id,account_id,at,direction\nm1,ann,2026-03-02,from_buyer\n",
    "sign_ins": "sign_in_id,account_id,at,device_id,user\ns1,ann,2026-03-02,d,zoe\ns2,ann,2026-03-03,d,\n",
    "listing_changes": "change_id,account_id,product_id,at,field\nl1,ann,P-1,2026-03-02,title\n",
    "actions": "action_id,account_id,kind,at\na1,ann,warn,2026-03-05\n",
}


def read(folder: Path, account_id: str) -> AccountRecords:
    for kind, text in TABLES.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    con, findings = open_facts(FactSource(folder), kinds=KINDS_READ)
    assert findings == ()
    with con:
        return read_account(con, account_id, {"carrier", "user", "absent"})


def test_a_sellers_facts_are_all_there_with_every_version(tmp_path: Path):
    got = read(tmp_path, "ann")
    assert [order.recorded_at.day for order in got.facts.orders if order.recorded_at] == [1, 4]
    assert got.facts.orders[0].amount == 9.5
    for kind, ids in {"defects": ["d1"], "returns": ["r1"], "complaints": ["c1"], "messages": ["m1"], "listing_changes": ["l1"]}.items():
        rows = getattr(got.facts, kind)
        assert [getattr(row, next(iter(row.__dataclass_fields__))) for row in rows] == ids
    assert [action.kind for action in got.background.actions] == ["warn"]


def test_extra_columns_are_kept_as_last_told_where_asked_for(tmp_path: Path):
    background = read(tmp_path, "ann").background
    assert background.orders == {"o1": {"carrier": "Swift"}}
    assert background.sign_ins == {"s1": {"user": "zoe"}, "s2": {}}


def test_a_buyers_facts_are_those_of_the_orders_it_placed(tmp_path: Path):
    facts = read(tmp_path, "bob").facts
    assert {order.order_id for order in facts.orders} == {"o1"}
    assert [defect.defect_id for defect in facts.defects] == ["d1"]
    assert [entry.return_id for entry in facts.returns] == ["r1"]
    assert facts.messages == []


def test_an_account_that_nobody_wrote_of_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound, match="no fact is about the account 'Ann'"):
        read(tmp_path, "Ann")
