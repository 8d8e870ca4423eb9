"""Which case of the demonstration goes how far, and whether each planted story came out as it should."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Route
from goodstanding.server.demo.people import (
    Play,
    Script,
    to_notice,
    to_question,
    to_refusal,
    to_reinstatement,
    to_waiting_appeal,
)
from goodstanding.server.policy import current_pack
from goodstanding.server.store.models import Case, EnforcementAction, Violation
from goodstanding.synthetic.truth import Expected, Story, Truth

SCRIPTS: Mapping[str, Script] = {
    "false_complaints": to_reinstatement,
    "bad_batch": to_refusal,
    "counterfeit": to_waiting_appeal,
    "carrier_turns_late": to_question,
    "bought_reviews": to_notice,
}
"""Story -> what people do about the first of its cases. The others stay as they are, for a visitor to decide."""

REAL_SCRIPTS: tuple[Script, ...] = (to_reinstatement, to_refusal, to_waiting_appeal, to_question, to_notice)
"""What happens to the gravest cases of a marketplace whose truth nobody planted."""


@dataclass(frozen=True, slots=True)
class StoryResult:
    """What became of one planted story."""

    key: str
    title: str
    expected: str
    came_out: bool
    what_was_found: str


def play_stories(play: Play, truth: Truth) -> Iterator[Case]:
    """Play the scripts of the planted stories, and give each case that was played."""
    for key, script in SCRIPTS.items():
        case = first_case(truth.story(key).accounts)
        if case is not None:
            script(play, case)
            yield case


def play_gravest(play: Play) -> Iterator[Case]:
    """Play one script on each of the gravest cases that are open to both routes."""
    order = {"deactivate": 0, "restrict": 1, "hold": 2, "warn": 3, "close": 4}
    waiting = Case.objects.filter(state__in=(CaseState.PROPOSED, CaseState.IN_FORCE)).select_related("action")
    cases = sorted(waiting, key=lambda case: (order[case.action.kind], case.account_id))
    both = [case for case in cases if _routes(case) == set(Route)]
    for script, case in zip(REAL_SCRIPTS, both, strict=False):
        script(play, case)
        yield case


def first_case(accounts: tuple[str, ...]) -> Case | None:
    """The gravest case of a story's accounts: the first one that a person has to decide, else the first."""
    cases = list(Case.objects.filter(account_id__in=accounts).select_related("action").order_by("opened_at", "account_id", "case_id"))
    return next((case for case in cases if case.state == CaseState.PROPOSED), cases[0] if cases else None)


def hold_against(truth: Truth) -> list[StoryResult]:
    """Hold what the system found against what was planted."""
    return [_result(story) for story in truth.stories]


def _result(story: Story) -> StoryResult:
    reasons_by_account: dict[str, set[str]] = {account: set() for account in story.accounts}
    for violation in Violation.objects.filter(account_id__in=story.accounts):
        reasons_by_account[violation.account_id].add(violation.reason)
    found = [account for account, reasons in reasons_by_account.items() if reasons & set(story.reasons)]
    acted = EnforcementAction.objects.filter(account_id__in=story.accounts).exclude(effective_at=None)
    alone = acted.filter(decided_by="goodstanding").count()
    seen = ", ".join(sorted(set().union(*reasons_by_account.values()))) or "nothing"
    if story.expected == Expected.FOUND:
        return StoryResult(
            story.key, story.title, story.expected, len(found) == len(story.accounts), f"{len(found)} of {len(story.accounts)} accounts: {seen}"
        )
    by_person = acted.exclude(decided_by="goodstanding").count()
    came_out = alone == 0 and (
        story.expected == Expected.NEEDS_PERSON or not EnforcementAction.objects.filter(account_id__in=story.accounts).exists()
    )
    return StoryResult(story.key, story.title, story.expected, came_out, f"{seen}; acted on by the system alone: {alone}, by a person: {by_person}")


def _routes(case: Case) -> set[Route]:
    reasons = current_pack().reasons
    return set.intersection(*(set(reasons[code].routes) for code in case.action.violations.values_list("reason", flat=True)))
