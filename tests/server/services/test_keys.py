"""Keys of programs: two good secrets while one is rotated, an end that comes by itself, a revocation that counts at once, all in the ledger."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.server.services import ledger
from goodstanding.server.services.keys import PREFIX, Scope, end_secret, find_key, list_keys, make_key, revoke_key, rotate_key
from goodstanding.server.store.models import ApiKey, KeySecret, LedgerBody, LedgerEntry
from tests.server.factories import NOW, call_as

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SCOPES = [Scope.STANDING_READ, Scope.FACTS_WRITE]


def manager(days: float = 0):
    return call_as(Role.POLICY_MANAGER, "user:8", now=NOW + days * DAY)


def opens(secret: str, days: float = 0) -> bool:
    return find_key(secret=secret, now=NOW + days * DAY) is not None


def test_a_key_is_shown_once_and_kept_as_a_digest():
    secret = make_key(call=manager(), name="checkout", scopes=SCOPES)
    assert secret.startswith(PREFIX)
    assert find_key(secret=secret, now=NOW).scopes == ["facts:write", "standing:read"]
    kept = [*ApiKey.objects.values(), *KeySecret.objects.values(), *LedgerEntry.objects.values(), *LedgerBody.objects.values()]
    assert secret not in str(kept)
    assert KeySecret.objects.get().hint == secret[-4:]


def test_while_a_key_is_rotated_both_secrets_open_it_and_then_only_the_new_one():
    old = make_key(call=manager(), name="checkout", scopes=SCOPES)
    new = rotate_key(call=manager(1), key_id=ApiKey.objects.get().pk, overlap=7 * DAY)
    assert [opens(old, 7.9), opens(new, 7.9)] == [True, True]
    assert [opens(old, 8), opens(new, 8)] == [False, True]
    assert find_key(secret=old, now=NOW + 2 * DAY) == find_key(secret=new, now=NOW + 2 * DAY)


def test_a_third_secret_waits_until_one_of_two_is_ended():
    old = make_key(call=manager(), name="checkout", scopes=SCOPES)
    key = ApiKey.objects.get()
    lost = rotate_key(call=manager(1), key_id=key.pk, overlap=7 * DAY)
    with pytest.raises(IllegalTransition, match="end the one that is no longer used"):
        rotate_key(call=manager(2), key_id=key.pk, overlap=DAY)
    assert opens(old, 2)
    end_secret(call=manager(2), key_id=key.pk, secret_id=KeySecret.objects.get(hint=lost[-4:]).pk)
    assert [opens(old, 2), opens(lost, 2)] == [True, False]
    assert opens(rotate_key(call=manager(2), key_id=key.pk, overlap=timedelta()), 2)
    assert not opens(old, 2)


def test_a_revoked_key_opens_nothing_from_that_moment_by_none_of_its_secrets():
    old = make_key(call=manager(), name="checkout", scopes=SCOPES)
    key = ApiKey.objects.get()
    new = rotate_key(call=manager(1), key_id=key.pk, overlap=7 * DAY)
    revoke_key(call=manager(1), key_id=key.pk)
    revoke_key(call=manager(1.5), key_id=key.pk)
    assert [opens(old, 1), opens(new, 1)] == [False, False]
    with pytest.raises(IllegalTransition, match="make a new one"):
        rotate_key(call=manager(2), key_id=key.pk, overlap=DAY)
    told = LedgerEntry.objects.filter(case_id=f"key:{key.pk}").order_by("sequence").values_list("kind", "actor")
    assert list(told) == [("ApiKeyMade", "user:8"), ("ApiKeyRotated", "user:8"), ("ApiKeyRevoked", "user:8")]
    assert list(ledger.verify()) == []


def test_a_key_with_an_end_ends_by_itself():
    secret = make_key(call=manager(), name="audit firm", scopes=SCOPES, expires_at=NOW + DAY)
    assert [opens(secret, 0.99), opens(secret, 1)] == [True, False]
    with pytest.raises(IllegalTransition):
        rotate_key(call=manager(2), key_id=ApiKey.objects.get().pk, overlap=DAY)


def test_the_last_use_is_noted_to_the_minute_and_costs_no_write_in_between(django_assert_num_queries):
    secret = make_key(call=manager(), name="checkout", scopes=SCOPES)
    assert KeySecret.objects.get().last_used_at is None
    opens(secret)
    assert KeySecret.objects.get().last_used_at == NOW
    with django_assert_num_queries(1):
        find_key(secret=secret, now=NOW + timedelta(seconds=59))
    find_key(secret=secret, now=NOW + timedelta(seconds=60))
    assert KeySecret.objects.get().last_used_at == NOW + timedelta(seconds=60)


def test_a_list_shows_the_good_secrets_and_puts_dead_keys_last():
    make_key(call=manager(), name="aaa", scopes=SCOPES)
    make_key(call=manager(), name="zzz", scopes=SCOPES)
    first = ApiKey.objects.get(name="aaa")
    rotate_key(call=manager(), key_id=ApiKey.objects.get(name="zzz").pk, overlap=DAY)
    revoke_key(call=manager(), key_id=first.pk)
    found = list_keys(actor=call_as(Role.AUDITOR, "user:5").actor, now=NOW)
    assert [(key.name, len(key.good)) for key in found] == [("zzz", 2), ("aaa", 1)]


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR, Role.HOLDER, Role.INTEGRATION])
def test_only_policy_managers_manage_keys(role):
    secret = make_key(call=manager(), name="checkout", scopes=SCOPES)
    key, call = ApiKey.objects.get(), call_as(role, "user:1")
    for act in (
        lambda: make_key(call=call, name="mine", scopes=SCOPES),
        lambda: rotate_key(call=call, key_id=key.pk, overlap=DAY),
        lambda: revoke_key(call=call, key_id=key.pk),
        lambda: end_secret(call=call, key_id=key.pk, secret_id=key.secrets.get().pk),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert (opens(secret), ApiKey.objects.count()) == (True, 1)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"scopes": ["everything"]}, "no such scope: everything"),
        ({"scopes": []}, "none given"),
        ({"name": " "}, "name the program"),
        ({"expires_at": NOW - DAY}, "has gone by"),
    ],
)
def test_a_key_that_would_make_no_sense_is_not_made(asked, says):
    with pytest.raises(UnusableInput, match=says):
        make_key(call=manager(), **{"name": "checkout", "scopes": SCOPES} | asked)


def test_what_there_is_not_is_told():
    make_key(call=manager(), name="checkout", scopes=SCOPES)
    key = ApiKey.objects.get()
    with pytest.raises(NotFound):
        revoke_key(call=manager(), key_id=key.pk + 1)
    with pytest.raises(NotFound):
        end_secret(call=manager(), key_id=key.pk, secret_id=0)
    with pytest.raises(UnusableInput, match="90 days"):
        rotate_key(call=manager(), key_id=key.pk, overlap=91 * DAY)
