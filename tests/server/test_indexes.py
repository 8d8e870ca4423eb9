"""PostgreSQL keeps no index that nothing asks."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_no_step_of_a_case_writes_an_index_for_like():
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL is given such indexes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename IN ('store_case', 'store_notice', 'store_deadline') ORDER BY indexname")
        names = [name for (name,) in cursor.fetchall()]
    assert "store_case_pkey" in names
    assert [name for name in names if name.endswith("_like")] == []
