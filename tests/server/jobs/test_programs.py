"""The commands that look after keys and addresses of events, as an operator meets them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from goodstanding.core.errors import UnusableInput
from goodstanding.server.services.keys import find_key
from goodstanding.server.store.models import ApiKey, OutboxMessage, WebhookEndpoint

pytestmark = pytest.mark.django_db


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def works(secret: str) -> bool:
    return find_key(secret=secret.strip(), now=timezone.now()) is not None


def test_a_key_from_its_making_to_its_end() -> None:
    old = manage("make_api_key", "checkout", "--scope", "standing:read", "--days", "30")
    key = str(ApiKey.objects.get().pk)
    new = manage("api_key", "rotate", key)
    assert [works(old), works(new)] == [True, True]
    listed = manage("api_key", "list").splitlines()
    assert listed[0] == f"{key}  checkout  standing:read  good"
    assert [line.split("  ")[3] for line in listed[1:]] == [f"…{old.strip()[-4:]}", f"…{new.strip()[-4:]}"]
    assert "ends" in listed[1]
    assert manage("api_key", "end", key, listed[1].split()[1]) == f"the secret {listed[1].split()[1]} of 'checkout' has ended\n"
    assert [works(old), works(new)] == [False, True]
    assert manage("api_key", "revoke", key) == "'checkout' is revoked\n"
    assert not works(new)


def test_an_address_from_its_adding_to_its_end() -> None:
    number, secret = manage("webhook", "add", "https://market.example/hooks").split()
    assert secret.startswith("whsec_")
    assert manage("webhook", "rotate", number, "--overlap", "1").startswith("whsec_")
    assert "the worker sends it" in manage("webhook", "ping", number)
    assert OutboxMessage.objects.get().payload["type"] == "ping"
    assert manage("webhook", "off", number) == "https://market.example/hooks is off\n"
    assert manage("webhook", "list").splitlines()[0] == f"{number}  https://market.example/hooks  off"
    assert "given up" in manage("webhook", "list")
    assert manage("webhook", "on", number) == "https://market.example/hooks is on\n"
    with pytest.raises(UnusableInput):
        manage("webhook", "add", "http://localhost/")
    assert WebhookEndpoint.objects.count() == 1
