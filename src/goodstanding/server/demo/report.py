"""How the demonstration tells what it does: a live line on a terminal, plain lines elsewhere, and a summary to read."""

from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from goodstanding.server.demo.run import Summary


class Teller:
    """Says what is being done; on a terminal with a spinner and the step under way."""

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False)
        self.status = self.console.status("Starting") if self.console.is_terminal else None
        self.title = ""

    def __enter__(self) -> "Teller":
        if self.status:
            self.status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.status:
            self.status.stop()

    def say(self, what: str) -> None:
        """Begin a new part of the story."""
        self.title = what
        self.console.print(f"[bold]•[/bold] {escape(what)}")
        if self.status:
            self.status.update(escape(what))

    def progress(self, what: str, done: int, of: int) -> None:
        """Show the step under way; only a terminal is told."""
        if self.status:
            share = f" {done} of {of}" if of else ""
            self.status.update(f"{escape(self.title)}: {escape(what)}{share}")


def render(summary: Summary, addresses: dict[str, str], seconds: float) -> None:
    """Print the summary for people."""
    console = Console(highlight=False)
    if summary.stories:
        table = Table(title="The planted stories", title_justify="left", show_edge=False, pad_edge=False)
        for heading in ("", "story", "should be", "what was found"):
            table.add_column(heading, overflow="fold")
        for story in summary.stories:
            table.add_row("[green]yes[/]" if story.came_out else "[red]NO[/]", escape(story.title), story.expected, escape(story.what_was_found))
        console.print(table)
    states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in summary.cases_by_state.items())
    for line in (
        f"{summary.accounts:,} accounts assessed as of {summary.as_of} by {summary.policy_pack}; {summary.fact_findings} fact rows could not be used",
        f"{summary.violations_open} violations open, {summary.actions_in_force} actions in force, {summary.proposals_waiting} proposals wait for a person",
        f"cases: {states}",
        f"{summary.notices} notices; {summary.mails_written} mails in {summary.mail_folder}",
        *(
            f"reinstated: account {one['account']} (case {one['case']}), which may {'sell again' if one['may_sell'] else 'not sell: another action still limits it'}"
            for one in summary.reinstated
        ),
        f"ledger: {summary.ledger_entries} entries, {summary.ledger_breaks or 'no'} break{'s' if summary.ledger_breaks > 1 else ''}",
        f"took {seconds:.0f} s",
    ):
        console.print(f"  {escape(line)}", soft_wrap=True)
    for title, address in addresses.items():
        console.print(f"  {escape(title)}: {address}", soft_wrap=True)
