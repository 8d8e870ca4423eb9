"""A small marketplace in every state a case can be in, made through the services alone: for tests of pages and for screenshots."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from allauth.mfa.models import Authenticator

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose
from goodstanding.core.appeals.diagnosis.model import Background
from goodstanding.core.appeals.plan import Answer
from goodstanding.core.appeals.tasks import Tick, TickState
from goodstanding.core.facts import Defect, Order
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.linkage.judgements import Against
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import (
    Automation,
    DecisionOutcome,
    FoundBy,
    HolderKind,
    MetricRule,
    RelationGround,
    RelationVerdict,
    ReleaseCause,
    Role,
    Route,
)
from goodstanding.core.values import AUTOMATION, Actor, Rate
from goodstanding.server.demo.texts import invoice_pdf
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.audit import record
from goodstanding.server.services.call import Call
from goodstanding.server.services.diagnoses import Diagnosed, record_diagnoses
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.judgements import judge_relation
from goodstanding.server.services.relations import Pair, Struck, record_relations
from goodstanding.server.services.reviews import ask_information, claim_case, decide_appeal
from goodstanding.server.services.statements import unnamed
from goodstanding.server.store.models import (
    Account,
    Assessment,
    BlindReview,
    Case,
    MetricItems,
    MetricReading,
    PolicyTrial,
    RatingReading,
    ReleaseProposal,
    User,
    Violation,
)
from goodstanding.server.store.models.audit import AuditKind
from tests.made_files import photo
from tests.server.identity.people import with_app

PASSWORD = "correct horse battery"
PDF = invoice_pdf("Nordpost", ("Saturday pick-up, from 2 November 2026",))

_CARRIERS = ("Nordpost", "Blue Line", "Kite Express")
_PRODUCTS = ("Oak serving board", "Linen apron", "Copper kettle", "Walnut spoon set", "Stoneware mug")

ENGLISH = Answer(
    Route.PLAN,
    root_cause=(
        "Our second warehouse in Reno lost its Saturday pick-up on 12 October.\n"
        "Orders paid on Friday evening stayed there until Monday: 9 of the 12 late orders."
    ),
    corrective="On 2 November we booked a Saturday pick-up with Blue Line (contract attached).\nOn 3 November we refunded the postage of all 12 buyers.",
    preventive="Since 4 November Dana Ortiz checks the open orders every day at 15:00.\nWhen a pick-up falls out, Reno's orders go to the first warehouse.",
)
CHINESE = Answer(
    Route.PLAN,
    root_cause="10 月 8 日我们更换了保温杯的供应商，新批次（批号 2410B）的杯盖密封圈尺寸偏小 0.3 毫米。\n18 起索赔中有 15 起属于该批次。",
    corrective="10 月 30 日已下架该批次剩余的 640 件并全部退回供应商。\n11 月 2 日已向 18 位买家全额退款（退款记录见附件）。",
    preventive="自 11 月 5 日起，每批到货抽检 20 件并做 24 小时漏水测试，由质检员李敏签字。\n两次不合格的供应商不再采购。",
)
DISPUTE = Answer(
    Route.DISPUTE,
    grounds="The two accounts share the Wi-Fi of the Mill Street workshop house, where eleven firms rent rooms.\nOur bank account, company number and staff are our own; the rent contract is attached.",
)


@dataclass(frozen=True)
class Showcase:
    """The people and the cases by what they show."""

    specialist: User
    senior: User
    auditor: User
    holder: User
    colleague: User
    cases: dict[str, Case]
    several: User
    manager: User
    trial: PolicyTrial
    passkey: int


class Builder:
    """Builds the showcase around a moment, so that clocks look alive whenever it is made."""

    def __init__(self, pack: PolicyPack, now: datetime) -> None:
        self.pack, self.now = pack, now
        self.numbers = count(1)
        self.specialist = self.user("maya@market.example", "Maya Lindqvist", Role.SPECIALIST)
        self.senior = self.user("samuel@market.example", "Samuel Okafor", Role.SENIOR_SPECIALIST)
        self.colleague = self.user("ines@market.example", "Ines Moreau", Role.SENIOR_SPECIALIST)
        self.manager = self.user("paula@market.example", "Paula Ferrand", Role.POLICY_MANAGER)
        self.auditor = self.user("ada@market.example", "Ada Brandt", Role.AUDITOR)
        User.objects.filter(pk=self.manager.pk).update(manages_staff=True)
        User.objects.filter(pk=self.specialist.pk).update(languages=["en", "zh-Hans"], skills=list(pack.queue.skills)[:2])
        self.holder = self.user("nora@harbourlane.example", "Nora Field", Role.HOLDER)
        self.assessment = Assessment.objects.create(
            as_of=self.today, recorded_at=now, pack_name=pack.name, pack_digest=pack.digest, facts="facts", findings=0
        )

    @property
    def today(self) -> date:
        """The day of the last assessment."""
        return self.now.date()

    def user(self, email: str, name: str, role: Role) -> User:
        """Somebody who signs in with PASSWORD."""
        return User.objects.create_user(email, PASSWORD, name=name, role=role)

    def call(self, user: User, *, days_ago: float = 0) -> Call:
        """A call of a member of staff."""
        return Call(Actor(f"user:{user.pk}", Role(user.role)), self.now - timedelta(days=days_ago))

    def holder_call(self, account: Account, *, days_ago: float = 0) -> Call:
        """A call of an account's holder, in by a link."""
        return Call(Actor(f"holder:{account.pk}", Role.HOLDER, frozenset({account.pk})), self.now - timedelta(days=days_ago))

    def account(self, account_id: str, name: str, language: str, *, country: str = "US") -> Account:
        """A seller with a year of rating and last night's metrics."""
        account = Account.objects.create(
            account_id=account_id,
            holder_kind=HolderKind.SELLER,
            marketplace="US",
            plan="professional",
            language=language,
            country=country,
            display_name=name,
            email=f"{account_id.lower()}@seller.example",
            opened_at=self.now - timedelta(days=900),
        )
        for days, rating, points in (
            (330, 204, 0),
            (270, 216, 0),
            (200, 232, 0),
            (150, 216, 16),
            (110, 248, 0),
            (40, 208, 40),
            (18, 176, 72),
            (4, 160, 88),
        ):
            band = self.pack.rating.band(rating)
            RatingReading.objects.create(
                account=account, as_of=self.today - timedelta(days=days), rating=rating, band=band, fulfilled_orders=1400 + days, points=points
            )
        worse, better = ((12, 340), (2, 61), (1, 112)), ((331, 340), (171, 188))
        for number, metric in enumerate(one for one in self.pack.metrics.values() if one.applies_to(HolderKind.SELLER, "US")):
            target, numerator, denominator = metric.target, 0, None
            if target is None or target.operator != "=":
                numerator, denominator = better[number % 2] if target and target.higher_is_better else worse[number % 3]
            MetricReading.objects.create(
                account=account,
                assessment=self.assessment,
                metric=metric.name,
                as_of=self.today,
                window_days=metric.window.days,
                lag_days=metric.window.lag,
                numerator=numerator,
                denominator=denominator,
                target=metric.target.text if metric.target else "",
                met=metric.target.met(Rate(numerator, denominator)) if metric.target else None,
            )
        return account

    def violation(self, account: Account, reason: str, *, days: int, items: int = 4) -> Violation:
        """An open violation with items whose facts look like a shop's."""
        number, rule, orders = next(self.numbers), self.pack.reasons[reason], items * 9 + 4
        metric = next((one for one in self.pack.metrics.values() if one.reason == reason), None)
        return Violation.objects.create(
            violation_id=f"V-{number:010X}",
            account=account,
            reason=reason,
            metric=metric.name if metric else "",
            found_by=rule.found_by,
            opened=self.today - timedelta(days=days),
            severity=rule.severity,
            points=self.pack.rating.points[rule.severity],
            numerator=(orders - items if metric.target and metric.target.higher_is_better else items) if metric else None,
            denominator=orders if metric else None,
            subject_kind=rule.subject,
            items=[self.item(rule.subject, number, at, days) for at in range(items)],
            other_account="S-2031" if rule.subject == "accounts" and rule.found_by == FoundBy.RELATION else "",
            recorded_at=self.now,
        )

    def last_counts(self, account: Account) -> None:
        """Let last night's metrics say the same as the open violations."""
        for violation in account.violations.exclude(metric=""):
            account.metric_readings.filter(metric=violation.metric).update(
                numerator=violation.numerator, denominator=violation.denominator, met=False
            )
            MetricItems.objects.create(account=account, metric=violation.metric, as_of=self.today, count=len(violation.items), items=violation.items)

    def item(self, kind: str, number: int, at: int, days: int) -> dict[str, object]:
        """One item with the columns of its kind."""
        day = self.today - timedelta(days=days + 2 + at)
        key = f"{701 + number}-{4402817 + 3911 * at}-{6180 + 7 * at}"
        match kind:
            case "orders":
                facts = {
                    "placed_at": f"{day}T09:1{at % 10}:00+00:00",
                    "ship_by": f"{day + timedelta(days=2)}T23:00:00+00:00",
                    "shipped_at": f"{day + timedelta(days=4)}T16:40:00+00:00",
                    "carrier": _CARRIERS[at % 3],
                    "product_id": _PRODUCTS[at % 5],
                }
            case "accounts":
                return _related_item(f"S-20{31 + at}", day, self.today)
            case _:
                facts = {
                    "at": f"{day}T11:20:00+00:00",
                    "source": "buyer",
                    "product_id": _PRODUCTS[at % 5],
                    "text": "The seal was missing and the logo is printed askew.",
                }
        return {"id": key, "kind": kind, "facts": facts}

    def explain(self, account: Account) -> None:
        """Let a night have looked at the account's violations: on South's days more was late than elsewhere, and one task of two is done."""
        pack, found = self.pack, {}
        for violation in account.violations.exclude(metric=""):
            metric = pack.metrics[violation.metric]
            facts, background = self.shipments(account, metric.rule == MetricRule.VALID_TRACKING_RATE)
            why = diagnose(pack, metric, facts, self.today, None, background)
            tasks = pack.reasons[violation.reason].tasks
            ids = tuple(str(item["id"]) for item in violation.items)
            ticks = [Tick(tasks[0], TickState.OPEN, len(ids) - 1, len(ids), ids[-1:]), *(Tick(task, TickState.UNKNOWN) for task in tasks[1:])]
            found[violation.pk] = Diagnosed(why, tuple(ticks))
        record_diagnoses(call=Call(AUTOMATION, self.now), as_of=self.today, found=found)

    def shipments(self, account: Account, untracked: bool) -> tuple[AccountFacts, Background]:
        """Sixty days of shipments from two warehouses by three carriers; a fifth of one warehouse's went wrong, or everything of one week."""
        noon = datetime.combine(self.today, datetime.min.time()) + timedelta(hours=12)
        orders, defects, values = [], [], {}
        for number in range(420):
            shipped, warehouse = noon - timedelta(days=59 - number // 7), ("Reno", "Columbus")[number % 2]
            wrong = 7 * 45 <= number < 7 * 50 and number % 3 == 0 if untracked else warehouse == "Reno" and number % 4 == 0
            ship_by = shipped + timedelta(days=-1 if wrong and not untracked else 1)
            orders.append(
                Order(
                    f"O-{number}",
                    account.pk,
                    ship_by - timedelta(days=2),
                    ship_by=ship_by,
                    shipped_at=shipped,
                    tracking_valid=not (wrong and untracked),
                )
            )
            if wrong:
                defects.append(Defect(f"D-{number}", f"O-{number}", account.pk, "claim", shipped + timedelta(days=4)))
            values[f"O-{number}"] = {"warehouse": warehouse, "carrier": _CARRIERS[number % 3]}
        return AccountFacts(account.pk, orders=orders, defects=defects), Background(values)

    def propose(self, account: Account) -> Case:
        """Let the pack propose on what the account has, nine days ago."""
        self.last_counts(account)
        propose_actions(call=Call(AUTOMATION, self.now - timedelta(days=9)), pack=self.pack, as_of=self.today)
        return Case.objects.filter(account=account).latest("opened_at")

    def in_force(self, account: Account) -> Case:
        """A case approved by the senior eight days ago."""
        case = self.propose(account)
        approve_action(call=self.call(self.senior, days_ago=8), pack=self.pack, case_id=case.pk)
        return case

    def appealed(self, account: Account, answer: Answer, *, days_ago: float) -> Case:
        """A case with an appeal and a file."""
        case, call = self.in_force(account), self.holder_call(account, days_ago=days_ago)
        files = (
            Upload("contract.pdf", PDF, answer.parts[-1][0]),
            Upload("refunds.csv", b"order,refunded\r\n701,2026-11-02\r\n", answer.parts[0][0]),
            Upload("loading bay.jpg", photo("Snapseed 3"), answer.parts[-1][0]),
        )
        submit_appeal(
            call=call, pack=self.pack, case_id=case.pk, submission_key=f"showcase-{case.pk}", answer=answer, language=account.language, uploads=files
        )
        return case

    def claimed(self, account: Account, answer: Answer) -> Case:
        """A case that the specialist holds."""
        case = self.appealed(account, answer, days_ago=1)
        claim_case(call=self.call(self.specialist, days_ago=0.5), pack=self.pack, case_id=case.pk)
        return case

    def decided(self, account: Account, outcome: DecisionOutcome, because: str) -> Case:
        """A case whose appeal is decided, each violation alike."""
        case = self.claimed(account, ENGLISH)
        verdicts = {violation.pk: (outcome, f"{because} ({violation.items[0]['id']})") for violation in case.action.violations.all()}
        decide_appeal(call=self.call(self.specialist, days_ago=0.2), pack=self.pack, case_id=case.pk, verdicts=verdicts)
        return case


def _plant_ring(builder: Builder) -> None:
    """Five shops around one that is deactivated, one of them judged not to belong to it, and a stranger from the same workshop house."""
    names = {
        "S-2031": "Mill Street Frames",
        "S-2032": "Weir & Daughters",
        "S-2033": "Printworks No. 9",
        "S-2034": "Foundry Paper",
        "S-2040": "Attic Ceramics",
    }
    for account_id, name in names.items():
        holder, opened = HolderKind.SELLER, builder.now - timedelta(days=700)
        Account.objects.create(account_id=account_id, holder_kind=holder, marketplace="US", language="en", display_name=name, opened_at=opened)
    day = builder.today - timedelta(days=300)
    ring = (
        ("S-1004", "S-2031", 148, (("device", "…9f", 2, 120), ("wifi", "…2A", 11, 28))),
        ("S-1004", "S-2032", 92, (("payment_instrument", "…4417", 3, 62), ("wifi", "…2A", 11, 30))),
        ("S-2031", "S-2032", 175, (("bank_account", "…0031", 2, 120), ("phone", "…55", 2, 55))),
        ("S-2031", "S-2033", 240, (("bank_account", "…0044", 2, 120), ("tax_id", "…71", 2, 120))),
        ("S-2032", "S-2034", 70, (("device", "…c1", 2, 70),)),
    )
    pairs = [Pair(a, b, score, "K-S-1004", _evidence(shared, day, builder.today), ()) for a, b, score, shared in ring]
    doubts = (Against.BELOW_THRESHOLD, Against.ONE_PIECE, Against.SHARED_BY_MANY, Against.HOUSEHOLD_ONLY)
    pairs.append(Pair("S-2031", "S-2040", 5, "", _evidence((("wifi", "…OW", 47, 5),), day, builder.today), doubts))
    record_relations(pairs=pairs, struck=[Struck("S-2031", "ACT-2031", builder.today - timedelta(days=12))], as_of=builder.today)
    judge_relation(
        call=builder.call(builder.senior, days_ago=2),
        pack=builder.pack,
        account_id="S-2031",
        other_id="S-2032",
        verdict=RelationVerdict.CONFIRMED,
        ground=RelationGround.SAME_OWNER,
        note="Both name the same director in the company register.",
    )
    judge_relation(
        call=builder.call(builder.specialist, days_ago=1),
        pack=builder.pack,
        account_id="S-2032",
        other_id="S-2034",
        verdict=RelationVerdict.DENIED,
        ground=RelationGround.FORMER_EMPLOYEE,
        note="The tablet went with a packer who left in March and opened a shop of her own; the pay slips are on file.",
    )


def _evidence(shared: tuple[tuple[str, str, int, int], ...], first: date, last: date) -> tuple[dict[str, object], ...]:
    moments = {"first_a": f"{first}T08:00:00+00:00", "last_a": f"{last}T08:00:00+00:00", "first_b": f"{first}T19:30:00+00:00", "last_b": None}
    return tuple({"kind": kind, "value": value, "sharers": sharers, "share": share} | moments for kind, value, sharers, share in shared)


def _plant_audit(builder: Builder) -> None:
    """A morning at the door: sign-ins, a slip, a lock-out, and a change of role."""
    maya, manager = builder.specialist, builder.call(builder.manager, days_ago=0.05)
    for minute, (kind, user, method) in enumerate(
        (
            (AuditKind.SIGN_IN_FAILED, maya, "password"),
            (AuditKind.SIGNED_IN, maya, "password+totp"),
            (AuditKind.SIGNED_IN, builder.senior, "webauthn"),
            (AuditKind.LOCKED_OUT, None, "password"),
        )
    ):
        record(
            call=replace(builder.call(maya), now=builder.now - timedelta(minutes=90 - minute)),
            kind=kind,
            user=user,
            method=method,
            address="203.0.113.9",
        )
    body = {"role": ["specialist", "senior_specialist"], "languages": [["en"], ["en", "zh-Hans"]], "is_active": [False, True]}
    record(call=manager, kind=AuditKind.USER_CHANGED, user=builder.senior, body=body)


def _plant_factors(builder: Builder) -> int:
    """The auditor has an app and recovery codes, who manages the staff a passkey; gives its id. No page here asks it for a signature."""
    with_app(builder.auditor)
    return int(Authenticator.objects.create(user=builder.manager, type=Authenticator.Type.WEBAUTHN, data={"name": "Telephone"}).pk)


def _related_item(other: str, first: date, last: date) -> dict[str, object]:
    """A relation as the nightly run keeps it: masked for the holder, in full for staff."""
    moments = {"first_a": f"{first}T08:00:00+00:00", "last_a": f"{last}T08:00:00+00:00", "first_b": f"{first}T19:30:00+00:00", "last_b": None}
    evidence = [
        {"kind": "wifi", "value": "…2A", "sharers": 11, "share": 28} | moments,
        {"kind": "device", "value": "…9f", "sharers": 2, "share": 120} | moments,
    ]
    facts = {"shares": "device, wifi", "shared_since": str(first)}
    kept = {"account_id": other, "score": 148, "evidence": evidence}
    return {"id": unnamed(1), "kind": "accounts", "facts": facts, "for_staff": kept}


def build_showcase(pack: PolicyPack, now: datetime) -> Showcase:
    """One case of every kind that a page shows differently."""
    builder = Builder(pack, now)
    cases: dict[str, Case] = {}

    harbour = builder.account("S-1001", "Harbour Lane Goods", "en")
    builder.holder.accounts.add(harbour)
    builder.violation(harbour, "PERF_LATE_SHIPMENT", days=20, items=12)
    builder.violation(harbour, "PERF_VALID_TRACKING", days=17, items=5)
    cases["in_force"] = builder.in_force(harbour)
    builder.explain(harbour)

    yunfan = builder.account("S-1002", "深圳云帆家居", "zh-Hans", country="CN")
    builder.violation(yunfan, "PERF_ODR", days=40, items=6)
    cases["in_review"] = builder.claimed(yunfan, CHINESE)
    builder.explain(yunfan)

    dadao = builder.account("S-1003", "大稻埕選物", "zh-Hant", country="TW")
    for _ in range(2):
        builder.violation(dadao, "AUTH_INAUTHENTIC", days=12, items=2)
    cases["information_asked"] = builder.claimed(dadao, CHINESE)
    ask_information(
        call=builder.call(builder.specialist, days_ago=0.3),
        pack=pack,
        case_id=cases["information_asked"].pk,
        items=["invoices_365d", "倉庫與供應商之間的合約，含雙方簽章頁"],
    )

    mill = builder.account("S-1004", "Mill Street Prints", "en")
    builder.violation(mill, "RELATED_ACCOUNT", days=10, items=2)
    cases["submitted"] = builder.appealed(mill, DISPUTE, days_ago=2.3)

    fjord = builder.account("S-1005", "Fjord & Pine", "en")
    builder.violation(fjord, "PERF_LATE_SHIPMENT", days=20)
    because = "The late orders fall as you say, but the contract you attached starts in December, so nothing has changed yet."
    cases["upheld"] = builder.decided(fjord, DecisionOutcome.UPHELD, because)

    appeal = cases["upheld"].appeals.get()
    BlindReview.objects.get_or_create(
        appeal=appeal, defaults={"drawn_at": now, "rule": cases["upheld"].action.rule, "automation": Automation.PARTIALLY}
    )

    lantern = builder.account("S-1006", "Lantern Works", "en")
    builder.violation(lantern, "SAFETY_PRODUCT", days=14, items=3)
    cases["reinstated"] = builder.decided(
        lantern, DecisionOutcome.OVERTURNED, "The test report covers all three products and was valid when they were sold."
    )

    atlas = builder.account("S-1007", "Atlas Cameras", "en")
    builder.violation(atlas, "AUTH_COUNTERFEIT", days=3, items=3)
    cases["proposed_senior"] = builder.propose(atlas)

    paper = builder.account("S-1008", "纸鸢文具", "zh-Hans", country="CN")
    builder.violation(paper, "VERIF_IDENTITY", days=5, items=1)
    cases["proposed"] = builder.propose(paper)
    gable = builder.account("S-1009", "Gable & Sons", "en")
    builder.violation(gable, "RELATED_ACCOUNT", days=10, items=1)
    cases["to_release"] = builder.in_force(gable)
    ReleaseProposal.objects.create(case=cases["to_release"], cause=ReleaseCause.RELATION_ENDED, proposed_at=now - timedelta(days=1))
    _plant_ring(builder)

    orchard = builder.account("S-1010", "Orchard Audio", "en")
    builder.violation(orchard, "AUTH_COUNTERFEIT", days=6, items=3)
    because = "The maker says in writing that none of the three serial numbers is its own."
    cases["second"] = builder.decided(orchard, DecisionOutcome.UPHELD, because)

    _plant_audit(builder)
    from tests.server import showcase_assurance as assurance  # which builds on this module
    from tests.server import showcase_policy as policy
    from tests.server import showcase_waiting as waiting

    cases["solving"], cases["monitored"] = assurance.solving(builder), assurance.monitored(builder)
    waiting.talk(builder, cases["information_asked"])
    for case in cases.values():
        case.refresh_from_db()
    manager = waiting.programs(builder)
    # The sample is drawn by the digests of ids, and these by lot: one decided appeal in twenty would now and then be in it too.
    BlindReview.objects.exclude(appeal=appeal).delete()
    return Showcase(
        builder.specialist,
        builder.senior,
        builder.auditor,
        builder.holder,
        builder.colleague,
        cases,
        several=waiting.holder_of_two(builder),
        manager=manager,
        trial=policy.tried_policy(builder, manager),
        passkey=_plant_factors(builder),
    )
