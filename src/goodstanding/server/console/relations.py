"""Related accounts for staff: the clusters, one cluster as a graph, and one pair with its evidence and the judgement on it (requirement B16)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.errors import GoodstandingError, NotFound, UnusableInput
from goodstanding.core.linkage.judgements import GROUNDS
from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import say_list
from goodstanding.core.terms import RelationGround, RelationVerdict
from goodstanding.core.values import Actor
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.graph import by_number, draw, numbers
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.relations import show_evidence
from goodstanding.server.policy import current_pack
from goodstanding.server.services.judgements import judge_relation
from goodstanding.server.services.quality import held_blind_of
from goodstanding.server.services.relations import RelationSeen, cluster_of, clusters, loose_pairs, pair_file, strength, values_for
from goodstanding.server.store.models import Account, Judgement


@dataclass(frozen=True, slots=True)
class Row:
    """One relation of a table, in words. `kinds`: by what, the weightiest first; `ground` is empty where nobody has judged it; `names` of its two accounts."""

    seen: RelationSeen
    strength: str
    kinds: str
    ground: str
    ends: tuple[int, int]
    names: tuple[str, str]


@require_safe
@for_staff
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All clusters, and the weak pairs beside accounts under enforcement."""
    words, pairs, found = pack_words(), loose_pairs(actor=actor), clusters(actor=actor)
    names = _names([*(line.first for line in found), *(key for seen in pairs for key in seen.pair)])
    loose = [_row(seen, words, {}, names) for seen in pairs]
    named = [(line, names.get(line.first, line.first), line.accounts - 1) for line in found]
    return render(request, "console/clusters.html", {"clusters": named, "loose": loose, "linkage": current_pack().linkage})


@require_safe
@for_staff
def cluster(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The surroundings of one account as a graph, with everything it shows as a list and a table."""
    if appeal_id := held_blind_of(actor=actor, account_id=account_id):
        return redirect("console:blind", appeal_id)
    words, found = pack_words(), cluster_of(actor=actor, account_id=account_id)
    graph = draw(found, account_id, current_pack().linkage)
    numbered = numbers(graph)
    context = {
        "asked": next(one for one in found.accounts if one.account_id == account_id),
        "graph": graph,
        "accounts": by_number(found.accounts, numbered),
        "rows": [_row(seen, words, numbered, {one.account_id: one.name for one in found.accounts}) for seen in found.relations],
        "hidden": found.hidden,
    }
    return render(request, "console/cluster.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def pair(request: HttpRequest, actor: Actor, one: str, other: str) -> HttpResponse:
    """One pair; a POST judges it, and shows the page again with what was typed where that cannot be done."""
    if request.method != "POST":
        return _pair(request, actor, one, other)
    try:
        verdict, ground = _chosen(request)
        call, note = call_of(actor), check_words(request.POST.get("note", ""), or_say=_("say what it rests on; staff reads it later"))
        judge_relation(call=call, pack=current_pack(), account_id=one, other_id=other, verdict=verdict, ground=ground, note=note)
    except NotFound:
        raise
    except GoodstandingError as error:
        return _pair(request, actor, one, other, wrong=say_error(error), status=status_of(error))
    messages.success(request, _("Your judgement is kept. What follows from it has happened."))
    return redirect("console:relation", one, other)


def grounds() -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of a judgement, by verdict: what the form sends, and the word for it."""
    words = pack_words()
    return [(verdict, [(f"{verdict}:{ground}", words.term(ground)) for ground in GROUNDS[verdict]]) for verdict in RelationVerdict]


def _chosen(request: HttpRequest) -> tuple[RelationVerdict, RelationGround]:
    verdict, _colon, ground = request.POST.get("judgement", "").partition(":")
    if verdict not in set(RelationVerdict) or ground not in set(RelationGround):
        raise UnusableInput(_("choose whether the relation counts, and on which ground"))
    return RelationVerdict(verdict), RelationGround(ground)


def _pair(request: HttpRequest, actor: Actor, one: str, other: str, *, wrong: str = "", status: int = 200) -> HttpResponse:
    file, words = pair_file(actor=actor, one=one, other=other), pack_words()
    relation = file.relation
    evidence = show_evidence(values_for(actor.role, relation.evidence), ("a", "b"), words) if relation else ()
    names = names_of(made.decided_by for made in file.history)
    context = {
        "file": file,
        "pair": (file.one, file.other),
        "relation": relation,
        "strength": strength(relation.score, current_pack().linkage) if relation else "",
        "evidence": evidence,
        "standing": _made(file.history[-1], names, words) if file.history else None,
        "history": [_made(made, names, words) for made in reversed(file.history)],
        "grounds": grounds(),
        "wrong": wrong,
        "typed": request.POST if wrong else {},
    }
    return render(request, "console/relation.html", context, status=status)


def _made(judgement: Judgement, names: dict[str, str], words: Words) -> tuple[Judgement, str, str]:
    return judgement, words.term(judgement.ground), names.get(judgement.decided_by, judgement.decided_by)


def _names(ids: Iterable[str]) -> dict[str, str]:
    return {account.pk: str(account) for account in Account.objects.filter(pk__in=set(ids))}


def _row(seen: RelationSeen, words: Words, at: Mapping[str, int], names: Mapping[str, str]) -> Row:
    relation = seen.relation
    kinds = dict.fromkeys(words.term(str(piece["kind"])) for piece in relation.evidence if piece.get("share"))
    ground = words.term(seen.judgement.ground) if seen.judgement else ""
    ends = (at.get(relation.account_a, 0), at.get(relation.account_b, 0))
    called = (names.get(relation.account_a, relation.account_a), names.get(relation.account_b, relation.account_b))
    return Row(seen, strength(relation.score, current_pack().linkage), say_list(words, kinds), ground, ends, called)
