"""Calls out: the port that connects a holder with the desk, and the one provider behind it. Without the setting there is the call list alone."""

from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings

from goodstanding.core.errors import UnusableInput
from goodstanding.server.mailroom.failures import DeliveryFailed

WRITE_IT = "write it like twilio://ACCOUNT_SID:AUTH_TOKEN@/?from=%2B12065550100&desk=%2B12065550199"

GREETINGS = {
    "en": ("en-US", "This is a call about your seller account. Please hold the line, a specialist is with you in a moment."),
    "zh-Hans": ("cmn-CN", "您好，这是关于您卖家账户的来电。请稍候，专员马上与您通话。"),
    "zh-Hant": ("cmn-TW", "您好，這是關於您賣家帳戶的來電。請稍候，專員馬上與您通話。"),
}
"""What the holder hears first: the provider's code of the voice, and the words."""


class Telephone(Protocol):
    """What a telephony provider has to do."""

    def connect(self, *, number: str, language: str) -> str:
        """Call a holder and connect with the desk; gives the provider's id of the call. Raises DeliveryFailed."""
        ...


def telephone() -> Telephone | None:
    """The provider that the setting names; None: calls are dialled by hand. Raises UnusableInput where the setting cannot be read."""
    return from_url(settings.TELEPHONY) if settings.TELEPHONY else None


def from_url(url: str) -> Telephone:
    """The provider of a setting's URL."""
    parts = urlsplit(url)
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if parts.scheme != "twilio" or not parts.username or not parts.password or not {"from", "desk"} <= asked.keys():
        raise UnusableInput(f"GOODSTANDING_TELEPHONY cannot be read; {WRITE_IT}")
    return Twilio(unquote(parts.username), unquote(parts.password), asked["from"], asked["desk"], asked.get("api", ""))


class Twilio:
    """Twilio's own client. `api`: another base address than Twilio's, for a proxy or a test."""

    def __init__(self, account: str, token: str, from_number: str, desk: str, api: str = "") -> None:
        try:
            from twilio.rest import Client
        except ImportError:
            raise UnusableInput("Twilio's client is not installed; install goodstanding with the extra `phone`") from None
        self.client = Client(account, token)
        if api:
            self.client.api.base_url = api
        self.from_number, self.desk = from_number, desk

    def connect(self, *, number: str, language: str) -> str:
        """Call the holder, say who calls, and connect with the desk."""
        from requests import RequestException
        from twilio.base.exceptions import TwilioException

        voice, words = GREETINGS.get(language, GREETINGS["en"])
        script = f'<Response><Say language="{voice}">{escape(words)}</Say><Dial>{escape(self.desk)}</Dial></Response>'
        try:
            return str(self.client.calls.create(to=number, from_=self.from_number, twiml=script).sid)
        except (TwilioException, RequestException) as error:
            raise DeliveryFailed(f"the telephony provider did not take the call: {error}") from error
