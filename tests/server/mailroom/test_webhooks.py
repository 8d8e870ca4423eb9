"""Events out by HTTP: signed as Standard Webhooks are, to public addresses only, and to the one that was checked."""

import base64
import hashlib
import hmac
import socket

import httpx
import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.server.mailroom import outside
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.outside import address_of, check_url
from goodstanding.server.mailroom.webhooks import key_of, post_event
from tests.server.factories import NOW

URL = "https://market.example/hooks?for=us"
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a good secret").decode()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """What each name leads to; nothing is asked of a real name server."""
    known = {"market.example": ["93.184.216.34"]}

    def look_up(host, port, **_):
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(outside.socket, "getaddrinfo", look_up)
    return known


def answering(status, seen=None):
    def answer(request):
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, headers={"Location": "https://elsewhere.example/"})

    return httpx.MockTransport(answer)


def send(**options):
    values = {"url": URL, "secrets": [SECRET], "id": "E-1", "body": b'{"id":"E-1"}', "now": NOW, "transport": answering(204)}
    post_event(**values | options)


def test_a_receiver_can_check_who_sent_what_and_when():
    seen = []
    send(transport=answering(204, seen))
    (request,) = seen
    stamp = int(NOW.timestamp())
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("E-1", str(stamp))
    digest = hmac.new(b"thirty-two bytes of a good secret", f"E-1.{stamp}.".encode() + request.content, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_while_a_secret_is_rotated_there_is_a_signature_by_each():
    seen = []
    send(secrets=["whsec_bmV3", "old and plain"], transport=answering(204, seen))
    assert len(seen[0].headers["webhook-signature"].split(" ")) == 2
    assert (key_of("whsec_bmV3"), key_of("old and plain"), key_of("whsec_!")) == (b"new", b"old and plain", b"whsec_!")


@pytest.mark.parametrize(("status", "permanent"), [(500, False), (404, False), (302, False), (410, True)])
def test_an_event_counts_as_taken_only_by_a_2xx_and_no_redirect_is_followed(status, permanent):
    seen = []
    with pytest.raises(DeliveryFailed, match=str(status)) as caught:
        send(transport=answering(status, seen))
    assert caught.value.permanent is permanent
    assert len(seen) == 1


def test_a_receiver_that_is_away_is_a_failed_delivery():
    def away(_):
        raise httpx.ConnectTimeout("")

    with pytest.raises(DeliveryFailed, match="ConnectTimeout"):
        send(transport=httpx.MockTransport(away))
    with pytest.raises(DeliveryFailed, match="not known"):
        send(url="https://nowhere.example/")


def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(names):
    """A name that leads elsewhere a moment later gains nothing: it is looked up once."""
    seen, asked = [], []
    plain = outside.socket.getaddrinfo
    outside.socket.getaddrinfo = lambda *args, **kwargs: asked.append(args) or plain(*args, **kwargs)
    send(transport=answering(204, seen))
    assert len(asked) == 1
    (request,) = seen
    assert (request.url.host, request.headers["Host"]) == ("93.184.216.34", "market.example")
    assert request.extensions["sni_hostname"] == "market.example"
    assert request.url.raw_path == b"/hooks?for=us"


INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "2001:0:a00:1::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_event_never_goes_to_an_address_inside_a_network(names, address):
    names["market.example"] = [address]
    with pytest.raises(DeliveryFailed, match="inside"):
        send()
    names["market.example"] = ["93.184.216.34", address]
    with pytest.raises(DeliveryFailed, match="inside"):
        send()
    literal = f"https://[{address}]/" if ":" in address else f"https://{address}/"
    with pytest.raises(UnusableInput, match="inside"):
        check_url(literal, inside=False)
    assert check_url(literal, inside=True) == literal
    names["market.example"] = [address]
    assert address_of("market.example", 443, inside=True) == address


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_a_public_address_is_sent_to(names, address):
    names["market.example"], seen = [address], []
    send(transport=answering(204, seen))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://market.example/",
        "ftp://market.example/",
        "market.example/hooks",
        "https://user:pw@market.example/",
        "https://market.example/#x",
        "https:///hooks",
        "https://market.example:99999/",
        "https://market.example/a b",
        "https://[::1",
        f"https://market.example/{'x' * 500}",
        "",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_when_it_is_added(url):
    with pytest.raises(UnusableInput):
        check_url(url, inside=False)
