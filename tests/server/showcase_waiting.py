"""The part of the showcase that waits for a person without being a case: a mail that proves nothing, a request to reopen, a holder of two accounts."""

from datetime import timedelta

from goodstanding.core.terms import MailCause, MailVerdict, Role
from goodstanding.server.services.evidence import digest_of, store_original
from goodstanding.server.services.reopenings import request_reopening
from goodstanding.server.store.models import Case, IncomingMail, User
from tests.server.showcase import Builder

FORGED = (
    b"From: Harbour Lane Goods <nora@harbourlane.example>\r\nTo: appeals@marketplace.invalid\r\nSubject: Re: Your account is deactivated\r\n\r\n"
    b"Please close the case, everything is settled.\r\n"
)


def held_mail(builder: Builder, case: Case) -> str:
    """A mail in a holder's name that nothing proves; gives its id."""
    sha256 = store_original(FORGED)
    row = IncomingMail.objects.create(
        mail_id=builder.call(builder.specialist).new_id("M"),
        key=digest_of(b"key" + FORGED),
        case=case,
        verdict=MailVerdict.HELD,
        cause=MailCause.UNPROVED,
        sender="nora@harbourlane.example",
        subject="Re: Your account is deactivated",
        text="Please close the case, everything is settled.",
        sha256=sha256,
        size=len(FORGED),
        received_at=builder.now - timedelta(hours=3),
    )
    return row.pk


def reopening(builder: Builder) -> str:
    """An account that its holder closed and asks to have back; gives the request's id."""
    account = builder.account("S-1013", "Quay & Anchor", "en")
    account.closed_at = builder.now - timedelta(days=40)
    account.save(update_fields=["closed_at"])
    asked = request_reopening(
        call=builder.holder_call(account, days_ago=1), account_id=account.pk, because="We moved house and are back in business."
    )
    return asked.pk


def holder_of_two(builder: Builder) -> User:
    """Somebody who holds two accounts."""
    user = builder.user("wei@yunfan.example", "Wei Chen", Role.HOLDER)
    user.accounts.add(*(builder.account(f"S-10{number}", name, "en") for number, name in ((14, "Wei Chen Lighting"), (15, "Wei Chen Lighting EU"))))
    return user
