"""What leaves the house: written in the transaction that decided it, sent afterwards, again and again until it is taken.

Sending is at least once. Each attempt carries the same key (the Message-ID, or the Idempotency-Key), so the other side takes it once.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted
from goodstanding.core.standing import Standing
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.letters import compose_plain
from goodstanding.server.mailroom.sending import send_mail, send_message
from goodstanding.server.mailroom.webhooks import post_event
from goodstanding.server.services.call import Call
from goodstanding.server.services.codes import PAYLOAD, deliver_code
from goodstanding.server.services.copies import COPY, copied_to, deliver_copy
from goodstanding.server.services.events import is_wanted
from goodstanding.server.services.standing import standing_of
from goodstanding.server.services.together import Order, put_aside
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Case, Notice, OutboxMessage, WebhookEndpoint
from goodstanding.server.store.models.outbox import Channel
from goodstanding.server.store.sealing import Purpose, seal, unseal

WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200, 43200))
"""How long to wait after each failed attempt; after the last attempt, one more than there are waits, the message is dead (about two and a half days)."""

LEASE = timedelta(minutes=10)
"""How long one worker may hold a message; a worker that died gives it back by this."""

MAY_RETRY = REVIEWERS | {Role.POLICY_MANAGER}

LETTER = "sealed"
"""Where the payload of a letter to a user about the own sign-in has its text, sealed: its link sets a password."""

PLAIN = "body"
"""Where a letter has it that was queued by a version which sealed nothing."""

HELD = "held after a restore: it may have left before; try it again only where it has not"

MOST_SHOWN = 500
"""Dead letters on one page."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one round: messages sent, failed (they will be tried again) and given up."""

    sent: int = 0
    failed: int = 0
    dead: int = 0

    @property
    def tried(self) -> int:
        """Messages that were tried at all."""
        return self.sent + self.failed + self.dead


@dataclass(frozen=True, slots=True)
class _Event:
    """An event before it is known how the account stands at the end of the transaction."""

    now: datetime
    account_id: str
    head: Mapping[str, object]
    body: Mapping[str, object]


def queue_mail(*, call: Call, notice: Notice) -> None:
    """Queue the mail of a notice, once; none where the account has no address (the notice is on the portal all the same)."""
    if notice.recipient:
        mail = {"key": notice.message_id, "channel": Channel.EMAIL, "notice_id": notice.pk}
        message = compiled.new(OutboxMessage, **mail, created_at=call.now, next_at=call.now)
        put_aside(Order.OUTBOX, _write, message)


def queue_letter(*, call: Call, recipient: str, subject: str, body: str, language: str) -> None:
    """Queue a letter to a user about the own sign-in, which is no notice of a case. Its text leaves the outbox when it is sent or given up."""
    key = call.new_id("U")
    told = {LETTER: seal(body, Purpose.LETTERS), "recipient": recipient, "subject": subject, "language": language}
    OutboxMessage.objects.create(key=key, channel=Channel.EMAIL, payload=told, created_at=call.now, next_at=call.now)


def queue_copies(*, call: Call, notice: Notice) -> None:
    """Queue a letter about a case for the delegates who get copies. It is copied when it is sent, from the letter that is kept."""
    if notice.case is None:
        return
    for one in copied_to(account_id=notice.case.account_id, now=call.now):
        payload = {COPY: notice.pk, "delegation": one.pk, "case_id": notice.case_id}
        message = OutboxMessage(key=f"{COPY}:{notice.pk}:{one.pk}", channel=Channel.EMAIL, payload=payload, created_at=call.now, next_at=call.now)
        put_aside(Order.OUTBOX, _write, message)


def queue_event(*, call: Call, type: str, body: Mapping[str, object], case: Case | None = None, account_id: str = "") -> None:
    """Queue an event for every active endpoint. Status and acts are those that result from all that the transaction writes.

    An event is about a `case`, or about the account `account_id` as such (its `case_id` is empty then). `body` adds to the fields that every event has; it must be JSON.
    """
    account_id = case.account_id if case else account_id
    head = {
        "id": call.new_id("E"),
        "type": type,
        "at": call.now.isoformat(),
        "account_id": account_id,
        "case_id": case.case_id if case else "",
    }
    put_aside(Order.OUTBOX, _write, _Event(call.now, account_id, head, body))


