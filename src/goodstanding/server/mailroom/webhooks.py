"""Events out to the marketplace's own systems, signed as Standard Webhooks are (www.standardwebhooks.com), so that any library for them checks ours.

`webhook-id` stays the same on every try. `webhook-timestamp` is when this try was made; it is signed, so an old event cannot be played again
later than the receiver allows (five minutes in `goodstanding.client`). While a secret is rotated there are two signatures.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

import httpx

from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.outside import address_of

TIMEOUT = 10.0
"""Seconds to wait for an endpoint, for each of connecting, sending and answering."""

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The names of the headers a receiver checks."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of a secret, not one


def post_event(
    *, url: str, secrets: Sequence[str], id: str, body: bytes, now: datetime, inside: bool = False, transport: httpx.BaseTransport | None = None
) -> None:
    """Post one event. `inside`: whether it may go to a private address.

    Raises DeliveryFailed unless the answer is 2xx; 410 Gone is final. A redirect is not followed, the body of an answer not read, and no
    proxy of the environment asked, which would look the name up again.
    """
    stamp = int(now.timestamp())
    signatures = " ".join(sign(secret=secret, id=id, stamp=stamp, body=body) for secret in secrets)
    headers = {"Content-Type": "application/json", ID: id, TIMESTAMP: str(stamp), SIGNATURE: signatures}
    try:
        target = httpx.URL(url)
        address = address_of(target.host, target.port or (443 if target.scheme == "https" else 80), inside=inside)
        headers["Host"] = target.netloc.decode("ascii")
        request = httpx.Request("POST", target.copy_with(host=address), content=body, headers=headers, extensions={"sni_hostname": target.host})
        request.extensions["timeout"] = httpx.Timeout(TIMEOUT).as_dict()
        with httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            answer = client.send(request, stream=True)
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"{url}: {str(error) or type(error).__name__}") from error
    if not answer.is_success:
        raise DeliveryFailed(f"{url} answered {answer.status_code}", permanent=answer.status_code == httpx.codes.GONE)


def sign(*, secret: str, id: str, stamp: int, body: bytes) -> str:
    """One signature: `v1,` and the base64 of HMAC-SHA-256 over `id.stamp.body`."""
    digest = hmac.new(key_of(secret), f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def key_of(secret: str) -> bytes:
    """The bytes of a secret: base64 behind `whsec_`; any other text stands for itself."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True) if secret.startswith(SECRET_PREFIX) else secret.encode()
    except binascii.Error:
        return secret.encode()
