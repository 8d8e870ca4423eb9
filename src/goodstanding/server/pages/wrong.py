"""What cannot be sent as it was typed: one clear line beside the field it is about, and all of them once more where the page begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why something cannot be sent and what to do about it. `field`: the id of the field on the page; empty: the form as a whole."""

    line: str
    field: str = ""


def wrong_of(form: forms.Form, prefix: str = "") -> list[Wrong]:
    """The errors of a form, each with the field it is about. `prefix`: what the ids of the fields begin with."""
    return [Wrong(str(line), f"{prefix}{name}") for name, lines in form.errors.items() for line in lines]


def about(wrong: Iterable[Wrong], field: str) -> str:
    """Everything that is said about one field."""
    return " ".join(one.line for one in wrong if one.field == field)


def state_of(wrong: Sequence[Wrong] | None, field: str, hint: str) -> SafeString:
    """The attributes by which assistive technology finds a field's hint and what is wrong with it."""
    is_wrong = bool(wrong) and bool(about(wrong or (), field))
    described = " ".join(name for name in (hint, f"error-{field}" if is_wrong else "") if name)
    told = format_html(' aria-describedby="{}"', described) if described else SafeString("")
    return SafeString(told + ' aria-invalid="true"') if is_wrong else told
