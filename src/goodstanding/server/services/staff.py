"""Staff users: who they are, what role and skills they have, whether they are active. Every change is in the audit (requirement K5).

Who may change them holds the right `manages_staff` beside a role that decides no case, so that nobody makes a second pair of eyes for oneself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.audit import record
from goodstanding.server.services.call import Call
from goodstanding.server.services.factors import end_sessions, remove_factors, signs_on
from goodstanding.server.services.reading import READERS
from goodstanding.server.services.users import make_user
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind
from goodstanding.server.store.models.users import OffBy

MAY_MANAGE_STAFF = frozenset({Role.POLICY_MANAGER})
"""Roles that may hold the right to manage staff."""

STAFF = READERS
WHO = "policy managers who manage the staff"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user is to be from now on. Empty `languages` or `skills`: all."""

    name: str
    role: Role
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    manages_staff: bool = False
    is_active: bool = True


def manages_staff(*, actor: Actor) -> bool:
    """Whether this actor may change staff users, as the database has it now."""
    return _key(actor) in set(_managers().values_list("pk", flat=True))


def list_staff(*, actor: Actor) -> list[User]:
    """Every user of the staff, active ones first. Raises NotPermitted."""
    check_manages(actor=actor)
    return list(User.objects.filter(role__in=STAFF).order_by("-is_active", "name", "pk"))


def staff_user(*, actor: Actor, user_id: int) -> User:
    """One user of the staff. Raises NotPermitted, NotFound."""
    check_manages(actor=actor)
    user = User.objects.filter(pk=user_id, role__in=STAFF).first()
    if user is None:
        raise NotFound(f"there is no user {user_id} of the staff")
    return user


def make_staff(*, call: Call, pack: PolicyPack, email: str, wish: Wish) -> User:
    """Make a user of the staff, who sets a password by the link for a new one. Raises NotPermitted, UnusableInput."""
    with transaction.atomic():
        _lock_managers(call.actor)
        _check_wish(pack, wish)
        user = make_user(call=call, email=email, name=wish.name, role=wish.role, password=None, languages=wish.languages, skills=wish.skills)
        User.objects.filter(pk=user.pk).update(manages_staff=wish.manages_staff)
        # A random password that nobody knows: by a usable one the link for a new password can be asked for.
        user.set_password(call.new_secret())
        user.manages_staff = wish.manages_staff
        user.save(update_fields=["password"])
        record(call=call, kind=AuditKind.USER_MADE, user=user, body={"email": user.email} | _told(user))
    return user


def change_staff(*, call: Call, pack: PolicyPack, user_id: int, wish: Wish) -> User:
    """Change a user of the staff; a change of role, right or activity ends the user's sessions. What changes nothing is no change.

    Raises NotPermitted (also for oneself), NotFound, UnusableInput: where the last one who manages the staff would be gone, or a role that
    single sign-on gives would be changed here.
    """
    with transaction.atomic():
        _lock_managers(call.actor)
        user = _other(call, user_id)
        _check_wish(pack, wish)
        before = _told(user)
        if signs_on(user=user) and wish.role != user.role:
            raise UnusableInput("the groups of the single sign-on give this role; change them there")
        _apply(user, wish)
        after = _told(user)
        if before == after:
            return user
        user.save()
        _check_somebody_manages()
        changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        record(call=call, kind=AuditKind.USER_CHANGED, user=user, body=changed)
        if changed.keys() & {"role", "manages_staff", "is_active"}:
            end_sessions(user=user)
    return user


def reset_factors(*, call: Call, user_id: int) -> User:
    """Take the factors of a user who lost them away and end the sessions; a new one is set up at the next sign-in. Raises NotPermitted, NotFound."""
    with transaction.atomic():
        _lock_managers(call.actor)
        user = _other(call, user_id)
        gone = remove_factors(user=user)
        if gone:
            record(call=call, kind=AuditKind.FACTOR_REMOVED, user=user, body={"factors": gone})
            end_sessions(user=user)
    return user


