"""The how-to page on delegates is true: each step's words stand on the page that the step is about, in its order (requirement A1)."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Right
from goodstanding.server.demo.people import AGENCY
from goodstanding.server.policy import current_pack
from goodstanding.server.services.codes import digits_of
from goodstanding.server.services.delegations import INVITED_FOR, MOST_DELEGATIONS, MOST_INVITATIONS
from goodstanding.server.store.models import Case, Delegation, EntryCode, Notice
from tests.server.acting import appointed, browser_of
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]
PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "let-somebody-act.md").read_text(encoding="utf-8")


def steps(heading: str) -> list[list[str]]:
    """What each numbered step under a heading names in bold."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [re.findall(r"\*\*(.+?)\*\*", line) for line in part.splitlines() if re.match(r"\d\. ", line)]


def text(answer_of: Client, path: str) -> str:
    return answer_of.get(path).content.decode()


def invitation() -> str:
    """The path in the newest invitation's letter."""
    letter = Notice.objects.filter(delegation__accepted_at=None, body__contains="/delegate/").latest("created_at")
    return "/delegate/" + letter.body.split("/delegate/")[1].split()[0]


def test_holder_and_delegate_find_on_each_page_what_the_how_to_names(show: Showcase, holder_of: Enter, client: Client) -> None:
    case, firm = show.cases["in_force"], Client()
    account, page = f"/account/{case.account_id}/", f"/account/{case.account_id}/delegates/"
    holder, holders = holder_of(case), []
    holders += [text(holder, account), text(holder, page)]
    asked = {"name": "Jun Li", "email": "jun@agency.example", "rights": ["appeal"], "last_day": ""}
    assert holder.post(page, asked).status_code == 302
    waiting, link, delegates = text(holder, page), invitation(), []
    delegates.append(text(firm, link))
    firm.post(link)
    delegates[0] += text(firm, link)
    assert firm.post(link, {"code": digits_of(EntryCode.objects.latest("sent_at"))}).status_code == 302
    delegates += [text(firm, "/delegate/accounts/"), text(Client(), "/")]
    one = Delegation.objects.get(account=case.account_id)
    assert firm.post(f"/delegate/accounts/{one.pk}/", {"do": "accept", "name": "Jun Li"}).status_code == 302
    holders += [waiting + text(holder, page), text(holder, page)]
    home = text(firm, "/delegate/accounts/")
    letter = case.notices.get(kind="action")
    delegates += [home, text(firm, account) + text(firm, f"{account}notices/{letter.pk}/"), home]
    for heading, pages in (("As the holder", holders), ("As the delegate", delegates)):
        for number, (named, shown) in enumerate(zip(steps(heading), pages, strict=True), 1):
            assert [word for word in named if word not in shown] == [], f"{heading}, step {number}"
    assert firm.post(f"/delegate/accounts/{one.pk}/", {"do": "end"}).status_code == 302
    assert firm.get(account).status_code == 404


def test_the_page_names_every_right_and_the_numbers_that_hold() -> None:
    rows = re.findall(r"^\| (\w+)(?: \(always\))? \|", PAGE, re.MULTILINE)
    assert rows[1:] == [str(right) for right in Right]
    assert f"for {INVITED_FOR.days} days" in PAGE
    assert f"Up to {MOST_DELEGATIONS} delegates" in PAGE
    assert f'"{AGENCY[1]}"' in PAGE, "the demonstration's"
    assert MOST_INVITATIONS == 10
    assert "ten invitations a day" in PAGE


def test_a_delegate_reads_the_letters_without_what_is_the_holders_alone(show: Showcase) -> None:
    """A1, K5: neither the personal link, nor letters about delegates; the holder's letter stays unread; the mail is the delegate's copy."""
    case, now = show.cases["in_force"], timezone.now()
    firm = browser_of(appointed(case.account, current_pack(), now=now, rights={Right.READ}))
    start, letter = f"/account/{case.account_id}/notices/", case.notices.get(kind="action")
    assert "/n/" in letter.body
    listing = text(firm, start)
    assert letter.pk in listing
    assert "you act for" in listing
    about = Notice.objects.filter(account=case.account_id, kind="delegation")
    assert about.exists()
    assert not any(one.pk in listing for one in about)
    assert firm.get(f"{start}{about[0].pk}/").status_code == 404
    page = text(firm, f"{start}{letter.pk}/")
    assert "Late shipment" in page
    assert "/n/" not in page
    assert "Appeal this decision" not in page, "not without the right"
    letter.refresh_from_db()
    assert letter.read_at is None
    assert firm.get(f"{start}{letter.pk}/facts.csv").status_code == 200
    mail = message_from_bytes(firm.get(f"/case/{case.pk}/notices/{letter.pk}.eml").content, policy=default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert mail["To"] == "jun@agency.example"
    assert mail["Reply-To"] is None
    assert "/n/" not in body.get_content()
    assert f"/case/{case.pk}/" in body.get_content()
    other = show.cases["in_review"]
    assert firm.get(f"/account/{other.account_id}/notices/").status_code == 404
    assert firm.get(f"/case/{other.pk}/notices/{other.notices.all()[0].pk}.eml").status_code == 404
