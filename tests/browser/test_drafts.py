"""What is typed is not lost: a dead connection, a closed tab, two devices, an expired session, a shared telephone (requirements G2, F1)."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.server.store.models import AccessLink, Appeal, Draft
from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser

PLAN = {
    "root_cause": "仓库周六无人取件。",
    "corrective": "- We refunded all 41 buyers on 3 May.",
    "preventive": "Dana looks at the list each morning.",
}


@pytest.fixture
def visit(show: Showcase) -> Visit:
    """The plan editor of a case that can be appealed."""
    return Visit("plan", f"/case/{show.cases['in_force'].pk}/appeal/?route=plan", as_holder_of="in_force")


def opened(context: BrowserContext, visit: Visit) -> Page:
    page = context.new_page()
    page.goto(visit.path)
    return page


def typed(page: Page) -> dict[str, str]:
    return {part: page.input_value(f"#part-{part}") for part in PLAN}


def kept_on(page: Page) -> int:
    """How many drafts lie on the device."""
    return int(page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('goodstanding:draft:')).length"))


def test_what_is_typed_without_a_connection_comes_back_and_is_sent_once(show: Showcase, enter: Enter, visit: Visit) -> None:
    """G2: typed offline, the tab closed, come back, gone on on the way to sending, pressed twice: all of it arrives, one appeal."""
    case, context = show.cases["in_force"], enter(visit, language="zh-hans")
    page = opened(context, visit)
    context.set_offline(True)
    page.fill("#part-root_cause", PLAN["root_cause"])
    page.fill("#part-corrective", PLAN["corrective"])
    expect(page.locator("[data-draft-said]")).to_contain_text("此设备")
    assert not Draft.objects.exists()
    page.close()
    context.set_offline(False)

    page = opened(context, Visit("case", f"/case/{case.pk}/"))
    page.locator("[data-draft-scope]:visible a").click()
    expect(page.locator("#part-root_cause")).to_have_value(PLAN["root_cause"])
    assert typed(page) == PLAN | {"preventive": ""}
    expect(page.locator("[data-draft-state] [data-version='1']")).to_be_visible()
    page.fill("#part-preventive", PLAN["preventive"])
    page.click("button[value=review]")
    assert Draft.objects.get().texts == PLAN
    page.evaluate("document.querySelector('form[data-once]').removeAttribute('data-once')")
    with page.expect_navigation():
        page.evaluate("const send = document.querySelector('button[value=send]'); send.click(); send.click()")
    page.wait_for_url("**/sent/")
    appeal = Appeal.objects.get(case=case)
    assert (appeal.root_cause, appeal.corrective, appeal.preventive) == tuple(PLAN.values())
    assert not Draft.objects.exists()
    assert kept_on(page) == 0


def test_two_devices_overwrite_nothing_of_each_other(enter: Enter, visit: Visit) -> None:
    """G2: both texts are kept, and who writes chooses."""
    phone, desk = opened(enter(visit), visit), opened(enter(visit, width=1280), visit)
    phone.fill("#part-root_cause", "Written on the phone.")
    expect(phone.locator("[data-draft-state] [data-version='1']")).to_contain_text("Draft saved")
    desk.fill("#part-root_cause", "Written at the desk.")
    expect(desk.locator("[data-draft-state]")).to_contain_text("changed on another device")
    assert typed(desk)["root_cause"] == "Written at the desk."
    assert Draft.objects.get().texts["root_cause"] == "Written on the phone."
    desk.get_by_role("button", name="Go on with the text in these fields").click()
    assert typed(desk)["root_cause"] == "Written at the desk."
    expect(desk.locator("[data-texts]")).to_have_count(1)

    phone.reload()
    assert typed(phone)["root_cause"] == "Written at the desk."
    phone.get_by_text("Read the other text").click()
    expect(phone.locator("[data-texts]")).to_contain_text("Written on the phone.")
    phone.get_by_role("button", name="Throw the other text away").click()
    expect(phone.locator("[data-texts]")).to_have_count(0)


def test_a_session_that_ended_keeps_the_text_until_one_is_in_again(show: Showcase, enter: Enter, visit: Visit) -> None:
    """G2, C2: the page that refuses shows what was typed; after coming in again it stands where it was written."""
    case, context = show.cases["in_force"], enter(visit)
    page = opened(context, visit)
    AccessLink.objects.filter(case=case).update(withdrawn_at=case.opened_at)
    page.fill("#part-root_cause", PLAN["root_cause"])
    expect(page.locator("[data-draft-said]")).to_contain_text("You are signed out")
    page.click("button[value=review]")
    expect(page.locator("#kept-root_cause")).to_have_value(PLAN["root_cause"])
    AccessLink.objects.filter(case=case).update(withdrawn_at=None)
    page.goto(visit.path)
    expect(page.locator("#part-root_cause")).to_have_value(PLAN["root_cause"])
    expect(page.locator("[data-draft-state] [data-version='1']")).to_contain_text("Draft saved")


def test_whoever_leaves_a_shared_telephone_leaves_nothing_on_it(enter: Enter, visit: Visit) -> None:
    page = opened(enter(visit), visit)
    page.fill("#part-root_cause", "Mine alone.")
    expect(page.locator("[data-draft-state] [data-version='1']")).to_be_visible()
    assert kept_on(page) == 1
    page.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/")
    assert kept_on(page) == 0
    other = Visit("other", visit.path.split("/appeal")[0] + "/")
    assert "Mine alone." not in opened(page.context, other).content()


def test_answers_and_plans_to_solve_are_kept_too(show: Showcase, enter: Enter) -> None:
    """J3, H2: also the measures with their days."""
    for which, form, field, text in (
        ("information_asked", "information", "#answer", "The invoice is of 3 May."),
        ("solving", "solve", "#measure-2", "A second carrier."),
    ):
        visit = Visit(form, f"/case/{show.cases[which].pk}/{form}/", as_holder_of=which)
        context = enter(visit)
        page = opened(context, visit)
        context.set_offline(True)
        if which == "solving":
            page.locator("summary", has=page.get_by_text("commit to")).click()
        page.fill(field, text)
        expect(page.locator("[data-draft-said]")).to_contain_text("kept on this device")
        context.set_offline(False)
        page.reload()
        expect(page.locator(field)).to_have_value(text)
        expect(page.locator(field)).to_be_visible()
        expect(page.locator("[data-draft-state] [data-version='1']")).to_be_visible()
    assert show.cases["solving"].state == CaseState.SOLVING
