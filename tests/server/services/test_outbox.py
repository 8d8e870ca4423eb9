"""The outbox: what was decided leaves the house, once for the receiver, however often it is tried."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted
from goodstanding.core.terms import ActionKind, Role
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.services.notices import queue_mail
from goodstanding.server.services.outbox import LEASE, WAITS, queue_event, retry_message, send_due
from goodstanding.server.store.models import Notice, OutboxMessage
from tests.server.factories import NOW, call_as, make_action_in_force, make_endpoint, senior, specialist

pytestmark = pytest.mark.django_db


class Receiver:
    """Takes messages after failing `failures` times."""

    def __init__(self, failures=0, permanent=False):
        self.failures, self.permanent, self.took = failures, permanent, []

    def __call__(self, message, now):
        self.took.append(message)
        if len(self.took) <= self.failures:
            raise DeliveryFailed("not now", permanent=self.permanent)


@pytest.fixture
def case():
    return make_action_in_force(ActionKind.RESTRICT)


def test_the_mail_of_a_notice_is_sent_once(case, settings):
    assert send_due(now=NOW).sent == 1
    assert send_due(now=NOW + timedelta(days=1)).tried == 0
    assert len(list(settings.EMAIL_FILE_PATH.iterdir())) == 1


def test_a_mail_tried_again_has_the_same_message_id(case):
    """Requirement C5: the notice is kept, and sent, byte for byte."""
    receiver, now = Receiver(failures=2), NOW
    for wait in (timedelta(), *WAITS[:2]):
        now += wait
        send_due(now=now, deliver=receiver)
    bytes_sent = {bytes(message.notice.message) for message in receiver.took}
    assert len(receiver.took) == 3
    assert {message_from_bytes(raw)["Message-ID"] for raw in bytes_sent} == {Notice.objects.get().message_id}
    assert OutboxMessage.objects.get().sent_at == now


def test_a_failed_message_waits_longer_each_time_and_dies_after_the_last(case):
    receiver, now, attempts = Receiver(failures=99), NOW, 0
    while (message := OutboxMessage.objects.get()).dead_at is None:
        assert send_due(now=now - timedelta(seconds=1), deliver=receiver).tried == 0 or attempts == 0
        counts = send_due(now=now, deliver=receiver)
        attempts += counts.tried
        now = OutboxMessage.objects.get().next_at if counts.failed else now
    assert (attempts, message.last_error) == (len(WAITS) + 1, "not now")
    assert attempts == 12
    assert list(WAITS) == sorted(WAITS)
    assert send_due(now=now + timedelta(days=30), deliver=receiver).tried == 0


def test_what_cannot_succeed_is_given_up_at_once(case):
    assert send_due(now=NOW, deliver=Receiver(failures=1, permanent=True)).dead == 1


def test_a_dead_message_can_be_tried_again_by_hand(case):
    send_due(now=NOW, deliver=Receiver(failures=1, permanent=True))
    message = OutboxMessage.objects.get()
    retry_message(call=specialist(), message_id=message.pk)
    assert send_due(now=NOW, deliver=Receiver()).sent == 1
    with pytest.raises(IllegalTransition, match="'sent'"):
        retry_message(call=senior(), message_id=message.pk)


def test_trying_again_is_for_staff_and_for_messages_there_are(case):
    with pytest.raises(NotPermitted):
        retry_message(call=call_as(Role.AUDITOR, "user:5"), message_id=OutboxMessage.objects.get().pk)
    with pytest.raises(NotFound):
        retry_message(call=specialist(), message_id=0)


def test_a_message_that_a_dead_worker_held_comes_back_when_its_lease_ends(case):
    class Killed(BaseException):
        """A worker that is gone."""

    def die(message, now):
        raise Killed

    with pytest.raises(Killed):
        send_due(now=NOW, deliver=die)
    assert send_due(now=NOW + LEASE - timedelta(seconds=1), deliver=Receiver()).tried == 0
    assert send_due(now=NOW + LEASE, deliver=Receiver()).sent == 1


def test_one_bad_message_does_not_hold_up_the_others(case):
    make_endpoint()
    queue_event(call=specialist(), type="case.noted", case=case, body={})
    counts = send_due(now=NOW, deliver=Receiver(failures=1))
    assert (counts.sent, counts.failed) == (1, 1)


def test_an_event_goes_to_every_active_endpoint_with_one_id_and_its_own_key(case):
    first, second, third = make_endpoint(), make_endpoint("https://two.example/"), make_endpoint("https://three.example/")
    third.is_active = False
    third.save()
    queue_event(call=specialist(), type="case.noted", case=case, body={"more": 1})
    events = OutboxMessage.objects.filter(channel="webhook").order_by("pk")
    assert [event.endpoint for event in events] == [first, second]
    assert len({event.payload["id"] for event in events}) == 1
    assert len({event.key for event in events}) == 2
    body = events[0].payload
    assert (body["type"], body["account_id"], body["case_id"], body["at"], body["more"]) == (
        "case.noted",
        case.account_id,
        case.case_id,
        NOW.isoformat(),
        1,
    )
    assert (body["status"], body["acts"]["sell"], body["acts"]["see_orders"]) == ("restricted", False, True)


def test_queueing_a_mail_twice_queues_it_once(case):
    queue_mail(call=specialist(), notice=Notice.objects.get())
    assert OutboxMessage.objects.count() == 1
