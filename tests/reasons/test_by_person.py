"""Reasons that only people find are recorded by a reviewer, and by nobody else (requirements B11, B18-B20)."""

import pytest

from goodstanding.core.errors import MissingFacts, NotPermitted, UnusableInput
from goodstanding.core.terms import FoundBy, Role
from goodstanding.packs.loader import load_pack
from goodstanding.server.services.statements import violation_facts
from goodstanding.server.services.violations import record_violation
from goodstanding.server.store.models import RatingReading, Violation
from tests.reasons.plants import BY_PERSON
from tests.server.factories import call_as, make_account, make_rating, specialist

PACK = load_pack("amazon")
pytestmark = pytest.mark.django_db


def record(account: str, reason: str, **more: object) -> Violation:
    values = {"call": specialist(), "items": [{"id": "item-1", "facts": {"amount": "10"}}], "because": "Seen in the documents of 2 November."}
    return record_violation(pack=PACK, account_id=account, reason=reason, **values | more)


@pytest.mark.parametrize("code", BY_PERSON)
def test_what_a_person_found_counts_with_its_items(code: str) -> None:
    account = make_account(holder_kind=PACK.reasons[code].holder_kind)
    make_rating(account)
    violation = record(account.account_id, code)
    assert (violation.reason, violation.account_id, violation.found_by) == (code, account.account_id, FoundBy.PERSON)
    assert [item["id"] for item in violation.items] == ["item-1"]
    assert violation.points == PACK.rating.points[PACK.reasons[code].severity]
    newest = RatingReading.objects.filter(account=account).order_by("-as_of")[0]
    assert newest.points == violation.points
    assert record(account.account_id, code).pk == violation.pk, "recorded twice it counts once"


@pytest.mark.parametrize("code", BY_PERSON)
def test_one_step_short_nothing_is_recorded(code: str) -> None:
    """A reason for the other kind of holder, no item, no words, no right to: refused, and nothing is kept."""
    kind = PACK.reasons[code].holder_kind
    account, other = make_account(holder_kind=kind), make_account(holder_kind="buyer" if kind == "seller" else "seller")
    with pytest.raises(UnusableInput, match="is a reason for a"):
        record(other.account_id, code)
    with pytest.raises(MissingFacts):
        record(account.account_id, code, items=[])
    with pytest.raises(UnusableInput, match="say in 1 to"):
        record(account.account_id, code, because=" ")
    with pytest.raises(NotPermitted):
        record(account.account_id, code, call=call_as(Role.AUDITOR, "user:9"))
    assert not Violation.objects.exists()


def test_a_reason_that_facts_reveal_is_not_entered_by_hand() -> None:
    with pytest.raises(UnusableInput, match="correct the facts instead"):
        record(make_account().account_id, "PERF_ODR")


def test_the_holder_is_told_the_words_of_the_person() -> None:
    from goodstanding.core.health.explaining import say_explanation

    violation = record(make_account().account_id, "FORGED_DOCUMENTS", because="The stamp was pasted in.")
    told = violation_facts(violation).explanation
    assert told is not None
    assert say_explanation(PACK.words["en"], told) == "The stamp was pasted in."
