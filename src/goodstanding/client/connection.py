"""One connection to the API: a request, tried again where that may help, and what its answer says. `calls` and `holders` ask by it."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from goodstanding.client.errors import ApiError

TIMEOUT = 30.0
"""Seconds to wait for each of connecting, sending and answering."""

WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before each further try, where the answer names no other time."""

LONGEST_WAIT = 90
"""Seconds: whoever is told to wait longer is told so instead."""

PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that another try may get over."""


class Connection:
    """The API at an address, with a key. Close it, or use it as a context.

    Every operation can be tried again without harm, so each is, up to five times, after no answer or one of `PASSING`. All raise ApiError.
    """

    def __init__(self, url: str, key: str, *, transport: httpx.BaseTransport | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, application/problem+json"}
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=TIMEOUT, transport=transport)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _ask(self, method: str, path: str, **more: Any) -> Mapping[str, Any]:
        """One operation, tried again where that may help. Raises ApiError."""
        waits = iter(WAITS)
        while True:
            try:
                return _read_answer(self._http.request(method, path, **more))
            except ApiError as error:
                wait = next(waits, None)
                if wait is None or error.status not in PASSING | {0} or (error.retry_after or 0) > LONGEST_WAIT:
                    raise
                self._sleep(error.retry_after or wait)
            except httpx.HTTPError as error:
                wait = next(waits, None)
                if wait is None:
                    raise ApiError(f"{self._http.base_url} did not answer: {str(error) or type(error).__name__}") from error
                self._sleep(wait)


def _read_answer(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON of an answer. Raises ApiError for a refusal, and for what is not the API's at all."""
    after = answer.headers.get("Retry-After", "")
    retry_after = int(after) if after.isascii() and after.isdigit() else None
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ApiError(
            f"{answer.url.copy_with(query=None)} answered {answer.status_code} without JSON", status=answer.status_code, retry_after=retry_after
        )
    if answer.is_success:
        return said
    members = {name: value for name, value in said.items() if name not in ("type", "title", "status", "detail")}
    kind = str(said.get("type", "")).rpartition(":")[2]
    detail = str(said.get("detail") or f"{answer.status_code}")
    raise ApiError(detail, status=answer.status_code, kind=kind, retry_after=retry_after, members=members)
