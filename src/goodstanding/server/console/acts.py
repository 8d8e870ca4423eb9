"""What else can be done on the page of a case: the second person's word, who holds it, held money, a closing without notice, links (H1, A7, C2).

Each act is a button of the page that only who may use it sees; the services check again and say who may.
"""

from collections.abc import Callable
from datetime import date, datetime, time

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import NoticeException, Role
from goodstanding.core.values import Actor
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of
from goodstanding.server.pages.people import STAFF_PREFIX
from goodstanding.server.policy import current_pack
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.cures import cure_action
from goodstanding.server.services.held_money import hold_money, parse_amount, release_money
from goodstanding.server.services.leases import escalate_case, extend_lease, hand_over
from goodstanding.server.services.links import withdraw_links
from goodstanding.server.services.second import agree, disagree
from goodstanding.server.store.models import Case, User

Doing = Callable[[HttpRequest, Actor, str], object]


def because_of(request: HttpRequest) -> str:
    """The reason that was typed. Raises UnusableInput where there is none, or too much."""
    return check_words(request.POST.get("because", ""), or_say=_("say why: the reason is kept with the case"))


def _agree(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return agree(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _disagree(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return disagree(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _extend(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return extend_lease(call=call_of(actor), pack=current_pack(), case_id=case_id)


def _hand_over(request: HttpRequest, actor: Actor, case_id: str) -> object:
    key = request.POST.get("to", "")
    colleague = User.objects.filter(pk=int(key), is_active=True, role__in=REVIEWERS).first() if key.isdecimal() else None
    if colleague is None:
        raise UnusableInput(_("choose a colleague who reviews cases"))
    to = Actor(f"{STAFF_PREFIX}{colleague.pk}", Role(colleague.role))
    return hand_over(call=call_of(actor), pack=current_pack(), case_id=case_id, to=to)


def _escalate(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return escalate_case(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _at_once(request: HttpRequest, actor: Actor, case_id: str) -> object:
    named = request.POST.get("exception", "")
    if named not in set(NoticeException):
        raise UnusableInput(_("choose which exception of the law holds"))
    because = because_of(request)
    return approve_action(call=call_of(actor), pack=current_pack(), case_id=case_id, exception=NoticeException(named), because=because)


def _hold_money(request: HttpRequest, actor: Actor, case_id: str) -> object:
    data, pack = request.POST, current_pack()
    currency = data.get("currency", "").strip().upper()
    amount = parse_amount(data.get("amount", ""), currency)
    if amount is None:
        raise UnusableInput(_("write the amount in digits with the three letters of its currency, like 120.50 and EUR"))
    try:
        day = date.fromisoformat(data.get("until", ""))
    except ValueError:
        raise UnusableInput(_("give the day on which the money is free again")) from None
    case = Case.objects.select_related("account").filter(pk=case_id).first()
    until = datetime.combine(day, time.min, pack.zone(case.account.marketplace if case else ""))
    return hold_money(call=call_of(actor), pack=pack, case_id=case_id, amount=amount, currency=currency, because=because_of(request), until=until)


def _release_money(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return release_money(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _cure(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return cure_action(call=call_of(actor), pack=current_pack(), case_id=case_id, because=because_of(request))


def _withdraw_links(request: HttpRequest, actor: Actor, case_id: str) -> object:
    return withdraw_links(call=call_of(actor), case_id=case_id)


ACTS: dict[str, tuple[Doing, object]] = {
    "agree": (_agree, gettext_lazy("You agreed. The appeal is decided and the holder is told.")),
    "disagree": (_disagree, gettext_lazy("The case is back with the first person, with your reason.")),
    "extend": (_extend, gettext_lazy("You hold the case longer.")),
    "hand_over": (_hand_over, gettext_lazy("The case is handed over.")),
    "escalate": (_escalate, gettext_lazy("A senior specialist decides the appeal now.")),
    "at_once": (_at_once, gettext_lazy("The closing is in force and the holder is told.")),
    "hold_money": (_hold_money, gettext_lazy("The money is held and the holder is told.")),
    "release_money": (_release_money, gettext_lazy("The money is free and the holder is told.")),
    "cure": (_cure, gettext_lazy("The action is lifted because it is put right, and the holder is told.")),
    "withdraw_links": (_withdraw_links, gettext_lazy("The links of earlier letters open nothing any more.")),
}
"""What each further button does, and what the page says once it is done."""
