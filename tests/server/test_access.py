"""Every address asked as every role, as a stranger and as the holder of another account: nothing beyond the role, never another's data (K5)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from goodstanding.core.terms import Right, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.loader import load_pack
from goodstanding.server.pages.asking import LINK
from goodstanding.server.services.call import Call
from goodstanding.server.services.delegations import end_delegation
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import (
    AccessLink,
    Account,
    Case,
    CaseNote,
    Delegation,
    Draft,
    EnforcementAction,
    LedgerEntry,
    Limit,
    Notice,
    OutboxMessage,
    User,
)
from tests.server.acting import appointed, browser_of, invited
from tests.server.addresses import addresses
from tests.server.showcase import PASSWORD, Showcase

pytestmark = pytest.mark.django_db

READERS = (Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.POLICY_MANAGER, Role.AUDITOR)


def staff(role: Role) -> Client:
    user = get_user_model().objects.create_user(f"{role}@matrix.example", PASSWORD, name=role, role=role)
    client = Client()
    client.force_login(user)
    return client


def holder(case: Case) -> Client:
    """The holder of a case's account, in by the link of its notice."""
    client = Client()
    session = client.session
    session[LINK] = AccessLink.objects.filter(case=case).latest("pk").pk
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


def delegates(show: Showcase) -> dict[str, Client]:
    """Delegates to whom the case in force is nobody's: another account's, and this account's whose time was cut short or is over."""
    pack, now, mine = load_pack("amazon"), datetime.now(UTC), show.cases["in_force"].account
    withdrawn = appointed(mine, pack, now=now, email="withdrawn@agency.example")
    expired = appointed(mine, pack, now=now - timedelta(days=9), email="expired@agency.example", last_day=(now - timedelta(days=3)).date())
    invited_only = invited(mine, pack, now=now, email="invited@agency.example")
    end_delegation(call=Call(Actor(f"holder:{mine.pk}", Role.HOLDER, frozenset({mine.pk})), now), pack=pack, delegation_id=withdrawn.pk)
    return {
        "delegate of another account": browser_of(appointed(show.cases["in_review"].account, pack, now=now, email="other@agency.example")),
        "withdrawn delegate": browser_of(withdrawn),
        "expired delegate": browser_of(expired),
        "invited and not accepted": browser_of(invited_only),
    }


def secrets(case: Case) -> list[str]:
    """What only the holder and staff may read of a case."""
    account = Account.objects.get(pk=case.account_id)
    items = [str(item["id"]) for violation in case.action.violations.all() for item in violation.items]
    return [account.display_name, account.email, *items]


def leaks(body: str, case: Case) -> list[str]:
    return [secret for secret in secrets(case) if secret and secret in body]


def body_of(response) -> str:  # type: ignore[no-untyped-def]
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace") + str(dict(response.headers))


def state() -> tuple[object, ...]:
    """All that a request could change of cases, actions, limits, ledger and messages."""
    return (
        list(Case.objects.order_by("pk").values_list("pk", "state", "assignee", "attempts")),
        list(EnforcementAction.objects.order_by("pk").values_list("pk", "lifted_at", "decided_by")),
        list(Limit.objects.order_by("pk").values_list("pk", "lifted_at", "ends_at")),
        list(Delegation.objects.order_by("pk").values_list("pk", "rights", "accepted_at", "ended_at")),
        LedgerEntry.objects.count(),
        Notice.objects.count(),
        OutboxMessage.objects.count(),
        Draft.objects.count(),
        list(CaseNote.objects.order_by("pk").values_list("pk", "settled_at")),
        list(User.objects.order_by("pk").values_list("pk", "role", "is_active", "manages_staff", "password")),
    )


