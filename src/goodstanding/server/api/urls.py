"""Every address below /api/."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from goodstanding.server.api import accounts, appeals, cases, evidence, facts, holders, messages, solving
from goodstanding.server.api.problems import CONTENT_TYPE, finish, unknown_address, use_problems

RETRY_AFTER = {"description": "whole seconds until it goes on", "required": True, "schema": {"type": "integer"}}


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
                    if int(status) == 429:
                        response["headers"] = {"Retry-After": RETRY_AFTER}
        return schema


api = Api(
    title="goodstanding",
    version="1",
    description="What an account of the marketplace may do, why not, and where its holder can act on it.",
    openapi_url="/openapi.json",
    docs_url=None,
)
use_problems(api)
for router in (accounts.router, cases.router, facts.router, holders.router, appeals.router, evidence.router, messages.router, solving.router):
    api.add_router("", router)


def _addresses() -> list[URLPattern | URLResolver]:
    routes, app, namespace = api.urls
    for route in routes:
        if isinstance(route, URLPattern):
            route.callback = finish(route.callback)
    return [path("api/v1/", include((routes, app), namespace=namespace)), re_path(r"^api/", unknown_address)]


urlpatterns = _addresses()
"""To be put among the server's own, before anything that takes every address."""
