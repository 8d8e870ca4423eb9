"""Keys with which programs ask the API: made, rotated with an overlap, revoked at once. A secret is shown once and never kept.

Each key has a chain of its own in the ledger, `key:<number>`.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Prefetch, Q

from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Account, ApiKey, KeySecret

PREFIX = "gs_"
"""What every key starts with, so that a scanner finds one that was committed by mistake."""

MAY_MANAGE = frozenset({Role.POLICY_MANAGER, Role.AUTOMATION})
"""Who makes and revokes keys: policy managers, and whoever runs commands on the machine itself."""

MAY_READ = MAY_MANAGE | {Role.AUDITOR}

LIVE_SECRETS = 2
"""Secrets of one key that are good at once, at most."""

LONGEST_OVERLAP = timedelta(days=90)

NOTED_EVERY = timedelta(minutes=1)
"""How exact the last use is: a write for every request would cost more than it tells."""


class Scope(StrEnum):
    """What a key may open."""

    STANDING_READ = "standing:read"
    CASES_READ = "cases:read"
    NOTICES_READ = "notices:read"
    FACTS_WRITE = "facts:write"
    APPEALS_READ = "appeals:read"
    APPEALS_WRITE = "appeals:write"
    EVIDENCE_WRITE = "evidence:write"


MOST_BOUND = 1000
"""Accounts that one key can be bound to; a program for more of them speaks for all."""

LONGEST_NAME = 100
"""Characters of a program's name."""


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_key(*, call: Call, name: str, scopes: Collection[str], expires_at: datetime | None = None, accounts: Collection[str] | None = None) -> str:
    """Make a key and give its secret in clear, this once. `accounts`: the only ones that it may know of; None: all.

    Raises UnusableInput for an unknown scope or none, for no name, an end that has gone by, an unknown account, or facts by a key that is
    bound (a batch is about whomever its rows name); NotPermitted.
    """
    check_may_manage(call=call)
    strange = sorted(set(scopes) - set(Scope))
    if strange or not scopes:
        raise UnusableInput(f"no such scope: {', '.join(strange) or 'none given'}; choose from: {', '.join(Scope)}")
    if not name.strip():
        raise UnusableInput("name the program that gets the key, so that it can be found and revoked")
    if expires_at is not None and expires_at <= call.now:
        raise UnusableInput(f"the key would expire on {expires_at:%Y-%m-%d %H:%M}, which has gone by; give a later day or none")
    bound = _bound(scopes, accounts)
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=name.strip()[:LONGEST_NAME], scopes=sorted(scopes), created_at=call.now, expires_at=expires_at, accounts=bound
        )
        body = {"name": key.name, "scopes": key.scopes, "expires_at": expires_at.isoformat() if expires_at else "", "accounts": bound}
        _tell(call, key, "ApiKeyMade", body)
        return _new_secret(call, key)


