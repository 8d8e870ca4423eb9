"""Names of those who act, from the ids that ledgers and cases keep."""

from collections.abc import Iterable

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.labels import label
from goodstanding.server.store.models import User

STAFF_PREFIX, HOLDER_PREFIX = "user:", "holder:"


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Names for actor ids, for staff to read; an id that names nobody any more stays as it is."""
    wanted = {one for one in ids if one}
    keys = [one.removeprefix(STAFF_PREFIX) for one in wanted if one.startswith(STAFF_PREFIX)]
    users = {f"{STAFF_PREFIX}{user.pk}": user.name for user in User.objects.filter(pk__in=[key for key in keys if key.isdigit()])}
    return {one: users.get(one) or _fixed(one) for one in wanted}


def _fixed(actor: str) -> str:
    if actor == AUTOMATION.id:
        return label("role", Role.AUTOMATION)
    return label("role", Role.HOLDER) if actor.startswith(HOLDER_PREFIX) else actor
