"""Every address of the site: for the test that asks each as everybody, and for the tool that takes a picture of each page."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from goodstanding.server.store.models import Case, Delegation, Evidence, MetricItems, Notice, User

OPEN = {
    "",
    "sign-in/",
    "sign-out/",
    "enter/",
    "leave/",
    "language/",
    "sign-in/code/",
    "sign-in/passkey/",
    "sign-in/on/cancelled/",
    "sign-in/on/<str:provider_id>/",
    "sign-in/on/<str:provider_id>/back/",
    "sign-in/password/",
    "sign-in/password/sent/",
    "sign-in/password/done/",
    "n/<str:token>/",
    "delegate/",
    "delegate/<str:token>/",
    "demo/sign-in/",
    "api/v1/openapi.json",
    "healthz",
    "readyz",
    "metrics",
}
"""What a stranger may ask for: it shows nobody's data. By the path below its door."""


@dataclass(frozen=True)
class Address:
    """One address of the site: its route, and with the showcase's own case filled in."""

    route: str
    path: str

    @property
    def door(self) -> str:
        """Who it is for: console, api, or the portal of one holder."""
        first = self.route.split("/")[0]
        return first if first in ("console", "api") else "portal"

    @property
    def is_open(self) -> bool:
        """Whether a stranger may ask for it."""
        return self.route.removeprefix("console/") in OPEN or self.route.startswith(("static/", "jsi18n"))

    @property
    def is_of_one_account(self) -> bool:
        """Whether it names an account or a case of one."""
        return "account_id" in self.route or "case_id" in self.route


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield route.lstrip("^")


def addresses(case: Case) -> list[Address]:
    """Every address, about one case and its account."""
    filled = {
        "case_id": case.pk,
        "account_id": case.account_id,
        "one": case.account_id,
        "other": "S-2031",
        "act": "sell",
        "form": "plan",
        "metric": MetricItems.objects.filter(account=case.account_id).values_list("metric", flat=True).first() or "1",
        "delegation_id": Delegation.objects.filter(account=case.account).values_list("pk", flat=True).first() or "D-1",
        "notice_id": Notice.objects.filter(case=case).values_list("pk", flat=True)[0],
        "user_id": User.objects.order_by("pk").values_list("pk", flat=True)[0],
        "evidence_id": Evidence.objects.values_list("pk", flat=True).first() or "E-1",
    }
    found = []
    for route in routes(get_resolver()):
        path = route
        for part in route.replace(">", "<").split("<")[1::2]:
            path = path.replace(f"<{part}>", str(filled.get(part.split(":")[-1], "1")))
        if "(" not in path:
            found.append(Address(route, "/" + path))
    return found


PAGELESS = {
    "account/<str:account_id>/delegates/<str:delegation_id>/": "a button",
    "delegate/accounts/<str:delegation_id>/": "a button",
    "leave/": "a button",
    "demo/sign-in/": "a button",
    "language/": "a button",
    "account/<str:account_id>/reopen/": "a button",
    "case/<str:case_id>/contact-me/": "a button",
    "case/<str:case_id>/commitments/<str:commitment_id>/": "a button",
    "case/<str:case_id>/withdraw/": "a button",
    "case/<str:case_id>/ask/": "a button",
    "case/<str:case_id>/mail/<str:mail_id>/": "a button",
    "case/<str:case_id>/draft/<str:form>/": "a button, and a part of a page for the script",
    "case/<str:case_id>/appeal/check/": "a part of a page for the script",
    "account/<str:account_id>/notices/<str:notice_id>/facts.csv": "a file",
    "account/<str:account_id>/metric/<str:metric>.csv": "a file",
    "case/<str:case_id>/facts.csv": "a file",
    "case/<str:case_id>/notices/<str:notice_id>.eml": "a file",
    "case/<str:case_id>/files/<str:evidence_id>/": "a file",
    "console/sign-out/": "a button",
    "sign-in/passkey/": "a button",
    "sign-in/on/<str:provider_id>/": "leads on to the identity provider",
    "sign-in/on/<str:provider_id>/back/": "leads back from the identity provider",
    "security/codes/file/": "a file",
    "security/confirm/passkey/": "for who holds a passkey; looked at in tests/browser/test_sign_in.py",
    "console/enter/": "leads on by role",
    "console/case/<str:case_id>/export.zip": "a file",
    "console/policy/<str:digest>/pack.zip": "a file",
    "console/case/<str:case_id>/messages/": "a part of a page for the script",
    "live/<str:door>/<str:case_id>/": "a stream, by another process",
    "console/policy/trial/<str:trial_id>.json": "a file",
    "console/evidence/<str:evidence_id>/file/": "a file",
    "console/evidence/<str:evidence_id>/page/<int:number>/": "a picture in a page",
}
"""Addresses of the doors with pages that show no page of their own, and what they are instead."""


def page_routes() -> list[str]:
    """The route of every page that a person can look at: what is not a program's door, a probe, or in PAGELESS."""
    found = [route for route in routes(get_resolver()) if "(" not in route]
    doors = [route for route in found if not route.startswith(("api/", "static/")) and route not in ("healthz", "readyz", "metrics")]
    return [route for route in doors if route not in PAGELESS]