def rotate_key(*, call: Call, key_id: int, overlap: timedelta) -> str:
    """A second secret of a key, given in clear this once; the present one is good for `overlap` more.

    Raises NotPermitted, NotFound, UnusableInput for an overlap below none or beyond 90 days, IllegalTransition for a key that is revoked
    or expired, or has two good secrets already (end one of them first: which of them is used is shown beside it).
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise UnusableInput(f"the old secret can stay good for 0 to {LONGEST_OVERLAP.days} days")
    with transaction.atomic():
        key = _lock(call, key_id)
        live = list(key.secrets.filter(is_good(call.now)))
        if len(live) >= LIVE_SECRETS:
            says = f"the key '{key.name}' has two good secrets; end the one that is no longer used before you make a third"
            raise IllegalTransition("rotating", "rotate", ["end_secret", "revoke"], says)
        ends = call.now + overlap
        key.secrets.filter(is_good(call.now)).update(ends_at=ends)
        _tell(call, key, "ApiKeyRotated", {"old_until": ends.isoformat(), "old": [one.hint for one in live]})
        return _new_secret(call, key)


def end_secret(*, call: Call, key_id: int, secret_id: int) -> ApiKey:
    """End one secret of a key at once. Ended before, nothing changes. Raises NotPermitted, NotFound."""
    with transaction.atomic():
        key = _lock(call, key_id, also_dead=True)
        secret = key.secrets.filter(pk=secret_id).first()
        if secret is None:
            raise NotFound(f"the key '{key.name}' has no secret {secret_id}")
        if secret.ends_at is None or secret.ends_at > call.now:
            key.secrets.filter(pk=secret_id).update(ends_at=call.now)
            _tell(call, key, "ApiSecretEnded", {"hint": secret.hint})
    return key


def revoke_key(*, call: Call, key_id: int) -> ApiKey:
    """Revoke a key with all its secrets: the very next request with it is refused. Twice is once. Raises NotPermitted, NotFound."""
    with transaction.atomic():
        key = _lock(call, key_id, also_dead=True)
        if key.revoked_at is None:
            key.revoked_at = call.now
            key.save(update_fields=["revoked_at"])
            _tell(call, key, "ApiKeyRevoked", {"name": key.name})
    return key


def list_keys(*, actor: Actor, now: datetime) -> list[ApiKey]:
    """Every key with the secrets that are good (as `good`), those that open something first. Raises NotPermitted."""
    if actor.role not in MAY_READ:
        raise NotPermitted("reading which programs have keys", sorted(MAY_READ - {Role.AUTOMATION}))
    good = Prefetch("secrets", KeySecret.objects.filter(is_good(now)).order_by("made_at", "pk"), to_attr="good")
    keys = list(ApiKey.objects.prefetch_related(good).order_by("name", "pk"))
    return sorted(keys, key=lambda key: why_dead(key, now) != "")


def find_key(*, secret: str, now: datetime) -> ApiKey | None:
    """The key that a secret opens now; None for one that is unknown, ended, expired or revoked. Notes the use."""
    found = KeySecret.objects.select_related("key").filter(is_good(now), sha256=digest_of(secret)).first()
    if found is None or why_dead(found.key, now):
        return None
    if found.last_used_at is None or now - found.last_used_at >= NOTED_EVERY:
        KeySecret.objects.filter(pk=found.pk).update(last_used_at=now)
    return found.key


def why_dead(key: ApiKey, now: datetime) -> str:
    """`revoked` or `expired` for a key that opens nothing; empty for one that does."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else ""


def is_good(now: datetime) -> Q:
    """The secrets that have not ended."""
    return Q(ends_at=None) | Q(ends_at__gt=now)


def check_may_manage(*, call: Call) -> None:
    """Raise NotPermitted for who does not manage programs."""
    if call.actor.role not in MAY_MANAGE:
        raise NotPermitted("managing the programs that are connected", sorted(MAY_MANAGE - {Role.AUTOMATION}))


def _lock(call: Call, key_id: int, *, also_dead: bool = False) -> ApiKey:
    check_may_manage(call=call)
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound(f"there is no key {key_id}")
    if (dead := why_dead(key, call.now)) and not also_dead:
        raise IllegalTransition(dead, "rotate", [], f"the key '{key.name}' is {dead}; make a new one")
    return key


def _bound(scopes: Collection[str], accounts: Collection[str] | None) -> list[str] | None:
    """The accounts to bind a key to, as they are kept."""
    if accounts is None:
        return None
    wanted = sorted({account.strip() for account in accounts} - {""})
    if not 0 < len(wanted) <= MOST_BOUND:
        raise UnusableInput(f"name 1 to {MOST_BOUND} accounts that the key is bound to, or none at all: then it speaks for every account")
    if Scope.FACTS_WRITE in scopes:
        raise UnusableInput(f"a key that is bound to accounts cannot send facts, which may be about any; leave {Scope.FACTS_WRITE} to another key")
    unknown = set(wanted) - set(Account.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if unknown:
        raise UnusableInput(f"there is no account {', '.join(sorted(unknown)[:5])}; write the ids of accounts that are known here")
    return wanted


def _new_secret(call: Call, key: ApiKey) -> str:
    secret = PREFIX + call.new_secret()
    KeySecret.objects.create(key=key, sha256=digest_of(secret), hint=secret[-4:], made_at=call.now)
    return secret


def _tell(call: Call, key: ApiKey, kind: str, body: dict[str, object]) -> None:
    ledger.append(call=call, case_id=f"key:{key.pk}", kind=kind, body=body)
