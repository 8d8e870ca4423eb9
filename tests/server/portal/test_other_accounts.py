"""Nobody learns from us whose another account is: all letters, pages and answers about a relation, read as their holder does (requirement K5)."""

from email import message_from_bytes, policy

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.policy.templates import UPDATES
from goodstanding.core.terms import Act, DecisionOutcome, NoticeKind
from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.appeals import give_information
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.services.notices import tell_update
from goodstanding.server.services.releases import release_account
from goodstanding.server.services.reviews import ask_information, claim_case, decide_appeal
from goodstanding.server.store.models import Account, Case, Notice, Relation
from tests.server.portal.test_case import Enter
from tests.server.showcase import Builder, Showcase, build_showcase
from tests.server.showcase_assurance import CallOutcome, call_holder, fire_due, make_member

ABOUT_NO_REASON = {
    NoticeKind.CONTACT_NEEDED,
    NoticeKind.MEMBERSHIP_ENDED,
    NoticeKind.REOPENED,
    NoticeKind.ERASURE_ANSWERED,
    NoticeKind.MAIL_FILED,
    NoticeKind.MAIL_HELD,
    NoticeKind.ENTRY_CODE,
    NoticeKind.FILES_REFUSED,
    NoticeKind.MESSAGES,
    NoticeKind.DELEGATION,
    NoticeKind.FILE_QUARANTINED,
}
"""Letters that name neither reasons nor items: what they are made of holds nothing of a relation."""
OTHERS = "S-2031"


@pytest.fixture
def played(db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Showcase, Builder]:
    """Accounts that are related to another one, taken through everything that brings a letter."""
    builders: list[Builder] = []

    class Kept(Builder):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            builders.append(self)

    monkeypatch.setattr("tests.server.showcase.Builder", Kept)
    show = build_showcase(current_pack(), timezone.now())
    (builder,) = builders
    play_appeal(builder, show.cases["submitted"])
    release_account(call=builder.call(builder.specialist), pack=builder.pack, case_id=show.cases["to_release"].pk)
    play_window(builder)
    return show, builder


def play_appeal(builder: Builder, case: Case) -> None:
    staff, pack = builder.call(builder.specialist), builder.pack
    claim_case(call=staff, pack=pack, case_id=case.pk)
    ask_information(call=staff, pack=pack, case_id=case.pk, items=["ownership_proof"])
    give_information(call=builder.holder_call(case.account), pack=pack, case_id=case.pk, answer="It is my sister's shop.", uploads=[])
    said = {one.pk: (DecisionOutcome.UPHELD, "The papers name you for both № 1 and № 2.") for one in case.action.violations.all()}
    decide_appeal(call=staff, pack=pack, case_id=case.pk, verdicts=said)
    for kind in UPDATES:
        tell_update(call=staff, pack=pack, case=case, kind=kind, due=builder.now, because="The facts say so.", lifted=[Act.LIST])


def play_window(builder: Builder) -> None:
    account = make_member(builder, "S-1099", "Brass Bell Books", "en")
    builder.violation(account, "RELATED_ACCOUNT", days=3, items=1)
    case = builder.propose(account)
    approve_action(call=builder.call(builder.senior, days_ago=0.3), pack=builder.pack, case_id=case.pk)
    fire_due(call=builder.holder_call(account, days_ago=0.3).by_automation(), pack=builder.pack)
    call_holder(builder, case, CallOutcome.NO_ANSWER, hours_ago=5)


def foreign(account_id: str) -> set[str]:
    """What the holder of an account may never read: ids of others, the ends of them, and values of identifiers, masked or not."""
    others = {*Account.objects.exclude(pk=account_id).values_list("pk", flat=True), OTHERS}
    values = {str(piece["value"]) for relation in Relation.objects.all() for piece in relation.evidence}
    kept = {
        str(p["value"])
        for case in Case.objects.all()
        for v in case.action.violations.all()
        for i in v.items
        for p in i.get("for_staff", {}).get("evidence", ())
    }
    assert kept, "there is something to give away"
    return others | {f"…{OTHERS[-2:]}"} | values | kept


def text_of(notice: Notice) -> str:
    parts = message_from_bytes(bytes(notice.message), policy=policy.default).walk()
    return "\n".join(str(part.get_content()) for part in parts if not part.is_multipart()) + notice.subject + notice.body + str(notice.statement)


def test_no_letter_of_any_kind_names_another_account(played: tuple[Showcase, Builder]) -> None:
    letters = Notice.objects.select_related("case")
    assert set(letters.values_list("kind", flat=True)) | ABOUT_NO_REASON >= set(NoticeKind)
    told = [(notice, word) for notice in letters if notice.case for word in foreign(notice.case.account_id) if word in text_of(notice)]
    assert told == []
    body = played[0].cases["submitted"].notices.get(kind=NoticeKind.ACTION).body
    assert "shared with your account: device, Wi-Fi" in body, "by what kinds of evidence is told"
    assert "If the other account is not yours, appeal and say so" in body, "and how to dispute it"


@pytest.mark.parametrize("which", ["submitted", "to_release"])
def test_no_page_of_a_holder_names_another_account(played: tuple[Showcase, Builder], holder_of: Enter, which: str) -> None:
    case = played[0].cases[which]
    browser = holder_of(case)
    own = [
        f"/case/{case.pk}/{path}"
        for path in ("", "facts.csv", "appeal/", "appeal/?route=plan&draft=1", "appeal/?route=dispute", "information/", "sent/")
    ]
    own += [f"/case/{case.pk}/notices/{notice.pk}.eml" for notice in case.notices.all()]
    own += [f"/account/{case.account_id}/{path}" for path in ("", "data/", "assurance/")]
    answers = [browser.get(path, follow=True) for path in own]
    assert sum(answer.status_code == 200 for answer in answers) >= len(own) - 3
    said = b"".join(b"".join(answer.streaming_content) if answer.streaming else answer.content for answer in answers).decode()
    assert [word for word in foreign(case.account_id) if word in said] == []


def test_no_answer_for_programs_tells_a_holder_of_another_account(played: tuple[Showcase, Builder], client: Client) -> None:
    """What a shop shows its holder comes from these answers."""
    key = make_key(call=Call(AUTOMATION, timezone.now()), name="shop", scopes=list(Scope))
    for case in (played[0].cases["submitted"], played[0].cases["to_release"]):
        paths = [f"accounts/{case.account_id}/standing", *(f"accounts/{case.account_id}/may/{act}" for act in Act), f"cases/{case.pk}"]
        answers = [client.get(f"/api/v1/{path}", headers={"authorization": f"Bearer {key}"}) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        said = "".join(answer.content.decode() for answer in answers)
        assert [word for word in foreign(case.account_id) if word in said] == []
