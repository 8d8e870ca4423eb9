"""What `goodstanding health` shows in a terminal: colour where there is one, lines of at most 80 columns where there is none."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from goodstanding.cli.health import Standing, Told, name_of_rate, say_condition, say_doubt, unknown_things
from goodstanding.cli.health_reading import store_name
from goodstanding.core.health.reported import Doubt, JudgedRate
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.terms import CriterionState, DoubtKind
from goodstanding.telling.wording import Wording

_STATUS_STYLES = {"NORMAL": "bold green", "AT_RISK": "bold yellow"}
_MARKS = {CriterionState.MET: ("✓", "green"), CriterionState.NOT_MET: ("✗", "red"), CriterionState.UNKNOWN: ("?", "dim")}
_HEADINGS = {
    DoubtKind.CONTRADICTION: ("contradictions", "yellow"),
    DoubtKind.MISSING: ("missings", "dim"),
    DoubtKind.SPELLING: ("spellings", "dim"),
    DoubtKind.NOTE: ("notes", "dim"),
}


def show(pack: PolicyPack, words: Words, said: Wording, standings: Sequence[Standing], told: Told, doubts: Sequence[Doubt]) -> None:
    """Print every marketplace, then what is doubtful, then what no report says."""
    console = Console(highlight=False)
    for standing in standings:
        _store(console, pack, words, said, standing)
    if told.rating is not None:
        band = words.term(str(pack.rating.band(told.rating)))
        console.print(said("health", "rating_number", number=told.rating, highest=pack.rating.highest, band=band), style="bold", markup=False)
        console.print()
    everything = [*doubts, *(doubt for standing in standings for doubt in standing.doubts)]
    for kind, (heading, style) in _HEADINGS.items():
        lines = [say_doubt(said, doubt) for doubt in everything if doubt.kind is kind]
        _list(console, said("health", heading), lines, style)
    _list(console, said("health", "not_in_report"), unknown_things(said, told), "dim")
    if any(standing.is_breached and standing.rates for standing in standings):
        console.print(said("health", "breach_tasks"), style="cyan", markup=False)


def _list(console: Console, heading: str, lines: Sequence[str], style: str) -> None:
    if lines:
        console.print(heading, style="bold", markup=False)
        for line in lines:
            _hang(console, "-", line, style)
        console.print()


def _hang(console: Console, mark: str, line: str, style: str) -> None:
    """A line under a mark, its further lines indented as its first."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark, style), Text(line, style))
    console.print(grid)


def _store(console: Console, pack: PolicyPack, words: Words, said: Wording, standing: Standing) -> None:
    store = standing.store
    name, status = store_name(store) or said("health", "unknown_store"), store.status or said("health", "unknown_status")
    key = "title_changed" if store.previous_status else "title"
    style = _STATUS_STYLES.get(store.status or "", "bold red" if store.status else "bold")
    console.print(said("health", key, store=name, status=status, before=store.previous_status or ""), style=style, markup=False)
    if standing.rates:
        console.print(_rates(words, said, standing.rates))
    if standing.counts:
        console.print(_counts(said, standing))
    if store.rating_status:
        console.print("  " + said("health", "rating_said", said=store.rating_status), markup=False)
    for what, status in store.warnings:
        console.print("  " + said("health", "warning_state", what=what, status=status), style="yellow", markup=False)
    if standing.assurance is not None:
        answer = "eligible" if standing.assurance.is_eligible else "not_eligible"
        console.print(f"  {said('health', 'assurance')}: {said('health', answer)}", markup=False)
        for judged in standing.assurance.criteria:
            mark, style = _MARKS[judged.state]
            _hang(console, mark, " ".join(part for part in say_condition(pack, words, said, judged) if part), style)
    console.print()


def _table(said: Wording, *headings: str) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for place, heading in enumerate(headings):
        table.add_column(said("health", heading), justify="right" if 0 < place < 3 else "left", overflow="fold")
    return table


def _rates(words: Words, said: Wording, rates: Sequence[JudgedRate]) -> Table:
    table = _table(said, "metric", "counted", "target", "verdict", "reported")
    for judged in rates:
        reported = judged.reported
        verdict, style = _verdict(said, judged)
        least = "≥ " if reported.is_least else ""
        counted = f"{least}{judged.rate.percent()} ({reported.numerator}/{reported.denominator})"
        says = " ".join(part for part in (str(reported.rate) if reported.rate is not None else "", reported.status or "") if part)
        cells = (Text(name_of_rate(words, said, judged)), Text(counted), Text(judged.target.text if judged.target else "-"))
        table.add_row(*cells, Text(verdict, style), Text(says, "yellow" if judged.doubts else "dim"))
    return table


def _verdict(said: Wording, judged: JudgedRate) -> tuple[str, str]:
    if judged.target is None:
        return said("health", "no_target"), "dim"
    if judged.met is None:
        return said("health", "unclear"), "yellow"
    if judged.met:
        return said("health", "met"), "green"
    return (said("health", "missed"), "bold red") if judged.is_enforced else (said("health", "small"), "yellow")


def _counts(said: Wording, standing: Standing) -> Table:
    table = _table(said, "violations", "count", "target", "verdict", "reported")
    for judged in standing.counts:
        reported = judged.reported
        verdict = Text(said("health", "met"), "green") if judged.met else Text(said("health", "missed"), "bold red")
        name = said.tables["health_fields"].get(reported.field, reported.field)
        says = Text(reported.status or "", "yellow" if judged.doubts else "dim")
        table.add_row(Text(name), Text(str(reported.count)), Text(judged.target.text), verdict, says)
    return table
