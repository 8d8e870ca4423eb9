"""Secrets sealed anew by the present key, after the server's key was changed; and whether every one still opens, after a restore."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Model, Q

from goodstanding.server.services.outbox import LETTER, name_of
from goodstanding.server.store.models import OutboxMessage, WebhookEndpoint
from goodstanding.server.store.sealing import Purpose, SealedOtherwise, is_sealed_anew, seal, unseal


@dataclass(frozen=True, slots=True)
class Resealed:
    """What came of looking at every secret: how many there are, how many were sealed anew, and what is wrong with each that no key opens."""

    secrets: int
    anew: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows of one table that hold sealed secrets: what they are for, which dictionary of a row holds them at which places, what an error calls them."""

    model: type[Model]
    purpose: Purpose
    holder: Callable[[Any], dict[str, Any]]
    places: tuple[str, ...]
    what: Callable[[Any], str]
    only: Q


KINDS = (
    _Kind(WebhookEndpoint, Purpose.WEBHOOKS, vars, ("secret", "previous_secret"), name_of, Q()),
    _Kind(
        Authenticator,
        Purpose.FACTORS,
        lambda one: one.data,
        ("secret", "seed"),
        lambda one: f"a second factor ({one.type}) of {one.user.email}",
        ~Q(type=Authenticator.Type.WEBAUTHN),
    ),
    _Kind(OutboxMessage, Purpose.LETTERS, lambda one: one.payload, (LETTER,), lambda one: f"the letter {one.key}", Q(payload__has_key=LETTER)),
)
"""Whatever is sealed."""


def reseal_secrets() -> Resealed:
    """Seal with the present key whatever another one sealed, each row under its lock; one that no key opens stays as it is."""
    secrets, anew, lost = 0, 0, []
    for kind, key in _keys():
        with transaction.atomic():
            for row in kind.model._default_manager.select_for_update(of=("self",)).filter(pk=key):
                found = list(_sealed(kind, row))
                secrets += len(found)
                try:
                    anew += _reseal(kind, row, found)
                except SealedOtherwise as error:
                    lost.append(str(error))
    return Resealed(secrets, anew, tuple(lost))


def _keys() -> list[tuple[_Kind, int]]:
    return [(kind, key) for kind in KINDS for key in kind.model._default_manager.filter(kind.only).order_by("pk").values_list("pk", flat=True)]


def _sealed(kind: _Kind, row: Model) -> Iterator[str]:
    holder = kind.holder(row)
    yield from (place for place in kind.places if holder.get(place))


def _reseal(kind: _Kind, row: Model, places: list[str]) -> int:
    """Seal anew what needs it; gives how many. Raises SealedOtherwise before anything of the row has changed."""
    holder = kind.holder(row)
    opened = {place: unseal(holder[place], kind.purpose, what=kind.what(row)) for place in places}
    old = [place for place in places if not is_sealed_anew(holder[place], kind.purpose)]
    for place in old:
        holder[place] = seal(opened[place], kind.purpose)
    if old:
        row.save()
    return len(old)
