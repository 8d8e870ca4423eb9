"""The API for Python programs: `Client` asks and sends, `verify` proves an event, `ApiError` is the one error of both.

It imports nothing else of goodstanding and needs httpx alone (extra `client`), so it can live inside a marketplace's own services.
"""

from goodstanding.client.answers import Batch, Case, CaseBrief, Event, Finding, Limit, May, Notice, Standing
from goodstanding.client.calls import Client
from goodstanding.client.errors import ApiError, NotGenuine
from goodstanding.client.holder_answers import Checks, Done, File, Form, HoldersCase, HoldersCases, Message, Possible, SentAppeal
from goodstanding.client.webhooks import verify

__all__ = [
    "ApiError",
    "Batch",
    "Case",
    "CaseBrief",
    "Checks",
    "Client",
    "Done",
    "Event",
    "File",
    "Finding",
    "Form",
    "HoldersCase",
    "HoldersCases",
    "Limit",
    "May",
    "Message",
    "NotGenuine",
    "Notice",
    "Possible",
    "SentAppeal",
    "Standing",
    "verify",
]
