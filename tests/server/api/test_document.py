"""The API keeps to its own OpenAPI document, whatever it is asked: no 5xx, no answer that the document does not tell (issue 7).

Schemathesis makes requests from the document, right ones and wrong ones, with a key of each scope, of all, and of none.
`GOODSTANDING_EXAMPLES=500` makes five hundred of each kind for each operation and key instead of a few.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from goodstanding.core.values import AUTOMATION
from goodstanding.server.api.urls import api
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Case
from tests.server.showcase import Showcase

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("GOODSTANDING_EXAMPLES", "8"))
"""Requests of one kind (right or wrong) for each operation and each key."""

PROBLEM = "application/problem+json"

ROWS = st.lists(
    st.one_of(
        st.builds(
            lambda number, days: {"order_id": f"o{number}", "account_id": f"S-{number}", "placed_at": f"2026-03-{days:02}T10:00:00Z"},
            st.integers(0, 99),
            st.integers(1, 40),
        ),
        st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), max_size=3),
    ),
    max_size=4,
)
"""Rows of facts: fair ones, ones with a day that there is not, and nonsense."""


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)
BODIES: dict[str, st.SearchStrategy[Any]] = {
    "send_facts": ROWS.map(lambda rows: "\n".join(json.dumps(row) for row in rows).encode()),
    "submit_appeal": st.fixed_dictionaries({"route": st.just("plan"), "root_cause": WORDS}),
    "check_appeal": st.fixed_dictionaries({"route": st.just("plan"), "root_cause": WORDS, "corrective": WORDS}),
    "give_information": st.fixed_dictionaries({"answer": WORDS}),
    "upload_evidence": st.fixed_dictionaries({"file": WORDS.map(lambda text: f"Invoice: {text}".encode())}),
}
"""Bodies that could be meant, where the schema alone seldom gives one."""


@schemathesis.serializer("application/x-ndjson")
def lines(ctx: Any, value: Any) -> bytes:
    """A body of lines, as the strategy made it."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture
def document(show: Showcase, tmp_path: Path, settings: Any) -> Iterator[BaseSchema]:
    """The document over the whole WSGI application, whose requests leave the test's own connection open, as those of Django's test client do."""
    settings.FACTS = tmp_path / "facts"
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=SchemathesisConfig())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def keys() -> dict[str, str | None]:
    """A key of each scope, one of all, and none."""
    call = Call(AUTOMATION, datetime.now(UTC))
    sets = {str(scope): [scope] for scope in Scope} | {"all": list(Scope)}
    return {name: make_key(call=call, name=name, scopes=scopes) for name, scopes in sets.items()} | {"none": None}


def operations(document: BaseSchema) -> list[APIOperation[Any, Any, Any, Any]]:
    return [found.ok() for found in document.get_all_operations()]


def scopes_of(operation: APIOperation[Any, Any, Any, Any]) -> str:
    """The scope that opens an operation, from the view itself."""
    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for one in view.operations:
                if one.operation_id == operation.definition.raw["operationId"]:
                    return str(next(auth.scope for auth in one.auth_callbacks))
    raise AssertionError(f"{operation.label} is no operation")


def ask(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, who: str, secret: str | None, known: list[dict[str, str]]) -> Counter[int]:
    """Requests of one kind to one operation, each answer held against the document; gives how often each status came."""
    came: Counter[int] = Counter()
    examples = EXAMPLES if who in ("all", scopes_of(operation)) else max(1, EXAMPLES // 8)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def one(case: Any, data: st.DataObject) -> None:
        # Ids out of the air are all unknown; half of the time there is something to find, and then mostly together.
        if data.draw(st.booleans()):
            ids = data.draw(st.sampled_from(known))
            case.path_parameters |= {name: one for name, one in ids.items() if name in case.path_parameters}
        case.query = {name: value for name, value in (case.query or {}).items() if name != "after" or data.draw(st.booleans())}
        name = operation.definition.raw["operationId"]
        if name in BODIES and data.draw(st.booleans()):
            case.body = data.draw(BODIES[name])
        # What a cursor or a line of facts may say no schema can tell: a refusal of one, or an answer line by line, is no breach.
        told_in_words = operation.method == "post" or "after" in case.query
        response = case.call_and_validate(
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            excluded_checks=[positive_data_acceptance, negative_data_rejection] if told_in_words else [],
        )
        came[response.status_code] += 1
        assert response.headers["cache-control"] == ["no-store"]

    one()
    return came


def test_every_answer_is_one_that_the_document_tells(show: Showcase, document: BaseSchema) -> None:
    known = [
        {"case_id": case, "account_id": account} for case, account in Case.objects.order_by("account_id", "opened_at").values_list("pk", "account_id")
    ]
    found = operations(document)
    came: dict[str, Counter[int]] = {}
    for who, secret in keys().items():
        came[who] = sum(
            (ask(operation, mode, who, secret, known) for operation in found for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)),
            Counter(),
        )
    assert set(came.pop("none")) == {401}
    assert all({200, 201} & set(statuses) for statuses in came.values()), came
    assert set(came["all"]) >= {200, 201, 404, 409, 422}, came
    assert all(403 in statuses for who, statuses in came.items() if who != "all"), came


def test_a_method_that_the_document_does_not_name_is_one_problem(document: BaseSchema) -> None:
    """No key is asked for: that an address takes no such method is no secret."""
    named: dict[str, set[str]] = {}
    for operation in operations(document):
        named.setdefault(operation.full_path, set()).add(operation.method.upper())
    for path, methods in named.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            response = Client().generic(method, path.replace("{", "").replace("}", ""))
            assert (response.status_code, response["Content-Type"], sorted(response["Allow"].split(", "))) == (405, PROBLEM, sorted(methods))
