"""From rows and rules to what the API answers."""

import json
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, events_open_to
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.policy.templates import fill, say_list, say_moment
from goodstanding.core.standing import Permission, Standing
from goodstanding.core.terms import Act, ActionKind, AppealOutcome, DecisionOutcome, NoticeKind, Role, Route, Severity
from goodstanding.server.api.schemas import (
    AppealOut,
    CaseBriefOut,
    CaseOut,
    DecisionOut,
    HeldOut,
    LimitOut,
    MayOut,
    NoticeOut,
    StandingOut,
    ViolationOut,
)
from goodstanding.server.services.standing import live_limits
from goodstanding.server.store.models import Account, Appeal, Case, Limit, Notice, Violation

HOLDERS_TURN = (CaseEvent.GIVE_INFORMATION, CaseEvent.SUBMIT_APPEAL)
"""What a holder can do about a case, most urgent first."""

KEY_LINK = re.compile(r"https?://[^\s\"<>/]+/(?:[^\s\"<>]*/)?n/[^\s\"<>/]+/?")
"""A link of a letter that opens its case without a sign-in (`services.links`)."""


def answer_standing(standing: Standing, now: datetime) -> StandingOut:
    """The standing with every limit in force."""
    limits = live_limits(account_id=standing.account_id, now=now).select_related("action__case").prefetch_related("action__violations")
    return StandingOut(
        account_id=standing.account_id,
        at=now,
        status=standing.status,
        rating=standing.rating,
        band=standing.band,
        closed_by=standing.closed_by,
        acts={act: permission.allowed for act, permission in standing.permissions.items()},
        limits=[answer_limit(limit) for limit in limits],
    )


def answer_may(account: Account, permission: Permission, pack: PolicyPack, now: datetime) -> MayOut:
    """Whether the account may do an act; why not, said to its holder, and where to act on it."""
    wanted = {limit.id for limit in permission.because}
    rows = Limit.objects.filter(pk__in=wanted).select_related("action__case").prefetch_related("action__violations").order_by("since", "limit_id")
    because = [answer_limit(limit) for limit in rows]
    words = pack.words_for(account.language)
    return MayOut(
        account_id=account.account_id,
        act=permission.act,
        at=now,
        allowed=permission.allowed,
        closed=permission.closed,
        because=because,
        act_on_it=where_to_act([limit.action.case for limit in rows]),
        message=say_why_not(words, permission, because, pack, account.marketplace),
        language=words.language,
    )


def answer_limit(limit: Limit) -> LimitOut:
    """A limit with its action's reasons that still count."""
    counting = sorted({v.reason for v in limit.action.violations.all() if v.decided != DecisionOutcome.OVERTURNED})
    return LimitOut(
        limit=limit.limit_id,
        act=Act(limit.act),
        action=limit.action_id,
        action_kind=ActionKind(limit.action.kind),
        reasons=counting,
        since=limit.since,
        until=limit.ends_at,
        case_id=limit.action.case.case_id,
        held=HeldOut(amount=limit.held_amount, currency=limit.currency, because=limit.held_because) if limit.held_amount else None,
    )


def answer_brief(case: Case) -> CaseBriefOut:
    """A case in a list, out of its own row and its action's."""
    return CaseBriefOut(**_brief(case))


def answer_case(case: Case, now: datetime) -> CaseOut:
    """A case as a program sees it: what was done and decided, nothing that anybody wrote."""
    limits = live_limits(account_id=case.account_id, now=now).filter(action=case.action_id)
    return CaseOut(
        **_brief(case),
        violations=[_violation(one) for one in case.action.violations.order_by("opened", "violation_id")],
        limits=[answer_limit(one) for one in limits.select_related("action__case").prefetch_related("action__violations")],
        appeals=[_appeal(one) for one in case.appeals.prefetch_related("decisions").order_by("attempt")],
    )