def _write(queued: Sequence[OutboxMessage | _Event]) -> None:
    """Write messages in the order in which they were queued; accounts are looked at only where somebody listens."""
    endpoints: list[WebhookEndpoint] = []
    if any(isinstance(one, _Event) for one in queued):
        endpoints = _endpoints()
    standings: dict[tuple[str, datetime], Standing] = {}
    messages: list[OutboxMessage] = []
    for one in queued:
        if isinstance(one, OutboxMessage):
            messages.append(one)
        elif told := [endpoint for endpoint in endpoints if is_wanted(str(one.head["type"]), endpoint.kinds)]:
            key = (one.account_id, one.now)
            standing = standings[key] = standings.get(key) or standing_of(account_id=one.account_id, now=one.now)
            messages += _to_each(told, one, standing)
    if messages:
        compiled.insert(messages, ignore_conflicts=True)


_endpoints = compiled.Query(lambda: WebhookEndpoint.objects.filter(is_active=True).order_by("pk"))


def _to_each(endpoints: Sequence[WebhookEndpoint], event: _Event, standing: Standing) -> Iterator[OutboxMessage]:
    acts = {act: permission.allowed for act, permission in standing.permissions.items()}
    payload = {**event.head, "status": standing.status, "acts": acts, **event.body}
    for endpoint in endpoints:
        key = f"{payload['id']}:{endpoint.pk}"
        to = {"key": key, "channel": Channel.WEBHOOK, "endpoint_id": endpoint.pk}
        yield compiled.new(OutboxMessage, **to, payload=payload, created_at=event.now, next_at=event.now)


def deliver(message: OutboxMessage, now: datetime) -> None:
    """Send one message by its channel. Raises DeliveryFailed, and SealedOtherwise where it needs a secret that no key opens."""
    if message.notice is not None:
        send_mail(notice=message.notice)
    elif COPY in message.payload:
        deliver_copy(notice_id=message.payload[COPY], delegation_id=message.payload["delegation"], now=now)
    elif PAYLOAD in message.payload:
        deliver_code(code_id=message.payload[PAYLOAD], now=now)
    elif message.endpoint is not None:
        _post(message, message.endpoint, now)
    else:
        told = dict(message.payload)
        # The version before queued letters with their text in clear.
        body = unseal(told.pop(LETTER), Purpose.LETTERS, what="the text of this letter") if LETTER in told else told.pop(PLAIN)
        letter = compose_plain(letter_id=message.key, sender=settings.MAIL_FROM, at=message.created_at, body=body, **told)
        send_message(message=letter, recipient=told["recipient"], name=f"{message.created_at:%Y-%m-%d}-{message.key}")


def _post(message: OutboxMessage, endpoint: WebhookEndpoint, now: datetime) -> None:
    if not endpoint.is_active:
        raise DeliveryFailed("the address was switched off", permanent=True)
    body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
    post_event(
        url=endpoint.url,
        secrets=good_secrets(endpoint, now),
        id=str(message.payload.get("id", message.key)),
        body=body,
        now=now,
        inside=settings.WEBHOOKS_INSIDE,
    )


def good_secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets in clear that an event is signed with now, the newest first. Raises SealedOtherwise."""
    overlaps = endpoint.previous_secret and endpoint.previous_until is not None and endpoint.previous_until > now
    sealed = [endpoint.secret, endpoint.previous_secret] if overlaps else [endpoint.secret]
    return [unseal(one, Purpose.WEBHOOKS, what=name_of(endpoint)) for one in sealed]


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The newest secret of an endpoint in clear. Raises SealedOtherwise."""
    return unseal(endpoint.secret, Purpose.WEBHOOKS, what=name_of(endpoint))


def name_of(endpoint: WebhookEndpoint) -> str:
    """What an error calls the secret of an endpoint."""
    return f"the signing secret of {endpoint.url}"


