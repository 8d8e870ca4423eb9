"""One page with everything a reviewer needs, and every act the state and role allow, as forms (requirements H1, H2, H5, H6)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import REVIEWERS, CaseEvent, CaseState
from goodstanding.core.errors import GoodstandingError, NotFound, UnusableInput
from goodstanding.core.linkage.judgements import GROUNDS
from goodstanding.core.notices import Condition
from goodstanding.core.terms import Approval, RelationVerdict, Role, Route
from goodstanding.core.values import Actor
from goodstanding.server.console.acts import ACTS, Doing, because_of
from goodstanding.server.console.measures import read_measures
from goodstanding.server.console.noting import put_aside, show_notes, write
from goodstanding.server.console.offers import offers_of
from goodstanding.server.console.reviewing import (
    FILL,
    PREVIEW,
    REHEARSALS,
    LetterShown,
    PrecedentShown,
    draft_for,
    look_in,
    precedents_for,
    read_verdicts,
    say_beside,
    show_letter,
    show_openings,
)
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.conversation import conversation
from goodstanding.server.pages.errors import typed_in
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_language, pack_words
from goodstanding.server.pages.live import allow_live
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.plan_checks import ChecksShown, check_answer
from goodstanding.server.pages.plots import plot_rating
from goodstanding.server.pages.reasons import ReasonShown, show_case, with_relations
from goodstanding.server.policy import current_pack
from goodstanding.server.services.actions import approve_action, dismiss_action, rescind_action
from goodstanding.server.services.quality import held_blind_of, note_outcomes_seen
from goodstanding.server.services.reading import CaseFile, Happening, case_file
from goodstanding.server.services.rehearsing import rehearse
from goodstanding.server.services.releases import OVER, keep_limits, release_account
from goodstanding.server.services.reviews import HELD_IN, ask_information, claim_case, decide_appeal, release_case
from goodstanding.server.services.separation import may_review
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Appeal, Case, CaseNote, ReleaseProposal


@dataclass(frozen=True, slots=True)
class Verdict:
    """A contested violation with what the reviewer has typed so far."""

    reason: ReasonShown
    outcome: str
    because: str
    ground: str
    precedents: list[PrecedentShown]

    @property
    def is_incomplete(self) -> bool:
        """Whether the outcome or its reason is missing."""
        return not self.outcome or not self.because.strip()


@dataclass(frozen=True, slots=True)
class HappeningShown:
    """A ledger entry with the name of who acted and its body as readable text."""

    happening: Happening
    who: str
    body: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page; a POST does what the button `do` names, and shows the page again with what was typed where it cannot be done."""
    account_id = Case.objects.filter(pk=case_id).values_list("account_id", flat=True).first() or ""
    if appeal_id := held_blind_of(actor=actor, account_id=account_id):
        return redirect("console:blind", appeal_id)
    note_outcomes_seen(call=call_of(actor), account_id=account_id)
    if request.method != "POST":
        return _page(request, actor, case_id)
    if request.POST.get("do", "").startswith(REHEARSALS):
        return _rehearse(request, actor, case_id)
    named = request.POST.get("do", "")
    if named not in DOINGS:
        return _page(request, actor, case_id, wrong=_("Please use one of the buttons of this page."), status=422)
    do, done = DOINGS[named]
    try:
        made = do(request, actor, case_id)
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, actor, case_id, wrong=say_error(error), failed=named, status=status_of(error))
    messages.success(request, _say_done(named, made, str(done)))
    response = redirect("console:case", case_id)
    if isinstance(made, CaseNote):
        response["Location"] += "#notes"
    return response


def _say_done(named: str, made: object, usual: str) -> str:
    """What the page says once it is done; a closing that is approved is not in force yet."""
    if named == "approve" and isinstance(made, Case) and made.state == CaseState.SCHEDULED:
        return _("The action is approved and announced to the holder. It takes effect by itself on its day, if it is still called for.")
    if named == "decide" and isinstance(made, Appeal) and not made.outcome:
        return _("Your decision waits for a second person. Nothing happens before they agree.")
    return usual


def _rehearse(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """Show the page again with a draft filled in, or with what an act would do and the letter it would send. Nothing is done."""
    named = request.POST["do"]
    if named.startswith(FILL):
        return _page(request, actor, case_id, failed="decide", drafted=draft_for(case_id, named.removeprefix(FILL)))
    named = named.removeprefix(PREVIEW)
    if named not in PREVIEWED:
        return _page(request, actor, case_id, wrong=_("Please use one of the buttons of this page."), status=422)
    do, _done = DOINGS[named]
    try:
        seen = rehearse(pack=current_pack(), case_id=case_id, doing=lambda: do(request, actor, case_id))
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, actor, case_id, wrong=say_error(error), failed=named, status=status_of(error))
    return _page(request, actor, case_id, failed=named, letter=show_letter(named, seen))


