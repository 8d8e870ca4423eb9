"""Making users: staff, and holders who sign in by password."""

from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import Role
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import User

MAY_SIGN_IN = tuple(role for role in Role if role not in (Role.AUTOMATION, Role.INTEGRATION, Role.DELEGATE))
"""Roles of people with a sign-in of their own; the system and programs sign in nowhere, and delegates come in by a code."""


def make_user(
    *,
    call: Call,
    email: str,
    name: str,
    role: Role,
    password: str | None,
    languages: Sequence[str] = (),
    skills: Sequence[str] = (),
    manages_staff: bool = False,
) -> User:
    """Make a user; `password` None: one who cannot sign in by password. Raises UnusableInput for a bad or taken address or a weak password.

    `languages` and `skills` (of the pack): in which a reviewer takes cases; none named: in all. `manages_staff`: a policy manager's right alone.
    """
    if role not in MAY_SIGN_IN:
        raise UnusableInput(f"nobody signs in as '{role}'; choose one of: {', '.join(MAY_SIGN_IN)}")
    if manages_staff and role != Role.POLICY_MANAGER:
        raise UnusableInput("who decides or audits cases does not manage the staff; only a policy manager may")
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
        with transaction.atomic():
            told = {"languages": [*languages], "skills": [*skills], "manages_staff": manages_staff}
            return User.objects.create_user(email, password, name=name, role=role, **told)
    except ValidationError as error:
        raise UnusableInput(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise UnusableInput(f"there is a user {email} already") from error
