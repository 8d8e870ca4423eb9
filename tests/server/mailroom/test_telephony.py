"""The telephony port: Twilio's own client against a local server, and what happens without the setting (requirement J3)."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import CallOutcome
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.telephony import from_url, telephone
from goodstanding.server.services.calls import place_call, record_call, take_call
from goodstanding.server.store.models import ContactAttempt
from tests.server.factories import specialist
from tests.server.services.assuring import assured_pack, at, fire, make_window

pytest.importorskip("twilio", reason="needs Twilio's client: the extra `phone`")


class Provider(BaseHTTPRequestHandler):
    """Answers as Twilio's API does when a call is created."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, parse_qs(body), self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        ok = b'{"sid": "CA123", "account_sid": "AC1", "status": "queued"}'
        self.wfile.write(ok if self.server.status == 201 else b'{"code": 21211, "message": "invalid number", "status": 400}')

    def log_message(self, *args):
        pass


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.asked, server.status = [], 201
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.url = f"twilio://AC1:secret@/?from=%2B12065550100&desk=%2B12065550199&api=http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_a_call_connects_holder_and_desk_in_the_holders_language(provider):
    assert from_url(provider.url).connect(number="+8613800000000", language="zh-Hans") == "CA123"
    (path, asked, authorization), *rest = provider.asked
    assert path.endswith("/Accounts/AC1/Calls.json")
    assert (asked["To"], asked["From"]) == (["+8613800000000"], ["+12065550100"])
    assert "cmn-CN" in asked["Twiml"][0]
    assert "<Dial>+12065550199</Dial>" in asked["Twiml"][0]
    assert authorization.startswith("Basic ")
    assert rest == []


def test_a_refusal_of_the_provider_is_said(provider):
    provider.status = 400
    with pytest.raises(DeliveryFailed, match="invalid number"):
        from_url(provider.url).connect(number="+1", language="en")


def test_a_provider_that_is_not_there_is_said():
    with pytest.raises(DeliveryFailed, match="did not take the call"):
        from_url("twilio://AC1:secret@/?from=1&desk=2&api=http://127.0.0.1:9").connect(number="+1", language="en")


@pytest.mark.parametrize("url", ["sip://a:b@/", "twilio://AC1@/?from=1&desk=2", "twilio://AC1:secret@/?from=1"])
def test_a_setting_that_cannot_be_read_says_how_to_write_it(url):
    with pytest.raises(UnusableInput, match="write it like twilio://"):
        from_url(url)


def test_without_the_setting_there_is_the_call_list_alone(settings):
    settings.TELEPHONY = ""
    assert telephone() is None


@pytest.mark.django_db
def test_a_call_is_placed_once_by_who_took_it_and_its_outcome_is_still_said_by_a_person(provider, settings):
    settings.TELEPHONY = provider.url
    pack = assured_pack()
    make_window(pack)
    fire(pack, 0)
    attempt = ContactAttempt.objects.get()
    caller = specialist(now=at(1))
    take_call(call=caller, attempt_id=attempt.pk)
    for _ in range(2):
        assert place_call(call=caller, attempt_id=attempt.pk)
    assert [asked["To"] for _, asked, _ in provider.asked] == [["+1 206 555 0123"]]
    attempt.refresh_from_db()
    assert (attempt.provider_call, attempt.outcome) == ("CA123", "")
    record_call(call=caller, pack=pack, attempt_id=attempt.pk, outcome=CallOutcome.REACHED)


@pytest.mark.django_db
def test_a_call_that_the_provider_refused_can_be_tried_again(provider, settings):
    settings.TELEPHONY, provider.status = provider.url, 400
    pack = assured_pack()
    make_window(pack)
    fire(pack, 0)
    attempt, caller = ContactAttempt.objects.get(), specialist(now=at(1))
    take_call(call=caller, attempt_id=attempt.pk)
    with pytest.raises(UnusableInput, match="dial the number by hand"):
        place_call(call=caller, attempt_id=attempt.pk)
    provider.status = 201
    assert place_call(call=caller, attempt_id=attempt.pk).provider_call == "CA123"
