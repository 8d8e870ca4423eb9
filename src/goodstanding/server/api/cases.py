"""Cases for programs: a list to keep a copy in step by, one case with what was decided, and its letters."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import BeforeValidator

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import UnusableInput
from goodstanding.server.api.answers import answer_brief, answer_case, answer_notice
from goodstanding.server.api.keys import KeyWith, key_in
from goodstanding.server.api.schemas import CaseOut, CasesOut, NoticesOut, refusals
from goodstanding.server.services.cases import MOST_LISTED, Place, find_case, in_utc, list_cases, list_notices
from goodstanding.server.services.keys import Scope

router = Router(tags=["cases"])

LONGEST_ID = 100


RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def check_moment(text: object) -> object:
    """Let through what is written as a moment with its offset. Raises ValueError for the rest, of which a number would be read as seconds since 1970."""
    if not RFC3339.fullmatch(str(text)):
        raise ValueError("write it like 2026-11-20T09:30:00Z, with the offset")
    return text


class Wanted(Schema):
    """Which cases."""

    account_id: str | None = Field(None, max_length=LONGEST_ID, pattern=r"^[^\x00]*$", description="cases of this account only")
    state: CaseState | None = Field(None, description="cases in this state only")
    changed_since: Annotated[datetime, BeforeValidator(check_moment)] | None = Field(
        None, description="cases that changed at this moment or later, like `2026-11-20T09:30:00Z`"
    )
    after: str | None = Field(None, max_length=200, description="the `cursor` of the page before")
    limit: int = Field(100, ge=1, le=MOST_LISTED, description="cases on one page")


@router.get(
    "/cases",
    auth=KeyWith(Scope.CASES_READ),
    response={200: CasesOut} | refusals(422),
    operation_id="list_cases",
    summary="Cases, those that changed last at the end",
)
def read_cases(request: HttpRequest, wanted: Query[Wanted]) -> CasesOut:
    """Go on with `after=<cursor>` while `more` is true, and from the same cursor later: a case that changes comes again at the end.

    A case that is being changed at this very moment may come to stand just before a cursor already given. Who copies cases by this list alone
    therefore asks again from a `changed_since` some minutes before the newest case it has; webhooks tell of each change without that.
    """
    # A misspelt filter, passed over, would answer with every case there is.
    if strange := sorted(request.GET.keys() - Wanted.model_fields.keys()):
        raise UnusableInput(f"there is no filter '{strange[0]}'; there are: {', '.join(Wanted.model_fields)}")
    found = list_cases(
        among=key_in(request).accounts,
        account_id=wanted.account_id,
        state=wanted.state,
        changed_since=wanted.changed_since,
        after=read_cursor(wanted.after),
        limit=wanted.limit + 1,
    )
    page = found[: wanted.limit]
    cursor = write_cursor(Place(page[-1].changed_at, page[-1].case_id)) if page else wanted.after
    return CasesOut(cases=[answer_brief(case) for case in page], cursor=cursor, more=len(found) > wanted.limit)


@router.get(
    "/cases/{case_id}",
    auth=KeyWith(Scope.CASES_READ),
    response={200: CaseOut} | refusals(404),
    operation_id="read_case",
    summary="One case",
)
def read_case(request: HttpRequest, case_id: str) -> CaseOut:
    """What was done to an account, on which violations, and what its appeals came to, violation by violation."""
    return answer_case(find_case(case_id=case_id, among=key_in(request).accounts), timezone.now())


@router.get(
    "/cases/{case_id}/notices",
    auth=KeyWith(Scope.NOTICES_READ),
    response={200: NoticesOut} | refusals(404),
    operation_id="list_notices",
    summary="The letters of a case",
)
def read_notices(request: HttpRequest, case_id: str) -> NoticesOut:
    """Every letter to the holder as it was sent, oldest first, with its statement of reasons and what became of its mail."""
    return NoticesOut(case_id=case_id, notices=[answer_notice(notice) for notice in list_notices(case_id=case_id, among=key_in(request).accounts)])


def write_cursor(place: Place) -> str:
    """A place in the list as text that fits a URL and says nothing by itself."""
    return base64.urlsafe_b64encode(f"{place.changed_at.isoformat()} {place.case_id}".encode()).decode().rstrip("=")


def read_cursor(text: str | None) -> Place | None:
    """The place that a cursor names. Raises UnusableInput for text that no page gave."""
    if text is None:
        return None
    try:
        moment, case_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
        place = Place(in_utc(datetime.fromisoformat(moment)), case_id)
    except (ValueError, binascii.Error, UnusableInput) as error:
        raise UnusableInput("after: this is no cursor; send the `cursor` of the page before, or leave it out to begin") from error
    if "\0" in place.case_id:
        raise UnusableInput("after: this is no cursor; send the `cursor` of the page before, or leave it out to begin")
    return place
