"""`manage make_user`: somebody who signs in."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.users import MAY_SIGN_IN, make_user


class Command(BaseCommand):
    """Makes a user."""

    help = "Make a user. The password is asked for, or read from standard input where that is no terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=[str(role) for role in MAY_SIGN_IN])
        pack = current_pack()
        parser.add_argument("--language", action="append", default=[], choices=pack.languages, help="a language in which cases are taken; repeatable")
        parser.add_argument("--skill", action="append", default=[], choices=[*pack.queue.skills], help="a skill of the pack; repeatable")

        parser.add_argument("--manages-staff", action="store_true", help="a policy manager who may make and change users of the staff")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the user, and say so."""
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        call = Call(AUTOMATION, timezone.now())
        abilities = {"languages": options["language"], "skills": options["skill"], "manages_staff": options["manages_staff"]}
        user = make_user(call=call, email=options["email"], name=options["name"], role=Role(options["role"]), password=password, **abilities)
        self.stdout.write(f"{user.email} may sign in as {user.role}")
