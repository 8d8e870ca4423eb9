"""Where a case stands for its holder: what happened, who acts next and by when, and the one thing to do (requirement G2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodstanding.core.cases.lifecycle import APPEALABLE, UNDER_APPEAL, CaseState
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind, HolderKind, Route
from goodstanding.server.pages.moments import say_moment
from goodstanding.server.services.appeals import appeals_left
from goodstanding.server.services.windows import as_value
from goodstanding.server.store.models import Case

TITLES: Mapping[str, object] = {
    ActionKind.WARN: gettext_lazy("You have received a warning"),
    ActionKind.HOLD: gettext_lazy("Your account is on hold"),
    ActionKind.RESTRICT: gettext_lazy("Your account is restricted"),
    ActionKind.DEACTIVATE: gettext_lazy("Your account is deactivated"),
    ActionKind.CLOSE: gettext_lazy("Your account is closed"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is. `who`: you, us or nobody; `tone` colours the page's head; `button` is (word, address)."""

    title: str
    lead: str
    who: str
    tone: str
    by: datetime | None = None
    button: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tracker; `state` is done, current or todo."""

    name: str
    state: str


def may_appeal(case: Case, pack: PolicyPack, now: datetime) -> bool:
    """Whether an appeal can be sent now: the state, the window, the attempts and at least one open route allow it."""
    in_time = case.appeal_until is None or now < case.appeal_until
    return case.state in APPEALABLE and in_time and appeals_left(pack, case) > 0 and bool(routes_of(case, pack))


def routes_of(case: Case, pack: PolicyPack) -> tuple[Route, ...]:
    """The routes that at least one of the case's reasons opens, in the order they are offered."""
    known = [pack.reasons[code] for code in case.action.violations.values_list("reason", flat=True) if code in pack.reasons]
    return tuple(route for route in Route if not known or any(route in reason.routes for reason in known))


def adds_documents(case: Case) -> bool:
    """Whether the case is offered the short way of only adding documents: a buyer's whose orders are on hold."""
    return case.state == CaseState.IN_FORCE and case.action.kind == ActionKind.HOLD and case.account.holder_kind == HolderKind.BUYER


def turn_of(case: Case, pack: PolicyPack, now: datetime) -> Turn:
    """Whose turn it is and what the page says first."""
    match CaseState(case.state):
        case CaseState.IN_FORCE:
            return _in_force(case, pack, now)
        case CaseState.SCHEDULED | CaseState.EXPIRED:
            return _not_now_in_force(case, pack, now)
        case CaseState.SUBMITTED | CaseState.IN_REVIEW | CaseState.SECOND_REVIEW | CaseState.ESCALATED:
            return _waiting(case, now)
        case CaseState.INFORMATION_ASKED:
            lead = _("The specialist who reviews your appeal has a question. Answer it, and the review goes on.")
            return Turn(
                _("We need something from you"), lead, "you", "warn", case.due_at, (_("Answer now"), reverse("portal:information", args=[case.pk]))
            )
        case CaseState.UPHELD:
            return _upheld(case, pack, now)
        case CaseState.FINAL:
            lead = _("The time to appeal this decision has ended. What is limited, and why, stays listed below.")
            return Turn(_("The decision is final"), lead, "nobody", "bad")
        case _:
            return _without_action(case)


def _without_action(case: Case) -> Turn:
    """The states in which nothing is limited by the action: before it, instead of it, or after it."""
    account = (_("See your account"), reverse("portal:account_of", args=[case.account_id]))
    match CaseState(case.state):
        case CaseState.SOLVING:
            return _solving(case)
        case CaseState.SETTLED:
            return Turn(
                _("This is settled"), _("It is put right. Nothing in your account is limited because of it."), "nobody", "good", None, account
            )
        case CaseState.MONITORING:
            return _monitored(case, account)
        case CaseState.DISMISSED:
            lead = _("We looked at it and took no action. Nothing in your account is limited because of it.")
            return Turn(_("No action was taken"), lead, "nobody", "good", None, account)
        case CaseState.PROPOSED:
            lead = _("A person looks at your case now and decides what follows. We write to you as soon as it is decided.")
            return Turn(_("We are deciding what follows"), lead, "us", "info")
        case _:
            lead = _("We have lifted what this decision had limited. You need do nothing more.")
            return Turn(_("The decision is lifted"), lead, "nobody", "good", None, account)


def _solving(case: Case) -> Turn:
    """Time to solve it: the holder's turn, or ours, while no time runs out for the holder."""
    button, title = (_("Open the page to solve it"), reverse("portal:solve", args=[case.pk])), _("Let us solve this together")
    if hasattr(case, "window") and as_value(case.window).is_our_turn:
        return Turn(title, _("Your account stays active. While it is our turn, the time does not run out for you."), "us", "info", None, button)
    lead = _("Your account stays active while we solve this together. Work with our specialist, or send us your plan, before the time below ends.")
    return Turn(title, lead, "you", "warn", case.due_at, button)


