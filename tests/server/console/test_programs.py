"""The page of connected programs: what a policy manager does there, what an auditor sees, and that a secret is shown once."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.services.keys import find_key
from goodstanding.server.services.outbox import good_secrets
from goodstanding.server.store.models import ApiKey, LedgerEntry, OutboxMessage, WebhookEndpoint
from tests.server.factories import make_account

pytestmark = pytest.mark.django_db

PAGE = "/console/programs/"


def client(role: Role = Role.POLICY_MANAGER) -> Client:
    user = get_user_model().objects.create_user(f"{role}@market.example", "correct horse battery", name="Rosa", role=role)
    found = Client()
    found.force_login(user)
    return found


def text(response) -> str:  # type: ignore[no-untyped-def]
    return response.content.decode()


def shown_secret(response) -> str:  # type: ignore[no-untyped-def]
    return re.search(r"<code>([^<]+)</code>", text(response))[1]


def post(one: Client, **data):  # type: ignore[no-untyped-def]
    return one.post(PAGE, data)


def test_a_key_is_made_rotated_and_revoked_and_each_secret_is_shown_once() -> None:
    rosa = client()
    made = post(rosa, do="make_key", name="Checkout", scope=["standing:read", "cases:read"])
    secret = shown_secret(made)
    assert made["Cache-Control"].find("no-store") >= 0
    key = find_key(secret=secret, now=timezone.now())
    assert (key.name, key.scopes) == ("Checkout", ["cases:read", "standing:read"])
    page = text(rosa.get(PAGE))
    assert secret not in page
    assert f"…{secret[-4:]}" in page
    second = shown_secret(post(rosa, do="rotate_key", which=key.pk, overlap=7))
    assert find_key(secret=second, now=timezone.now()) == find_key(secret=secret, now=timezone.now()) == key
    ended = re.search(r'name="secret" value="(\d+)"', text(rosa.get(PAGE)))[1]
    assert post(rosa, do="end_secret", which=key.pk, secret=ended).status_code == 302
    assert find_key(secret=secret, now=timezone.now()) is None
    assert post(rosa, do="revoke_key", which=key.pk).status_code == 302
    assert find_key(secret=second, now=timezone.now()) is None
    assert "revoked" in text(rosa.get(PAGE))


def test_a_key_is_bound_to_accounts_and_the_page_says_what_its_scopes_open() -> None:
    rosa, account = client(), make_account().pk
    refused = post(rosa, do="make_key", name="Seller app", scope=["appeals:read"], accounts="S-NONE")
    assert (refused.status_code, "S-NONE" in text(refused)) == (422, True)
    key = find_key(secret=shown_secret(post(rosa, do="make_key", name="Seller app", scope=["appeals:read"], accounts=account)), now=timezone.now())
    assert key.accounts == [account]
    rosa.cookies["django_language"] = "zh-hans"
    page = text(rosa.get(PAGE))
    assert f'<span class="id">{account}</span>' in page
    assert "代表账户持有人：读取完整案件" in page


def test_an_address_is_added_tried_rotated_and_switched_off() -> None:
    rosa = client()
    secret = shown_secret(post(rosa, do="add_endpoint", url="https://market.example/hooks"))
    endpoint = WebhookEndpoint.objects.get()
    assert (good_secrets(endpoint, timezone.now()), secret[:6]) == ([secret], "whsec_")
    refused = post(rosa, do="choose_kinds", which=endpoint.pk, kinds="appeal.decidet")
    assert (refused.status_code, "appeal.decided" in text(refused)) == (422, True)
    assert post(rosa, do="choose_kinds", which=endpoint.pk, kinds="appeal.decided action.*").status_code == 302
    assert "action.*, appeal.decided" in text(rosa.get(PAGE))
    assert post(rosa, do="ping", which=endpoint.pk).status_code == 302
    assert OutboxMessage.objects.get().payload["type"] == "ping"
    page = text(rosa.get(PAGE))
    assert "ping" in page
    assert secret not in page
    assert shown_secret(post(rosa, do="rotate_secret", which=endpoint.pk, overlap=1)) != secret
    assert "Signed with two secrets until" in text(rosa.get(PAGE))
    assert post(rosa, do="switch_off", which=endpoint.pk).status_code == 302
    assert OutboxMessage.objects.get().dead_at is not None
    assert post(rosa, do="switch_on", which=endpoint.pk).status_code == 302
    assert WebhookEndpoint.objects.get().is_active


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        ({"do": "make_key", "name": "Checkout"}, 422, "no such scope"),
        ({"do": "make_key", "name": "Checkout", "scope": "standing:read", "expires": "soon"}, 422, "2027-03-31"),
        ({"do": "make_key", "name": "Checkout", "scope": "standing:read", "expires": "2020-02-31"}, 422, "2027-03-31"),
        ({"do": "make_key", "name": "Checkout", "scope": "standing:read", "expires": "2020-01-01"}, 422, "has gone by"),
        ({"do": "add_endpoint", "url": "https://169.254.169.254/"}, 422, "inside a network"),
        ({"do": "ping", "which": "7"}, 422, "there is no address 7"),
        ({"do": "ping", "which": "x"}, 422, "buttons of this page"),
        ({"do": "fly"}, 422, "buttons of this page"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_typed_stays(data: dict[str, str], status: int, says: str) -> None:
    response = post(client(), **data)
    assert (response.status_code, says in text(response)) == (status, True)
    assert not ApiKey.objects.exists()
    assert not WebhookEndpoint.objects.exists()
    if "name" in data:
        assert 'value="Checkout"' in text(response)


def test_two_good_secrets_are_told_in_words_about_the_key() -> None:
    rosa = client()
    post(rosa, do="make_key", name="Checkout", scope="standing:read")
    key = ApiKey.objects.get().pk
    post(rosa, do="rotate_key", which=key, overlap=7)
    response = post(rosa, do="rotate_key", which=key, overlap=7)
    assert (response.status_code, "two good secrets" in text(response)) == (409, True)


def test_an_auditor_sees_the_page_and_changes_nothing_and_reviewers_do_not_see_it() -> None:
    post(client(), do="make_key", name="Checkout", scope="standing:read")
    key, entries = ApiKey.objects.get(), LedgerEntry.objects.count()
    auditor = client(Role.AUDITOR)
    page = text(auditor.get(PAGE))
    assert "Checkout" in page
    assert "Revoke" not in page
    assert 'href="/console/programs/"' in page
    assert post(auditor, do="revoke_key", which=key.pk).status_code == 403
    for role in (Role.SPECIALIST, Role.SENIOR_SPECIALIST):
        other = client(role)
        assert other.get(PAGE).status_code == 403
        assert post(other, do="revoke_key", which=key.pk).status_code == 403
        assert 'href="/console/programs/"' not in text(other.get("/console/"))
    key.refresh_from_db()
    assert (key.revoked_at, LedgerEntry.objects.count()) == (None, entries)
