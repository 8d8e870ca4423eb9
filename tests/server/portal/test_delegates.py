"""A holder lets somebody act, the delegate comes in by address and code, and everything shows who did it (requirements A1, K5)."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Right
from goodstanding.server.policy import current_pack
from goodstanding.server.services.codes import digits_of
from goodstanding.server.services.delegations import end_delegation
from goodstanding.server.store.models import Case, Delegation, EntryCode, Notice
from tests.server.acting import appointed, browser_of
from tests.server.factories import holder
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]
FORM = {"name": "Jun Li, Bright Desk", "email": "Jun@Agency.example", "rights": ["draft", "appeal"]}


def code_for(client: Client, path: str, data: dict[str, str] | None = None) -> str:
    client.post(path, data or {})
    return digits_of(EntryCode.objects.exclude(delegate=None).latest("sent_at"))


def test_from_invitation_to_an_appeal_in_the_delegates_name_and_to_its_end(client: Client, show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    page = f"/account/{case.account_id}/delegates/"
    owner = holder_of(case)
    assert owner.post(page, FORM)["Location"] == page
    one = Delegation.objects.get()
    assert set(one.rights) == {"read", "draft", "appeal"}
    assert b"invited" in owner.get(page).content

    # The invitation's link alone opens nothing; the code does, and then one chooses.
    jun, link = Client(), Notice.objects.get(delegation=one).body.split("http://localhost:8000")[1].split()[0]
    assert case.account.display_name.encode() not in jun.get(link).content
    assert b"jun@agency.example" not in jun.get(link).content
    assert jun.get("/delegate/accounts/").status_code == 403
    assert jun.post(link, {"code": code_for(jun, link)})["Location"] == "/delegate/accounts/"
    assert jun.get(f"/case/{case.pk}/").status_code == 404
    asked = jun.get("/delegate/accounts/").content.decode()
    assert case.account.display_name in asked
    assert "Send and withdraw appeals" in asked
    jun.post(f"/delegate/accounts/{one.pk}/", {"do": "accept", "name": "Jun Li (Bright Desk Ltd)"})
    assert case.pk in jun.get("/delegate/accounts/").content.decode()

    # What is done shows the name: to the holder, and to who reviews it.
    read = jun.get(f"/case/{case.pk}/").content.decode()
    assert "Jun Li (Bright Desk Ltd), you act for" in read
    assert "/n/" not in read, "the holder's personal links are not for delegates"
    data = {"step": "send", "route": "plan", "root_cause": "A batch of 40.", "submission_key": "jun-1"}
    assert jun.post(f"/case/{case.pk}/appeal/", data)["Location"].endswith("/sent/")
    assert case.appeals.get().submitted_by == f"delegate:{one.delegate_id}"
    seen = owner.get(f"/case/{case.pk}/").content.decode()
    assert "sent by Jun Li (Bright Desk Ltd) (delegate)" in seen
    client.force_login(show.specialist)
    assert "Jun Li (Bright Desk Ltd) (delegate)" in client.get(f"/console/case/{case.pk}/").content.decode()

    # Withdrawn, the same browser reads nothing more.
    assert Client().post(f"{page}{one.pk}/", {"do": "withdraw"}).status_code == 403
    owner_again = holder_of(case)
    owner_again.post(f"{page}{one.pk}/", {"do": "withdraw"})
    assert jun.get(f"/case/{case.pk}/").status_code == 404
    assert "You act for no account" in jun.get("/delegate/accounts/").content.decode()


def test_a_delegate_comes_in_again_by_address_and_code(show: Showcase) -> None:
    case = show.cases["in_force"]
    appointed(case.account, current_pack(), now=timezone.now())
    jun = Client()
    code = code_for(jun, "/delegate/", {"email": "JUN@agency.example"})
    assert jun.post("/delegate/", {"code": "12"}).status_code == 422
    assert jun.post("/delegate/", {"code": code})["Location"] == "/delegate/accounts/"
    assert jun.get(f"/case/{case.pk}/").status_code == 200
    assert jun.session.get_expire_at_browser_close()
    jun.post("/leave/")
    assert jun.get(f"/case/{case.pk}/").status_code == 403


def test_the_page_says_the_same_whether_anybody_is_known_at_an_address(show: Showcase) -> None:
    """K5: who acts for whom is nobody else's business."""
    appointed(show.cases["in_force"].account, current_pack(), now=timezone.now())
    said = []
    for address in ("jun@agency.example", "nob@agency.example"):
        browser = Client()
        pages = [browser.post("/delegate/", {"email": address}), browser.post("/delegate/", {"code": "000000"})]
        said.append([(page.status_code, page.content.decode().replace(address, "-").split("<main")[1].split("csrf")[0]) for page in pages])
    assert said[0] == said[1]
    assert EntryCode.objects.count() == 1


def test_who_may_only_draft_saves_what_the_holder_can_send(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    jun = browser_of(appointed(case.account, current_pack(), now=timezone.now(), rights={Right.DRAFT}))
    data = {"step": "review", "route": "plan", "root_cause": "A batch of 40 came late.", "submission_key": "x"}
    page = jun.post(f"/case/{case.pk}/appeal/", data).content.decode()
    assert "You may write this, but not send it" in page
    assert 'value="send"' not in page
    assert jun.post(f"/case/{case.pk}/appeal/", data | {"step": "send"}).status_code == 403
    assert not case.appeals.exists()
    assert "A batch of 40 came late." in holder_of(case).get(f"/case/{case.pk}/appeal/?route=plan").content.decode()


def test_who_may_only_read_sees_no_button_and_no_draft(show: Showcase) -> None:
    case = show.cases["in_force"]
    jun = browser_of(appointed(case.account, current_pack(), now=timezone.now(), rights={Right.READ}))
    page = jun.get(f"/case/{case.pk}/").content.decode()
    assert "Appeal this decision" not in page
    assert jun.get(f"/case/{case.pk}/appeal/").status_code == 403
    assert jun.get(f"/case/{show.cases['information_asked'].pk}/information/").status_code == 404
    assert jun.get(f"/account/{case.account_id}/data/").status_code == 403
    assert jun.get(f"/account/{case.account_id}/delegates/").status_code == 403
    assert jun.get(f"/account/{case.account_id}/").status_code == 200


def test_a_wrong_invitation_keeps_what_was_typed_and_says_what_is_wrong(show: Showcase, holder_of: Enter) -> None:
    page = f"/account/{show.cases['in_force'].account_id}/delegates/"
    refused = holder_of(show.cases["in_force"]).post(page, FORM | {"last_day": "2020-01-01"})
    assert refused.status_code == 422
    assert "has gone by" in refused.content.decode()
    assert "Jun@Agency.example" in refused.content.decode()
    assert not Delegation.objects.exists()


def test_an_invitation_that_is_over_says_so(show: Showcase) -> None:
    one = appointed(show.cases["in_force"].account, current_pack(), now=timezone.now())
    link = Notice.objects.filter(delegation=one).earliest("created_at").body.split("http://localhost:8000")[1].split()[0]
    end_delegation(call=holder(one.account_id, now=timezone.now()), pack=current_pack(), delegation_id=one.pk)
    assert Client().get(link).status_code == 410
    assert Client().get("/delegate/made-up/").status_code == 410
