"""What a program reads on behalf of a holder whom the marketplace has signed in: the overview of an account's cases, and one case whole."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone, translation
from ninja import Field, Query, Router, Schema

from goodstanding.core.cases.lifecycle import TERMINAL
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import Words
from goodstanding.server.api.holder_answers import brief_for, case_for
from goodstanding.server.api.holder_schemas import HoldersCaseOut, HoldersCasesOut
from goodstanding.server.api.keys import KeyWith, key_in
from goodstanding.server.api.problems import HOLDERS_LANGUAGE
from goodstanding.server.api.schemas import refusals
from goodstanding.server.pages.language import django_language
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.reading import case_file, cases_of
from goodstanding.server.services.speaking import holder_by
from goodstanding.server.store.models import Account

router = Router(tags=["on behalf of a holder"])

MOST_CASES = 100
"""Cases of one overview; an account with more has a history, whose newest end this is."""


class Spoken(Schema):
    """In which words."""

    language: str | None = Field(
        None, max_length=20, pattern=r"^[^\x00]*$", description="like `zh-Hans`; the nearest there is, or else the account's own"
    )


class Listed(Spoken):
    """Which cases, in which words."""

    also_over: bool = Field(False, description="those that have come to rest, too")


@dataclass(frozen=True, slots=True)
class Speaking:
    """For whom a request speaks, and in which words it is answered."""

    account: Account
    call: Call
    words: Words


def speak_for(request: HttpRequest, account_id: str, asked: Spoken) -> Speaking:
    """The holder for whom a request speaks, now. Refusals after this are told in the holder's language as well.

    Raises NotFound for an account that there is not, or not for this key, UnusableInput for a parameter that there is not.
    """
    if strange := sorted(request.GET.keys() - type(asked).model_fields.keys()):
        raise UnusableInput(f"there is no parameter '{strange[0]}'; there are: {', '.join(type(asked).model_fields)}")
    account, actor = holder_by(key=key_in(request), account_id=account_id)
    words = current_pack().words_for(asked.language or account.language)
    setattr(request, HOLDERS_LANGUAGE, words.language)
    return Speaking(account, Call(actor, timezone.now()), words)


@router.get(
    "/accounts/{account_id}/cases",
    auth=KeyWith(Scope.APPEALS_READ),
    response={200: HoldersCasesOut} | refusals(404, 422),
    operation_id="list_holders_cases",
    summary="The cases of an account, for its holder",
)
def list_holders_cases(request: HttpRequest, account_id: str, asked: Query[Listed]) -> HoldersCasesOut:
    """Each with whose turn it is and what can be done now. Cases that the holder has not been told of are not there."""
    by, pack = speak_for(request, account_id, asked), current_pack()
    known = cases_of(actor=by.call.actor, account_id=account_id).select_related("account").order_by("-opened_at", "-case_id")
    found = list((known if asked.also_over else known.exclude(state__in=TERMINAL))[: MOST_CASES + 1])
    with translation.override(django_language(by.words.language)):
        cases = [brief_for(by.call, pack, case) for case in found[:MOST_CASES]]
    return HoldersCasesOut(account_id=account_id, language=by.words.language, cases=cases, more=len(found) > MOST_CASES)


@router.get(
    "/accounts/{account_id}/cases/{case_id}",
    auth=KeyWith(Scope.APPEALS_READ),
    response={200: HoldersCaseOut} | refusals(404, 422),
    operation_id="read_holders_case",
    summary="One case, for its holder",
)
def read_holders_case(request: HttpRequest, account_id: str, case_id: str, asked: Query[Spoken]) -> HoldersCaseOut:
    """What is contested with every fact, what explains it, what can be done until when, what was sent, asked, answered and decided.

    A case of another account is not found, whichever key asks: the account is the one whose holder is signed in.
    """
    by = speak_for(request, account_id, asked)
    file = case_file(actor=by.call.actor, case_id=case_id)
    with translation.override(django_language(by.words.language)):
        return case_for(by.call, current_pack(), file, by.words)
