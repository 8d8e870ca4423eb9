"""The one shape of every error below /api/: RFC 9457 problem details, from one table of the errors of goodstanding."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from goodstanding.core.errors import GoodstandingError, IllegalTransition, MissingFacts, NotFound, NotPermitted, RefusedFiles, TooOften, UnusableInput
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.pages.language import django_language

HOLDERS_LANGUAGE = "holders_language"
"""Under which name a request keeps the language of the holder for whom its program speaks."""

CONTENT_TYPE = "application/problem+json"

STATUS: tuple[tuple[type[GoodstandingError], int], ...] = (
    (UnusableInput, 422),
    (NotPermitted, 403),
    (IllegalTransition, 409),
    (TooOften, 429),
    (MissingFacts, 422),
    (NotFound, 404),
    (GoodstandingError, 400),
)
"""Which status an error has; the first class that fits counts."""

KINDS = {
    400: ("bad-request", "This request cannot be answered"),
    401: ("no-key", "A valid key is needed"),
    403: ("not-permitted", "Not permitted"),
    404: ("not-found", "Not found"),
    405: ("wrong-method", "This address does not take that method"),
    409: ("illegal-transition", "Not possible now"),
    422: ("unusable-input", "The input cannot be used"),
    429: ("too-often", "Too much at once"),
    500: ("our-fault", "Something went wrong on our side"),
}
"""Status -> the last part of the problem's `type`, and its title."""

log = logging.getLogger(__name__)


def problem(status: int, detail: str, **more: object) -> HttpResponse:
    """A problem document. `more` are further members, as RFC 9457 allows."""
    kind, title = KINDS.get(status, KINDS[400])
    body = {"type": f"urn:goodstanding:problem:{kind}", "title": title, "status": status, "detail": detail} | more
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="goodstanding"'
    return response


def tell(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The problem document of any error. What nobody expected is logged in full and told in general."""
    match error:
        case TooOften():
            response = problem(429, str(error))
            response["Retry-After"] = str(error.wait)
            return response
        case GoodstandingError():
            return problem(status_of(error), str(error), **_members(error), **_for_holder(request, error))
        case ValidationError():
            said = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors)
            return problem(422, said or "the input cannot be used")
        case AuthenticationError(message="Unauthorized"):
            return problem(401, "no key came with the request; send the header 'Authorization: Bearer KEY'")
        case HttpError():
            return problem(error.status_code, str(error))
        case RequestDataTooBig():
            return problem(422, "the request is larger than 2 MB; send files one by one, each as evidence")
        case BadRequest() | SuspiciousOperation() | MultiPartParserError():
            return problem(400, "the request is cut off or not in the form that its Content-Type says; send it again whole")
        case Http404():
            return problem(404, f"there is nothing at {request.path}")
    log.exception("the API failed", extra={"request": request})
    return problem(500, "the request was fine, but we failed; it is logged, and asking again may help")


def status_of(error: GoodstandingError) -> int:
    """The HTTP status of an error of goodstanding."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """The answer of every address below /api/ that there is not."""
    return problem(404, f"there is nothing at {request.path}; /api/v1/openapi.json names every address")


def use_problems(api: NinjaAPI) -> None:
    """Make an API answer every error as a problem document."""
    for kind in (GoodstandingError, HttpError, Http404, ValidationError, Exception):
        api.add_exception_handler(kind, tell)


def finish(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
    """A view of the API whose answers nobody caches, and that tells a wrong method in our shape: Ninja asks no handler of ours about it."""

    @wraps(view)
    def finished(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response["Allow"]
            response = problem(405, f"{request.method} is not possible here; possible: {allowed}")
            response["Allow"] = allowed
        response["Cache-Control"] = "no-store"
        return response

    return finished


def _members(error: GoodstandingError) -> dict[str, object]:
    match error:
        case IllegalTransition():
            return {"state": error.state, "possible": list(error.possible)}
        case NotPermitted():
            return {"who_may": list(error.who_may)}
        case RefusedFiles():
            return {"findings": [asdict(finding) | {"where": finding.where.strip("'")} for finding in error.findings]}
    return {}


def _for_holder(request: HttpRequest, error: GoodstandingError) -> dict[str, object]:
    """What the portal would say, where the program speaks for a holder: ready to be shown."""
    language = getattr(request, HOLDERS_LANGUAGE, None)
    if language is None:
        return {}
    with translation.override(django_language(language)):
        return {"message": say_error(error)}
