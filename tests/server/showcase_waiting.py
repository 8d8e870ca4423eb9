"""The part of the showcase that waits for a person without being a case: a mail, a request, a holder of two accounts, connected programs."""

from datetime import timedelta

from goodstanding.core.terms import MailCause, MailVerdict, Role
from goodstanding.server.services.evidence import digest_of, store_original
from goodstanding.server.services.keys import Scope, make_key, revoke_key, rotate_key
from goodstanding.server.services.reopenings import request_reopening
from goodstanding.server.services.webhooks import add_endpoint, ping_endpoint, rotate_secret
from goodstanding.server.store.models import ApiKey, Case, IncomingMail, User
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


def programs(builder: Builder) -> User:
    """A key that is being rotated, one that was revoked, and an address whose test event waits; gives who looks after them."""
    call, day = builder.call(builder.manager, days_ago=3), timedelta(days=1)
    make_key(call=call, name="Checkout", scopes=[Scope.STANDING_READ, Scope.CASES_READ])
    make_key(call=call, name="Old warehouse", scopes=[Scope.FACTS_WRITE])
    checkout, warehouse = ApiKey.objects.order_by("pk")[:2]
    checkout.secrets.update(last_used_at=builder.now - timedelta(minutes=4))
    rotate_key(call=builder.call(builder.manager), key_id=checkout.pk, overlap=7 * day)
    revoke_key(call=builder.call(builder.manager), key_id=warehouse.pk)
    endpoint, _ = add_endpoint(call=call, url="https://hooks.market.example/standing/events?for=eu-central")
    ping_endpoint(call=call, endpoint_id=endpoint.pk)
    rotate_secret(call=call, endpoint_id=endpoint.pk, overlap=14 * day)
    return builder.manager
