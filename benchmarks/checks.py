"""How the checks of plans do on labelled plans, and how long they take: `python -m benchmarks.checks`.

Reads `notices/notices.jsonl` of the data beside the checkout (GOODSTANDING_DATA, default ../shared/data): plans labelled poa_good or poa_bad by
what stands in them. Prints findings a plan, the ratio of the means, every error found on a good plan, and the time for a text of two pages.
Before that the same of our own plans in `tests/core/appeals/checks/plans`, written in rounds; they need no data.
"""

import json
import os
import statistics
import time
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

from goodstanding.core.appeals.checks.asking import checks_of, names_of
from goodstanding.core.appeals.checks.context import Checked
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import Source, read_plan
from goodstanding.core.appeals.checks.registry import Report, run_checks
from goodstanding.core.appeals.checks.routes import route_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.intake.spelling import slips_of
from goodstanding.packs.loader import load_pack

TODAY = date(2026, 11, 22)
TWO_PAGES = 900
"""Words; the time is taken on the plans put together up to so many."""

OWN = Path(__file__).parents[1] / "tests" / "core" / "appeals" / "checks" / "plans"
"""Where our own labelled plans lie."""

RUNS = 15


def check_text(pack: PolicyPack, text: str, name: str) -> Report:
    """All checks on a text, spelling included, as `goodstanding check` runs them without a notice."""
    languages = checks_of(pack)
    spoken = language_of(text, languages)
    plan = read_plan(Source(text, name), languages[spoken])
    slips = slips_of(text, spoken, languages[spoken].words)
    return run_checks(Checked(plan, route_of(plan), TODAY, slips=slips, quoted=names_of(pack, spoken)))


def labelled(folder: Path) -> list[dict[str, str]]:
    """The plans of the collection that carry a label."""
    rows = [json.loads(line) for line in (folder / "notices" / "notices.jsonl").read_text("utf-8").splitlines() if line.strip()]
    return [row for row in rows if row["kind"] in ("poa_good", "poa_bad")]


def own_rounds() -> dict[str, list[dict[str, str]]]:
    """Our own labelled plans, by the round they were written in."""
    rounds = {path.stem: tomllib.loads(path.read_text("utf-8"))["plan"] for path in sorted(OWN.glob("*_round.toml"))}
    return {name: [{**plan, "kind": f"poa_{plan['kind']}"} for plan in plans] for name, plans in rounds.items()}


def findings_of(pack: PolicyPack, rows: list[dict[str, str]]) -> dict[str, dict[str, Report]]:
    """Kind -> plan -> what was found in it."""
    reports: dict[str, dict[str, Report]] = {"poa_good": {}, "poa_bad": {}}
    for row in rows:
        reports[row["kind"]][row["id"]] = check_text(pack, row["text"], row["id"])
    return reports


def mean_findings(reports: dict[str, Report]) -> float:
    """Findings a plan, of every severity."""
    return statistics.mean(len(report.findings) for report in reports.values())


def main() -> None:
    """Print everything."""
    pack = load_pack("amazon")
    for name, plans in own_rounds().items():
        of_round = findings_of(pack, plans)
        means = {kind: mean_findings(of_kind) for kind, of_kind in of_round.items()}
        errors = sum(report.has_errors for report in of_round["poa_good"].values())
        print(
            f"{name}: {len(plans)} plans, findings a plan: bad {means['poa_bad']:.2f}, good {means['poa_good']:.2f}; good ones with an error: {errors}"
        )
    rows = labelled(Path(os.environ.get("GOODSTANDING_DATA", "../shared/data")))
    reports = findings_of(pack, rows)
    for kind, of_kind in reports.items():
        told = ", ".join(f"{name} {len(report.findings)} ({report.score.total})" for name, report in of_kind.items())
        print(f"{kind}: {len(of_kind)} plans, findings (score): {told}")
    good, bad = mean_findings(reports["poa_good"]), mean_findings(reports["poa_bad"])
    print(f"findings a plan: bad {bad:.2f}, good {good:.2f}, ratio {bad / good:.2f}")
    scores = {kind: statistics.mean(report.score.total for report in of_kind.values()) for kind, of_kind in reports.items()}
    print(f"score: bad {scores['poa_bad']:.0f}, good {scores['poa_good']:.0f}")
    print("errors on good plans:")
    for report in reports["poa_good"].values():
        for finding in report.findings:
            if finding.severity == "error":
                print(f"  {finding.line()}")
    print("findings a code (bad plans / good plans):")
    counts = {kind: Counter(finding.code for report in of_kind.values() for finding in report.findings) for kind, of_kind in reports.items()}
    for code in sorted(counts["poa_bad"] | counts["poa_good"]):
        print(f"  {code:24} {counts['poa_bad'][code]:3} / {counts['poa_good'][code]}")
    _time(pack, rows)


def _time(pack: PolicyPack, rows: list[dict[str, str]]) -> None:
    text = ""
    for row in rows:
        if len(text.split()) >= TWO_PAGES:
            break
        text += row["text"] + "\n\n"
    began = time.perf_counter()
    check_text(pack, "We shipped late.", "warm")
    started = time.perf_counter() - began
    times = []
    for run in range(RUNS):
        began = time.perf_counter()
        check_text(pack, f"{text}\nRun {run}.", "two pages")
        times.append(time.perf_counter() - began)
    print(
        f"first check of a process {1000 * started:.0f} ms; {len(text.split())} words: median {1000 * statistics.median(times):.0f} ms, worst {1000 * max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
