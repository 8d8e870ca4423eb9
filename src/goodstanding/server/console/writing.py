"""Words that staff write into a form: there, and no longer than anybody reads."""

from django.utils.translation import gettext as _

from goodstanding.core.errors import UnusableInput

LONGEST = 4000
"""Characters of one text; whoever gets it by letter reads no more."""


def check_words(text: str, *, or_say: str) -> str:
    """The text. Raises UnusableInput with `or_say` where there is none, and where it is too long."""
    if not text.strip():
        raise UnusableInput(or_say)
    if len(text) > LONGEST:
        raise UnusableInput(_("write at most %(most)d characters; these are %(many)d") % {"most": LONGEST, "many": len(text)})
    return text
