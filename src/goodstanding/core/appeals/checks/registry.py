"""Every check, in the order in which findings of one place are told, and running them (requirement F2).

To add one: a function that yields hits, a line here, and its text in each language's `checks` words; a house test walks this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from goodstanding.core.appeals.checks import answers, claims, language, resends, routes, structure, substance, wording
from goodstanding.core.appeals.checks.context import Check, Checked, Hit, PlacedFinding
from goodstanding.core.policy.plan_words import PlanWords, Said
from goodstanding.core.terms import FindingSeverity, Route

ERROR, WARNING, INFO = FindingSeverity.ERROR, FindingSeverity.WARNING, FindingSeverity.INFO
PLAN, DISPUTE = frozenset({Route.PLAN}), frozenset({Route.DISPUTE})

CHECKS = (
    Check("gap", ERROR, "F4", language.find_gaps),
    Check("leftover", ERROR, "rule 14", language.find_leftovers),
    Check("false-count", ERROR, "F3", claims.find_false_counts),
    Check("other-count", WARNING, "F3", claims.find_other_counts),
    Check("false-rate", ERROR, "F3", claims.find_false_rates),
    Check("false-day", ERROR, "F3", claims.find_false_days),
    Check("strange-order", ERROR, "F3", claims.find_strange_orders),
    Check("forbidden-account", ERROR, "F0", routes.find_forbidden_accounts),
    Check("routes-mixed", ERROR, "rule 18", routes.find_mixed_routes),
    Check("wrong-language", ERROR, "rule 13", answers.find_wrong_language),
    Check("part-missing", WARNING, "rule 1", structure.find_missing_parts, PLAN),
    Check("grounds-missing", WARNING, "F0", structure.find_missing_grounds, DISPUTE),
    Check("part-empty", ERROR, "rule 1", structure.find_empty_parts, PLAN),
    Check("part-thin", INFO, "rule 1", structure.find_thin_parts, PLAN),
    Check("parts-out-of-order", WARNING, "rule 1", structure.find_disorder, PLAN),
    Check("no-points", WARNING, "rule 6", structure.find_no_points, PLAN),
    Check("long-paragraph", WARNING, "rule 6", structure.find_long_paragraphs),
    Check("too-long", WARNING, "rule 12", structure.find_too_long),
    Check("too-short", INFO, "rule 12", structure.find_too_short),
    Check("reason-unanswered", WARNING, "rule 2", answers.find_unanswered_reasons),
    Check("product-unanswered", WARNING, "rule 2", answers.find_unanswered_products),
    Check("document-missing", WARNING, "rule 16", answers.find_missing_documents),
    Check("document-kind", ERROR, "rule 16", answers.find_wrong_kinds),
    Check("document-old", ERROR, "rule 16", answers.find_old_documents),
    Check("document-large", ERROR, "rule 16", answers.find_large_files),
    Check("attachment-forgotten", WARNING, "F2", answers.find_promised_attachments),
    Check("document-edited", WARNING, "rule 17", wording.said_once_a_sentence("edited")),
    Check("surface-cause", WARNING, "rule 11", substance.find_surface_cause, PLAN),
    Check("cause-without-figure", WARNING, "rule 4", substance.find_cause_without_figure, PLAN),
    Check("action-without-proof", WARNING, "rule 4", substance.find_actions_without_proof, PLAN),
    Check("action-announced", WARNING, "rule 5", substance.find_future_actions, PLAN),
    Check("no-admission", INFO, "F2", substance.find_no_admission, PLAN),
    Check("metric-without-rate", INFO, "rule 20", substance.find_metric_without_rate, PLAN),
    Check("ignorance", WARNING, "rule 9", wording.said_once_a_sentence("ignorance"), PLAN),
    Check("blame-buyer", WARNING, "rule 8", wording.blame("blame_buyer")),
    Check("blame-platform", WARNING, "rule 7", wording.blame("blame_platform"), PLAN),
    Check("blame-others", WARNING, "rule 8", wording.blame("blame_others"), PLAN),
    Check("defensive", WARNING, "rule 7", wording.said_once_a_sentence("defensive"), PLAN),
    Check("rude", WARNING, "rule 7", wording.said("rude")),
    Check("question", WARNING, "rule 7", wording.find_questions),
    Check("emotive", WARNING, "rule 10", wording.said_once_a_sentence("emotive")),
    Check("off-topic", WARNING, "rule 10", wording.said_once_a_sentence("off_topic")),
    Check("apologies", WARNING, "rule 19", wording.find_many_apologies),
    Check("vague", WARNING, "rule 3", wording.said("vague")),
    Check("empty-promise", WARNING, "rule 5", wording.said_once_a_sentence("empty_promise")),
    Check("resend", WARNING, "rule 15", resends.find_resends),
    Check("spelling", INFO, "F2", language.slips("spelling")),
    Check("grammar", INFO, "F2", language.slips("grammar")),
    Check("chinese-marks", INFO, "F2", language.find_chinese_slips),
    Check("mixed-scripts", INFO, "rule 13", language.find_mixed_scripts),
)
"""The table of rules. `source`: the rule of the collected advice or the requirement it comes from."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of a score: so many findings of a severity count, at so many points each."""

    severity: FindingSeverity
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """`total` = `best` less all sums, never below 0. `left_out`: findings beyond those that count of one kind."""

    best: int
    sums: tuple[Sum, ...]
    total: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks say of a plan. `answered`: reason code -> whether the plan speaks of it."""

    route: Route
    language: str
    findings: tuple[PlacedFinding, ...]
    score: Score
    answered: dict[str, bool]

    @property
    def has_errors(self) -> bool:
        """Whether anything is found that should be mended before sending. Advice still: nothing is ever blocked."""
        return any(finding.severity is ERROR for finding in self.findings)


def run_checks(checked: Checked) -> Report:
    """Every check of the route, in the order of the text."""
    order = {check.code: number for number, check in enumerate(CHECKS)}
    findings = [_tell(checked, check, hit) for check in CHECKS if checked.route in check.routes for hit in check.find(checked)]
    findings.sort(key=lambda one: (one.place.line, one.place.column, order[one.code]))
    answered = {reason.code: answers.is_answered(checked, reason) for reason in checked.asked.reasons}
    return Report(checked.route, checked.words.language, tuple(findings), score_of(findings, checked.words), answered)


def score_of(findings: Iterable[PlacedFinding], words: PlanWords) -> Score:
    """The sum: points a finding by severity, each kind counted so many times at most."""
    bounds, counted, seen = words.bounds, dict.fromkeys(FindingSeverity, 0), dict[str, int]()
    left_out = 0
    for finding in findings:
        seen[finding.code] = seen.get(finding.code, 0) + 1
        if seen[finding.code] > bounds["score_most_of_a_kind"]:
            left_out += 1
        else:
            counted[finding.severity] += 1
    sums = tuple(Sum(severity, counted[severity], bounds[f"score_{severity}"]) for severity in FindingSeverity)
    best = bounds["score_best"]
    return Score(best, sums, max(0, best - sum(one.count * one.points for one in sums)), left_out)


def _tell(checked: Checked, check: Check, hit: Hit) -> PlacedFinding:
    words, source = checked.told or checked.words, checked.plan.source
    said = words.texts.get(check.code, Said(check.code, ""))
    place = source.place(hit.start, hit.end)
    return PlacedFinding(
        code=check.code,
        severity=hit.severity or check.severity,
        message=said.message.format(**hit.says),
        hint=said.hint.format(**hit.says),
        where=f"{source.name}:{place.line}:{place.column}",
        place=place,
    )