def take_role(*, call: Call, user_id: int | None, email: str, name: str, role: Role) -> User:
    """The user whom single sign-on sends, in the role that the groups give; made where there is none of this proved address.

    Raises UnusableInput for a holder, for one whom a person has switched off, and where no address is proved.
    """
    with transaction.atomic():
        user = _locked(user_id, email)
        if user is None:
            if not email:
                raise UnusableInput("the provider gave no address, or does not vouch for it")
            user = make_user(call=call, email=email, name=name, role=role, password=None)
            record(call=call, kind=AuditKind.USER_MADE, user=user, method="single_sign_on", body={"email": user.email} | _told(user))
            return user
        if user.role not in STAFF:
            raise UnusableInput("this address belongs to a holder, and holders do not come by single sign-on")
        if user.off_by == OffBy.PERSON or (not user.is_active and not user.off_by):
            raise UnusableInput("a person has switched this user off")
        _turn(call, user, role=role, is_active=True)
        if user.has_usable_password():
            user.set_unusable_password()
            user.save(update_fields=["password"])
            end_sessions(user=user)
    return user


def lose_role(*, call: Call, user_id: int) -> None:
    """Switch off a user whom single sign-on sends without any group that has a role here; the groups coming back switch on again."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if user.role in STAFF and user.is_active:
            _turn(call, user, role=Role(user.role), is_active=False)


def _turn(call: Call, user: User, *, role: Role, is_active: bool) -> None:
    before = _told(user)
    user.role, user.is_active, user.off_by = role, is_active, "" if is_active else OffBy.SINGLE_SIGN_ON
    user.manages_staff = user.manages_staff and is_active and role in MAY_MANAGE_STAFF
    after = _told(user)
    if before != after:
        user.save(update_fields=["role", "is_active", "off_by", "manages_staff"])
        changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        record(call=call, kind=AuditKind.USER_CHANGED, user=user, method="single_sign_on", body=changed)
        end_sessions(user=user)


def _locked(user_id: int | None, email: str) -> User | None:
    users = User.objects.select_for_update()
    if user_id is not None:
        return users.filter(pk=user_id).first()
    return users.filter(email=email).first() if email else None


def _managers() -> QuerySet[User]:
    return User.objects.filter(is_active=True, manages_staff=True, role__in=MAY_MANAGE_STAFF)


def _lock_managers(actor: Actor) -> None:
    """Lock all who manage the staff, in order: two who take each other's right away do so one after the other. Raises NotPermitted."""
    keys = [user.pk for user in _managers().select_for_update().order_by("pk")]
    if _key(actor) not in keys:
        raise NotPermitted("managing the staff", [WHO])


def check_manages(*, actor: Actor) -> None:
    """Raises NotPermitted for who does not manage the staff."""
    if not manages_staff(actor=actor):
        raise NotPermitted("managing the staff", [WHO])


def _check_somebody_manages() -> None:
    if not _managers().exists():
        raise UnusableInput("somebody has to manage the staff; give another user the right first")


def _check_wish(pack: PolicyPack, wish: Wish) -> None:
    if not wish.name.strip():
        raise UnusableInput("a user needs a name")
    if wish.role not in STAFF:
        raise UnusableInput(f"'{wish.role}' is no role of the staff; choose one of: {', '.join(sorted(STAFF))}")
    if wish.manages_staff and wish.role not in MAY_MANAGE_STAFF:
        raise UnusableInput("who decides or audits cases does not manage the staff; only a policy manager may")
    if unknown := set(wish.languages) - set(pack.languages) or set(wish.skills) - set(pack.queue.skills):
        raise UnusableInput(f"the pack does not know {', '.join(sorted(unknown))}")


def _other(call: Call, user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id, role__in=STAFF).first()
    if user is None:
        raise NotFound(f"there is no user {user_id} of the staff")
    if user.pk == _key(call.actor):
        raise NotPermitted("changing one's own role or rights", ["another one who manages the staff"])
    return user


def _apply(user: User, wish: Wish) -> None:
    user.name, user.role, user.manages_staff = wish.name.strip(), wish.role, wish.manages_staff and wish.is_active
    user.languages, user.skills = list(wish.languages), list(wish.skills)
    if wish.is_active != user.is_active:
        user.is_active, user.off_by = wish.is_active, "" if wish.is_active else OffBy.PERSON


def _told(user: User) -> dict[str, Any]:
    names: Sequence[str] = ("name", "role", "languages", "skills", "manages_staff", "is_active")
    return {name: str(value) if name == "role" else value for name in names if (value := getattr(user, name)) is not None}


def _key(actor: Actor) -> int | None:
    key = actor.id.removeprefix("user:")
    return int(key) if actor.id.startswith("user:") and key.isdecimal() else None
