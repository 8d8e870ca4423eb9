"""No secret that can be used lies readable in the database; the key can be changed, and a wrong key is said in one line (issue 7)."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.server.services.outbox import deliver, good_secrets, queue_letter, send_due
from goodstanding.server.services.sealing import reseal_secrets
from goodstanding.server.services.webhooks import add_endpoint, ping_endpoint, rotate_secret
from goodstanding.server.store.models import OutboxMessage, WebhookEndpoint
from goodstanding.server.store.sealing import Purpose, SealedOtherwise, seal, unseal
from tests.server.factories import NOW, call_as
from tests.server.identity.people import code_of, person, sign_in, with_app

pytestmark = pytest.mark.django_db

LINK = "https://standing.example/sign-in/password/x-y/"
BEFORE = ("store", "0025_keys_bound_to_accounts")
OLD, NEW = "the first key of this server " * 2, "another key, made later, long enough " * 2


@pytest.fixture(autouse=True)
def _key(settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []


def manager(days: int = 0):
    return call_as(Role.POLICY_MANAGER, "user:8", now=NOW + timedelta(days=days))


def everything() -> str:
    """All that the tables of secrets hold, as whoever stole them reads it."""
    found = []
    with connection.cursor() as cursor:
        for table in ("store_webhookendpoint", "mfa_authenticator", "store_outboxmessage", "store_ledgerentry", "store_auditentry"):
            cursor.execute(f"SELECT * FROM {table}")
            found += [str(row) for row in cursor.fetchall()]
    return "".join(found)


def fill() -> tuple[WebhookEndpoint, list[str], str]:
    """An endpoint in rotation, a user with an app and recovery codes, and a letter that waits; gives endpoint, its secrets and the app's secret."""
    endpoint, first = add_endpoint(call=manager(), url="https://market.example/hooks")
    second = rotate_secret(call=manager(1), endpoint_id=endpoint.pk, overlap=timedelta(days=7))
    app = with_app(person("maya", Role.SPECIALIST))
    queue_letter(call=manager(1), recipient="maya@market.example", subject="Set a new password", body=f"Here: {LINK}", language="en")
    endpoint.refresh_from_db()
    return endpoint, [second, first], app


def test_no_secret_lies_in_the_database_in_clear() -> None:
    endpoint, secrets, app = fill()
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    stored = everything()
    for secret in (*secrets, *(one.removeprefix("whsec_") for one in secrets), app, LINK, *codes.get_unused_codes()):
        assert secret not in stored
    assert good_secrets(endpoint, NOW + timedelta(days=2)) == secrets


def test_a_letter_leaves_with_its_link_and_then_keeps_nothing(mailbox_of_letters) -> None:
    fill()
    assert send_due(now=timezone.now(), limit=10, deliver=lambda one, now: deliver(one, now) if one.endpoint is None else None).failed == 0
    assert LINK in mailbox_of_letters()
    assert [one.payload for one in OutboxMessage.objects.filter(endpoint=None)] == [{}]


@pytest.fixture
def mailbox_of_letters(settings, tmp_path):
    settings.EMAIL_FILE_PATH, settings.SMTP_URL = tmp_path, ""
    return lambda: "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.eml")).replace("=\n", "")


def test_after_the_key_was_changed_everything_opens_and_is_sealed_anew(settings) -> None:
    endpoint, secrets, app = fill()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert good_secrets(endpoint, NOW + timedelta(days=2)) == secrets
    told = StringIO()
    call_command("reseal_secrets", stdout=told)
    assert told.getvalue() == "5 secrets, 5 sealed anew, 0 that no key opens\n"
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    assert good_secrets(endpoint, NOW + timedelta(days=2)) == secrets
    browser = sign_in(Authenticator.objects.get(type="totp").user)[1]
    assert browser.post("/sign-in/code/", {"code": code_of(app)})["Location"] == "/console/enter/"
    assert reseal_secrets().anew == 0


def test_under_another_key_each_secret_is_named_and_nothing_is_lost(settings, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint, secrets, _ = fill()
    settings.SECRET_KEY = NEW
    before = everything()
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reseal_secrets", stderr=told)
    assert ended.value.code == 1
    lines = told.getvalue().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("the signing secret of https://market.example/hooks was sealed with another GOODSTANDING_SECRET_KEY; set that one")
    assert "a second factor (totp) of maya@market.example" in told.getvalue()
    assert everything() == before
    ping_endpoint(call=manager(2), endpoint_id=endpoint.pk)
    assert send_due(now=timezone.now(), limit=10).failed == 2
    for error in OutboxMessage.objects.values_list("last_error", flat=True):
        assert "was sealed with another GOODSTANDING_SECRET_KEY" in error
        assert "\n" not in error
    settings.SECRET_KEY = OLD
    assert good_secrets(endpoint, NOW + timedelta(days=2)) == secrets


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    with pytest.raises(SealedOtherwise, match="the letter was sealed with another"):
        unseal(seal("a secret", Purpose.WEBHOOKS), Purpose.LETTERS, what="the letter")


@pytest.mark.django_db(transaction=True)
def test_secrets_that_lay_in_clear_are_sealed_when_the_tables_are_brought_up_to_date() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    try:
        before = executor.loader.project_state([BEFORE]).apps.get_model("store", "WebhookEndpoint")
        before.objects.create(url="https://a.example/", secret="whsec_YQ==", created_at=NOW)
        before.objects.create(url="https://b.example/", secret="b", previous_secret="whsec_YQ==", previous_until=NOW, created_at=NOW)
    finally:
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    assert "YQ==" not in everything()
    first, second = WebhookEndpoint.objects.order_by("url")
    assert (good_secrets(first, NOW), good_secrets(second, NOW - timedelta(days=1))) == (["whsec_YQ=="], ["b", "whsec_YQ=="])
    assert first.previous_secret == ""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM store_webhookendpoint ORDER BY url")
        assert [row[0] for row in cursor.fetchall()] == ["whsec_YQ==", "b"]
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
