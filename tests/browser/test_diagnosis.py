"""What the facts say, in a real browser, where the plan is written and where it is read (requirements D2, D3, E1)."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser

WORDS = {
    "en": ("What most probably caused it", "The facts behind it", "still open:", "unusual day"),
    "zh-hans": ("最可能的原因", "依据的事实", "尚未完成：", "个异常日"),
    "zh-hant": ("最可能的原因", "依據的事實", "尚未完成：", "個異常日"),
}


def bars(page: Page) -> list[float]:
    """The lengths of the bars of what went wrong, as drawn."""
    lengths: list[float] = page.eval_on_selector_all(".bars rect.bad", "bars => bars.map((one) => one.getBoundingClientRect().width)")
    return lengths


@pytest.mark.parametrize("language", list(WORDS))
def test_who_writes_a_plan_sees_causes_facts_and_open_tasks_first(show: Showcase, enter: Enter, language: str) -> None:
    path = f"/case/{show.cases['in_force'].pk}/appeal/?route=plan"
    page = enter(Visit("plan", path, as_holder_of="in_force"), language=language).new_page()
    page.goto(path)
    caused, facts, still_open, unusual = WORDS[language]
    text = page.inner_text("main")
    assert text.index(caused) < text.index(still_open)
    assert page.locator("textarea").first.bounding_box()["y"] > page.get_by_text(caused).first.bounding_box()["y"]  # type: ignore[index]
    page.get_by_text(facts).first.click()
    assert page.locator(".causes details li").first.is_visible()
    page.get_by_text(unusual).first.click()
    assert page.locator(".diagnosis table tbody tr").first.is_visible()
    assert bars(page)
    assert min(bars(page)) > 10


def test_a_reviewer_reads_the_causes_beside_the_plan(show: Showcase, enter: Enter) -> None:
    case = show.cases["in_review"]
    page = enter(Visit("review", f"/console/case/{case.pk}/", as_staff="specialist"), width=1280).new_page()
    page.goto(f"/console/case/{case.pk}/")
    why, plan = page.locator("#facts .diagnosis"), page.locator("#appeal")
    assert "warehouse Reno" in why.inner_text()
    assert why.bounding_box()["x"] < plan.bounding_box()["x"]  # type: ignore[index]


def test_who_disputes_is_not_given_tasks(show: Showcase, enter: Enter) -> None:
    path = f"/case/{show.cases['in_force'].pk}/appeal/?route=dispute"
    page = enter(Visit("dispute", path, as_holder_of="in_force")).new_page()
    page.goto(path)
    assert page.locator(".diagnosis").count() == 2
    assert page.locator(".ticks").count() == 0
