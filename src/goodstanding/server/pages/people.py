"""Names of those who act, from the ids that ledgers and cases keep."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.labels import label
from goodstanding.server.services.rights import PREFIX
from goodstanding.server.store.models import Delegate, User

STAFF_PREFIX, HOLDER_PREFIX = "user:", "holder:"
"""How ids of actors begin; those of delegates begin with `services.rights.PREFIX`."""


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Names for actor ids, for staff to read; an id that names nobody any more stays as it is."""
    wanted = {one for one in ids if one}
    keys = [one.removeprefix(STAFF_PREFIX) for one in wanted if one.startswith(STAFF_PREFIX)]
    acting = [one.removeprefix(PREFIX) for one in wanted if one.startswith(PREFIX)]
    delegates = {
        f"{PREFIX}{one.pk}": _("%(name)s (delegate)") % {"name": one.name} for one in Delegate.objects.filter(pk__in=acting).exclude(name="")
    }
    users = {f"{STAFF_PREFIX}{user.pk}": user.name for user in User.objects.filter(pk__in=[key for key in keys if key.isdigit()])}
    return {one: users.get(one) or delegates.get(one) or _fixed(one) for one in wanted}


def _fixed(actor: str) -> str:
    if actor == AUTOMATION.id:
        return label("role", Role.AUTOMATION)
    if actor.startswith(PREFIX):
        return label("role", Role.DELEGATE)
    return label("role", Role.HOLDER) if actor.startswith(HOLDER_PREFIX) else actor
