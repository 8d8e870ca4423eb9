"""What `goodstanding check` shows in a terminal: each finding with the writer's own line, and the score as a sum."""

import unicodedata

import click

from goodstanding.core.appeals.checks.context import PlacedFinding
from goodstanding.core.appeals.checks.reading import Source
from goodstanding.core.appeals.checks.registry import Report
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.terms import FindingSeverity

COLOURS = {FindingSeverity.ERROR: "red", FindingSeverity.WARNING: "yellow", FindingSeverity.INFO: "cyan"}
WIDTH = 100
"""Columns of a line of the writer's text that are shown, around the place."""

_BEFORE = 30


def show_report(report: Report, source: Source, words: PlanWords, *, colour: bool) -> str:
    """The findings, the reasons that are answered or not, and the sum."""
    lines = source.text.split("\n")
    blocks = [_finding(finding, lines[finding.place.line - 1], words, colour=colour) for finding in report.findings]
    if report.answered:
        blocks.append("\n".join(f"{words.labels['answered' if yes else 'unanswered']}: {code}" for code, yes in report.answered.items()))
    blocks.append(say_score(report, words))
    return "\n\n".join(blocks)


def say_score(report: Report, words: PlanWords) -> str:
    """The sum: best less so many findings at so many points each."""
    score, labels = report.score, words.labels
    less = [f"{_counted(one.count, labels[f'counted_{one.severity}'])} × {one.points}" for one in score.sums if one.count]
    text = labels["score"].format(total=score.total, best=score.best, sum=" − ".join([str(score.best), *less]))
    return text + (" " + labels["left_out"].format(count=score.left_out) if score.left_out else "") if less else labels["nothing_found"]


def _counted(count: int, forms: str) -> str:
    one, _, many = forms.partition("|")
    return f"{count} {one if count == 1 or not many else many}"


def _finding(finding: PlacedFinding, line: str, words: PlanWords, *, colour: bool) -> str:
    severity = words.labels[f"severity_{finding.severity}"]
    shade = COLOURS[finding.severity]
    head = f"{finding.where}: {click.style(severity, fg=shade, bold=True) if colour else severity}: {finding.message} [{finding.code}]"
    place = finding.place
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line)
    cut = max(0, start - _BEFORE) if len(line) > WIDTH else 0
    shown = line[cut : cut + WIDTH].replace("\t", " ")
    mark = "^" * max(1, _columns(line[start : min(end, cut + WIDTH)]))
    marked = " " * _columns(line[cut:start]) + (click.style(mark, fg=shade) if colour else mark)
    parts = [head, f"    {shown}", f"    {marked}"] if shown.strip() else [head]
    return "\n".join([*parts, f"    {words.labels['mend']}: {finding.hint}"] if finding.hint else parts)


def _columns(text: str) -> int:
    """Columns of a terminal; a Chinese sign takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
