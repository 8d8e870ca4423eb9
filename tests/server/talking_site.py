"""A case with its people for tests of real processes: `python -m tests.server.talking_site` fills the database of the environment and tells the sessions."""

import json
import sys

import django


def build() -> dict[str, str]:
    """The showcase; gives a case in review, and a session each of its holder and of two reviewers."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import Client
    from django.utils import timezone

    from goodstanding.core.values import AUTOMATION
    from goodstanding.server.pages.asking import LINK
    from goodstanding.server.policy import current_pack
    from goodstanding.server.services.call import Call
    from goodstanding.server.services.links import make_link
    from goodstanding.server.store.models import AccessLink
    from tests.server.showcase import build_showcase

    now, pack = timezone.now(), current_pack()
    show = build_showcase(pack, now)
    case = show.cases["in_review"]
    make_link(call=Call(AUTOMATION, now), case=case, pack=pack)
    session = SessionStore()
    session[LINK] = AccessLink.objects.filter(case=case).latest("pk").pk
    session.create()
    told = {"case": case.pk, "holder": str(session.session_key)}
    for name, user in (("maya", show.specialist), ("ines", show.colleague)):
        client = Client()
        client.force_login(user)
        told[name] = client.cookies["sessionid"].value
    return told


if __name__ == "__main__":
    django.setup()
    json.dump(build(), sys.stdout)
