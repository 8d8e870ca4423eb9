"""The holder's page of one case: where it stands, what is limited, why, and everything sent in either direction (requirements C1, G2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodstanding.core.appeals.evidence import download_name
from goodstanding.core.cases.lifecycle import APPEALABLE, CaseEvent, CaseState
from goodstanding.core.delegations import granted_rights
from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted
from goodstanding.core.notices import ACTS_OF
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import HolderKind, MailVerdict, Right, Role, Route
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.downloads import as_download
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import reasons_csv, show_case
from goodstanding.server.pages.turns import Turn, routes_of, steps_of, turn_of
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.drafts import begun_in, marks_of
from goodstanding.server.services.appeals import appeals_left, ask_after, withdraw_appeal
from goodstanding.server.services.copies import copy_of, without_links
from goodstanding.server.services.mails import submit_mail
from goodstanding.server.services.previews import NotCleaned, copy_for
from goodstanding.server.services.reading import KNOWN_TO_HOLDERS, CaseFile, case_file
from goodstanding.server.services.rights import PREFIX, WRITERS
from goodstanding.server.services.speaking import key_of
from goodstanding.server.services.standing import cases_behind, standing_of
from goodstanding.server.store.models import Account, Appeal, Case, Notice
from goodstanding.server.store.models.conversation import Speaker

RIGHTS_OF_TURN: Mapping[CaseState, frozenset[Right]] = {
    **dict.fromkeys(APPEALABLE, frozenset({Right.DRAFT, Right.APPEAL})),
    CaseState.INFORMATION_ASKED: frozenset({Right.DRAFT, Right.ANSWER}),
    CaseState.SOLVING: frozenset({Right.DRAFT, Right.SOLVE}),
}
"""Of which rights a delegate needs one for what the page's button leads to; in other states it only leads to something to read."""


@dataclass(frozen=True, slots=True)
class HappeningTold:
    """One thing that happened, and who did it in words: a delegate by name, the house without names."""

    kind: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class PermissionShown:
    """One act in the pack's words: allowed or not, and which cases stand in the way."""

    name: str
    allowed: bool
    closed: bool
    cases: tuple[Case, ...]


def holders_case(actor: Actor, case_id: str, *any_of: Right) -> Case:
    """A case of an account that the holder or delegate acts for. Raises NotFound otherwise, without telling which.

    `any_of`: a delegate needs one of these rights (NotPermitted), because the page is of no use without.
    """
    cases = Case.objects.select_related("account", "action").filter(KNOWN_TO_HOLDERS)
    case = cases.filter(pk=case_id, account_id__in=actor.accounts).first()
    if case is None:
        raise NotFound(f"there is no case {case_id}")
    if any_of and not actor.rights_in(case.account_id).intersection(any_of):
        raise NotPermitted("this page", [Role.HOLDER])
    return case


def permissions_of(account: Account, words: Words) -> list[PermissionShown]:
    """What an account may and may not do now, the forbidden first."""
    standing = standing_of(account_id=account.pk, now=timezone.now())
    shown = []
    for act in ACTS_OF[HolderKind(account.holder_kind)]:
        permission = standing.permissions[act]
        shown.append(PermissionShown(words.acts.get(act, act), permission.allowed, permission.closed, tuple(cases_behind(permission))))
    return sorted(shown, key=lambda one: one.allowed)


