"""The pages of who manages the staff, and of who audits sign-ins (requirement K5)."""

from collections.abc import Callable

from django.test import Client

from goodstanding.server.store.models import AuditEntry, User
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def test_a_users_languages_skills_and_role_are_changed_on_the_page(show: Showcase, browser_of: Enter) -> None:
    browser, one = browser_of(show.manager), show.specialist
    page = browser.get(f"/console/staff/{one.pk}/").content.decode()
    assert 'value="zh-Hans" checked' in page
    sent = {"name": one.name, "role": "senior_specialist", "languages": ["zh-Hant"], "is_active": "yes"}
    answer = browser.post(f"/console/staff/{one.pk}/", sent, follow=True)
    assert "Maya Lindqvist is changed." in answer.content.decode()
    one.refresh_from_db()
    assert (one.role, one.languages, one.skills, one.is_active) == ("senior_specialist", ["zh-Hant"], [], True)
    audit = browser_of(show.auditor).get("/console/audit/?kind=user_changed").content.decode()
    assert "by Paula Ferrand" in audit
    assert "Specialist → Senior specialist" in audit


def test_a_mistake_is_said_and_what_was_typed_stays(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.manager)
    page = browser.post("/console/staff/new/", {"email": show.senior.email, "name": "Twin", "role": "auditor", "is_active": "yes"})
    assert page.status_code == 422
    assert "already" in page.content.decode()
    assert 'value="Twin"' in page.content.decode()
    page = browser.post("/console/staff/new/", {"email": "new@market.example", "name": "New", "role": "holder"})
    assert page.status_code == 422
    assert not User.objects.filter(email="new@market.example").exists()


def test_ones_own_page_has_no_button(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.manager)
    page = browser.get(f"/console/staff/{show.manager.pk}/").content.decode()
    assert "This is you" in page
    assert ">Save<" not in page
    assert browser.post(f"/console/staff/{show.manager.pk}/", {"name": "P", "role": "auditor", "is_active": "yes"}).status_code == 403


def test_the_audit_is_filtered_by_its_address_and_says_no_password(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.auditor)
    Client().post("/console/sign-in/", {"login": show.senior.email, "password": "hunter2 hunter2"})
    page = browser.get("/console/audit/").content.decode()
    assert "an unknown address" in page
    assert "hunter2" not in page
    only = browser.get(f"/console/audit/?kind=sign_in_failed&user={show.senior.email}").content.decode()
    assert only.count("<tr>") == 2
    assert browser.get("/console/audit/?since=2000-01-01&until=2000-01-02&after=nonsense&kind=made-up").status_code == 200
    assert "Nothing fits" in browser.get("/console/audit/?until=2000-01-01").content.decode()
    assert browser.get("/console/audit/?since=yesterday&until=2026-02-31").status_code == 200


def test_a_long_audit_is_read_page_by_page(show: Showcase, browser_of: Enter) -> None:
    entry = AuditEntry.objects.latest("pk")
    AuditEntry.objects.bulk_create(AuditEntry(at=entry.at, kind="signed_out", keep_until=entry.keep_until) for _ in range(70))
    browser = browser_of(show.auditor)
    page = browser.get("/console/audit/?kind=signed_out").content.decode()
    assert page.count("<tr>") == 51
    after = page.split("after=")[1].split('"')[0]
    assert browser.get(f"/console/audit/?kind=signed_out&after={after}").content.decode().count("<tr>") == 21
