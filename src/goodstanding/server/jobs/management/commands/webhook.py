"""`manage webhook`: the addresses that events go to: list, add, rotate the secret, switch on and off, try one by a ping."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.webhooks import add_endpoint, choose_kinds, list_endpoints, ping_endpoint, rotate_secret, switch_endpoint


class Command(BaseCommand):
    """Looks after the addresses that events go to."""

    help = "List the addresses that events go to, add one, give one a new signing secret, switch one on or off, or send a test event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every address with what was last sent there")
        add = verbs.add_parser("add", help="add an address and print its signing secret")
        add.add_argument("url")
        add.add_argument("--only", action="append", metavar="KIND", help="of these kinds of events, appeal.* for a group (default: every kind)")
        only = verbs.add_parser("only", help="choose of which kinds of events an address is told from now on")
        only.add_argument("address", type=int)
        only.add_argument("kinds", nargs="*", metavar="KIND", help="like appeal.decided, or appeal.* for a group; none: every kind")
        rotate = verbs.add_parser("rotate", help="print a new signing secret; events are signed with the present one as well for a while")
        rotate.add_argument("address", type=int)
        rotate.add_argument("--overlap", type=float, default=7, metavar="DAYS", help="for how long (default: 7 days)")
        for verb, says in (("on", "switch an address on"), ("off", "switch it off"), ("ping", "queue a test event for it")):
            verbs.add_parser(verb, help=says).add_argument("address", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked, and say what came of it."""
        call, number = Call(AUTOMATION, timezone.now()), options.get("address", 0)
        match options["verb"]:
            case "list":
                self._list(call)
            case "add":
                endpoint, secret = add_endpoint(call=call, url=options["url"], kinds=options["only"] or ())
                self.stdout.write(f"{endpoint.pk}  {secret}")
            case "only":
                chosen = choose_kinds(call=call, endpoint_id=number, kinds=options["kinds"])
                self.stdout.write(f"{chosen.url} is told of {' '.join(chosen.kinds) or 'every kind'}")
            case "rotate":
                self.stdout.write(rotate_secret(call=call, endpoint_id=number, overlap=timedelta(days=options["overlap"])))
            case "ping":
                self.stdout.write(f"{ping_endpoint(call=call, endpoint_id=number).payload['id']} waits; the worker sends it")
            case verb:
                endpoint = switch_endpoint(call=call, endpoint_id=number, on=verb == "on")
                self.stdout.write(f"{endpoint.url} is {verb}")

    def _list(self, call: Call) -> None:
        for endpoint in list_endpoints(actor=call.actor):
            self.stdout.write(f"{endpoint.pk}  {endpoint.url}  {'on' if endpoint.is_active else 'off'}  {' '.join(endpoint.kinds)}".rstrip())
            for one in endpoint.last:  # type: ignore[attr-defined]
                became = "taken" if one.sent_at else "given up" if one.dead_at else "waits"
                self.stdout.write(f"    {one.payload.get('type')}  {one.created_at:%Y-%m-%d %H:%M}  {became}  {one.last_error}".rstrip())
