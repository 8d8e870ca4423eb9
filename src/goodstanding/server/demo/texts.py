"""What the holders of the demonstration write, in their own languages. Gaps are filled with the facts of their case."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Writing:
    """One holder's words in one language."""

    grounds: str
    root_cause: str
    corrective: str
    preventive: str
    information: str
    asked: tuple[str, ...]
    overturned: str
    upheld: str


WRITINGS: Mapping[str, Writing] = {
    "en": Writing(
        grounds=(
            "None of these reports comes from a buyer of ours. We hold no order for {items}, and our records for the last 365 days "
            "show every unit bought from one authorised supplier. The invoice is attached; its quantities match what we sold."
        ),
        root_cause=(
            "- From our records, {count} orders on this notice went wrong for one reason: parcels waited at the dock after packing.\n"
            "- The pick-up had moved from 16:00 to 11:00 and nobody had moved our packing shift with it."
        ),
        corrective=(
            "- On the day of the notice all open orders were shipped with a second carrier; none is overdue today.\n"
            "- The buyers of the orders listed ({items}) were written to, and each was offered a full refund."
        ),
        preventive=(
            "- Packing now ends at 10:00; the warehouse lead signs off the count of parcels against the day's orders.\n"
            "- Every Monday we compare ship-by dates with hand-over scans; above 2 % the second carrier takes over the same day."
        ),
        information="Attached is the invoice of 12 units of this product, with the supplier's name, address and phone number, dated within the last 365 days.",
        asked=(
            "Purchase invoice for the product, at most 365 days old, with the supplier's phone number",
            "The quantity bought and the quantity sold since then",
        ),
        overturned="The accounts that complained hold no order of this seller, and the invoice covers every unit sold. The complaint is unfounded.",
        upheld="The list of orders shows the pattern described in the notice, and the answer does not speak about it. Please name each order and what was done about it.",
    ),
    "zh-Hans": Writing(
        grounds="这些投诉都不是来自我们的买家。{items} 在我们的订单中没有对应记录；过去 365 天内所有商品均购自同一家授权供应商，采购数量与销售数量一致，发票随附。",
        root_cause="- 通知所列 {count} 个订单出现问题的原因相同：包裹打包后在装卸口滞留。\n- 承运商取件时间由 16:00 提前到 11:00，而我们的打包班次没有随之调整。",
        corrective="- 收到通知当天，所有未发货订单已改由第二家承运商发出，目前没有逾期订单。\n- 已逐一联系通知所列订单（{items}）的买家，并提供全额退款。",
        preventive="- 打包现于每日 10:00 结束，由仓库主管核对包裹数量与当日订单数量并签字。\n- 每周一核对最晚发货日期与交接扫描记录；超过 2 % 时当天改用第二家承运商。",
        information="随附该商品 12 件的采购发票，载有供应商名称、地址和电话，日期在过去 365 天之内。",
        asked=("该商品 365 天内的采购发票，须有供应商电话", "采购数量以及此后的销售数量"),
        overturned="投诉账户在该卖家处没有任何订单，且发票覆盖全部已售数量，投诉不成立。",
        upheld="订单清单显示了通知所述的情况，但答复没有说明。请逐一列出订单并说明已采取的措施。",
    ),
    "zh-Hant": Writing(
        grounds="這些投訴都不是來自我們的買家。{items} 在我們的訂單中沒有對應紀錄；過去 365 天內所有商品均購自同一家授權供應商，採購數量與銷售數量一致，發票隨附。",
        root_cause="- 通知所列 {count} 筆訂單發生問題的原因相同：包裹打包後滯留在裝卸口。\n- 物流業者的取件時間由 16:00 提前至 11:00，而我們的打包班次沒有隨之調整。",
        corrective="- 收到通知當天，所有未出貨訂單已改由第二家物流業者寄出，目前沒有逾期訂單。\n- 已逐一聯絡通知所列訂單（{items}）的買家，並提供全額退款。",
        preventive="- 打包作業改於每日 10:00 結束，由倉庫主管核對包裹數量與當日訂單數量並簽名。\n- 每週一核對最晚出貨日與交接掃描紀錄；超過 2 % 時當天改用第二家物流業者。",
        information="隨附該商品 12 件的採購發票，載有供應商名稱、地址與電話，日期在過去 365 天之內。",
        asked=("該商品 365 天內的採購發票，須載有供應商電話", "採購數量以及此後的銷售數量"),
        overturned="投訴帳戶在該賣家處沒有任何訂單，且發票涵蓋全部已售數量，投訴不成立。",
        upheld="訂單清單顯示了通知所述的情況，但答覆沒有說明。請逐筆列出訂單並說明已採取的措施。",
    ),
}
"""Language of the case -> words."""


def invoice_pdf(supplier: str, lines: tuple[str, ...]) -> bytes:
    """A small real PDF of one page, as a holder would attach it."""
    text = "".join(f"0 -18 Td ({line}) Tj " for line in lines)
    stream = f"BT /F1 18 Tf 60 760 Td ({supplier}) Tj /F1 11 Tf {text}ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
