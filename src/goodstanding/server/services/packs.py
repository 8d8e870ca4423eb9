"""Keeping policy packs: the one in force as it was, and those that are handed in to be looked at and tried. None takes effect by this (K2, A6)."""

from functools import lru_cache

from django.conf import settings
from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.packs.parcels import Parcel, load_parcel, parcel_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import PackInForce, PackVersion

MAY_HAND_IN = frozenset({Role.POLICY_MANAGER})
"""Who may hand in a pack and try it."""

POLICY_READERS = REVIEWERS | MAY_HAND_IN | {Role.AUDITOR}
"""Who reads policy, and what trials of it came to."""

CHAIN = "policy"
"""The ledger's chain of what is about no case but about policy."""

LONGEST_TITLE, LONGEST_NAME = 300, 100


def parcel_in_force() -> Parcel:
    """The files of the pack that the setting names."""
    return parcel_of(settings.POLICY_PACK)


def keep_in_force(*, call: Call) -> PackVersion:
    """Keep the pack in force, and since when it is, so that it can be read on any later day. Done once a version, whoever asks."""
    pack = current_pack()
    with transaction.atomic():
        version = _keep(call, pack, parcel_in_force(), uploaded_by="")
        PackVersion.objects.select_for_update().get(pk=version.pk)
        newest = PackInForce.objects.order_by("-since", "-pk").first()
        if newest is None or newest.version_id != version.pk:
            PackInForce.objects.create(version=version, since=call.now)
            ledger.append(call=call.by_automation(), case_id=CHAIN, kind="PackInForce", body={"pack": pack.name, "digest": pack.digest})
    return version


def hand_in(*, call: Call, parcel: Parcel) -> PackVersion:
    """Keep a pack that somebody wrote, after reading it whole; the same one again is the same version. It does not take effect.

    Raises NotPermitted, or InvalidPack with every mistake and its place; nothing is kept then.
    """
    if call.actor.role not in MAY_HAND_IN:
        raise NotPermitted("handing in a policy pack", sorted(MAY_HAND_IN))
    pack = load_parcel(parcel)
    keep_in_force(call=call)
    with transaction.atomic():
        return _keep(call, pack, parcel, uploaded_by=call.actor.id)


def version_of(*, actor: Actor, digest: str) -> PackVersion:
    """A kept version. Raises NotFound, NotPermitted."""
    check_reads(actor)
    version = PackVersion.objects.filter(pk=digest).first()
    if version is None:
        raise NotFound(f"no policy pack {digest[:16]} is kept")
    return version


def versions(*, actor: Actor) -> list[PackVersion]:
    """All kept versions, the newest first, without their files."""
    check_reads(actor)
    return list(PackVersion.objects.defer("files").prefetch_related("spans").order_by("-kept_at", "digest"))


def version_before(*, actor: Actor) -> PackVersion | None:
    """The version that was in force before the present one; None where none was kept."""
    check_reads(actor)
    span = PackInForce.objects.exclude(version=current_pack().digest).order_by("-since", "-pk").select_related("version").first()
    return span.version if span else None


def pack_of(version: PackVersion) -> PolicyPack:
    """What a kept version says. Raises InvalidPack where this release of the program cannot read it any more."""
    if version.digest == current_pack().digest:
        return current_pack()
    return _load(version.digest, version.main, tuple(sorted(version.files.items())))


def check_reads(actor: Actor) -> None:
    """Raise NotPermitted for who reads no policy."""
    if actor.role not in POLICY_READERS:
        raise NotPermitted("reading policy", sorted(POLICY_READERS))


@lru_cache(maxsize=8)
def _load(digest: str, main: str, files: tuple[tuple[str, str], ...]) -> PolicyPack:
    return load_parcel(Parcel(main, dict(files)))


def _keep(call: Call, pack: PolicyPack, parcel: Parcel, *, uploaded_by: str) -> PackVersion:
    version, is_new = PackVersion.objects.get_or_create(
        digest=pack.digest,
        defaults={
            "name": pack.name[:LONGEST_NAME],
            "title": pack.title[:LONGEST_TITLE],
            "main": parcel.main,
            "files": dict(parcel.files),
            "kept_at": call.now,
            "uploaded_by": uploaded_by,
        },
    )
    if is_new and uploaded_by:
        ledger.append(call=call, case_id=CHAIN, kind="PackHandedIn", body={"pack": pack.name, "digest": pack.digest})
    return version
