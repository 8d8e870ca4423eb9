"""Every address below /api/."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils import timezone
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import Act
from goodstanding.server.api.answers import answer_case, answer_may, answer_standing
from goodstanding.server.api.facts import router as facts
from goodstanding.server.api.keys import KeyWith
from goodstanding.server.api.problems import CONTENT_TYPE, finish, unknown_address, use_problems
from goodstanding.server.api.schemas import CaseOut, MayOut, Problem, StandingOut
from goodstanding.server.policy import current_pack
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Account, Case


class Api(NinjaAPI):
    """The API, whose document names problems by their own media type, as they are sent."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        response["content"] = {CONTENT_TYPE: response["content"].pop("application/json")}
        return schema


api = Api(
    title="goodstanding",
    version="1",
    description="What an account of the marketplace may do, why not, and where its holder can act on it.",
    openapi_url="/openapi.json",
    docs_url=None,
)
use_problems(api)
api.add_router("", facts)

ERRORS = dict.fromkeys((401, 403, 404, 422), Problem)


@api.get(
    "/accounts/{account_id}/standing",
    auth=KeyWith(Scope.STANDING_READ),
    response={200: StandingOut} | ERRORS,
    operation_id="read_standing",
    summary="How an account stands",
    tags=["accounts"],
)
def read_standing(request: HttpRequest, account_id: str) -> StandingOut:
    """Status, rating, what the account may do, and every limit in force with its reasons."""
    now = timezone.now()
    return answer_standing(standing_of(account_id=account_id, now=now), now)


@api.get(
    "/accounts/{account_id}/may/{act}",
    auth=KeyWith(Scope.STANDING_READ),
    response={200: MayOut} | ERRORS,
    operation_id="read_may",
    summary="Whether an account may do one act",
    tags=["accounts"],
)
def read_may(request: HttpRequest, account_id: str, act: Act) -> MayOut:
    """Ask this before letting an account act. If not allowed: every limit in the way, and what to tell the holder, in the holder's language."""
    now = timezone.now()
    permission = standing_of(account_id=account_id, now=now).permissions[act]
    return answer_may(Account.objects.get(pk=account_id), permission, current_pack(), now)


@api.get(
    "/cases/{case_id}",
    auth=KeyWith(Scope.CASES_READ),
    response={200: CaseOut} | ERRORS,
    operation_id="read_case",
    summary="One case",
    tags=["cases"],
)
def read_case(request: HttpRequest, case_id: str) -> CaseOut:
    """What was done to an account, on which violations, and what its appeals came to."""
    case = Case.objects.select_related("action").filter(pk=case_id).first()
    if case is None:
        raise NotFound(f"there is no case {case_id}")
    return answer_case(case, timezone.now())


def _addresses() -> list[URLPattern | URLResolver]:
    routes, app, namespace = api.urls
    for route in routes:
        if isinstance(route, URLPattern):
            route.callback = finish(route.callback)
    return [path("api/v1/", include((routes, app), namespace=namespace)), re_path(r"^api/", unknown_address)]


urlpatterns = _addresses()
"""To be put among the server's own, before anything that takes every address."""