def answer_notice(notice: Notice) -> NoticeOut:
    """A letter without its key: the link by which its holder comes in leads to the case's plain address instead."""
    mail = next(iter(notice.outbox.all()), None)
    plain = f"{settings.BASE_URL}{reverse('portal:case', args=[notice.case_id])}"
    return NoticeOut(
        notice_id=notice.notice_id,
        kind=NoticeKind(notice.kind),
        language=notice.language,
        subject=notice.subject,
        body=without_keys(notice.body, plain),
        statement=json.loads(without_keys(json.dumps(notice.statement), plain)),
        created_at=notice.created_at,
        mailed=mail is not None,
        sent_at=mail.sent_at if mail else None,
        given_up_at=mail.dead_at if mail else None,
        bounced_at=notice.bounced_at,
        erased_at=notice.erased_at,
    )


def without_keys(text: str, plain: str) -> str:
    """A text in which every link that lets its reader in is the `plain` address: a program that reads letters must not become the holder."""
    return KEY_LINK.sub(plain, text)


def where_to_act(cases: Collection[Case]) -> str | None:
    """The address of the case where the holder can do most about it: what is asked, then what can be appealed, then the oldest."""

    def turn(case: Case) -> int:
        possible = events_open_to(CaseState(case.state), Role.HOLDER)
        return next((rank for rank, event in enumerate(HOLDERS_TURN) if event in possible), len(HOLDERS_TURN))

    return case_address(min(cases, key=turn)) if cases else None


def case_address(case: Case) -> str:
    """Where the holder opens a case, signed in."""
    return f"{settings.BASE_URL}{reverse('portal:case', args=[case.case_id])}"


def say_why_not(words: Words, permission: Permission, because: Iterable[LimitOut], pack: PolicyPack, marketplace: str) -> str:
    """One line for each limit in the way, then what puts each reason right; in the pack's own words."""
    if permission.allowed:
        return ""
    because = list(because)
    lines = [_say_limit(words, limit, pack, marketplace) for limit in because]
    if permission.closed and not because:
        lines.append(words.actions[ActionKind.CLOSE])
    codes = dict.fromkeys(code for limit in because for code in limit.reasons)
    return "\n".join([*lines, *(words.cures[code] for code in codes if code in words.cures)])


def _say_limit(words: Words, limit: LimitOut, pack: PolicyPack, marketplace: str) -> str:
    names = say_list(words, (words.reasons.get(code, code) for code in limit.reasons)) or "-"
    values = {"act": words.acts[limit.act], "reasons": names}
    if limit.until:
        said = fill(words, "remaining_line_until", **values, until=say_moment(words, limit.until, pack.zone(marketplace)))
    else:
        said = fill(words, "remaining_line", **values)
    return said.lstrip("-•· ")


def _violation(violation: Violation) -> ViolationOut:
    return ViolationOut(
        violation_id=violation.violation_id,
        reason=violation.reason,
        severity=Severity(violation.severity),
        points=violation.points,
        opened=violation.opened,
        closed=violation.closed,
        decided=DecisionOutcome(violation.decided) if violation.decided else None,
    )


def _appeal(appeal: Appeal) -> AppealOut:
    return AppealOut(
        appeal_id=appeal.appeal_id,
        attempt=appeal.attempt,
        route=Route(appeal.route),
        submitted_at=appeal.submitted_at,
        outcome=AppealOutcome(appeal.outcome) if appeal.outcome else None,
        decided_at=appeal.decided_at,
        decisions=[
            DecisionOut(violation_id=one.violation_id, outcome=DecisionOutcome(one.outcome), decided_at=one.decided_at)
            for one in sorted(appeal.decisions.all(), key=lambda one: one.violation_id)
        ],
    )


def _brief(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "account_id": case.account_id,
        "state": CaseState(case.state),
        "severity": Severity(case.severity),
        "outcome": AppealOutcome(case.outcome) if case.outcome else None,
        "action": case.action_id,
        "action_kind": ActionKind(case.action.kind),
        "rule": case.action.rule,
        "policy": case.action.pack_name,
        "effective_at": case.action.effective_at,
        "ends_at": case.action.ends_at,
        "lifted_at": case.action.lifted_at,
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "due_at": case.due_at,
        "appeal_until": case.appeal_until,
        "act_on_it": case_address(case),
    }
