"""Every page worth looking at, by a name that a file may have, and who opens it: for the browser tests and the screenshots."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.codes import send_code
from goodstanding.server.store.models import Account, Case, Delegation, Notice
from tests.server.acting import appointed, invited
from tests.server.entering import link_to
from tests.server.showcase import PASSWORD, Showcase
from tests.server.showcase_buyer import hold_of_a_buyer
from tests.server.showcase_waiting import held_mail, question, reopening


@dataclass(frozen=True)
class Visit:
    """One page.

    `as_holder_of`: the case whose link lets the visitor in; `as_staff`: who of the showcase signs in; `as_delegate`: the one of `acting_for`;
    none: anybody.

    `press`: what is typed and pressed to come to it, as (selector, text) with no text for a press; `demo`: as a demonstration shows it;
    `broken`: as it is when the server itself fails.
    """

    name: str
    path: str
    as_holder_of: str = ""
    as_staff: str = ""
    as_delegate: bool = False
    status: int = 200
    press: tuple[tuple[str, str], ...] = ()
    demo: bool = False
    broken: bool = False

    @property
    def who(self) -> tuple[str, str, bool]:
        """Who opens it: visits of the same visitor can share a session."""
        return self.as_staff, self.as_holder_of, self.as_delegate


PLAN = (
    ("#part-root_cause", "There was no pick-up on Saturdays, so 12 orders left two days late."),
    ("#part-corrective", "- We refunded all 12 buyers on 3 November.\n- A second carrier picks up since 5 November."),
    ("#part-preventive", "- Dana reads the list of open orders each morning since 6 November."),
)


CONFIRM = (("#password", PASSWORD), ("main button.primary", ""))
"""The password again, which is asked for before anything about a sign-in changes."""


def visits(show: Showcase) -> Iterator[Visit]:
    """All pages, each in the state in which it says most."""
    question(show)
    yield Visit("start", "/")
    yield Visit("sign-in", "/console/sign-in/")
    yield Visit("demo", "/", demo=True)
    yield Visit("forgotten", "/sign-in/password/")
    yield Visit("forgotten-sent", "/sign-in/password/sent/")
    yield Visit("security", "/security/", as_staff="specialist")
    yield Visit("sessions", "/security/sessions/", as_staff="specialist")
    yield Visit("confirm", "/security/confirm/?next=/security/", as_staff="specialist")
    yield Visit("password", "/security/password/", as_staff="specialist")
    ada = (("#login", show.auditor.email), ("#password", PASSWORD), ("main button.primary", ""))
    yield Visit("second-factor", "/sign-in/code/", press=ada)
    yield Visit("sign-on-cancelled", "/sign-in/on/cancelled/")
    yield Visit("password-done", "/sign-in/password/done/")
    yield Visit("passkeys", "/security/passkeys/", as_staff="manager")
    yield Visit("confirm-code", "/security/confirm/code/?next=/security/", as_staff="auditor")
    yield Visit("app", "/security/app/", as_staff="specialist", press=CONFIRM)
    yield Visit("app-removal", "/security/app/remove/", as_staff="auditor", press=CONFIRM)
    yield Visit("codes", "/security/codes/", as_staff="auditor", press=CONFIRM)
    yield Visit("codes-new", "/security/codes/new/", as_staff="auditor", press=CONFIRM)
    yield Visit("passkey-new", "/security/passkeys/add/", as_staff="specialist", press=CONFIRM)
    yield Visit("passkey-removal", f"/security/passkeys/{show.passkey}/remove/", as_staff="manager", press=CONFIRM)
    yield Visit("console-audit", "/console/audit/", as_staff="auditor")
    yield Visit("console-staff", "/console/staff/", as_staff="manager")
    yield Visit("console-staff-user", f"/console/staff/{show.specialist.pk}/", as_staff="manager")
    yield Visit("console-staff-new", "/console/staff/new/", as_staff="manager")
    yield Visit("not-found", "/nowhere/", status=404)
    yield Visit("link", link_to(show.cases["in_force"]))
    acting_for(show.cases["in_force"].account)
    yield Visit("delegates", f"/account/{show.cases['in_force'].account_id}/delegates/", as_holder_of="in_force")
    yield Visit("delegate-sign-in", "/delegate/")
    yield Visit("delegate-invitation", invitation_to(show.cases["in_force"].account))
    yield Visit("delegate-home", "/delegate/accounts/", as_delegate=True)
    yield Visit("delegate-case", f"/case/{show.cases['in_force'].pk}/", as_delegate=True)
    theirs = f"/account/{show.cases['in_force'].account_id}/notices/"
    yield Visit("delegate-notifications", theirs, as_delegate=True)
    yield Visit("delegate-notification", f"{theirs}{show.cases['in_force'].notices.get(kind='action').pk}/", as_delegate=True)
    held = hold_of_a_buyer(show)
    yield Visit("case-on-hold", f"/case/{held.pk}/", as_holder_of="on_hold")
    yield Visit("document", f"/case/{held.pk}/document/", as_holder_of="on_hold")
    yield Visit("link-code", link_with_code(show.cases["in_force"]))
    yield Visit("not-permitted", "/account/", status=403)
    yield Visit("our-fault", "/nowhere/", status=500, broken=True)
    yield Visit("accounts", "/account/", as_staff="several")
    for which in ("in_force", "in_review", "information_asked", "submitted", "upheld", "reinstated"):
        yield Visit(f"case-{which.replace('_', '-')}", f"/case/{show.cases[which].pk}/", as_holder_of=which)
    appeal = f"/case/{show.cases['in_force'].pk}/appeal/"
    yield Visit("appeal-choose", appeal, as_holder_of="in_force")
    yield Visit("appeal-plan", f"{appeal}?route=plan", as_holder_of="in_force")
    yield Visit("appeal-checked", f"{appeal}?route=plan", as_holder_of="in_force", press=(*PLAN, ("button[value=check]", "")))
    yield Visit("appeal-review", f"{appeal}?route=plan", as_holder_of="in_force", press=(*PLAN, ("button[value=review]", "")))
    yield Visit("appeal-dispute", f"{appeal}?route=dispute", as_holder_of="in_force")
    yield Visit("appeal-sent", f"/case/{show.cases['submitted'].pk}/sent/", as_holder_of="submitted")
    yield Visit("information", f"/case/{show.cases['information_asked'].pk}/information/", as_holder_of="information_asked")
    yield Visit("account", "/account/S-1001/", as_holder_of="in_force")
    yield Visit("notifications", "/account/S-1005/notices/", as_holder_of="upheld")
    letter = show.cases["in_force"].notices.get(kind="action").pk
    yield Visit("notification", f"/account/S-1001/notices/{letter}/", as_holder_of="in_force")
    yield Visit("behind", f"/account/S-1001/metric/{show.cases['in_force'].account.metric_items.get(count=12).metric}/", as_holder_of="in_force")
    yield Visit("assurance", "/account/S-1011/assurance/", as_holder_of="solving")
    yield Visit("assurance-not-yet", "/account/S-1001/assurance/", as_holder_of="in_force")
    yield Visit("solve", f"/case/{show.cases['solving'].pk}/solve/", as_holder_of="solving")
    yield Visit("case-solving", f"/case/{show.cases['solving'].pk}/", as_holder_of="solving")
    yield Visit("commitments", f"/case/{show.cases['monitored'].pk}/commitments/", as_holder_of="monitored")
    yield Visit("data", "/account/S-1001/data/", as_holder_of="in_force")
    yield Visit("console-calls", "/console/calls/", as_staff="specialist")
    yield Visit("console-window", f"/console/case/{show.cases['solving'].pk}/window/", as_staff="specialist")
    yield Visit("console-commitments", f"/console/case/{show.cases['monitored'].pk}/window/", as_staff="specialist")
    yield Visit("console-outbox", "/console/outbox/", as_staff="specialist")
    yield Visit("console-programs", "/console/programs/", as_staff="manager")
    yield Visit("console-queue", "/console/?tab=appeals", as_staff="specialist")
    yield Visit("console-asked", "/console/?tab=asked", as_staff="specialist")
    yield Visit("console-all", "/console/?tab=all", as_staff="specialist")
    yield Visit("console-review", f"/console/case/{show.cases['in_review'].pk}/", as_staff="specialist")
    yield Visit("console-evidence", f"/console/evidence/{show.cases['in_review'].evidence.get(name='loading bay.jpg').pk}/", as_staff="specialist")
    yield Visit("console-quality", "/console/quality/", as_staff="colleague")
    yield Visit("console-blind", f"/console/quality/{show.cases['upheld'].appeals.get().pk}/", as_staff="colleague")
    notice = show.cases["upheld"].notices.latest("created_at").pk
    yield Visit("console-opened", f"/console/case/{show.cases['upheld'].pk}/?open=notice:{notice}", as_staff="specialist")
    yield Visit("console-proposal", f"/console/case/{show.cases['proposed'].pk}/", as_staff="specialist")
    seen = (('button[value="preview:approve"]', ""),)
    yield Visit("console-letter", f"/console/case/{show.cases['proposed'].pk}/", as_staff="specialist", press=seen)
    yield Visit("console-relation", f"/console/case/{show.cases['submitted'].pk}/", as_staff="specialist")
    yield Visit("console-relations", "/console/relations/", as_staff="specialist")
    yield Visit("console-cluster", "/console/relations/S-1004/", as_staff="specialist")
    yield Visit("console-pair", "/console/relations/S-1004/S-2031/", as_staff="specialist")
    yield Visit("console-judged", "/console/relations/S-2032/S-2034/", as_staff="specialist")
    yield Visit("console-weak", "/console/relations/S-2031/S-2040/", as_staff="auditor")
    yield Visit("console-releases", "/console/?tab=releases", as_staff="specialist")
    yield Visit("console-release", f"/console/case/{show.cases['to_release'].pk}/", as_staff="specialist")
    yield Visit("console-account", "/console/account/S-1001/", as_staff="specialist")
    yield Visit("console-second", f"/console/case/{show.cases['second'].pk}/", as_staff="colleague")
    yield Visit("console-record", "/console/account/S-1001/violation/", as_staff="specialist")
    mail, asked = held_mail(show.cases["in_force"]), reopening()
    yield Visit("console-reopenings", "/console/reopenings/", as_staff="specialist")
    yield Visit("console-reopening", f"/console/account/S-1013/reopening/{asked.pk}/", as_staff="specialist")
    yield Visit("console-mails", "/console/mail/", as_staff="specialist")
    yield Visit("console-mail", f"/console/mail/{mail}/", as_staff="specialist")
    yield Visit("messages", f"/case/{show.cases['information_asked'].pk}/messages/", as_holder_of="information_asked")
    yield Visit("console-messages", "/console/?tab=messages", as_staff="specialist")
    yield Visit("console-policy", "/console/policy/", as_staff="manager")
    yield Visit("console-policy-version", f"/console/policy/{show.trial.new_id}/", as_staff="manager")
    yield Visit("console-trial", f"/console/policy/trial/{show.trial.pk}/", as_staff="specialist")
    yield Visit("console-search", "/console/search/?q=a", as_staff="specialist")


def link_with_code(case: Case) -> str:
    """The path of a link to which a code is on its way."""
    path, call = link_to(case), Call(AUTOMATION, timezone.now())
    send_code(call=call, pack=current_pack(), link=case.links.order_by("-pk")[0])
    return path


def acting_for(account: Account) -> Delegation:
    """The delegate of the pictures: acts for one account, is invited by another, and somebody else is invited here."""
    pack, now = current_pack(), timezone.now()
    one = Delegation.objects.filter(account=account, accepted_at__isnull=False).select_related("delegate").first()
    if one is None:
        one = appointed(account, pack, now=now)
        invited(account, pack, now=now, email="lee@lawyers.example", last_day=(now + timedelta(days=90)).date())
        invited(Account.objects.exclude(pk=account.pk).order_by("pk")[0], pack, now=now)
    return one


def invitation_to(account: Account) -> str:
    """The path of the link that an invitation's letter brings."""
    letter = Notice.objects.filter(delegation__account=account, delegation__accepted_at=None).latest("created_at")
    return "/delegate/" + letter.body.split("/delegate/")[1].split()[0]
