"""Where events go: endpoints added, switched off and on, their secrets rotated with an overlap, and a ping to try one.

Each endpoint has a chain of its own in the ledger, `webhook:<number>`.
"""

import base64
import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.mailroom.outside import check_url
from goodstanding.server.mailroom.webhooks import SECRET_PREFIX
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.events import check_kinds
from goodstanding.server.services.keys import LONGEST_OVERLAP, MAY_READ, check_may_manage
from goodstanding.server.services.outbox import queue_ping, secret_of
from goodstanding.server.store.models import OutboxMessage, WebhookEndpoint
from goodstanding.server.store.sealing import Purpose, seal

MOST_ENDPOINTS = 20
"""Every event is one message for each of them."""

MOST_SHOWN = 5
"""Last messages shown of an endpoint."""


def add_endpoint(*, call: Call, url: str, kinds: Collection[str] = ()) -> tuple[WebhookEndpoint, str]:
    """Add an address, or find the one that is there as it is; gives its secret in clear. `kinds`: of which events it is told; none: of all.

    Raises NotPermitted, UnusableInput for an address that nothing may be sent to, IllegalTransition where there are too many,
    SealedOtherwise for one that is there and whose secret no key opens.
    """
    check_may_manage(call=call)
    url, wanted = check_url(url, inside=settings.WEBHOOKS_INSIDE), check_kinds(kinds)
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(is_active=True).exclude(url=url).count() >= MOST_ENDPOINTS:
            raise IllegalTransition("full", "add_endpoint", ["switch_off"], f"events go to {MOST_ENDPOINTS} addresses already; switch one off first")
        secret = _new_secret(call)
        sealed = seal(secret, Purpose.WEBHOOKS)
        endpoint, made = WebhookEndpoint.objects.get_or_create(url=url, defaults={"secret": sealed, "created_at": call.now, "kinds": wanted})
        if not made:
            return endpoint, secret_of(endpoint)
        _tell(call, endpoint, "WebhookAdded", {"url": url, "kinds": wanted})
    return endpoint, secret


def choose_kinds(*, call: Call, endpoint_id: int, kinds: Collection[str]) -> WebhookEndpoint:
    """Of which kinds of events an address is told from now on; none: of all. What waits for it still leaves. Raises NotPermitted, NotFound, UnusableInput."""
    wanted = check_kinds(kinds)
    with transaction.atomic():
        endpoint = _lock(call, endpoint_id)
        if endpoint.kinds != wanted:
            endpoint.kinds = wanted
            endpoint.save(update_fields=["kinds"])
            _tell(call, endpoint, "WebhookKindsChosen", {"kinds": wanted})
    return endpoint


def rotate_secret(*, call: Call, endpoint_id: int, overlap: timedelta) -> str:
    """A new secret of an endpoint; events are signed with the old one as well for `overlap` more. Raises as `add_endpoint`, NotFound.

    While two are good there is no third: whoever checks by the older would be cut off.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise UnusableInput(f"the old secret can stay good for 0 to {LONGEST_OVERLAP.days} days")
    with transaction.atomic():
        endpoint = _lock(call, endpoint_id)
        if is_rotating(endpoint, call.now):
            says = f"two secrets are good until {endpoint.previous_until:%Y-%m-%d %H:%M} UTC; rotate again after that"
            raise IllegalTransition("rotating", "rotate", [], says)
        endpoint.previous_secret, endpoint.previous_until = endpoint.secret, call.now + overlap
        secret = _new_secret(call)
        endpoint.secret = seal(secret, Purpose.WEBHOOKS)
        endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
        _tell(call, endpoint, "WebhookSecretRotated", {"old_until": endpoint.previous_until.isoformat()})
    return secret


def switch_endpoint(*, call: Call, endpoint_id: int, on: bool) -> WebhookEndpoint:
    """Switch an endpoint on or off; as it is, nothing changes. What waits for one that is off is given up, to be tried again by hand.

    Raises NotPermitted, NotFound.
    """
    with transaction.atomic():
        endpoint = _lock(call, endpoint_id)
        if endpoint.is_active != on:
            endpoint.is_active = on
            endpoint.save(update_fields=["is_active"])
            if not on:
                endpoint.outbox.filter(sent_at=None, dead_at=None).update(dead_at=call.now, last_error="the address was switched off")
            _tell(call, endpoint, "WebhookSwitchedOn" if on else "WebhookSwitchedOff", {"url": endpoint.url})
    return endpoint


def ping_endpoint(*, call: Call, endpoint_id: int) -> OutboxMessage:
    """Queue an event of the type `ping` for one endpoint, to see whether it is taken. Raises NotPermitted, NotFound, IllegalTransition."""
    with transaction.atomic():
        endpoint = _lock(call, endpoint_id)
        if not endpoint.is_active:
            raise IllegalTransition("off", "ping", ["switch_on"], "this address is switched off; switch it on first")
        return queue_ping(call=call, endpoint=endpoint)


def list_endpoints(*, actor: Actor) -> list[WebhookEndpoint]:
    """Every endpoint, those that are on first, each with its last messages as `last`. Raises NotPermitted."""
    if actor.role not in MAY_READ:
        raise NotPermitted("reading where events are sent to", sorted(MAY_READ - {Role.AUTOMATION}))
    endpoints = list(WebhookEndpoint.objects.order_by("-is_active", "pk"))
    for endpoint in endpoints:
        endpoint.last = list(endpoint.outbox.order_by("-pk")[:MOST_SHOWN])  # type: ignore[attr-defined]
    return endpoints


def is_rotating(endpoint: WebhookEndpoint, now: datetime) -> bool:
    """Whether two secrets are good now."""
    return bool(endpoint.previous_secret) and endpoint.previous_until is not None and endpoint.previous_until > now


def _lock(call: Call, endpoint_id: int) -> WebhookEndpoint:
    check_may_manage(call=call)
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(f"there is no address {endpoint_id}")
    return endpoint


def _new_secret(call: Call) -> str:
    return SECRET_PREFIX + base64.b64encode(hashlib.sha256(call.new_secret().encode()).digest()).decode()


def _tell(call: Call, endpoint: WebhookEndpoint, kind: str, body: dict[str, object]) -> None:
    ledger.append(call=call, case_id=f"webhook:{endpoint.pk}", kind=kind, body=body)
