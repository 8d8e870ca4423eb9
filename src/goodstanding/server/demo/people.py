"""What people do in the demonstration: staff approve and review, holders answer. All of it goes through services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.policy.pack import PolicyPack, nearest_language
from goodstanding.core.terms import Approval, DecisionOutcome, Right, Role, Route
from goodstanding.core.values import Actor
from goodstanding.server.demo.texts import WRITINGS, Writing, invoice_pdf
from goodstanding.server.services import actions, answers, appeals, delegations, reviews
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.rights import PREFIX
from goodstanding.server.store.models import Case, Delegation, User


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of the demonstration's marketplace."""

    specialist: User
    reviewer: User
    senior: User


@dataclass(slots=True)
class Clock:
    """The demonstration's time: every act takes some of it."""

    now: datetime

    def after(self, minutes: int) -> datetime:
        """Let minutes pass."""
        self.now += timedelta(minutes=minutes)
        return self.now


@dataclass(frozen=True, slots=True)
class Play:
    """One case played as far as its script goes."""

    pack: PolicyPack
    staff: Staff
    clock: Clock

    def call(self, user: User, minutes: int = 20) -> Call:
        """A member of staff acts, some minutes later."""
        return Call(Actor(f"user:{user.pk}", Role(user.role)), self.clock.after(minutes))

    def holder_call(self, case: Case, minutes: int = 90) -> Call:
        """The holder acts, some minutes later."""
        return Call(Actor(f"holder:{case.account_id}", Role.HOLDER, frozenset({case.account_id})), self.clock.after(minutes))

    def words(self, case: Case) -> Writing:
        """The holder's words in the language of the case."""
        return WRITINGS[nearest_language(case.language, tuple(WRITINGS))]

    def approve(self, case: Case) -> Case:
        """Put a proposed action in force, by somebody who may."""
        if case.state != CaseState.PROPOSED:
            return case
        user = self.staff.senior if case.action.approval == Approval.SENIOR else self.staff.specialist
        return actions.approve_action(call=self.call(user), pack=self.pack, case_id=case.case_id)

    def appeal(self, case: Case, route: Route) -> None:
        """Write and submit an answer with an invoice."""
        said, items = self.words(case), _items_of(case)
        filled = {"items": ", ".join(items[:3]), "count": str(len(items))}
        if route == Route.DISPUTE:
            answer = Answer(route, grounds=said.grounds.format(**filled))
        else:
            answer = Answer(route, said.root_cause.format(**filled), said.corrective.format(**filled), said.preventive.format(**filled))
        invoice = Upload(
            "invoice-2041.pdf", invoice_pdf("Harbour Wholesale Ltd", ("Invoice 2041", "12 units", "Phone +44 20 7946 0123")), answer.parts[0][0]
        )
        appeals.submit_appeal(
            call=self.holder_call(case),
            pack=self.pack,
            case_id=case.case_id,
            submission_key=f"demo-{case.case_id}",
            answer=answer,
            language=case.language,
            uploads=[invoice],
        )

    def claim(self, case: Case) -> None:
        """A reviewer who did not decide the action takes the case."""
        reviews.claim_case(call=self.call(self.staff.reviewer), pack=self.pack, case_id=case.case_id)

    def ask(self, case: Case) -> None:
        """Ask for named items."""
        reviews.ask_information(call=self.call(self.staff.reviewer), pack=self.pack, case_id=case.case_id, items=self.words(case).asked)

    def give(self, case: Case) -> None:
        """Give what was asked for."""
        invoice = Upload("invoice-2038.pdf", invoice_pdf("Harbour Wholesale Ltd", ("Invoice 2038", "Phone +44 20 7946 0123")), "information")
        appeals.give_information(
            call=self.holder_call(case), pack=self.pack, case_id=case.case_id, answer=self.words(case).information, uploads=[invoice]
        )

    def decide(self, case: Case, outcome: DecisionOutcome) -> None:
        """Decide every violation the same way, each answer begun with the pack's draft of its facts."""
        because = self.words(case).overturned if outcome == DecisionOutcome.OVERTURNED else self.words(case).upheld
        template = "answer_overturned" if outcome == DecisionOutcome.OVERTURNED else "answer_upheld"
        appeal, gap = case.appeals.latest("attempt"), self.pack.words_for(case.language).templates["answer_gap"]
        verdicts = {}
        for key in case.action.violations.values_list("pk", flat=True):
            draft = answers.drafts(pack=self.pack, case=case, appeal=appeal, violation_id=key)[template]
            verdicts[key] = (outcome, draft.replace(gap, because))
        reviews.decide_appeal(call=self.call(self.staff.reviewer), pack=self.pack, case_id=case.case_id, verdicts=verdicts)


def to_reinstatement(play: Play, case: Case) -> None:
    """The whole loop: approved, disputed, information asked and given, overturned."""
    play.approve(case)
    play.appeal(case, Route.DISPUTE)
    play.claim(case)
    play.ask(case)
    play.give(case)
    play.decide(case, DecisionOutcome.OVERTURNED)


def to_refusal(play: Play, case: Case) -> None:
    """Approved, answered with a plan, upheld with reasons; the holder may appeal again."""
    play.approve(case)
    play.appeal(case, Route.PLAN)
    play.claim(case)
    play.decide(case, DecisionOutcome.UPHELD)


def to_waiting_appeal(play: Play, case: Case) -> None:
    """Approved and answered; nobody has taken it yet."""
    play.approve(case)
    play.appeal(case, Route.PLAN)


def to_question(play: Play, case: Case) -> None:
    """In review, and the holder has to answer a question."""
    to_waiting_appeal(play, case)
    play.claim(case)
    play.ask(case)


def to_notice(play: Play, case: Case) -> None:
    """Approved; the holder has the notice and has not answered."""
    play.approve(case)


AGENCY = ("nadia@agency.example", "Nadia Haddad, Harbour Appeals")
"""Who acts for holders in the demonstration: address and name. She comes in with one click."""

MAY = frozenset({Right.READ, Right.DRAFT, Right.APPEAL, Right.ANSWER})


def hire_an_agency(play: Play) -> Delegation | None:
    """The holder who is asked a question lets an agency act, which accepts; another invitation to it waits. None where nobody has a case."""
    open_to = (CaseState.INFORMATION_ASKED, CaseState.IN_FORCE, CaseState.UPHELD)
    cases = sorted(Case.objects.filter(state__in=open_to).select_related("account"), key=lambda case: (open_to.index(case.state), case.case_id))
    by_account = {case.account_id: case for case in cases}
    made = [_invite(play, case) for case in list(by_account.values())[:2]]
    if not made:
        return None
    agency = Actor(f"{PREFIX}{made[0].delegate_id}", Role.DELEGATE)
    return delegations.accept_delegation(call=Call(agency, play.clock.after(30)), pack=play.pack, delegation_id=made[0].pk)


def _invite(play: Play, case: Case) -> Delegation:
    address, name = AGENCY
    return delegations.invite_delegate(
        call=play.holder_call(case, 10), pack=play.pack, account_id=case.account_id, email=address, name=name, rights=MAY, last_day=None
    )


Script = Callable[[Play, Case], None]


def _items_of(case: Case) -> list[str]:
    return [item["id"] for violation in case.action.violations.order_by("opened") for item in violation.items]