def _monitored(case: Case, account: tuple[str, str]) -> Turn:
    """What the holder has committed to is followed: after a reinstatement, or after a window in which nothing was ever limited."""
    button = (_("See your commitments"), reverse("portal:commitments", args=[case.pk])) if case.commitments.exists() else account
    if case.action.effective_at is None:
        lead = _("Nothing in your account is limited. Until the date below we look at whether your commitments are kept.")
        return Turn(_("Settled on your commitments"), lead, "you", "good", case.due_at, button)
    lead = _(
        "What this decision had limited is lifted. Until the date below we look at whether your commitments are kept; they are listed in our letter."
    )
    return Turn(_("Your account is reinstated on conditions"), lead, "you", "good", case.due_at, button)


def _not_now_in_force(case: Case, pack: PolicyPack, now: datetime) -> Turn:
    """An action that is announced, or one that is over; both can be appealed."""
    button = _appeal_button(case, _("Appeal this decision")) if may_appeal(case, pack, now) else None
    if case.state == CaseState.SCHEDULED:
        lead = _(
            "It takes effect on %(date)s. Until then your account stays as it is. If you appeal before, nothing takes effect until you are answered."
        )
        date = say_moment(case.due_at) if case.due_at else ""
        return Turn(_("A decision about your account takes effect later"), lead % {"date": date}, "you", "bad", case.due_at, button)
    lead = _("It ended on its own date and limits nothing any more. If you think it was wrong, you can still appeal.")
    return Turn(_("This decision has ended"), lead, "you" if button else "nobody", "info", case.appeal_until if button else None, button)


def _in_force(case: Case, pack: PolicyPack, now: datetime) -> Turn:
    title = str(TITLES[case.action.kind])
    tone = "warn" if case.action.kind in (ActionKind.WARN, ActionKind.HOLD) else "bad"
    if may_appeal(case, pack, now) and adds_documents(case):
        lead = _("Send us the documents named below; a photo is enough. A person looks at them, and you hear from us by e-mail.")
        return Turn(title, lead, "you", tone, case.appeal_until, (_("Add document"), reverse("portal:document", args=[case.pk])))
    if may_appeal(case, pack, now):
        lead = _(
            "If you think this is wrong, or if you have put it right, tell us. An appeal is free, you can write it in your own words, and a person reads it."
        )
        return Turn(title, lead, "you", tone, case.appeal_until, _appeal_button(case, _("Appeal this decision")))
    return Turn(
        title, _("This decision cannot be appealed here any more. The notice below names the other ways that are open to you."), "nobody", tone
    )


def _waiting(case: Case, now: datetime) -> Turn:
    if case.due_at is not None and case.due_at < now:
        lead = _("We promised you an answer by %(due)s and are late. Your case has moved up in the queue by itself; you lose nothing by waiting.")
        return Turn(_("Your appeal is waiting longer than it should"), lead % {"due": say_moment(case.due_at)}, "us", "warn", case.due_at)
    if case.state in (CaseState.SECOND_REVIEW, CaseState.ESCALATED):
        lead = _(
            "You need do nothing now. A second, senior person looks at it, because it matters much to you. We write to you as soon as it is decided."
        )
        return Turn(_("A senior specialist looks at your appeal"), lead, "us", "info", case.due_at)
    if case.state == CaseState.IN_REVIEW:
        return Turn(
            _("A specialist is reading your appeal"),
            _("You need do nothing now. We write to you as soon as it is decided."),
            "us",
            "info",
            case.due_at,
        )
    return Turn(
        _("We have your appeal"),
        _("You need do nothing now. A specialist will read it, and we write to you as soon as it is decided."),
        "us",
        "info",
        case.due_at,
    )


def _upheld(case: Case, pack: PolicyPack, now: datetime) -> Turn:
    title, left = _("The decision stands"), appeals_left(pack, case)
    if may_appeal(case, pack, now):
        lead = ngettext(
            "Below is why, reason by reason. With new information you can appeal %(count)d more time.",
            "Below is why, reason by reason. With new information you can appeal %(count)d more times.",
            left,
        )
        return Turn(title, lead % {"count": left}, "you", "bad", case.appeal_until, _appeal_button(case, _("Appeal again")))
    return Turn(title, _("Below is why, reason by reason. The answer we sent you names the other ways that are open to you."), "nobody", "bad")


def _appeal_button(case: Case, word: str) -> tuple[str, str]:
    return word, reverse("portal:appeal", args=[case.pk])


def steps_of(case: Case) -> tuple[Step, ...]:
    """The tracker: decision, appeal, review, answer."""
    names = (_("Decision"), _("Your appeal"), _("Review by a person"), _("Answer"))
    match CaseState(case.state):
        case CaseState.PROPOSED | CaseState.SOLVING:
            now = 0
        case CaseState.IN_FORCE | CaseState.SCHEDULED | CaseState.EXPIRED:
            now = 1
        case state if state in UNDER_APPEAL:
            now = 2
        case _:
            now = 3
    return tuple(Step(name, "done" if at < now else "current" if at == now else "todo") for at, name in enumerate(names))
