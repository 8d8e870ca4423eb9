"""What a key may ask in a minute: exact however many processes count, by key and by scope, and free again with the next minute."""

import multiprocessing
import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from goodstanding.core.errors import TooOften
from goodstanding.server.services import quotas
from goodstanding.server.services.quotas import use_quota
from goodstanding.server.store.models import ApiKey, QuotaUse
from tests.patience import SECONDS
from tests.server.factories import NOW
from tests.server.processes import race, tally

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _few(settings):
    settings.API_QUOTAS = {"standing:read": 5, "cases:read": 2, "rows": 1000, "notices:read": 0}


def key(name: str = "checkout") -> ApiKey:
    return ApiKey.objects.create(name=name, scopes=[], created_at=NOW)


def allowed(one: ApiKey, what: str, times: int, *, amount: int = 1, now=NOW) -> int:
    taken = 0
    for _ in range(times):
        try:
            use_quota(key=one, what=what, amount=amount, now=now)
        except TooOften:
            continue
        taken += 1
    return taken


@pytest.mark.django_db
def test_each_key_has_its_own_minute_for_each_scope():
    one, other = key(), key("warehouse")
    assert [allowed(one, "standing:read", 9), allowed(one, "cases:read", 9), allowed(other, "standing:read", 9)] == [5, 2, 5]
    assert allowed(one, "standing:read", 9, now=NOW + MINUTE) == 5
    assert QuotaUse.objects.count() == 3


@pytest.mark.django_db
def test_what_is_not_named_or_is_0_has_no_limit_and_costs_no_query(django_assert_num_queries):
    one = key()
    with django_assert_num_queries(0):
        assert [allowed(one, "notices:read", 20), allowed(one, "facts:write", 20)] == [20, 20]


@pytest.mark.django_db
def test_a_batch_counts_by_its_rows_and_one_that_is_refused_takes_nothing():
    one = key()
    assert allowed(one, "rows", 1, amount=900) == 1
    assert allowed(one, "rows", 1, amount=101) == 0
    assert allowed(one, "rows", 1, amount=100) == 1
    with pytest.raises(TooOften, match="send them in smaller parts"):
        use_quota(key=one, what="rows", amount=1001, now=NOW + MINUTE)


@pytest.mark.django_db
def test_whoever_is_refused_is_told_how_long_to_wait():
    one = key()
    allowed(one, "cases:read", 2)
    with pytest.raises(TooOften) as refused:
        use_quota(key=one, what="cases:read", amount=1, now=NOW + timedelta(seconds=18))
    assert refused.value.wait == 42


@pytest.mark.django_db
def test_a_process_whose_clock_is_behind_opens_no_minute_again():
    one = key()
    assert allowed(one, "standing:read", 5, now=NOW) == 5
    assert allowed(one, "standing:read", 1, now=NOW - MINUTE) == 0


@pytest.mark.usefixtures("transactional_db")
def test_of_processes_at_once_on_postgresql_exactly_as_many_pass_as_may():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL; the next test shows the same for SQLite")
    one = key()
    came = race(*(partial(allowed, one, "standing:read", 2) for _ in range(6)), seed=1)
    assert tally(came) == ["done"] * 6
    assert QuotaUse.objects.get().used == 5


def test_of_processes_at_once_on_sqlite_exactly_as_many_pass_as_may(tmp_path: Path):
    """In a file of its own with the same table, for the database of the tests lies in memory."""
    path = tmp_path / "quotas.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE store_quotause (id INTEGER PRIMARY KEY, key_id, what, minute, used, UNIQUE (key_id, what))")
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert sum(pool.map(_count_in_file, [str(path)] * 4)) == 50


def _count_in_file(path: str) -> int:
    with sqlite3.connect(path, timeout=SECONDS, isolation_level=None) as own:
        hits = [own.execute(quotas._COUNT.replace("%s", "?"), [1, "rows", 7, 1, 50]).fetchone() for _ in range(40)]
    return sum(hit is not None for hit in hits)
