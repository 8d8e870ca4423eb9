"""Coming in as a holder does: by a letter's link and the code that it asks for."""

from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.asking import LINK
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.codes import digits_of
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Case, EntryCode


def link_to(case: Case) -> str:
    """The path of a fresh link to a case."""
    return urlsplit(make_link(call=Call(AUTOMATION, timezone.now()), case=case, pack=current_pack())).path


def let_in(client: Client, case: Case) -> Client:
    """The browser in which the holder of a case came in before; without another code, of which one account gets few an hour."""
    link_to(case)
    session = client.session
    session[LINK] = case.links.latest("pk").pk
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


def come_in(client: Client, path: str) -> Client:
    """The browser after the link was opened, the code sent and typed."""
    client.post(path)
    newest = EntryCode.objects.order_by("-sent_at", "-pk")[0]
    assert client.post(path, {"code": digits_of(newest)}).status_code == 302
    return client
