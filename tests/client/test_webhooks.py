"""Events are proved by the client as the server signs them, and by nothing else."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.client import NotGenuine, verify
from goodstanding.server.mailroom.webhooks import sign
from tests.server.factories import NOW

SECRET, OLD = "whsec_bmV3IGFuZCBzZWNyZXQ=", "an older one in plain text"
BODY = json.dumps({"id": "E-1", "type": "case.opened", "at": NOW.isoformat(), "account_id": "S-1", "case_id": "C-1", "status": "restricted"}).encode()
STAMP = int(NOW.timestamp())


def headers(*secrets: str, body: bytes = BODY, stamp: int = STAMP, id: str = "E-1") -> dict[str, str]:
    signatures = " ".join(sign(secret=one, id=id, stamp=stamp, body=body) for one in secrets)
    return {"Webhook-Id": id, "WEBHOOK-TIMESTAMP": str(stamp), "webhook-signature": signatures}


def test_an_event_is_proved_by_any_good_secret_while_one_is_rotated() -> None:
    for given_secrets in ([SECRET], [OLD], [OLD, SECRET]):
        event = verify(secrets=given_secrets, headers=headers(SECRET, OLD), body=BODY, now=NOW)
        assert (event.id, event.type, event.at, event.account_id, event.case_id) == ("E-1", "case.opened", NOW, "S-1", "C-1")
        assert event.data["status"] == "restricted"


@pytest.mark.parametrize(
    ("changed", "body", "seconds", "says"),
    [
        ({}, BODY.replace(b"S-1", b"S-2"), 0, "no signature"),
        ({"Webhook-Id": "E-2"}, BODY, 0, "no signature"),
        ({"WEBHOOK-TIMESTAMP": str(STAMP + 1)}, BODY, 0, "no signature"),
        ({"webhook-signature": "v1,"}, BODY, 0, "no signature"),
        ({"webhook-signature": "v1a,\u00fc"}, BODY, 0, "no signature"),
        ({"WEBHOOK-TIMESTAMP": "soon"}, BODY, 0, "no time"),
        ({"WEBHOOK-TIMESTAMP": "9" * 30}, BODY, 0, "no time"),
        ({}, BODY, 301, "too far from now"),
        ({}, BODY, -301, "too far from now"),
    ],
)
def test_what_was_changed_or_played_again_is_not_genuine(changed: dict[str, str], body: bytes, seconds: int, says: str) -> None:
    with pytest.raises(NotGenuine, match=says):
        verify(secrets=[SECRET], headers=headers(SECRET) | changed, body=body, now=NOW + timedelta(seconds=seconds))


def test_a_missing_header_a_strange_secret_or_no_secret_proves_nothing() -> None:
    for missing in headers(SECRET):
        with pytest.raises(NotGenuine, match="is missing"):
            verify(secrets=[SECRET], headers={name: value for name, value in headers(SECRET).items() if name != missing}, body=BODY, now=NOW)
    for secrets in ([], ["whsec_b3RoZXI="], ["whsec_!"]):
        with pytest.raises(NotGenuine):
            verify(secrets=secrets, headers=headers(SECRET), body=BODY, now=NOW)


@given(body=st.one_of(st.binary(max_size=60), st.sampled_from([b"[]", b"null", b"{}", b'{"id": 1, "type": 2, "at": 3}'])))
def test_a_signed_body_that_is_no_event_is_told_as_such(body: bytes) -> None:
    with pytest.raises(NotGenuine, match="no event"):
        verify(secrets=[SECRET], headers=headers(SECRET, body=body), body=body, now=NOW)
