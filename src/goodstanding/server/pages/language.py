"""Which language a page speaks: the one its reader chose, else that of the browser; a notice's link brings the holder's own."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from goodstanding.core.policy.pack import Words, nearest_language
from goodstanding.server.policy import current_pack


def pack_words() -> Words:
    """The words of the policy pack in the reader's language."""
    return current_pack().words_for(get_language())


def pack_language() -> str:
    """The reader's language under the name that the pack gives it."""
    return pack_words().language


def django_language(language: str) -> str:
    """A holder's language (`zh-Hans`) under the name that the pages give it (`zh-hans`)."""
    return nearest_language(language, tuple(code for code, _ in settings.LANGUAGES))


def was_chosen(request: HttpRequest) -> bool:
    """Whether the reader has chosen a language here before."""
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep a language for this browser, as choosing it on a page does."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.SECURE_TLS)
