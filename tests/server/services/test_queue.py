"""The queue as services serve it: pages that nothing shifts, and the next case for exactly one reviewer (requirements H1, G3)."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from goodstanding.core.cases.queue import Lane
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.queueing import QueueOrder
from goodstanding.core.terms import Act, ActionKind, Role, Severity
from goodstanding.core.values import Span
from goodstanding.server.services.appeals import ask_after
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.held_money import hold_money
from goodstanding.server.services.placing import order_queue_anew
from goodstanding.server.services.queue import Wanted, all_cases, appeals, claim_next, own_cases, proposals
from goodstanding.server.services.reviews import release_case
from goodstanding.server.store.models import Case, User
from tests.server.factories import (
    NOW,
    automation,
    call_as,
    holder,
    make_account,
    make_action_in_force,
    make_proposed,
    senior,
    server_pack,
    specialist,
)
from tests.server.services.appealing import at, claim, submit
from tests.server.services.test_at_once import at_once

ORDER = QueueOrder(
    severity={Severity.CRITICAL: 48, Severity.HIGH: 24, Severity.MEDIUM: 8},
    acts={Act.SELL: 24},
    money_held=12,
    skills={"authenticity": ("counterfeit",), "performance": ("order_defects", "late_shipment")},
)
READER = senior("user:77").actor


@pytest.fixture
def pack() -> PolicyPack:
    """The pack of server tests with weights, skills and a time after which an appeal is raised."""
    plain = server_pack()
    return replace(plain, queue=ORDER, deadlines={**plain.deadlines, "follow_up": Span(hours=48)})


def appealed(pack: PolicyPack, kind: ActionKind, *, minutes: int = 1, language: str = "en") -> Case:
    """A case with an appeal that waits."""
    case = make_action_in_force(kind, pack=pack, account=make_account(language=language))
    submit(case, pack, minutes=minutes)
    return case


def waiting(**asked: object) -> list[str]:
    """The ids of the appeals that wait, in their order."""
    return [case.pk for case in appeals(actor=READER, wanted=Wanted(**asked)).cases]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_harm_comes_first_then_the_date_and_a_proposal_for_seniors_is_shown_to_them_alone(pack: PolicyPack) -> None:
    """H1."""
    warned = appealed(pack, ActionKind.WARN)
    restricted = appealed(pack, ActionKind.RESTRICT, minutes=2)
    sooner = appealed(pack, ActionKind.RESTRICT, minutes=1)
    shut = appealed(pack, ActionKind.DEACTIVATE, minutes=3)
    grave = make_proposed(pack=pack)
    assert waiting() == [shut.pk, sooner.pk, restricted.pk, warned.pk]
    assert [case.pk for case in proposals(actor=READER, wanted=Wanted()).cases] == [grave.pk]
    assert proposals(actor=specialist().actor, wanted=Wanted()).cases == ()
    with pytest.raises(NotPermitted):
        appeals(actor=call_as(Role.HOLDER, "holder:x").actor, wanted=Wanted())


@pytest.mark.django_db
def test_money_held_moves_a_waiting_case_up_at_once(pack: PolicyPack) -> None:
    """H1."""
    first, second = appealed(pack, ActionKind.DEACTIVATE, minutes=1), appealed(pack, ActionKind.DEACTIVATE, minutes=60)
    assert waiting() == [first.pk, second.pk]
    hold_money(call=specialist(), pack=pack, case_id=second.pk, amount=90_000, currency="USD", because="open returns", until=NOW + timedelta(days=60))
    assert waiting() == [second.pk, first.pk]


@pytest.mark.django_db
def test_waiting_too_long_comes_first_by_itself_and_asking_after_it_costs_no_place(pack: PolicyPack) -> None:
    """G3."""
    mild = appealed(pack, ActionKind.WARN)
    call = automation(now=NOW + timedelta(hours=49))
    shut = appealed(pack, ActionKind.DEACTIVATE, minutes=48 * 60 + 30)
    assert waiting() == [shut.pk, mild.pk]
    fire_due(call=call, pack=pack)
    assert waiting() == [mild.pk, shut.pk]
    place = Case.objects.get(pk=mild.pk).place
    ask_after(call=holder(mild.account_id, now=call.now), pack=pack, case_id=mild.pk)
    assert waiting(is_overdue=True) == [mild.pk]
    assert Case.objects.get(pk=mild.pk).place == place


@pytest.mark.django_db
def test_a_released_case_has_its_old_place(pack: PolicyPack) -> None:
    first, second = appealed(pack, ActionKind.DEACTIVATE), appealed(pack, ActionKind.DEACTIVATE, minutes=9)
    claim(first, pack)
    assert Case.objects.get(pk=first.pk).lane == Lane.HELD
    assert [case.pk for case in own_cases(actor=specialist().actor, wanted=Wanted()).cases] == [first.pk]
    release_case(call=specialist(), pack=pack, case_id=first.pk)
    assert waiting() == [first.pk, second.pk]


@pytest.mark.django_db
def test_pages_repeat_and_lose_nothing_when_cases_come_and_go_meanwhile(pack: PolicyPack) -> None:
    """H1."""
    ids = [appealed(pack, ActionKind.DEACTIVATE, minutes=minute).pk for minute in range(1, 8)]
    first = appeals(actor=READER, wanted=Wanted(size=3))
    appealed(pack, ActionKind.DEACTIVATE, minutes=0)
    claim(Case.objects.get(pk=ids[1]), pack)
    second = appeals(actor=READER, wanted=Wanted(size=3, after=first.later))
    third = appeals(actor=READER, wanted=Wanted(size=3, after=second.later))
    assert [case.pk for page in (first, second, third) for case in page.cases] == ids
    assert (first.earlier, third.later) == ("", "")
    back = appeals(actor=READER, wanted=Wanted(size=3, before=third.earlier))
    assert [case.pk for case in back.cases] == ids[3:6]
    assert len(appeals(actor=READER, wanted=Wanted(after="nonsense~")).cases) == 8


@pytest.mark.django_db
def test_what_is_due_within_a_time_comes_soonest_first_and_in_pages(pack: PolicyPack) -> None:
    """H1: whoever asks what runs out today gets exactly that, whatever harm puts before it."""
    later, soon, sooner = (appealed(pack, kind, minutes=m) for kind, m in ((ActionKind.DEACTIVATE, 9), (ActionKind.WARN, 5), (ActionKind.WARN, 1)))
    last = Case.objects.get(pk=soon.pk).due_at
    assert last is not None
    assert waiting() == [later.pk, sooner.pk, soon.pk]
    assert waiting(due_by=last) == [sooner.pk, soon.pk]
    assert waiting(due_by=last - timedelta(minutes=30)) == []
    first = appeals(actor=READER, wanted=Wanted(due_by=last, size=1))
    second = appeals(actor=READER, wanted=Wanted(due_by=last, size=1, after=first.later))
    assert ([case.pk for case in (*first.cases, *second.cases)], second.later) == ([sooner.pk, soon.pk], "")
    assert [case.pk for case in appeals(actor=READER, wanted=Wanted(due_by=last, size=1, before=second.earlier)).cases] == [sooner.pk]
    assert [case.pk for case in all_cases(actor=READER, wanted=Wanted(due_by=last)).cases] == [sooner.pk, soon.pk]
    claim(soon, pack)
    assert [case.pk for case in own_cases(actor=specialist().actor, wanted=Wanted(due_by=last)).cases] == [soon.pk]
    assert waiting(due_by=last, by={"language": "fr"}) == []


@pytest.mark.django_db
def test_all_cases_run_from_what_changed_last_and_can_be_paged(pack: PolicyPack) -> None:
    ids = [appealed(pack, ActionKind.DEACTIVATE, minutes=minute).pk for minute in range(1, 6)]
    first = all_cases(actor=READER, wanted=Wanted(size=2))
    second = all_cases(actor=READER, wanted=Wanted(size=2, after=first.later))
    assert [case.pk for case in (*first.cases, *second.cases)] == ids[:0:-1]
    assert [case.pk for case in all_cases(actor=READER, wanted=Wanted(size=2, before=second.earlier)).cases] == ids[:2:-1]
    assert all_cases(actor=READER, wanted=Wanted(), state="final").cases == ()


@pytest.mark.django_db
def test_filters_narrow_by_language_severity_skill_and_reason(pack: PolicyPack) -> None:
    english, chinese = appealed(pack, ActionKind.DEACTIVATE), appealed(pack, ActionKind.RESTRICT, language="zh-Hans")
    for by, found in (
        ({"language": "zh-Hans"}, chinese),
        ({"severity": "critical"}, english),
        ({"skill": "performance"}, chinese),
        ({"reason": "counterfeit"}, english),
    ):
        assert waiting(by=by) == [found.pk]


@pytest.mark.django_db
def test_the_next_case_is_the_first_in_ones_languages_and_skills_and_never_ones_own_decision(pack: PolicyPack) -> None:
    """H1."""
    appealed(pack, ActionKind.DEACTIVATE, language="zh-Hans")
    appealed(pack, ActionKind.DEACTIVATE, minutes=2)
    fitting = appealed(pack, ActionKind.RESTRICT, minutes=3)
    user = User.objects.create_user("r@x.example", None, name="R", role=Role.SPECIALIST, languages=["en"], skills=["performance"])
    call = specialist(f"user:{user.pk}", now=at(60))
    assert claim_next(call=call, pack=pack).pk == fitting.pk
    other = claim_next(call=call, pack=pack)
    assert (other.language, other.reason) == ("en", "counterfeit"), "nothing of the skill is left, so the first in the language"
    with pytest.raises(NotFound):
        claim_next(call=call, pack=pack)
    with pytest.raises(NotFound):
        claim_next(call=senior("user:9", now=at(60)), pack=pack)
    with pytest.raises(NotPermitted):
        claim_next(call=call_as(Role.AUDITOR, "user:5"), pack=pack)


@pytest.mark.django_db
def test_after_the_pack_has_changed_its_weights_the_queue_is_ordered_anew(pack: PolicyPack) -> None:
    mild, shut = appealed(pack, ActionKind.WARN), appealed(pack, ActionKind.DEACTIVATE, minutes=30)
    assert waiting() == [shut.pk, mild.pk]
    by_date = replace(pack, queue=QueueOrder(skills={"letters": ("late_shipment",)}))
    assert order_queue_anew(call=automation(), pack=by_date) == 2
    assert waiting() == [mild.pk, shut.pk]
    assert waiting(by={"skill": "letters"}) == [mild.pk]


@pytest.mark.usefixtures("transactional_db")
def test_four_reviewers_who_ask_at_once_get_four_cases(pack: PolicyPack) -> None:
    """H1: two reviewers never get the same case."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite lets one writer in at a time, which hides lost updates")
    for minute in range(1, 13):
        appealed(pack, ActionKind.DEACTIVATE, minutes=minute)

    def take(name: str) -> list[str]:
        return [claim_next(call=specialist(name, now=at(60)), pack=pack).pk for _ in range(3)]

    got = [pk for taken in at_once(*[partial(take, f"user:{number}") for number in range(4)]) for pk in taken]
    assert len(got) == len(set(got)) == 12
