"""Whoever comes is sent to the right door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from goodstanding.server.pages.asking import holder_of, staff_of


def enter(request: HttpRequest) -> HttpResponse:
    """Send whoever comes to where their work is."""
    if staff_of(request):
        return redirect("console:queue")
    return redirect("portal:account" if holder_of(request) else "account_login")
