"""What waits for a person without being a case: a mail that proves nothing, a request to reopen; a holder of two accounts; connected programs.

The first two are put up by `visits` only, for a test that answers one of its own wants no other in the list.
"""

from datetime import timedelta

from django.utils import timezone

from goodstanding.core.terms import HolderKind, MailCause, MailVerdict, Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.conversation import note_read, post_message
from goodstanding.server.services.evidence import digest_of, store_original
from goodstanding.server.services.keys import Scope, make_key, revoke_key, rotate_key
from goodstanding.server.services.notes import write_note
from goodstanding.server.services.webhooks import add_endpoint, ping_endpoint, rotate_secret
from goodstanding.server.store.models import Account, ApiKey, Case, IncomingMail, ReopeningRequest, User
from tests.server.showcase import Builder, Showcase

FORGED = (
    b"From: Harbour Lane Goods <nora@harbourlane.example>\r\nTo: appeals@marketplace.invalid\r\nSubject: Re: Your account is deactivated\r\n\r\n"
    b"Please close the case, everything is settled.\r\n"
)


def talk(builder: Builder, case: Case) -> None:
    """A few words between a holder and the specialist; the last one waits for an answer."""
    holder, staff = builder.holder_call(case.account, days_ago=0.2), builder.call(builder.specialist, days_ago=0.1)
    post_message(pack=builder.pack, call=holder, case_id=case.pk, text="合約有三頁，要全部掃描嗎？", key="h1")
    post_message(pack=builder.pack, call=staff, case_id=case.pk, text="要，請連同簽章頁一起上傳。\n手機拍照也可以。", key="s1")
    note_read(call=builder.holder_call(case.account, days_ago=0.09), case_id=case.pk, upto=2)
    post_message(pack=builder.pack, call=builder.holder_call(case.account, days_ago=0.05), case_id=case.pk, text="好的，今天下午補上。", key="h2")


def question(show: Showcase) -> None:
    """A question of a colleague about the case in review, and what the specialist had noted before; put up by `visits` only."""
    case, now = show.cases["in_review"], timezone.now()
    maya = Call(Actor(f"user:{show.specialist.pk}", Role.SPECIALIST), now - timedelta(hours=5))
    ines = Call(Actor(f"user:{show.colleague.pk}", Role.SENIOR_SPECIALIST), now - timedelta(hours=2))
    write_note(call=maya, case_id=case.pk, text="The refunds of order 18 to 20 are not in the file; the bank's list has them.", key="shown 1")
    text = "Is batch 2410B the one that you had in October too?\nIf so, the supplier was told then already."
    write_note(call=ines, case_id=case.pk, text=text, key="shown 2", addressee=maya.actor.id)


def held_mail(case: Case) -> str:
    """A mail in a holder's name that nothing proves; gives its id."""
    fresh = {
        "mail_id": "M-HELD",
        "case": case,
        "verdict": MailVerdict.HELD,
        "cause": MailCause.UNPROVED,
        "sender": "nora@harbourlane.example",
        "subject": "Re: Your account is deactivated",
        "text": "Please close the case, everything is settled.",
        "sha256": store_original(FORGED),
        "size": len(FORGED),
        "received_at": timezone.now() - timedelta(hours=3),
    }
    return IncomingMail.objects.get_or_create(key=digest_of(b"key" + FORGED), defaults=fresh)[0].pk


def reopening() -> ReopeningRequest:
    """The request to have an account back that its holder had closed."""
    now = timezone.now()
    closed = {"holder_kind": HolderKind.SELLER, "marketplace": "US", "language": "en", "display_name": "Quay & Anchor"}
    moments = {"opened_at": now - timedelta(days=800), "closed_at": now - timedelta(days=40)}
    account = Account.objects.get_or_create(account_id="S-1013", defaults=closed | moments)[0]
    asked = {
        "account": account,
        "because": "We moved house and are back in business.",
        "requested_at": now - timedelta(days=1),
        "requested_by": "holder:S-1013",
    }
    return ReopeningRequest.objects.get_or_create(request_id="Q-WAITS", defaults=asked)[0]


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
