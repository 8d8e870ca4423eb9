"""Looking something up: a case, an account, an order or product that a case rests on, an e-mail address; who looked for what is kept (H5, H8, K5)."""

import hashlib
import json
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import Role
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.reading import READERS
from goodstanding.server.store.models import Account, Case, Violation

CHAIN = "lookups"
"""The ledger's chain of what staff looked up."""

SEES_ADDRESSES = REVIEWERS | {Role.AUDITOR}
"""Who may find an account by its e-mail address."""

LEAST_ITEM = 4
"""Characters of an order or product id at least; shorter ones would be names."""

MOST_CASES = 50
LONGEST_TEXT = 200
_SEP = "\x1f"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found. `exact`: the one case whose id it is. `cases`: those that rest on such an item. `later`: where the next page begins."""

    exact: Case | None
    cases: tuple[Case, ...]
    accounts: tuple[Account, ...]
    later: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.exact or self.cases or self.accounts)


def look_up(*, call: Call, text: str, after: str = "", size: int = 50) -> Found:
    """Find by case id, account id or its beginning, part of a name, whole e-mail address, or the id of an item that a violation rests on.

    `after`: where a page of accounts begins, as `Found.later` gave it. What was looked for is kept, an address only as its digest.
    """
    if call.actor.role not in READERS:
        raise NotPermitted("looking something up", sorted(READERS))
    asked = text.strip()[:LONGEST_TEXT]
    exact = Case.objects.filter(pk__iexact=asked).first()
    cases = () if exact or after else _with_item(asked)
    accounts, later = ([], "") if exact else _accounts(call, asked, after, size)
    if not after:
        _keep(call, asked, len(cases) + len(accounts) + (exact is not None))
    return Found(exact, cases, tuple(accounts), later)


def _keep(call: Call, asked: str, found: int) -> None:
    said = f"e-mail sha256:{hashlib.sha256(asked.lower().encode()).hexdigest()}" if "@" in asked else asked
    with transaction.atomic():
        ledger.append(call=call, case_id=CHAIN, kind="LookedUp", body={"text": said, "found": found})


def _with_item(asked: str) -> tuple[Case, ...]:
    if len(asked) < LEAST_ITEM or " " in asked or "@" in asked:
        return ()
    violations: QuerySet[Violation] = Violation.objects.all()
    if connection.vendor == "postgresql":
        violations = violations.filter(items__contains=[{"id": asked}])
    else:
        quoted = json.dumps({"id": asked}, ensure_ascii=True)[1:-1]
        violations = violations.annotate(text=Cast("items", TextField())).filter(text__contains=quoted)
    ids = list(violations.values_list("pk", flat=True)[: 4 * MOST_CASES])
    rows = Case.objects.filter(action__violations__in=ids).select_related("account", "action").distinct().order_by("-opened_at", "case_id")
    return tuple(rows[:MOST_CASES])


def _accounts(call: Call, asked: str, after: str, size: int) -> tuple[list[Account], str]:
    """A page by name and id; the rows after one, never a number of pages, so that what comes and goes meanwhile hides nothing."""
    if "@" in asked:
        wanted = Q(email__iexact=asked) if call.actor.role in SEES_ADDRESSES else Q(pk__in=[])
    else:
        wanted = Q(pk__istartswith=asked) | Q(display_name__icontains=asked)
    rows: QuerySet[Account] = Account.objects.filter(wanted)
    if after:
        name, _, key = after.partition(_SEP)
        rows = rows.filter(Q(display_name__gt=name) | Q(display_name=name, pk__gt=key))
    found = list(rows.order_by("display_name", "account_id")[: size + 1])
    later = f"{found[size - 1].display_name}{_SEP}{found[size - 1].pk}" if len(found) > size else ""
    return found[:size], later
