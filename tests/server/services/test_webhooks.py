"""The addresses that events go to: added once, rotated with an overlap, off at once, tried by a ping, and all of it in the ledger."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, Role
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.outbox import dead_letters, deliver, good_secrets, retry_message, send_due
from goodstanding.server.services.webhooks import add_endpoint, choose_kinds, list_endpoints, ping_endpoint, rotate_secret, switch_endpoint
from goodstanding.server.store.models import LedgerEntry, OutboxMessage, WebhookEndpoint
from tests.server.factories import NOW, call_as, make_action_in_force, specialist

pytestmark = pytest.mark.django_db

URL = "https://market.example/hooks"
DAY = timedelta(days=1)


def manager(days: float = 0):
    return call_as(Role.POLICY_MANAGER, "user:8", now=NOW + days * DAY)


def kinds(endpoint):
    return list(LedgerEntry.objects.filter(case_id=f"webhook:{endpoint.pk}").order_by("sequence").values_list("kind", flat=True))


def test_an_address_is_added_once_however_often_it_is_sent():
    endpoint, secret = add_endpoint(call=manager(), url=URL)
    assert secret.startswith("whsec_")
    assert add_endpoint(call=manager(), url=f" {URL} ") == (endpoint, secret)
    assert kinds(endpoint) == ["WebhookAdded"]
    assert secret not in str(list(LedgerEntry.objects.values("body__text")))


def test_an_address_is_told_of_the_kinds_that_it_wants_and_by_a_ping_of_itself():
    every, _ = add_endpoint(call=manager(), url=URL)
    group, _ = add_endpoint(call=manager(), url=f"{URL}/actions", kinds=["action.*", "action.*"])
    none, _ = add_endpoint(call=manager(), url=f"{URL}/decided", kinds=["appeal.decided"])
    make_action_in_force(ActionKind.RESTRICT)
    ping_endpoint(call=manager(), endpoint_id=none.pk)
    told = {one.pk: [message.payload["type"] for message in one.outbox.order_by("pk")] for one in (every, group, none)}
    assert told == {every.pk: ["action.in_force"], group.pk: ["action.in_force"], none.pk: ["ping"]}
    choose_kinds(call=manager(), endpoint_id=none.pk, kinds=[])
    choose_kinds(call=manager(), endpoint_id=every.pk, kinds=["case.final"])
    choose_kinds(call=manager(), endpoint_id=every.pk, kinds=["case.final"])
    make_action_in_force(ActionKind.RESTRICT)
    assert [one.outbox.count() for one in (every, group, none)] == [1, 2, 2]
    assert kinds(every) == ["WebhookAdded", "WebhookKindsChosen"]


def test_a_kind_that_there_is_not_is_told_with_the_nearest_that_there_is():
    with pytest.raises(UnusableInput, match=r"no kind of event 'appeal.decide' .*appeal\.decided"):
        add_endpoint(call=manager(), url=URL, kinds=["appeal.decide"])
    endpoint, _ = add_endpoint(call=manager(), url=URL)
    with pytest.raises(UnusableInput, match="no kind of event 'x'"):
        choose_kinds(call=manager(), endpoint_id=endpoint.pk, kinds=["x"])
    with pytest.raises(NotPermitted):
        choose_kinds(call=specialist(), endpoint_id=endpoint.pk, kinds=[])


def test_events_are_signed_with_both_secrets_for_as_long_as_was_said():
    endpoint, old = add_endpoint(call=manager(), url=URL)
    new = rotate_secret(call=manager(1), endpoint_id=endpoint.pk, overlap=7 * DAY)
    endpoint.refresh_from_db()
    assert good_secrets(endpoint, NOW + 2 * DAY) == [new, old]
    assert good_secrets(endpoint, NOW + 8 * DAY) == [new]
    with pytest.raises(IllegalTransition, match="two secrets are good until"):
        rotate_secret(call=manager(7), endpoint_id=endpoint.pk, overlap=DAY)
    newest = rotate_secret(call=manager(8), endpoint_id=endpoint.pk, overlap=timedelta())
    endpoint.refresh_from_db()
    assert good_secrets(endpoint, NOW + 8 * DAY) == [newest]
    assert kinds(endpoint) == ["WebhookAdded", "WebhookSecretRotated", "WebhookSecretRotated"]


def test_what_waits_for_an_address_that_is_switched_off_is_given_up_and_can_be_tried_again():
    endpoint, _ = add_endpoint(call=manager(), url=URL)
    make_action_in_force(ActionKind.RESTRICT)
    assert endpoint.outbox.filter(dead_at=None).exists()
    switch_endpoint(call=manager(), endpoint_id=endpoint.pk, on=False)
    switch_endpoint(call=manager(), endpoint_id=endpoint.pk, on=False)
    assert not endpoint.outbox.filter(dead_at=None).exists()
    make_action_in_force(ActionKind.RESTRICT)
    assert not endpoint.outbox.filter(dead_at=None).exists()
    message = dead_letters(actor=specialist().actor)[0]
    retry_message(call=manager(), message_id=message.pk)
    assert send_due(now=NOW + DAY, limit=1000, deliver=lambda one, now: deliver(one, now) if one.endpoint else None).dead == 1
    switch_endpoint(call=manager(), endpoint_id=endpoint.pk, on=True)
    make_action_in_force(ActionKind.RESTRICT)
    assert endpoint.outbox.filter(dead_at=None).exists()
    assert kinds(endpoint) == ["WebhookAdded", "WebhookSwitchedOff", "WebhookSwitchedOn"]
    assert list(ledger.verify()) == []


def test_a_ping_goes_to_one_address_and_is_about_nobody(monkeypatch):
    other, _ = add_endpoint(call=manager(), url=f"{URL}/other")
    endpoint, secret = add_endpoint(call=manager(), url=URL)
    ping_endpoint(call=manager(), endpoint_id=endpoint.pk)
    sent = []
    monkeypatch.setattr(outbox, "post_event", lambda **options: sent.append(options))
    assert send_due(now=NOW).sent == 1
    (one,) = sent
    assert (one["url"], one["secrets"], one["inside"]) == (URL, [secret], False)
    assert b'"type":"ping"' in one["body"]
    assert b'"account_id":""' in one["body"]
    last = {shown.pk: [message.sent_at is not None for message in shown.last] for shown in list_endpoints(actor=manager().actor)}
    assert last == {endpoint.pk: [True], other.pk: []}
    switch_endpoint(call=manager(), endpoint_id=endpoint.pk, on=False)
    with pytest.raises(IllegalTransition, match="switch it on first"):
        ping_endpoint(call=manager(), endpoint_id=endpoint.pk)


def test_every_try_of_an_event_has_one_id_and_the_same_body(monkeypatch):
    endpoint, _ = add_endpoint(call=manager(), url=URL)
    ping_endpoint(call=manager(), endpoint_id=endpoint.pk)
    tries = []

    def refuse(**options):
        tries.append((options["id"], options["body"]))
        raise DeliveryFailed("away")

    monkeypatch.setattr(outbox, "post_event", refuse)
    for day in range(3):
        send_due(now=NOW + day * DAY)
    assert (len(tries), len(set(tries))) == (3, 1)
    assert tries[0][0] == OutboxMessage.objects.get().payload["id"]


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR, Role.HOLDER, Role.INTEGRATION])
def test_only_policy_managers_say_where_events_go(role):
    endpoint, _ = add_endpoint(call=manager(), url=URL)
    call = call_as(role, "user:1")
    for act in (
        lambda: add_endpoint(call=call, url="https://mine.example/"),
        lambda: rotate_secret(call=call, endpoint_id=endpoint.pk, overlap=DAY),
        lambda: switch_endpoint(call=call, endpoint_id=endpoint.pk, on=False),
        lambda: ping_endpoint(call=call, endpoint_id=endpoint.pk),
    ):
        with pytest.raises(NotPermitted):
            act()
    if role != Role.AUDITOR:
        with pytest.raises(NotPermitted):
            list_endpoints(actor=call.actor)
    assert WebhookEndpoint.objects.get().is_active


def test_what_cannot_be_is_told():
    with pytest.raises(UnusableInput):
        add_endpoint(call=manager(), url="http://10.0.0.1/")
    with pytest.raises(NotFound):
        ping_endpoint(call=manager(), endpoint_id=7)
    endpoint, _ = add_endpoint(call=manager(), url=URL)
    with pytest.raises(UnusableInput, match="90 days"):
        rotate_secret(call=manager(), endpoint_id=endpoint.pk, overlap=91 * DAY)
