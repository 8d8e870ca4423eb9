"""What the nightly run keeps of relations, and that judgements outlive it (requirements B16, B17, H7, I1, K5)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import RelationGround, RelationVerdict, Role
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.judgements import judge_relation
from goodstanding.server.services.relations import cluster_of, clusters, loose_pairs, pair_file, values_for
from goodstanding.server.services.releases import releases_waiting
from goodstanding.server.services.standing import open_violations
from goodstanding.server.services.statements import violation_facts
from goodstanding.server.store.models import Case, Relation, StruckAccount, Violation
from tests.server.factories import NOW, TODAY, automation, call_as, holder, senior, specialist
from tests.server.jobs.night import ACCUSED, FINE, LATE, RELATED, STRUCK, make_night

pytestmark = pytest.mark.django_db
PAIR = (RELATED, STRUCK)


@pytest.fixture
def facts(tmp_path):
    """The night, with a Wi-Fi that an honest account happens to share with the struck one."""
    made = make_night(tmp_path / "facts")
    with (made.folder / "identifiers.csv").open("a") as file:
        file.writelines(f"{name},wifi,WLAN-LOFT,2025-01-01T00:00:00\n" for name in (STRUCK, FINE))
    return made


def run(pack, facts, *, days=0):
    day = TODAY + timedelta(days=days)
    return run_assessment(call=automation(now=NOW + timedelta(days=days)), pack=pack, source=facts, as_of=day)


def judge(pack, verdict, ground, *, days=0):
    call = specialist(now=NOW + timedelta(days=days, hours=1))
    return judge_relation(call=call, pack=pack, account_id=STRUCK, other_id=RELATED, verdict=verdict, ground=ground, note="seen")


def deny(pack, *, days=0):
    return judge(pack, RelationVerdict.DENIED, RelationGround.SOLD_BUSINESS, days=days)


def test_a_night_keeps_every_relation_with_masked_evidence_and_who_was_under_enforcement(pack, facts):
    run(pack, facts)
    relation = Relation.objects.exclude(cluster_id="").get()
    assert (relation.account_a, relation.account_b) == PAIR
    assert {piece["kind"] for piece in relation.evidence} == {"tax_id", "bank_account", "device", "phone"}
    assert not [piece for piece in relation.evidence if piece["value"].endswith("-1") and "…" not in piece["value"]]
    assert list(StruckAccount.objects.values_list("account_id", "action_id")) == [(STRUCK, "X-1")]
    assert Violation.objects.get(account=RELATED).other_account == STRUCK
    run(pack, facts, days=1)
    assert Relation.objects.exclude(cluster_id="").count() == 1, "a night replaces what the one before found"


def test_weak_evidence_beside_an_account_under_enforcement_is_shown_and_nothing_is_proposed(pack, facts):
    """The co-working look-alike."""
    run(pack, facts)
    (weak,) = loose_pairs(actor=specialist().actor)
    assert weak.pair == (FINE, STRUCK)
    assert "below_threshold" in weak.relation.against
    assert not Violation.objects.filter(account=FINE).exists()
    assert not Case.objects.filter(account=FINE).exists()
    seen = cluster_of(actor=specialist().actor, account_id=FINE)
    assert {one.account_id: bool(one.struck_since) for one in seen.accounts} == {FINE: False, STRUCK: True}


def test_what_only_sign_ins_tell_is_weak_evidence_too(pack, facts):
    """The night counts them for relations, so it counts them here."""
    rows = [f"I-{n},{name},2025-06-0{n}T08:00:00,240.1.1.1,true" for n, name in enumerate((STRUCK, LATE), 1)]
    (facts.folder / "sign_ins.csv").write_text("sign_in_id,account_id,at,ip,succeeded\n" + "\n".join(rows) + "\n")
    run(pack, facts)
    (seen,) = [one.relation for one in loose_pairs(actor=specialist().actor) if one.pair == (LATE, STRUCK)]
    assert [(piece["kind"], piece["sharers"]) for piece in seen.evidence] == [("ip", 2)]


def test_the_letter_of_a_relation_gives_nothing_of_the_other_account_away(pack, facts):
    """K5: from facts to the letter."""
    run(pack, facts)
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=RELATED).case_id)
    letter = case.notices.get()
    said = f"{letter.body}{bytes(letter.message).decode()}{letter.statement}"
    assert [word for word in (STRUCK, "…ck", "tax_id-1", "bank_account-1", "…-1", "…nt-1") if word in said] == []
    assert "№ 1" in letter.body


def test_a_violation_whose_items_nobody_looked_up_gives_nothing_away(pack, facts):
    run(pack, facts)
    violation = Violation.objects.get(account=RELATED)
    violation.items = [{"id": STRUCK, "kind": "accounts", "facts": {}}]
    assert [item.id for item in violation_facts(violation).items] == ["№ 1"]


def test_a_denied_relation_survives_the_next_night(pack, facts):
    """Shown as denied, proposed no more, and its account stays free."""
    run(pack, facts)
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=RELATED).case_id)
    deny(pack)
    for days in (1, 2, 40):
        assert run(pack, facts, days=days).proposed == 0 or not Case.objects.filter(account=RELATED).exclude(pk=case.pk).exists()
    assert not open_violations().filter(account=RELATED).exists()
    assert Case.objects.get(account=RELATED).state == CaseState.REINSTATED
    file = pair_file(actor=specialist().actor, one=STRUCK, other=RELATED)
    assert file.relation is not None
    assert [one.verdict for one in file.history] == [RelationVerdict.DENIED]


def test_a_relation_denied_before_anything_followed_never_gives_a_violation(pack, facts):
    actions = facts.folder / "actions.csv"
    told = actions.read_text()
    actions.write_text(told.splitlines()[0] + "\n")
    run(pack, facts)
    deny(pack)
    actions.write_text(told)
    run(pack, facts, days=1)
    assert not Violation.objects.filter(account=RELATED).exists()


def test_a_denial_that_is_superseded_counts_again_from_that_day_on_and_takes_nothing_back(pack, facts):
    """H7: the old violation stays overturned; a new one opens on the day of the new judgement."""
    run(pack, facts)
    old = Violation.objects.get(account=RELATED)
    deny(pack)
    run(pack, facts, days=1)
    judge(pack, RelationVerdict.CONFIRMED, RelationGround.SAME_OWNER, days=5)
    run(pack, facts, days=6)
    (new,) = open_violations().filter(account=RELATED)
    assert new.pk != old.pk
    assert new.opened == TODAY + timedelta(days=5)
    old.refresh_from_db()
    assert old.decided == "overturned"
    assert Case.objects.filter(account=RELATED, state=CaseState.PROPOSED).count() == 1


def test_a_confirmed_relation_keeps_its_ground_through_the_nights(pack, facts):
    run(pack, facts)
    judge(pack, RelationVerdict.CONFIRMED, RelationGround.FAMILY)
    run(pack, facts, days=1)
    (seen,) = cluster_of(actor=specialist().actor, account_id=RELATED).relations
    assert seen.judgement is not None
    assert (seen.judgement.verdict, seen.judgement.ground) == ("confirmed", "family")
    assert open_violations().filter(account=RELATED).count() == 1


def test_an_enforcement_that_ends_in_the_facts_proposes_to_free_the_related_account(pack, facts):
    """I1, A7: a person approved the limits, so a person decides."""
    run(pack, facts)
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=RELATED).case_id)
    actions = facts.folder / "actions.csv"
    header, row = actions.read_text().splitlines()
    actions.write_text(f"{header},lifted_at\n{row},{date.isoformat(TODAY)}T08:00:00\n")
    run(pack, facts, days=1)
    assert list(releases_waiting()) == [case]


def test_clusters_with_accounts_under_enforcement_come_first_and_only_staff_read_them(pack, facts):
    run(pack, facts)
    (line,) = clusters(actor=call_as(Role.AUDITOR, "user:7").actor)
    assert (line.accounts, line.struck) == (2, 1)
    for reads in (lambda actor: clusters(actor=actor), lambda actor: pair_file(actor=actor, one=STRUCK, other=RELATED)):
        with pytest.raises(NotPermitted):
            reads(holder(RELATED).actor)


def test_values_are_for_those_who_judge_or_audit(pack, facts):
    """K5: a policy manager sees kinds and counts."""
    run(pack, facts)
    evidence = Relation.objects.exclude(cluster_id="").get().evidence
    assert all(row["value"] for row in values_for(Role.AUDITOR, evidence))
    assert not any(row["value"] for row in values_for(Role.POLICY_MANAGER, evidence))
    assert [row["kind"] for row in values_for(Role.POLICY_MANAGER, evidence)] == [row["kind"] for row in evidence]


def test_other_accounts_of_the_night_are_related_to_nobody(pack, facts):
    run(pack, facts)
    assert cluster_of(actor=specialist().actor, account_id=LATE).relations == ()
    assert cluster_of(actor=specialist().actor, account_id=ACCUSED).relations == ()
