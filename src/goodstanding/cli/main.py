"""`goodstanding`: one command, its parts loaded only when they are asked for (so `--help` is quick)."""

import importlib
import io
import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from goodstanding.core.errors import GoodstandingError

COMMANDS = {
    "read-notice": ("goodstanding.cli.read_notice", "What a notice says: stage, reasons, what is asked for, until when."),
    "health": ("goodstanding.cli.health", "How an account stands by the marketplace's own report, counted again."),
    "facts-from": ("goodstanding.cli.facts_from", "Facts from the order and feedback reports that a seller can download."),
    "assess": ("goodstanding.cli.assess", "Metrics, ratings and violations of every account, from a folder of facts."),
    "diagnose": ("goodstanding.cli.diagnose", "What explains a breach of one account: orders, products, days, carriers, sign-ins."),
    "tasks": ("goodstanding.cli.tasks", "What puts a breach right, ticked where the facts show that it is done."),
    "relate": ("goodstanding.cli.relate", "Which accounts hang together, by what, and what speaks against it."),
    "policy": ("goodstanding.cli.policy", "Check, show or compare policy packs, and try a change on history."),
    "draft": ("goodstanding.cli.draft", "Lay out a first draft of a plan of action or a dispute."),
    "check": ("goodstanding.cli.check", "Check a plan of action or a dispute before it is sent."),
    "reply": ("goodstanding.cli.reply", "The mail that answers a notice with a plan, its files held against what was asked."),
    "followups": ("goodstanding.cli.followups", "What was sent, what is due, and when to ask after it."),
    "demo": ("goodstanding.cli.server", "The whole loop on a made-up (or real) marketplace, then the pages."),
    "serve": ("goodstanding.cli.server", "Serve portal, console and API."),
    "worker": ("goodstanding.cli.server", "Run deadlines and send what waits in the outbox."),
    "manage": ("goodstanding.cli.server", "The server's own management commands."),
}
"""Command name -> (module that holds the function of that name, one line of help)."""


class LazyGroup(click.Group):
    """A click group that imports a command's module only when the command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the loop."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands without importing them: a shell asks at every press of a key."""
        names = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


_EXAMPLES = """\b
A seller with a notice begins like this:
  goodstanding read-notice notice.eml
  goodstanding health report.json
  goodstanding COMMAND --help        examples of every command

\b
Exit 0: fine, 1: a check found something, 2: unusable input (one line on stderr), 130: stopped.
Colour only where there is a terminal, and never with NO_COLOR set."""


@click.command(cls=LazyGroup, epilog=_EXAMPLES)
@click.version_option(package_name="goodstanding")
def goodstanding() -> None:
    """The account-standing system for online marketplaces: facts, ratings, enforcement, notices, appeals, reinstatement."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Exit 0: fine, 1: a check found something, 2: unusable input (one line on stderr)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign gets a question mark, never a traceback
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        result = goodstanding.main(None if arguments is None else list(arguments), prog_name="goodstanding", standalone_mode=False, color=colour)
    except GoodstandingError as error:
        click.echo(f"goodstanding: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Abort:
        click.echo("goodstanding: stopped", err=True)
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)
