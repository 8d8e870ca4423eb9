"""A suspended seller who reads Simplified Chinese, on a phone: from the notice's mail to selling again (requirements C2, C3, D2, F0-F5, G2, H2, I1)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.terms import Act, DecisionOutcome, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox, reviews
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Case
from tests.journeys.conftest import body_of, come_in, mails
from tests.server.showcase import PDF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SELLER, PRODUCTS = "S-500", ("P-LAMP", "P-VASE", "P-RUG", "P-CLOCK")
ORDERS = [f"204-{n:07}-0000001" for n in range(160)]
CAUSE = "8 月起，P-LAMP 的灯座由新供应商提供，螺纹偏小 0.3 毫米。8 起索赔全部来自这批 12 件。"
DONE = "- 11 月 2 日已下架 P-LAMP，剩余 30 件已销毁。\n- 11 月 3 日已向 8 位买家全额退款。"
KEPT = "- 自 11 月 5 日起，每个新供应商先由李敏核对授权书再上架。"


def order_row(number: int) -> str:
    """Four orders a day, one of each product, shipped and tracked as promised."""
    days = [date(2026, 9, 5) + timedelta(days=number // 4 + more) for more in (0, 1, 3)]
    return f"{ORDERS[number]},{SELLER},{days[0]},{PRODUCTS[number % 4]},{days[1]},{days[2]},true"


def marketplace(folder: Path) -> FactSource:
    """One seller with four products; what buyers claim back is all one product."""
    folder.mkdir()
    tables = {
        "accounts": [
            "account_id,holder_kind,marketplace,opened_at,language,email,display_name",
            f"{SELLER},seller,US,2024-01-01,zh-Hans,wang@shop.example,云帆家居",
        ],
        "orders": [
            "order_id,account_id,placed_at,product_id,shipped_at,ship_by,tracking_valid",
            *(order_row(n) for n in range(len(ORDERS))),
        ],
        "defects": [
            "defect_id,order_id,account_id,kind,at",
            *(f"D-{n},{ORDERS[4 * n]},{SELLER},claim,2026-10-{5 + n:02}" for n in range(8)),
        ],
    }
    for kind, lines in tables.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FactSource(folder)


def newest_mail() -> Any:
    """The newest mail, after the worker has sent what waits."""
    outbox.send_due(now=timezone.now())
    return mails(Path(settings.EMAIL_FILE_PATH))[-1]


def staff(name: str) -> Call:
    """A call of a specialist or, for what only they may, a senior."""
    return Call(Actor(name, Role.SENIOR_SPECIALIST if name == "user:90" else Role.SPECIALIST), timezone.now())


def test_a_seller_on_a_phone_in_chinese_comes_from_the_notices_mail_to_selling_again(
    phone: BrowserContext, live_server: Any, tmp_path: Path, client: Client
) -> None:
    base, pack = live_server.url, current_pack()
    key = make_key(call=Call(AUTOMATION, timezone.now()), name="shop front", scopes=[Scope.STANDING_READ])

    def may_sell() -> bool:
        answer = client.get(f"/api/v1/accounts/{SELLER}/may/{Act.SELL}", headers={"authorization": f"Bearer {key}"})
        return bool(answer.json()["allowed"])

    run_assessment(call=Call(AUTOMATION, timezone.now()), pack=pack, source=marketplace(tmp_path / "facts"), as_of=date(2026, 10, 31))
    case = Case.objects.get()
    approve_action(call=staff("user:90"), pack=pack, case_id=case.pk)
    assert not may_sell()

    # From the notice's mail, by link and code, in the seller's own language.
    notice = newest_mail()
    assert "云帆家居，您好" in body_of(notice)
    pocket = phone.new_page()
    come_in(pocket, base, notice)
    expect(pocket.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(pocket.get_by_role("heading", name="您的账户受到限制")).to_be_visible()

    # The route, what the facts say about it, and the plan with the checks beside it.
    pocket.get_by_role("link", name="对此决定提出申诉").click()
    pocket.get_by_text("确有其事，我已经改正").click()
    pocket.get_by_role("button", name="继续").click()
    expect(pocket.get_by_role("heading", name="事实说明了什么")).to_be_visible()
    expect(pocket.locator(".causes").get_by_text("P-LAMP").first).to_be_visible()
    pocket.get_by_label("原因是什么").fill("有时候发货前没有检查。")
    expect(pocket.locator("#checks .findings").get_by_text("有时候").first).to_be_visible()
    for label, text in (("原因是什么", CAUSE), ("您已经做了什么", DONE), ("如何防止再次发生", KEPT)):
        pocket.get_by_label(label).fill(text)
    assert pocket.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page must not scroll sideways"
    pocket.get_by_role("button", name="继续").click()

    # The proof goes with the point it proves; the receipt says who acts next.
    pocket.locator("input[name=files_corrective-2]").set_input_files({"name": "退款记录.pdf", "mimeType": "application/pdf", "buffer": PDF})
    pocket.get_by_role("button", name="提交申诉").click()
    expect(pocket.get_by_role("heading", name="我们已收到您的申诉")).to_be_visible()
    appeal = case.appeals.get()
    assert (appeal.corrective.splitlines(), appeal.evidence.get().part) == (DONE.splitlines(), "corrective:2")

    # A question, answered from its own mail.
    reviews.claim_case(call=staff("user:91"), pack=pack, case_id=case.pk)
    reviews.ask_information(call=staff("user:91"), pack=pack, case_id=case.pk, items=["供应商授权书"])
    come_in(pocket, base, newest_mail())
    expect(pocket.get_by_role("heading", name="我们需要您补充资料")).to_be_visible()
    pocket.get_by_role("link", name="现在回答").click()
    pocket.get_by_label("您的回答").fill("新供应商的授权书编号 LX-2026-118，附件为扫描件。")
    pocket.get_by_role("button", name="提交回答").click()
    expect(pocket.get_by_role("heading", name="专员正在阅读您的申诉")).to_be_visible()

    # Overturned, and the seller reads why and may sell again.
    items = {one.pk: str(one.items[0]["id"]) for one in case.action.violations.all()}
    verdicts = {pk: (DecisionOutcome.OVERTURNED, f"{item}：货已销毁，买家已退款，授权书 LX-2026-118 已核实。") for pk, item in items.items()}
    reviews.decide_appeal(call=staff("user:91"), pack=pack, case_id=case.pk, verdicts=verdicts)
    assert "LX-2026-118" in body_of(newest_mail())
    pocket.goto(f"{base}/case/{case.pk}/")
    expect(pocket.get_by_role("heading", name="决定已解除")).to_be_visible()
    expect(pocket.get_by_text("授权书 LX-2026-118 已核实").first).to_be_visible()
    assert may_sell()
    assert list(ledger.verify()) == []