@require_safe
@for_party
def show(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page of a case."""
    file = case_file(actor=actor, case_id=case_id)
    case, pack, words, now = file.case, current_pack(), pack_words(), timezone.now()
    rights, names = actor.rights_in(case.account_id), names_of({one.actor for one in file.happenings})
    context = {
        "case": case,
        "turn": turn_for(actor, case, turn_of(case, pack, now)),
        "rights": rights_shown(actor, case.account_id),
        "steps": steps_of(case),
        "reasons": show_case(file, pack, words),
        "permissions": permissions_of(case.account, words),
        "appeals": _with_senders(file.appeals, names),
        "begun": begun_in(case) if rights & WRITERS else (),
        "marks": marks_of(case),
        "mails": case.mails.filter(verdict=MailVerdict.ACCEPTED).order_by("-received_at"),
        "mail_routes": routes_of(case, pack),
        "unread_messages": case.messages.filter(speaker=Speaker.STAFF, read_at=None).count(),
        "notices": _as_read(file.notices, actor, case),
        "happenings": _told(file, names),
        "may_withdraw": CaseEvent.WITHDRAW_APPEAL in file.possible,
        "appeals_left": appeals_left(pack, case),
        "may_ask_after": CaseEvent.ASK_AFTER in file.possible and case.raised_at is not None,
    }
    return render(request, "portal/case.html", context)


def rights_shown(actor: Actor, account_id: str) -> tuple[Right, ...]:
    """What a delegate may do, in the usual order, for the line that says on whose behalf everything is done; empty for a holder."""
    return granted_rights(actor.rights_in(account_id)) if actor.role == Role.DELEGATE else ()


def turn_for(actor: Actor, case: Case, turn: Turn) -> Turn:
    """The turn as its reader sees it: without the button, where a delegate may not do what it leads to."""
    leads_to = RIGHTS_OF_TURN.get(CaseState(case.state), frozenset({Right.READ}))
    return turn if leads_to & actor.rights_in(case.account_id) else replace(turn, button=None)


def _with_senders(appeals: Sequence[Appeal], names: Mapping[str, str]) -> list[Appeal]:
    """The appeals, newest first, each with the name of a delegate who sent it, or of the program by which the holder did."""
    for one in appeals:
        is_told = one.submitted_by.startswith(PREFIX) or key_of(one.submitted_by) is not None
        one.sent_by = names.get(one.submitted_by, "") if is_told else ""  # type: ignore[attr-defined]
    return list(reversed(appeals))


def _as_read(notices: Sequence[Notice], actor: Actor, case: Case) -> list[Notice]:
    """The letters, newest first; a delegate reads them without the holder's personal links."""
    for one in notices if actor.role == Role.DELEGATE else ():
        one.body = without_links(body=one.body, case_id=case.pk)
    return list(reversed(notices))


def _told(file: CaseFile, names: Mapping[str, str]) -> list[HappeningTold]:
    house = {Role.AUTOMATION: label("role", Role.AUTOMATION)}
    return [HappeningTold(one.kind, one.at, names.get(one.actor) or house.get(Role(one.role), _("our staff"))) for one in reversed(file.happenings)]


@require_safe
@for_party
def facts(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """Every item the decision rests on, as a file for a spreadsheet."""
    file, words = case_file(actor=actor, case_id=case_id), pack_words()
    text = reasons_csv(show_case(file, current_pack(), words), words)
    return _attachment(text.encode(), "text/csv; charset=utf-8", f"{case_id}-facts.csv")


@require_safe
@for_party
def notice(request: HttpRequest, actor: Actor, case_id: str, notice_id: str) -> HttpResponse:
    """A notice byte for byte as it was sent, for the holder's own records (requirement C5); for a delegate its copy, without the holder's personal links."""
    found = holders_case(actor, case_id).notices.filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"there is no notice {notice_id}")
    if actor.role == Role.DELEGATE:
        return _attachment(copy_of(actor=actor, notice_id=notice_id, case_id=case_id, now=timezone.now()), "message/rfc822", f"{found.pk}.eml")
    return _attachment(bytes(found.message), "message/rfc822", f"{found.pk}.eml")


@require_safe
@for_party
def file(request: HttpRequest, actor: Actor, case_id: str, evidence_id: str) -> HttpResponse:
    """A file of the case: as it was sent for who sent it, for others without what camera or program wrote into it."""
    evidence = holders_case(actor, case_id).evidence.filter(pk=evidence_id).first()
    if evidence is None:
        raise NotFound(f"there is no file {evidence_id}")
    try:
        content_type, data = copy_for(actor=actor, evidence_id=evidence_id, now=timezone.now())
    except NotCleaned:
        said = _(
            "This file says in its properties who made it, where and with what, and that could not be taken out. "
            "Who sent it can open it here; our reviewers have it as it was sent."
        )
        return refuse(request, status=409, title=_("Only who sent this file can open it"), said=said)
    return as_download(data, name=download_name(evidence.name, content_type), content_type=content_type)


@require_POST
@for_party
def withdraw(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """Take back the appeal that waits."""
    holders_case(actor, case_id)
    try:
        withdraw_appeal(call=call_of(actor), pack=current_pack(), case_id=case_id)
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, _("Your appeal is withdrawn. The decision stays in force, and you can appeal again while there is time."))
    return redirect("portal:case", case_id)


@require_POST
@for_party
def ask(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """Ask where the appeal stands; it keeps its place."""
    holders_case(actor, case_id)
    try:
        ask_after(call=call_of(actor), pack=current_pack(), case_id=case_id)
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, _("We have your question and have written to you. Your appeal keeps its place in the queue."))
    return redirect("portal:case", case_id)


@require_POST
@for_party
def choose(request: HttpRequest, actor: Actor, case_id: str, mail_id: str) -> HttpResponse:
    """Make a mail that did not say its route an appeal by the one that its writer chooses."""
    case = holders_case(actor, case_id)
    route = request.POST.get("route", "")
    if route not in set(Route) or not case.mails.filter(pk=mail_id).exists():
        raise NotFound(f"there is no mail {mail_id} that waits for your choice")
    try:
        submit_mail(call=call_of(actor), pack=current_pack(), mail_id=mail_id, route=Route(route))
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
        return redirect("portal:case", case_id)
    return redirect("portal:sent", case_id)


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
