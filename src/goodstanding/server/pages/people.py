"""Names of those who act, from the ids that ledgers and cases keep."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.labels import label
from goodstanding.server.services.rights import PREFIX
from goodstanding.server.services.speaking import HOLDER, key_of
from goodstanding.server.store.models import ApiKey, Delegate, User

STAFF_PREFIX = "user:"
"""How ids of users begin as actors; those of delegates begin with `services.rights.PREFIX`, those of other holders with `services.speaking.HOLDER`."""


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Names for actor ids, for staff to read; an id that names nobody any more stays as it is."""
    wanted = {one for one in ids if one}
    keys = [one.removeprefix(STAFF_PREFIX) for one in wanted if one.startswith(STAFF_PREFIX)]
    acting = [one.removeprefix(PREFIX) for one in wanted if one.startswith(PREFIX)]
    delegates = {
        f"{PREFIX}{one.pk}": _("%(name)s (delegate)") % {"name": one.name} for one in Delegate.objects.filter(pk__in=acting).exclude(name="")
    }
    users = {f"{STAFF_PREFIX}{user.pk}": user.name for user in User.objects.filter(pk__in=[key for key in keys if key.isdigit()])}
    programs = _programs(wanted)
    return {one: users.get(one) or delegates.get(one) or programs.get(one) or _fixed(one) for one in wanted}


def _programs(wanted: Iterable[str]) -> dict[str, str]:
    """Holders for whom a program spoke, each with the program's name."""
    keys = {one: key for one in wanted if (key := key_of(one)) is not None}
    names = dict(ApiKey.objects.filter(pk__in=keys.values()).values_list("pk", "name")) if keys else {}
    said = _("%(who)s, by the program “%(program)s”")
    return {one: said % {"who": label("role", Role.HOLDER), "program": names.get(key, key)} for one, key in keys.items()}


def _fixed(actor: str) -> str:
    if actor == AUTOMATION.id:
        return label("role", Role.AUTOMATION)
    if actor.startswith(PREFIX):
        return label("role", Role.DELEGATE)
    return label("role", Role.HOLDER) if actor.startswith(HOLDER) else actor
