"""No page can be forgotten: what takes pictures of the pages and asks them for faults knows every address of the site."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.urls import get_resolver, resolve

from goodstanding.packs.loader import load_pack
from tests.server.addresses import PAGELESS, page_routes, routes
from tests.server.showcase import build_showcase
from tests.server.visits import visits
from tools.screenshots import SHOTS

NOWHERE = "/nowhere/"


@pytest.mark.django_db
def test_every_page_of_the_site_is_visited_and_no_name_is_given_twice() -> None:
    """A new page needs a Visit in tests/server/visits.py, or a line in PAGELESS of tests/server/addresses.py where it is none."""
    known = list(visits(build_showcase(load_pack("amazon"), datetime.now(UTC))))
    seen = {resolve(urlsplit(visit.path).path).route for visit in known if visit.path != NOWHERE}
    assert sorted(set(page_routes()) - seen) == []
    names = {visit.name for visit in known}
    assert len(names) == len(known)
    assert {name for name, *_ in SHOTS} <= names


def test_no_line_of_the_pageless_outlives_its_address() -> None:
    assert sorted(set(PAGELESS) - set(routes(get_resolver()))) == []
