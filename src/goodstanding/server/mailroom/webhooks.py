"""Events out to the marketplace's own systems: signed, with a time-out, and with a key that stays the same on every try."""

import hashlib
import hmac
from datetime import datetime

import httpx

from goodstanding.server.mailroom.failures import DeliveryFailed

TIMEOUT = 10.0
"""Seconds to wait for an endpoint, for each of connecting, sending and answering."""

SIGNATURE, IDEMPOTENCY_KEY = "Goodstanding-Signature", "Idempotency-Key"
"""The names of the headers a receiver checks."""


def post_event(*, url: str, secret: str, key: str, body: bytes, now: datetime, transport: httpx.BaseTransport | None = None) -> None:
    """Post one event. Raises DeliveryFailed unless the answer is 2xx; 410 Gone is final. A redirect is not followed."""
    headers = {"Content-Type": "application/json", SIGNATURE: sign(secret=secret, body=body, now=now), IDEMPOTENCY_KEY: key}
    try:
        with httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False) as client:
            answer = client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"{url}: {str(error) or type(error).__name__}") from error
    if not answer.is_success:
        raise DeliveryFailed(f"{url} answered {answer.status_code}", permanent=answer.status_code == httpx.codes.GONE)


def sign(*, secret: str, body: bytes, now: datetime) -> str:
    """The signature header: `t=<unix time>,v1=<hex HMAC-SHA-256 of "t.body">`. The time is signed too, so an old event cannot be played again."""
    stamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