def queue_ping(*, call: Call, endpoint: WebhookEndpoint) -> OutboxMessage:
    """Queue an event of the type `ping` for one endpoint. It is about nobody."""
    event = {"id": call.new_id("E"), "type": "ping", "at": call.now.isoformat(), "account_id": "", "case_id": ""}
    return OutboxMessage.objects.create(
        key=f"{event['id']}:{endpoint.pk}", channel=Channel.WEBHOOK, endpoint=endpoint, payload=event, created_at=call.now, next_at=call.now
    )


def send_due(*, now: datetime, limit: int = 100, deliver: Callable[[OutboxMessage, datetime], None] = deliver) -> Sent:
    """Send what is due, oldest first, at most `limit`. No transaction is open while something is being sent."""
    counts = {"sent": 0, "failed": 0, "dead": 0}
    for _ in range(limit):
        message = _lease(now)
        if message is None:
            break
        counts[_attempt(message, now, deliver)] += 1
    return Sent(**counts)


def dead_letters(*, actor: Actor) -> list[OutboxMessage]:
    """The messages that were given up, the newest first. Raises NotPermitted for who may not try them again or audit them."""
    if actor.role not in MAY_RETRY | {Role.AUDITOR}:
        raise NotPermitted("reading what could not be sent", sorted(MAY_RETRY | {Role.AUDITOR}))
    dead = (
        OutboxMessage.objects.exclude(dead_at=None)
        .exclude(notice=None, endpoint=None, payload={})
        .select_related("notice__case", "notice__account", "endpoint")
    )
    return list(dead.defer("notice__message", "notice__body").order_by("-dead_at", "-pk")[:MOST_SHOWN])


def retry_message(*, call: Call, message_id: int) -> OutboxMessage:
    """Try a dead message again from the start of its back-off. Raises NotPermitted, NotFound, or IllegalTransition where it is not dead."""
    if call.actor.role not in MAY_RETRY:
        raise NotPermitted("trying a message again", sorted(MAY_RETRY))
    with transaction.atomic():
        message = OutboxMessage.objects.select_for_update(of=("self",)).filter(pk=message_id).first()
        if message is None:
            raise NotFound(f"there is no message {message_id}")
        if message.dead_at is None:
            raise IllegalTransition("sent" if message.sent_at else "waiting", "retry", [])
        message.dead_at, message.attempts, message.next_at = None, 0, call.now
        message.save(update_fields=["dead_at", "attempts", "next_at"])
    return message


def hold_messages(*, call: Call) -> int:
    """Hold whatever waits to be sent until a person looks at it; gives how many there were. For a restored database, whose messages may have left already."""
    waiting = OutboxMessage.objects.filter(sent_at=None, dead_at=None)
    return waiting.update(dead_at=call.now, leased_until=None, last_error=HELD)


def _lease(now: datetime) -> OutboxMessage | None:
    """Claim the next due message and commit, so that a worker that dies while sending leaves a lease and no lock."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    with transaction.atomic():
        due = OutboxMessage.objects.filter(free, sent_at=None, dead_at=None, next_at__lte=now).order_by("next_at", "pk")
        message = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)).first()
        if message is None:
            return None
        OutboxMessage.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1, leased_until=now + LEASE)
    return OutboxMessage.objects.select_related("notice", "endpoint").get(pk=message.pk)


def _attempt(message: OutboxMessage, now: datetime, deliver: Callable[[OutboxMessage, datetime], None]) -> str:
    mine = OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at=None)
    try:
        deliver(message, now)
    # Whatever goes wrong with one message, the others must still leave; the row keeps the error for the operator.
    except Exception as error:
        log.warning("message %s, attempt %d: %s", message.key, message.attempts, error)
        if getattr(error, "permanent", False) or message.attempts > len(WAITS):
            mine.update(dead_at=now, leased_until=None, last_error=str(error)[:2000], **_forgotten(message))
            return "dead"
        mine.update(next_at=now + WAITS[message.attempts - 1], leased_until=None, last_error=str(error)[:2000])
        return "failed"
    mine.update(sent_at=now, leased_until=None, last_error="", **_forgotten(message))
    return "sent"


def _forgotten(message: OutboxMessage) -> dict[str, object]:
    """The link in a letter about a sign-in is a key; it does not stay here."""
    return {"payload": {}} if message.endpoint is None and message.payload.keys() & {LETTER, PLAIN} else {}
