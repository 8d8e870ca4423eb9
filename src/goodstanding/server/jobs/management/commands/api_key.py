"""`manage api_key`: list the keys of programs, rotate one, end a secret, revoke one. `manage make_api_key` makes one."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import end_secret, list_keys, revoke_key, rotate_key, why_dead
from goodstanding.server.store.models import ApiKey


class Command(BaseCommand):
    """Looks after keys."""

    help = "List the keys of programs, give one a second secret, end a secret, or revoke a key at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every key with its secrets and when they were last used")
        rotate = verbs.add_parser("rotate", help="print a second secret, this once; the present one ends by itself")
        rotate.add_argument("key", type=int)
        rotate.add_argument("--overlap", type=float, default=7, metavar="DAYS", help="how long the present secret stays good (default: 7 days)")
        end = verbs.add_parser("end", help="end one secret now")
        end.add_argument("key", type=int)
        end.add_argument("secret", type=int)
        verbs.add_parser("revoke", help="revoke a key with all its secrets now").add_argument("key", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked, and say what came of it."""
        call = Call(AUTOMATION, timezone.now())
        match options["verb"]:
            case "list":
                self._list(call)
            case "rotate":
                self.stdout.write(rotate_key(call=call, key_id=options["key"], overlap=timedelta(days=options["overlap"])))
            case "end":
                key = end_secret(call=call, key_id=options["key"], secret_id=options["secret"])
                self.stdout.write(f"the secret {options['secret']} of '{key.name}' has ended")
            case "revoke":
                self.stdout.write(f"'{revoke_key(call=call, key_id=options['key']).name}' is revoked")

    def _list(self, call: Call) -> None:
        for key in list_keys(actor=call.actor, now=call.now):
            self.stdout.write(f"{key.pk}  {key.name}  {' '.join(key.scopes)}  {why_dead(key, call.now) or 'good'}  {_reach(key)}".rstrip())
            for secret in key.good:  # type: ignore[attr-defined]
                used = f"last used {secret.last_used_at:%Y-%m-%d %H:%M}" if secret.last_used_at else "not used yet"
                ends = f", ends {secret.ends_at:%Y-%m-%d %H:%M}" if secret.ends_at else ""
                self.stdout.write(f"    secret {secret.pk}  …{secret.hint}  {used}{ends}")


def _reach(key: ApiKey) -> str:
    """The accounts a key is bound to; empty for one that speaks for all."""
    return f"for {' '.join(key.accounts)}" if key.accounts is not None else ""
