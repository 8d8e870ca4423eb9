"""What an account may do (requirement A2)."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from goodstanding.core.terms import Act
from goodstanding.server.api.answers import answer_may, answer_standing
from goodstanding.server.api.keys import KeyWith, key_in
from goodstanding.server.api.schemas import MayOut, StandingOut, refusals
from goodstanding.server.policy import current_pack
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.speaking import check_knows
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Account

router = Router(tags=["accounts"])


@router.get(
    "/accounts/{account_id}/standing",
    auth=KeyWith(Scope.STANDING_READ),
    response={200: StandingOut} | refusals(404),
    operation_id="read_standing",
    summary="How an account stands",
)
def read_standing(request: HttpRequest, account_id: str) -> StandingOut:
    """Status, rating, what the account may do, and every limit in force with its reasons."""
    now = timezone.now()
    check_knows(key_in(request), account_id, f"account {account_id}")
    return answer_standing(standing_of(account_id=account_id, now=now), now)


@router.get(
    "/accounts/{account_id}/may/{act}",
    auth=KeyWith(Scope.STANDING_READ),
    response={200: MayOut} | refusals(404, 422),
    operation_id="read_may",
    summary="Whether an account may do one act",
)
def read_may(request: HttpRequest, account_id: str, act: Act) -> MayOut:
    """Ask this before letting an account act. If not allowed: every limit in the way, and what to tell the holder, in the holder's language."""
    now = timezone.now()
    check_knows(key_in(request), account_id, f"account {account_id}")
    permission = standing_of(account_id=account_id, now=now).permissions[act]
    return answer_may(Account.objects.get(pk=account_id), permission, current_pack(), now)