def _approve(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return approve_action(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _dismiss(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return dismiss_action(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _rescind(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return rescind_action(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _claim(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return claim_case(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _release(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return release_case(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _ask(request: HttpRequest, actor: Actor, case_id: str) -> object:
    items = [*request.POST.getlist("evidence"), *request.POST.get("items", "").splitlines()]
    if not any(item.strip() for item in items):
        raise UnusableInput(_("name at least one thing that the holder shall send"))
    return ask_information(call=call_of(actor), pack=current_pack(), case_id=case_id, items=items)


def _decide(request: HttpRequest, actor: Actor, case_id: str) -> object:
    verdicts, grounds = read_verdicts(request)
    conditions = [Condition(one.measure, one.due, one.metric) for one in read_measures(request.POST)]
    return decide_appeal(call=call_of(actor), pack=current_pack(), case_id=case_id, verdicts=verdicts, grounds=grounds, conditions=conditions)


def _free(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return release_account(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _keep(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return keep_limits(call=call_of(actor), case_id=case_id, because=because_of(request))


DOINGS: dict[str, tuple[Doing, object]] = {
    "approve": (_approve, gettext_lazy("The action is in force and the holder is told.")),
    "dismiss": (_dismiss, gettext_lazy("The proposal is dismissed. The holder is told nothing, because nothing happened.")),
    "rescind": (_rescind, gettext_lazy("The action is taken back and the holder is told.")),
    "claim": (_claim, gettext_lazy("The case is yours.")),
    "release": (_release, gettext_lazy("The case is back in the queue, at its old place.")),
    "ask": (_ask, gettext_lazy("The question is sent to the holder.")),
    "decide": (_decide, gettext_lazy("The appeal is decided and the holder is told.")),
    "free": (_free, gettext_lazy("The action is lifted and the holder is told.")),
    "keep": (_keep, gettext_lazy("The action stays in force.")),
    "note": (write, gettext_lazy("The note is kept.")),
    "set_aside": (put_aside, gettext_lazy("It is off the list.")),
    **ACTS,
}
"""What each button does, and what the page says once it is done."""

WRITTEN_INTO = {
    **{named: named for named in ("dismiss", "ask", "decide", "rescind", "disagree", "at_once", "cure", "hand_over", "escalate")},
    "keep": "free",
    "release_money": "release_money",
    "hold_money": "hold_money",
    "note": "note",
}
"""The forms with fields, and the act whose being offered shows the form: what is wrong is said there, else above the page with what was typed."""

PREVIEWED = frozenset({"approve", "at_once", "decide", "agree", "free", "rescind", "cure"})
"""What a holder gets a letter of, and so can be seen before it is done."""


def _page(
    request: HttpRequest,
    actor: Actor,
    case_id: str,
    *,
    wrong: str = "",
    failed: str = "",
    status: int = 200,
    drafted: Mapping[str, str] | None = None,
    letter: LetterShown | None = None,
) -> HttpResponse:
    file = case_file(actor=actor, case_id=case_id)
    others = look_in(request, actor, file.case)
    case, pack, words = file.case, current_pack(), pack_words()
    reasons = with_relations(show_case(file, pack, words), words, actor.role)
    names = names_of(_everybody(file))
    offers = offers_of(actor, file, pack, words, request.POST if failed == "decide" else None)
    may = _may(actor, file) | offers.may
    wrong_in = failed if wrong and failed in WRITTEN_INTO and WRITTEN_INTO[failed] in may | {"note"} else ""
    context = {
        "case": case,
        "file": file,
        "wrong": wrong,
        "wrong_in": wrong_in,
        "unsent": typed_in(request) if wrong and not wrong_in else [],
        "failed": failed,
        "typed": request.POST if wrong or letter else {},
        "letter": letter,
        "opened": request.GET.get("open", ""),
        "beside": say_beside(others),
        "openings": show_openings(file),
        "action_name": words.actions.get(case.action.kind, case.action.kind),
        "reasons": reasons,
        "release": ReleaseProposal.objects.filter(case=case).first(),
        "denials": [(ground, words.term(ground)) for ground in GROUNDS[RelationVerdict.DENIED]],
        "appeal": file.latest_appeal,
        "earlier": tuple(reversed(file.appeals[:-1])),
        "checks": _checks(file, reasons),
        "may": may,
        "offers": offers,
        "is_mine": case.assignee == actor.id,
        "may_take_next": actor.role in REVIEWERS,
        "is_own_decision": bool(case.action.decided_by) and case.action.decided_by == actor.id,
        "assignee": names.get(case.assignee, ""),
        "decider": names.get(case.action.decided_by, ""),
        "verdicts": _verdicts(request, reasons, precedents_for(file), typed=failed == "decide", drafted=drafted or {}),
        "evidence_kinds": _evidence_kinds(reasons),
        "standing": standing_of(account_id=case.account_id, now=timezone.now()),
        "plot": plot_rating(file.ratings, pack.rating, max(case.action.as_of, file.ratings[-1].as_of)) if file.ratings else None,
        "limits": [(limit, words.acts.get(limit.act, limit.act), names.get(limit.owner, limit.owner)) for limit in file.limits],
        "came_in": case.mails.order_by("-received_at"),
        "happenings": [_happening(one, names) for one in reversed(file.happenings)],
    }
    context |= show_notes(request, actor, case)
    context |= conversation(request, actor, case, door="staff", address=reverse("console:messages", args=[case.pk]))
    return allow_live(request, render(request, "console/case.html", context, status=status))


def _checks(file: CaseFile, reasons: list[ReasonShown]) -> ChecksShown | None:
    """What the checks say of the newest appeal, in the reviewer's language."""
    appeal = file.latest_appeal
    if appeal is None:
        return None
    answer = Answer(Route(appeal.route), appeal.root_cause, appeal.corrective, appeal.preventive, appeal.grounds)
    sent = appeal.submitted_at.date()
    return check_answer(answer, reasons, current_pack(), sent, earlier=file.appeals[:-1], told_in=pack_language())


def _may(actor: Actor, file: CaseFile) -> set[str]:
    """The forms to show: what the table allows, less what the person may not do with this very case."""
    case, possible = file.case, set(file.possible)
    may = {str(event) for event in possible & {CaseEvent.DISMISS, CaseEvent.RESCIND}}
    if (
        case.state == CaseState.PROPOSED
        and CaseEvent.APPROVE in possible
        and (case.action.approval != Approval.SENIOR or actor.role == Role.SENIOR_SPECIALIST)
    ):
        may.add("approve")
    if CaseEvent.CLAIM in possible and not case.assignee and may_review(actor=actor, case=case):
        may.add("claim")
    if CaseEvent.RELEASE in possible and case.assignee and (case.assignee == actor.id or actor.role == Role.SENIOR_SPECIALIST):
        may.add("release")
    if case.state in HELD_IN and case.assignee == actor.id and CaseEvent.ASK_INFORMATION in possible:
        may |= {"ask", "decide"}
    if actor.role in REVIEWERS and case.state not in OVER and ReleaseProposal.objects.filter(case=case, outcome="").exists():
        may |= {"free"}
    return may


def _verdicts(
    request: HttpRequest, reasons: list[ReasonShown], past: Mapping[str, list[PrecedentShown]], *, typed: bool, drafted: Mapping[str, str]
) -> list[Verdict]:
    data = request.POST if typed else {}
    shown = []
    for reason in reasons:
        if reason.is_contested:
            key = reason.violation.pk
            outcome, because, ground = (data.get(f"{part}-{key}", "") for part in ("outcome", "because", "ground"))
            shown.append(Verdict(reason, outcome, drafted.get(key, because), ground, past.get(key, [])))
    return shown


def _evidence_kinds(reasons: list[ReasonShown]) -> list[tuple[str, str]]:
    """The kinds of evidence that the case's reasons call for, to be asked for with one click."""
    pack, words = current_pack(), pack_words()
    known = [pack.reasons[reason.violation.reason] for reason in reasons if reason.violation.reason in pack.reasons]
    return [(key, words.evidence.get(key, key)) for key in dict.fromkeys(key for reason in known for key in reason.evidence)]


def _everybody(file: CaseFile) -> set[str]:
    return {
        file.case.assignee,
        file.action.decided_by,
        *(limit.owner for limit in file.limits),
        *(one.actor for one in file.happenings),
    }


def _happening(one: Happening, names: dict[str, str]) -> HappeningShown:
    body = json.dumps(one.body, ensure_ascii=False, indent=2) if one.body else ""
    return HappeningShown(one, names.get(one.actor, one.actor), body)
