"""The links of notices: a holder who can no longer sign in comes to the case by one (requirement C2)."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.store import compiled
from goodstanding.server.store.models import AccessLink, Case

LINK_CLOCK, WINDOW_CLOCK = "notice_link_valid", "appeal_window"
"""The pack's span for which a link opens its case; a pack that names none gives it as long as an appeal is open."""


def make_link(*, call: Call, case: Case, pack: PolicyPack) -> str:
    """A new link to a case, as the whole URL. Only a digest of it is kept, so nobody can read it out of the table."""
    token = sign_token(call.new_secret())
    link = compiled.new(
        AccessLink, case_id=case.pk, token_sha256=token_digest(token), created_at=call.now, expires_at=valid_until(call=call, pack=pack)
    )
    compiled.insert([link])
    return f"{settings.BASE_URL}/n/{token}/"


def valid_until(*, call: Call, pack: PolicyPack) -> datetime:
    """Until when a letter of now lets its receiver in, by link or by answering it."""
    return (pack.deadlines.get(LINK_CLOCK) or pack.deadlines[WINDOW_CLOCK]).after(call.now)


def open_link(*, token: str, now: datetime) -> AccessLink:
    """The link behind a token, with its case and account. Raises NotFound and says whether it is unknown, withdrawn or expired."""
    try:
        _signer().unsign(token)
    except BadSignature:
        raise NotFound("this link is not one of ours or was cut short; copy the whole link from the letter") from None
    link = AccessLink.objects.select_related("case__account", "case__action").filter(token_sha256=token_digest(token)).first()
    if link is None:
        raise NotFound("this link is not known here; copy the whole link from the newest letter")
    if link.withdrawn_at is not None:
        raise NotFound("this link was withdrawn; use the link of the newest letter")
    if link.expires_at <= now:
        raise NotFound(f"this link expired on {link.expires_at:%Y-%m-%d}; use the link of the newest letter, or sign in")
    return link


def withdraw_links(*, call: Call, case_id: str) -> int:
    """Make every link to a case useless from now on, as when a letter came into wrong hands; gives how many there were.

    The next letter brings a new one. Done twice it is done once. Raises NotPermitted, NotFound.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("withdrawing the links of letters", sorted(REVIEWERS))
    with transaction.atomic():
        case = lock_case(call=call, case_id=case_id)
        count = AccessLink.objects.filter(case=case, withdrawn_at=None).update(withdrawn_at=call.now)
        if count:
            ledger.append(call=call, case_id=case_id, kind="LinksWithdrawn", body={"links": count})
    return count


def sign_token(secret: str) -> str:
    """A secret as a token that fits a URL, signed so that what is cut short or made up is told before any look-up."""
    return _signer().sign(secret)


def token_digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signer() -> Signer:
    return Signer(salt="goodstanding.links", sep=".")