def test_a_stranger_and_another_seller_get_nothing_of_an_account_at_any_address(show: Showcase) -> None:
    """K5: hundreds of requests; the holder's own ones show that there is something to hide."""
    mine, wrong, asked, shown = show.cases["in_force"], [], 0, 0
    others = {"stranger": Client(), "another seller": holder(show.cases["in_review"]), "unknown role": staff(Role.INTEGRATION)} | delegates(show)
    for address in addresses(mine):
        if address.door == "portal" and address.is_of_one_account:
            shown += bool(leaks(body_of(holder(mine).get(address.path)), mine))
        for who, client in others.items():
            for method in ("get", "post", "put", "delete"):
                before = state()
                response = getattr(client, method)(address.path)
                asked += 1
                if found := leaks(body_of(response), mine):
                    wrong.append(f"{who} {method} {address.path}: shows {found[0]}")
                if response.status_code < 300 and not address.is_open and address.is_of_one_account:
                    wrong.append(f"{who} {method} {address.path}: {response.status_code}")
                if response.status_code >= 500 and address.route != "readyz":
                    wrong.append(f"{who} {method} {address.path}: {response.status_code}")
                if state() != before:
                    wrong.append(f"{who} {method} {address.path}: changed something")
    assert wrong == []
    assert asked > 300
    assert shown > 3


READ_ONLY = ("", "facts.csv", "sent/", "commitments/", "files/<str:evidence_id>/", "notices/<str:notice_id>.eml")
"""What a delegate with the right to read, and no other, opens of a case; beside it the account's page, its assurance page and its letters."""


def test_a_delegate_reads_what_was_granted_and_does_nothing_more(show: Showcase) -> None:
    """A1, K5: the row of a delegate who may read: pages of the case open, everything else is refused, and no request changes anything."""
    mine, wrong = show.cases["in_force"], []
    client = browser_of(appointed(mine.account, load_pack("amazon"), now=datetime.now(UTC), rights={Right.READ}))
    for address in addresses(mine):
        # Whose sign-in it is, only who is signed in may see: test_ones_own_sign_in_is_for_who_is_signed_in.
        if address.is_open or address.route.startswith(("delegate/", "security/")):
            continue
        before, status = state(), client.get(address.path).status_code
        of_case = address.route.startswith("case/<str:case_id>/") and address.route.removeprefix("case/<str:case_id>/") in READ_ONLY
        opens = (
            of_case
            or address.route in ("account/", "account/<str:account_id>/", "account/<str:account_id>/assurance/")
            or "/metric/" in address.route
            or address.route.startswith("account/<str:account_id>/notices/")
        )
        if address.is_of_one_account and address.door == "portal" and (status in (200, 302)) != opens and status not in (404, 405):
            wrong.append(f"get {address.path}: {status}")
        if address.door != "portal" and status == 200:
            wrong.append(f"get {address.path}: {status}")
        for word in ("send", "review", "withdraw", "change", "accept", "", "retry"):
            data = {
                "step": word,
                "do": word,
                "route": "plan",
                "root_cause": "It was us.",
                "submission_key": "k",
                "rights": "appeal",
                "answer": "Yes.",
            }
            status = client.post(address.path, data).status_code
            if status >= 500 or state() != before:
                wrong.append(f"post {word} {address.path}: {status}")
    assert wrong == []


def test_the_console_opens_to_staff_alone_and_reading_changes_no_case(show: Showcase) -> None:
    mine, wrong = show.cases["in_force"], []
    clients, signed_in = {role: staff(role) for role in READERS}, Client()
    signed_in.force_login(show.holder)
    for address in addresses(mine):
        if address.door != "console" or address.is_open:
            continue
        # A holder who came by a link is signed in as nobody; one who signed in is refused.
        for client, refused in ((holder(mine), (302, "/console/sign-in/")), (Client(), (302, "/console/sign-in/")), (signed_in, (403, ""))):
            asked = client.get(address.path)
            assert (asked.status_code, asked.headers.get("Location", "")[:17]) in (refused, (405, "")), address.path
        for role, client in clients.items():
            before = state()
            status = client.get(address.path).status_code
            if status not in (200, 302, 403, 404, 405):
                wrong.append(f"{role} {address.path}: {status}")
            if state() != before:
                wrong.append(f"{role} {address.path}: reading changed something")
    assert wrong == []


