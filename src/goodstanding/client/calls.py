"""Asking and sending: a method for each operation of the API, by the name it has in the OpenAPI document."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote

from goodstanding.client.answers import Batch, Case, CaseBrief, CasePage, May, Notices, Standing, read
from goodstanding.client.holders import HolderCalls

T = TypeVar("T")

MOST_ROWS, MOST_BYTES = 5000, 1_900_000
"""Of one batch of facts; the server takes 2 MB."""


class Client(HolderCalls):
    """The API at an address, with a key. Close it, or use it as a context.

    Every operation can be tried again without harm, so each is, up to five times, after no answer or one of `connection.PASSING`. All raise ApiError.
    """

    def read_standing(self, account_id: str) -> Standing:
        """How an account stands. Scope `standing:read`."""
        return read(Standing, self._ask("GET", f"/accounts/{quote(account_id, safe='')}/standing"))

    def read_may(self, account_id: str, act: str) -> May:
        """Whether an account may do one act. Scope `standing:read`. Decide beforehand what your program does where this raises."""
        return read(May, self._ask("GET", f"/accounts/{quote(account_id, safe='')}/may/{quote(act, safe='')}"))

    def read_case(self, case_id: str) -> Case:
        """One case. Scope `cases:read`."""
        return read(Case, self._ask("GET", f"/cases/{quote(case_id, safe='')}"))

    def list_notices(self, case_id: str) -> Notices:
        """The letters of a case. Scope `notices:read`."""
        return read(Notices, self._ask("GET", f"/cases/{quote(case_id, safe='')}/notices"))

    def list_cases(
        self,
        *,
        account_id: str | None = None,
        state: str | None = None,
        changed_since: datetime | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> CasePage:
        """One page of cases, by their last change. `changed_since` is aware; `after` is the cursor of the page before. Scope `cases:read`."""
        asked = {"account_id": account_id, "state": state, "changed_since": _moment(changed_since), "after": after, "limit": limit}
        return read(CasePage, self._ask("GET", "/cases", params={name: value for name, value in asked.items() if value is not None}))

    def each_case(self, *, account_id: str | None = None, state: str | None = None, changed_since: datetime | None = None) -> Iterator[CaseBrief]:
        """Every case, page by page; one that changes meanwhile comes again."""
        after, more = None, True
        while more:
            page = self.list_cases(account_id=account_id, state=state, changed_since=changed_since, after=after, limit=500)
            after, more = page.cursor, page.more
            yield from page.cases

    def send_facts(self, kind: str, rows: Iterable[Mapping[str, object]], *, idempotency_key: str = "") -> Batch:
        """One batch of facts, at most 2 MB. Scope `facts:write`. Moments and days are written as ISO 8601. Bad rows are told in `findings`.

        The key is the same on every try; where none is given it is made of the batch itself. Raises ValueError for what no JSON can say.
        """
        return self._send(kind, [_line(row) for row in rows], idempotency_key)

    def send_all_facts(self, kind: str, rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[int, Batch]]:
        """Any number of facts in as many batches as it takes; gives the number of each batch's first row (from 0) and what became of it.

        Nothing is sent before it is asked for: go through all of it. Sent again after a failure, the same rows in the same order count once.
        """
        first, lines, size = 0, list[bytes](), 0
        for row in rows:
            line = _line(row)
            if lines and (len(lines) == MOST_ROWS or size + len(line) > MOST_BYTES):
                yield first, self._send(kind, lines)
                first, lines, size = first + len(lines), [], 0
            lines.append(line)
            size += len(line)
        if lines:
            yield first, self._send(kind, lines)

    def _send(self, kind: str, lines: list[bytes], idempotency_key: str = "") -> Batch:
        body = b"".join(lines)
        key = idempotency_key or hashlib.sha256(kind.encode() + b"\0" + body).hexdigest()
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
        return read(Batch, self._ask("POST", f"/facts/{quote(kind, safe='')}", content=body, headers=headers))


def _line(row: Mapping[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise ValueError(f"{value!r} cannot be sent: a fact holds text, numbers, true and false, days and moments")


def _moment(value: datetime | None) -> str | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} names no offset; give one, like datetime.now(UTC)")
    return value.isoformat() if value else None
