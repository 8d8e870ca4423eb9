"""What the holder of a case may do about it now, and for the rest why not: the very refusals that trying it would meet (requirements A2, G2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, follow
from goodstanding.core.errors import GoodstandingError, IllegalTransition, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Route
from goodstanding.server.services.appeals import NOTHING_ASKED, appeals_left, check_open, in_time, is_for_last_instance, open_routes
from goodstanding.server.services.call import Call
from goodstanding.server.services.conversation import RESTS, may_speak
from goodstanding.server.store.models import Case


class HolderAct(StrEnum):
    """What a holder can do about a case."""

    APPEAL = "appeal"
    GIVE_INFORMATION = "give_information"
    WITHDRAW = "withdraw"
    ASK_AFTER = "ask_after"
    WRITE = "write"
    SOLVE = "solve"


@dataclass(frozen=True, slots=True)
class Possible:
    """One act: open where `why_not` is empty. `until`: when it ends to be, None: no clock ends it. `routes` and `left` are an appeal's."""

    act: HolderAct
    why_not: str
    until: datetime | None = None
    routes: tuple[Route, ...] = ()
    left: int | None = None
    is_last_instance: bool = False


def possible_for(*, call: Call, pack: PolicyPack, case: Case) -> tuple[Possible, ...]:
    """Every act of a holder on a case that the caller may know of, in the order of the enumeration."""
    return tuple(_ACTS[act](call, pack, case) for act in HolderAct)


def _appeal(call: Call, pack: PolicyPack, case: Case) -> Possible:
    routes, is_last = open_routes(pack, case), is_for_last_instance(pack, case)

    def check() -> None:
        check_open(call=call, pack=pack, case=case)
        if not routes:
            raise UnusableInput("none of the reasons of this case opens a way to appeal; the notice names the other ways that are open")
        _follow(call, case, CaseEvent.ESCALATE if is_last else CaseEvent.SUBMIT_APPEAL)

    why_not = _refusal(check)
    return Possible(HolderAct.APPEAL, why_not, None if why_not else case.appeal_until, routes, appeals_left(pack, case), is_last)


def _give_information(call: Call, pack: PolicyPack, case: Case) -> Possible:
    is_asked = case.state == CaseState.INFORMATION_ASKED
    return Possible(HolderAct.GIVE_INFORMATION, "" if is_asked else NOTHING_ASKED, case.due_at if is_asked else None)


def _withdraw(call: Call, pack: PolicyPack, case: Case) -> Possible:
    return Possible(HolderAct.WITHDRAW, _refusal(lambda: _follow(call, case, CaseEvent.WITHDRAW_APPEAL)))


def _ask_after(call: Call, pack: PolicyPack, case: Case) -> Possible:
    def check() -> None:
        _follow(call, case, CaseEvent.ASK_AFTER)
        if case.raised_at is None:
            raise IllegalTransition(case.state, CaseEvent.ASK_AFTER, [], in_time(case, pack))

    return Possible(HolderAct.ASK_AFTER, _refusal(check))


def _write(call: Call, pack: PolicyPack, case: Case) -> Possible:
    return Possible(HolderAct.WRITE, "" if may_speak(actor=call.actor, case=case) else RESTS)


def _solve(call: Call, pack: PolicyPack, case: Case) -> Possible:
    if case.state == CaseState.SOLVING:
        return Possible(HolderAct.SOLVE, "", case.due_at)
    return Possible(HolderAct.SOLVE, "there is no time to solve running for this case")


_ACTS: dict[HolderAct, Callable[[Call, PolicyPack, Case], Possible]] = {
    HolderAct.APPEAL: _appeal,
    HolderAct.GIVE_INFORMATION: _give_information,
    HolderAct.WITHDRAW: _withdraw,
    HolderAct.ASK_AFTER: _ask_after,
    HolderAct.WRITE: _write,
    HolderAct.SOLVE: _solve,
}


def _follow(call: Call, case: Case, event: CaseEvent) -> None:
    follow(CaseState(case.state), event, call.actor.role, call.actor.rights_in(case.account_id))


def _refusal(check: Callable[[], object]) -> str:
    """What a check says against it; empty where it says nothing."""
    try:
        check()
    except GoodstandingError as error:
        return str(error)
    return ""
