"""Performance notifications: the list with what is new, and one letter with its reasons and facts as tables (requirements A5, C1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from goodstanding.core.errors import NotFound
from goodstanding.core.notices import rows_csv
from goodstanding.core.policy.pack import Words
from goodstanding.core.terms import NoticeKind, Right
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.downloads import as_download
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.reasons import ItemTable, counts_of, table_of
from goodstanding.server.pages.turns import may_appeal
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import rights_shown
from goodstanding.server.services.notifications import notifications_of, open_notification
from goodstanding.server.store.models import Account, Case, Notice, Violation

ON_A_PAGE = 25
"""Letters on one page of the list."""


@dataclass(frozen=True, slots=True)
class ReasonTold:
    """One reason as the letter gave it, with its items as a table under column names in the reader's words.

    `language`: that of the texts; the reader's, where today's pack says the same in it, else the letter's own.
    """

    name: str
    rule: str
    clause: str
    counts: str
    table: ItemTable
    language: str


def own_account(actor: Actor, account_id: str) -> Account:
    """An account that the holder acts for. Raises NotFound otherwise, without telling which."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    return account


@require_safe
@for_party
def listing(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """Every letter, the newest first; `show=unread` and `kind=` narrow it."""
    account, every = own_account(actor, account_id), notifications_of(actor=actor, account_id=account_id)
    kinds = sorted(set(every.order_by().values_list("kind", flat=True)), key=[*map(str, NoticeKind)].index)
    kind = request.GET.get("kind", "")
    shown = every.filter(kind=kind) if kind in kinds else every
    unread_only = request.GET.get("show") == "unread"
    context = {
        "account": account,
        "rights": rights_shown(actor, account_id),
        "page": Paginator(shown.filter(read_at=None) if unread_only else shown, ON_A_PAGE).get_page(request.GET.get("page")),
        "kinds": kinds,
        "kind": kind,
        "unread_only": unread_only,
        "keep": urlencode({"show": "unread" if unread_only else "", "kind": kind if kind in kinds else ""}),
        "unread": every.filter(read_at=None).count(),
    }
    return render(request, "portal/notifications.html", context)


@require_safe
@for_party
def show(request: HttpRequest, actor: Actor, account_id: str, notice_id: str) -> HttpResponse:
    """One letter. When its holder opens it, it is marked as read; a delegate's reading is not the holder's."""
    account = own_account(actor, account_id)
    notice = open_notification(call=call_of(actor), account_id=account_id, notice_id=notice_id)
    context = {
        "account": account,
        "rights": rights_shown(actor, account_id),
        "notice": notice,
        "reasons": reasons_of(notice, pack_words()),
        "may_appeal": notice.kind == NoticeKind.ACTION and notice.case is not None and _may_appeal(actor, notice.case),
    }
    return render(request, "portal/notification.html", context)


def _may_appeal(actor: Actor, case: Case) -> bool:
    can = actor.rights_in(case.account_id) & {Right.DRAFT, Right.APPEAL}
    return bool(can) and may_appeal(case, current_pack(), timezone.now())


@require_safe
@for_party
def facts(request: HttpRequest, actor: Actor, account_id: str, notice_id: str) -> HttpResponse:
    """The reasons and facts of one letter, as it gave them, for a spreadsheet."""
    own_account(actor, account_id)
    notice = open_notification(call=call_of(actor), account_id=account_id, notice_id=notice_id)
    words = pack_words()
    rows = [
        (reason.name, reason.clause, *row)
        for reason in reasons_of(notice, words)
        for row in ((reason.counts,), reason.table.columns, *reason.table.rows)
    ]
    return as_download(rows_csv(rows).encode(), name=f"{notice.pk}-facts.csv", content_type="text/csv; charset=utf-8")


def reasons_of(notice: Notice, words: Words) -> list[ReasonTold]:
    """The reasons that a letter's statement gives; none where it is no letter of a decision."""
    statement = notice.statement if isinstance(notice.statement, dict) else {}
    given = list(statement.get("reasons", ()))
    known = Violation.objects.in_bulk([str(one.get("violation_id", "")) for one in given]) if words.language != notice.language else {}
    return [_told(one, words, notice.language, known.get(str(one.get("violation_id", "")))) for one in given]


def _told(given: Mapping[str, object], words: Words, language: str, violation: Violation | None) -> ReasonTold:
    items = given.get("items")
    rows = [{"id": item["id"], "facts": dict(item.get("facts", ()))} for item in items] if isinstance(items, list) else []
    said = {name: str(given.get(name) or "") for name in ("name", "rule", "clause", "counts")}
    if violation is not None and (again := _said_again(given, violation, words, language)):
        said, language = said | again, words.language
    # A percent sign alone on the next line of a phone reads as a mistake.
    told = {name: text.replace(" %", "\u00a0%") for name, text in said.items()}
    return ReasonTold(**told, table=table_of(rows, words), language=language)


def _said_again(given: Mapping[str, object], violation: Violation, words: Words, language: str) -> dict[str, str] | None:
    """A letter's reason in the reader's language; None where today's pack and facts do not say exactly what the letter said in its own."""
    pack, code = current_pack(), str(given.get("code", ""))
    own = pack.words_for(language)
    texts, counts = (own.reasons.get(code), own.clauses.get(code)), counts_of(violation, pack, own)
    if code not in words.reasons or texts != (given.get("name"), given.get("rule")) or counts != (given.get("counts") or ""):
        return None
    return {"name": words.reasons[code], "rule": words.clauses.get(code, ""), "counts": counts_of(violation, pack, words)}
