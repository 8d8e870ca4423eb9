"""What a page says when the core refuses: in the reader's language, and with what is possible instead."""

from django.utils.translation import gettext as _

from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotPermitted, RefusedFiles
from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.notices import say_refused
from goodstanding.core.terms import Role
from goodstanding.server.pages.labels import EVENT, ROLE, label
from goodstanding.server.pages.language import pack_words
from goodstanding.server.services.gate import refused


def say_error(error: GoodstandingError) -> str:
    """One clear line for a reader of the page."""
    match error:
        case IllegalTransition():
            if not error.possible:
                return _("This is no longer possible, because the case has moved on.")
            possible = _separator().join(dict.fromkeys(label("event", event) for event in error.possible if event in EVENT))
            return _("This is not possible at the moment, because the case has moved on. Possible now: %(possible)s.") % {"possible": possible}
        case NotPermitted():
            who = _separator().join(label("role", role) if role in set(Role) & set(ROLE) else role for role in error.who_may)
            return _("You may not do this. It may be done by: %(who)s.") % {"who": who or _("nobody")}
        case RefusedFiles():
            why = [say_file(finding.where.strip("'"), FileTrouble(finding.code)) for finding in error.findings]
            return _("Nothing was sent yet. %(why)s") % {"why": " ".join(why)}
        case _:
            return _("This could not be done: %(why)s.") % {"why": str(error).rstrip(".")}


def status_of(error: GoodstandingError) -> int:
    """The HTTP status that goes with the refusal."""
    match error:
        case IllegalTransition():
            return 409
        case NotPermitted():
            return 403
        case _:
            return 422


def say_file(name: str, trouble: FileTrouble) -> str:
    """Why a file cannot be taken and what to do about it, in the reader's language."""
    return say_refused(pack_words(), refused(name, trouble))


def _separator() -> str:
    return _(", ")
