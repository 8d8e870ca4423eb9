"""Staff of the marketplace, and holders who sign in with a password. A suspended holder comes in by the notice's link instead."""

from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from goodstanding.core.terms import Role
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import choices, term, term_constraint


class OffBy(StrEnum):
    """Who switched a user off. What single sign-on took it gives back; what a person took only a person gives back."""

    PERSON = "person"
    SINGLE_SIGN_ON = "single_sign_on"


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
    manages_staff = models.BooleanField(default=False, help_text="may make staff users and change them; never the user itself")
    is_active = models.BooleanField(default=True)
    off_by = models.CharField(max_length=40, blank=True, choices=choices(OffBy), help_text="who switched the user off; empty while active")
    accounts = models.ManyToManyField(Account, blank=True, related_name="users")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        """Constraints."""

        constraints = [term_constraint("role", Role, "user_role"), term_constraint("off_by", OffBy, "user_off_by", or_blank=True)]

    def __str__(self) -> str:
        return self.name