def test_staff_and_their_audit_are_seen_by_who_may_alone(show: Showcase) -> None:
    """K5: the staff by who manages it, the audit by auditors; a role that opens the console is not enough."""
    manager = get_user_model().objects.create_user("paula@matrix.example", PASSWORD, name="Paula", role=Role.POLICY_MANAGER, manages_staff=True)
    paula = Client()
    paula.force_login(manager)
    clients = {role: staff(role) for role in READERS} | {"manager": paula}
    opened = {
        path: {str(who) for who, client in clients.items() if client.get(path).status_code == 200}
        for path in ("/console/staff/", "/console/staff/new/", f"/console/staff/{show.specialist.pk}/", "/console/audit/")
    }
    assert opened.pop("/console/audit/") == {"auditor"}
    assert list(opened.values()) == [{"manager"}] * 3
    sent = {"name": "X", "email": "x@matrix.example", "role": "senior_specialist", "is_active": "yes", "manages_staff": "yes", "do": "factors"}
    for who, client in clients.items():
        for path in opened:
            if who != "manager":
                assert client.post(path, sent).status_code in (403, 405), (who, path)
    show.specialist.refresh_from_db()
    assert show.specialist.role == Role.SPECIALIST
    assert not User.objects.filter(email="x@matrix.example").exists()


def test_ones_own_sign_in_is_for_who_is_signed_in(show: Showcase) -> None:
    for address in addresses(show.cases["in_force"]):
        if address.route.startswith("security/"):
            for method in ("get", "post"):
                answer = getattr(Client(), method)(address.path)
                assert (answer.status_code, answer.headers.get("Location", "")[:17]) in ((302, "/console/sign-in/"), (404, "")), address.path


def test_who_may_only_read_changes_nothing_whatever_is_sent(show: Showcase) -> None:
    """K5: auditors and policy managers decide no case, and a holder decides none either, whichever form is sent."""
    mine, wrong = show.cases["in_review"], []
    words = (
        "approve",
        "dismiss",
        "claim",
        "release",
        "decide",
        "rescind",
        "ask",
        "escalate",
        "agree",
        "disagree",
        "hand_over",
        "judge",
        "lift",
        "retry",
        "note",
        "set_aside",
    )
    for who, client in {"auditor": staff(Role.AUDITOR), "policy manager": staff(Role.POLICY_MANAGER), "holder": holder(mine)}.items():
        for address in addresses(mine):
            if address.door != "console" or address.is_open:
                continue
            for word in words:
                before = state()
                data = {
                    "event": word,
                    "do": word,
                    "action": word,
                    "verb": word,
                    "because": "No.",
                    "note": "No.",
                    "note_key": "k",
                    "number": "1",
                    "outcome": "upheld",
                    "items": "x",
                }
                status = client.post(address.path, data).status_code
                if status >= 500 or state() != before:
                    wrong.append(f"{who} {word} {address.path}: {status}")
    assert wrong == []


def test_a_key_opens_what_its_scopes_say_and_nothing_else(show: Showcase) -> None:
    mine, wrong = show.cases["in_force"], []
    call = Call(AUTOMATION, datetime.now(UTC))
    keys = {scope: make_key(call=call, name=scope, scopes=[scope]) for scope in Scope}
    for address in addresses(mine):
        if address.door != "api" or address.is_open:
            continue
        allowed = 0
        for secret in keys.values():
            response = Client().get(address.path, headers={"Authorization": f"Bearer {secret}"})
            allowed += response.status_code == 200
            if response.status_code not in (200, 403, 404, 405, 422):
                wrong.append(f"{address.path}: {response.status_code}")
        if Client().get(address.path, headers={"Authorization": "Bearer nonsense"}).status_code not in (401, 404, 405):
            wrong.append(f"{address.path}: opens to any key")
        if allowed > 1:
            wrong.append(f"{address.path}: opens to keys of {allowed} scopes")
    assert wrong == []
