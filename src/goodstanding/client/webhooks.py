"""Proving that an event is genuine: signed as Standard Webhooks are, by a secret that both sides know, and not an old one played again."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from goodstanding.client.answers import Event
from goodstanding.client.errors import NotGenuine

TOLERANCE = timedelta(minutes=5)
"""How far the time of a try may lie from now: the window in which an event could be played again, and your clock may be wrong."""

PREFIX = "whsec_"


def verify(*, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime, tolerance: timedelta = TOLERANCE) -> Event:
    """The event of a request, if one of the secrets signed it within the tolerance. `now` is aware; header names count in any case.

    While a secret is rotated give both, the old and the new. `body` must be the bytes as they came. Raises NotGenuine.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        id, stamp, signatures = given["webhook-id"], int(given["webhook-timestamp"]), given["webhook-signature"].split(" ")
        made = datetime.fromtimestamp(stamp, UTC)
    except KeyError as missing:
        raise NotGenuine(f"the header {missing.args[0]} is missing") from None
    except (ValueError, OverflowError, OSError):
        raise NotGenuine("webhook-timestamp is no time") from None
    if abs(now - made) > tolerance:
        raise NotGenuine(f"it was signed at {made:%Y-%m-%d %H:%M:%S} UTC, too far from now")
    expected = [_signature(secret, f"{id}.{stamp}.".encode() + body) for secret in secrets]
    # Every pair is compared, and in constant time, so that nothing is learnt from how long it takes.
    if not sum(hmac.compare_digest(one.encode(), other.encode("utf-8", "replace")) for one in expected for other in signatures):
        raise NotGenuine("no signature is by a secret of ours")
    return _event(body)


def _signature(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else secret.encode()
    except binascii.Error:
        key = secret.encode()
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def _event(body: bytes) -> Event:
    try:
        data = json.loads(body)
        return Event(data["id"], data["type"], datetime.fromisoformat(data["at"]), data["account_id"], data["case_id"], data)
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine("the body is no event") from error
