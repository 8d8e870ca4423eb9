"""A small folder of facts whose night is known: one seller who ships late, one accused, one related to an account struck before, one buyer."""

from datetime import datetime, timedelta
from pathlib import Path

from goodstanding.engines.base import FactSource
from tests.server.factories import TODAY

LATE, FINE, ACCUSED, STRUCK, RELATED, BUYER = "S-late", "S-fine", "S-accused", "S-struck", "S-related", "B-1"


def make_night(folder: Path) -> FactSource:
    """Write the facts."""
    opened = "2024-01-01T00:00:00"
    sellers = [f"{name},seller,US,{opened},en,{name}@example.com" for name in (LATE, FINE, ACCUSED, STRUCK, RELATED)]
    _write(folder, "accounts", "account_id,holder_kind,marketplace,opened_at,language,email", [*sellers, f"{BUYER},buyer,US,{opened},zh-TW,"])
    orders = [order for seller, late in ((LATE, 3), (FINE, 0)) for order in _orders(seller, late)]
    _write(folder, "orders", "order_id,account_id,buyer_id,placed_at,ship_by,shipped_at,carrier,tracking_valid", orders)
    complaint = f"K-1,{ACCUSED},counterfeit,{_at(3)},rights_owner,not made by us"
    _write(folder, "complaints", "complaint_id,account_id,reason,at,source,text", [complaint])
    _write(
        folder,
        "identifiers",
        "account_id,kind,value,first_seen",
        [f"{name},{kind},{kind}-1,2025-01-01T00:00:00" for name in (STRUCK, RELATED) for kind in ("tax_id", "bank_account", "device", "phone")],
    )
    _write(folder, "actions", "action_id,account_id,kind,at", [f"X-1,{STRUCK},deactivate,{_at(20)}"])
    return FactSource(folder)


def _orders(seller: str, late: int) -> list[str]:
    rows = []
    for n in range(20):
        days = 2 + n % 10
        shipped = _at(days - 2) if n < late else _at(days)
        rows.append(f"O-{seller}-{n:02},{seller},{BUYER},{_at(days + 1)},{_at(days)},{shipped},SwiftParcel,true")
    return rows


def _at(days_ago: int) -> str:
    return (datetime.combine(TODAY, datetime.min.time()) - timedelta(days=days_ago) + timedelta(hours=12)).isoformat()


def _write(folder: Path, kind: str, header: str, rows: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
