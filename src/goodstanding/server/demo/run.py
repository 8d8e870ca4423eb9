"""The demonstration: facts -> assessment -> proposals -> people -> mails -> ledger, and a summary that can be held against the truth."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import Act, Role
from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource, Progress
from goodstanding.server.demo.people import Clock, Play, Staff, hire_an_agency
from goodstanding.server.demo.scripts import StoryResult, hold_against, play_gravest, play_stories
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox, standing, users
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Account, Appeal, Case, EnforcementAction, LedgerEntry, Notice, OutboxMessage, User, Violation
from goodstanding.synthetic.marketplace import make_marketplace
from goodstanding.synthetic.truth import Truth, truth_to_json

LAST_DAY = date(2026, 10, 31)
"""The last day of the made-up year: fixed, so that the same seed gives the same bytes on any day."""

STAFF = (
    ("rowan@marketplace.example", "Rowan Ashby", Role.SPECIALIST),
    ("ana@marketplace.example", "Ana Duarte", Role.SPECIALIST),
    ("mei@marketplace.example", "Mei Tanaka", Role.SENIOR_SPECIALIST),
    ("otto@marketplace.example", "Otto Lindqvist", Role.POLICY_MANAGER),
    ("ife@marketplace.example", "Ife Okafor", Role.AUDITOR),
)
"""Who works at the demonstration's marketplace: e-mail, name, role. They sign in with one click and have no password."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the demonstration is asked for. Without `facts` it makes a marketplace from `seed`."""

    facts: Path | None = None
    mapping: Path | None = None
    seed: int = 7
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it; `asdict` of it is the JSON."""

    as_of: date
    policy_pack: str
    accounts: int
    fact_findings: int
    violations_open: int
    proposals_waiting: int
    actions_in_force: int
    notices: int
    mails_written: int
    mail_folder: str
    appeals: int
    cases_by_state: Mapping[str, int]
    reinstated: tuple[Mapping[str, object], ...]
    ledger_entries: int
    ledger_breaks: int
    stories: tuple[StoryResult, ...]

    @property
    def came_out(self) -> bool:
        """Whether every planted story came out as it should, and the ledger holds."""
        return self.ledger_breaks == 0 and all(story.came_out for story in self.stories)


def run(wish: Wish, *, now: datetime, progress: Progress, say: Callable[[str], None]) -> Summary:
    """Run the whole loop on an empty database. Raises UnusableInput where there are accounts already."""
    if Account.objects.exists():
        raise UnusableInput("the demonstration needs an empty database, and this one has accounts; point GOODSTANDING_DATABASE elsewhere")
    pack, clock = current_pack(), Clock(now - timedelta(days=2))
    source, truth, as_of = _facts(wish, progress, say)
    call = Call(AUTOMATION, clock.now)
    say("Assessing every account, and asking the policy pack what it calls for")
    done = run_assessment(call=call, pack=pack, source=source, as_of=as_of, progress=progress)
    made = {email: users.make_user(call=call, email=email, name=name, role=role, password=None) for email, name, role in STAFF}
    play = Play(pack, _staff(made), clock)
    say("Playing what staff and holders do")
    for case in play_stories(play, truth) if truth else play_gravest(play):
        case.refresh_from_db()
        progress(f"{case.case_id} is {case.state}", 0, 0)
    hire_an_agency(play)
    clock.now = max(clock.now, now)
    say("Sending what waits in the outbox")
    while outbox.send_due(now=clock.now).tried:
        pass
    return _summary(done.as_of, done.findings, hold_against(truth) if truth else [], clock.now)


def addresses(now: datetime) -> dict[str, str]:
    """Where a visitor may look: a title for each, and its address. Makes new links to the most telling cases."""
    call = Call(AUTOMATION, now)
    found = {"staff, each role by one click": f"{settings.BASE_URL}/console/"}
    for state in (CaseState.REINSTATED, CaseState.INFORMATION_ASKED, CaseState.UPHELD, CaseState.IN_FORCE):
        case = Case.objects.filter(state=state).select_related("account").order_by("-attempts", "changed_at").first()
        if case is not None:
            found[f"a holder whose case is {state.replace('_', ' ')} ({case.account})"] = make_link(call=call, case=case, pack=current_pack())
    return found


def _facts(wish: Wish, progress: Progress, say: Callable[[str], None]) -> tuple[FactSource, Truth | None, date | None]:
    if wish.facts is not None:
        return FactSource(wish.facts, wish.mapping), None, wish.as_of
    folder = Path(settings.VAR) / "facts"
    folder.mkdir(parents=True, exist_ok=True)
    last_day = wish.as_of or LAST_DAY
    say(f"Making a marketplace: 2,000 sellers, 20,000 buyers, 300,000 orders in the year to {last_day} (seed {wish.seed})")
    truth = make_marketplace(wish.seed, folder, last_day=last_day, progress=progress)
    (folder.parent / "truth.json").write_text(truth_to_json(truth), encoding="utf-8")
    return FactSource(folder), truth, last_day


def _staff(made: Mapping[str, User]) -> Staff:
    specialist, reviewer, senior, *_ = (made[email] for email, _, _ in STAFF)
    return Staff(specialist, reviewer, senior)


def _summary(as_of: date, findings: int, stories: list[StoryResult], now: datetime) -> Summary:
    states = {str(state): count for state in CaseState if (count := Case.objects.filter(state=state).count())}
    return Summary(
        as_of=as_of,
        policy_pack=current_pack().name,
        accounts=Account.objects.count(),
        fact_findings=findings,
        violations_open=Violation.objects.filter(closed=None).exclude(decided="overturned").count(),
        proposals_waiting=states.get(CaseState.PROPOSED, 0),
        actions_in_force=EnforcementAction.objects.exclude(effective_at=None).filter(lifted_at=None).count(),
        notices=Notice.objects.count(),
        mails_written=OutboxMessage.objects.filter(channel="email").exclude(sent_at=None).count(),
        mail_folder=str(settings.EMAIL_FILE_PATH),
        appeals=Appeal.objects.count(),
        cases_by_state=states,
        reinstated=tuple(_reinstated(case, now) for case in Case.objects.filter(state=CaseState.REINSTATED)),
        ledger_entries=LedgerEntry.objects.count(),
        ledger_breaks=len(list(ledger.verify())),
        stories=tuple(stories),
    )


def _reinstated(case: Case, now: datetime) -> dict[str, object]:
    permissions = standing.standing_of(account_id=case.account_id, now=now).permissions
    return {"case": case.case_id, "account": case.account_id, "may_sell": permissions[Act.SELL].allowed}


def as_json(summary: Summary) -> dict[str, object]:
    """The summary as one JSON document."""
    return {**asdict(summary), "as_of": summary.as_of.isoformat(), "came_out": summary.came_out}
