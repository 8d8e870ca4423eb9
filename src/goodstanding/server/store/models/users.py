"""Staff of the marketplace, and holders who sign in with a password. A suspended holder comes in by the notice's link instead."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from goodstanding.core.terms import Role
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint


class UserManager(BaseUserManager["User"]):
    """Makes users with hashed passwords."""

    def create_user(self, email: str, password: str | None, **fields: Any) -> "User":
        """Make a user; `password` None: one who cannot sign in by password."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in, in exactly one role (requirement K5)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = term(Role)
    language = models.CharField(max_length=20, blank=True)
    languages = models.JSONField(default=list, blank=True, help_text="languages in which the user reviews; empty: all")
    skills = models.JSONField(default=list, blank=True, help_text="skills of the pack that the user has; empty: all")
    is_active = models.BooleanField(default=True)
    accounts = models.ManyToManyField(Account, blank=True, related_name="users")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        """Constraints."""

        constraints = [term_constraint("role", Role, "user_role")]

    def __str__(self) -> str:
        return self.name
