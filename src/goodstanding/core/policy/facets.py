"""A policy pack taken apart into facets: for each thing it says, field by field, the value as codes and numbers that can be compared.

A value is a tuple of texts. `named` puts the pack's own words in the place of its codes, for people.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from goodstanding.core.policy.pack import (
    Assurance,
    Citation,
    Diagnosing,
    IdentifierWeight,
    Metric,
    PolicyPack,
    QueueOrder,
    Reason,
    Retention,
    Reviewing,
    Rule,
    Words,
)

Value = tuple[str, ...]
Facets = dict[str, Value]


class Part(StrEnum):
    """The parts of a pack, in the order in which a reader meets them."""

    PACK = "pack"
    MARKETPLACES = "marketplaces"
    METRICS = "metrics"
    RATING = "rating"
    REASONS = "reasons"
    RULES = "rules"
    DEADLINES = "deadlines"
    APPEALS = "appeals"
    CLOSING = "closing"
    QUEUE = "queue"
    REVIEW = "review"
    CONVERSATION = "conversation"
    LINKAGE = "linkage"
    SIGN_IN_WATCH = "sign_in_watch"
    EARLY_WARNING = "early_warning"
    ASSURANCE = "assurance"
    RETENTION = "retention"
    DIAGNOSIS = "diagnosis"
    TICKING = "ticking"
    NOTES = "notes"
    SOURCES = "sources"


def facets_of(pack: PolicyPack) -> dict[tuple[Part, str], Facets]:
    """Everything a pack says but its words: (part, name) -> field -> value."""
    found: dict[tuple[Part, str], Facets] = {(Part.PACK, ""): _pack(pack)}
    found |= {(Part.MARKETPLACES, code): {"time_zone": (store.time_zone.key,)} for code, store in pack.marketplaces.items()}
    found |= {(Part.METRICS, name): _metric(metric) for name, metric in pack.metrics.items()}
    found[Part.RATING, ""] = _rating(pack)
    found |= {(Part.REASONS, code): _reason(reason) for code, reason in pack.reasons.items()}
    found |= {(Part.RULES, rule.id): _rule(rule) for rule in pack.rules}
    found |= {(Part.DEADLINES, name): {"span": (str(span),)} | _cited(pack.deadline_citations[name]) for name, span in pack.deadlines.items()}
    found[Part.APPEALS, ""] = _appeals(pack)
    if pack.closing:
        found[Part.CLOSING, ""] = {
            "exceptions": _sorted(pack.closing.exceptions),
            "least_repeats": (str(pack.closing.least_repeats),),
        } | _cited(pack.closing.citation)
    if pack.queue.citation:
        found[Part.QUEUE, ""] = _queue(pack.queue)
    if pack.reviewing.citation:
        found[Part.REVIEW, ""] = _reviewing(pack.reviewing)
    if said := pack.talking.citation:
        found[Part.CONVERSATION, ""] = _numbers(
            {"letter_after_minutes": pack.talking.letter_after, "most_an_hour": pack.talking.most_an_hour}
        ) | _cited(said)
    if pack.linkage:
        found[Part.LINKAGE, ""] = _linkage(pack)
    if pack.sign_in_watch:
        watch = pack.sign_in_watch
        numbers = {"history_days": watch.history_days, "least_history": watch.least_history}
        found[Part.SIGN_IN_WATCH, ""] = _numbers(numbers) | _cited(watch.citation)
    if pack.early_warning:
        early = pack.early_warning
        found[Part.EARLY_WARNING, ""] = _numbers({"days_ahead": early.days_ahead, "headroom": early.headroom}) | _cited(early.citation)
    if pack.assurance:
        found[Part.ASSURANCE, ""] = _assurance(pack.assurance)
    found |= {(Part.RETENTION, str(kind)): _retention(rule) for kind, rule in pack.retention.items()}
    if pack.diagnosis:
        found[Part.DIAGNOSIS, ""] = _diagnosis(pack.diagnosis)
    if pack.ticking:
        fields = {name: tuple(sorted(getattr(pack.ticking, name))) for name in ("removal_fields", "stock_fields", "handling_fields", "price_fields")}
        found[Part.TICKING, ""] = _numbers({"quiet_days": pack.ticking.quiet_days}) | fields | _cited(pack.ticking.citation)
    found |= {(Part.NOTES, key): {"text": (text,)} for key, text in pack.notes.items()}
    found |= {(Part.SOURCES, key): {"title": (s.title,), "url": _some(s.url), "grade": (s.grade,)} for key, s in pack.sources.items()}
    return found


def named(field: str, value: Value, words: Words) -> Value:
    """A value with the pack's words for its reasons, actions, acts and evidence; other codes stay as they are."""
    names: Mapping[str, Mapping[str, str]] = {
        "reason": words.reasons,
        "reasons": words.reasons,
        "action": words.actions,
        "limits": words.acts,
        "evidence": words.evidence,
    }
    return tuple(names.get(field, {}).get(code, code) for code in value)


def texts_of(words: Words) -> dict[str, str]:
    """All texts of a language by key path, like `reasons.PERF_ODR`."""
    tables: Mapping[str, Mapping[str, str]] = {
        "reasons": words.reasons,
        "clauses": words.clauses,
        "cures": words.cures,
        "metrics": words.metrics,
        "actions": words.actions,
        "acts": words.acts,
        "evidence": words.evidence,
        "terms": words.terms,
        "templates": words.templates,
    }
    return {"platform": words.platform} | {f"{table}.{code}": text for table, texts in tables.items() for code, text in texts.items()}


def lists_of(words: Words) -> dict[str, Value]:
    """What plans are checked by in a language, by key path like `checks.phrases.vague`: lists, numbers and texts, each as a value."""
    checks = words.checks
    if checks is None:
        return {}
    found: dict[str, Value] = {f"checks.bounds.{name}": (str(number),) for name, number in checks.bounds.items()}
    for table in ("parts", "phrases", "reasons", "documents"):
        found |= {f"checks.{table}.{name}": tuple(listed) for name, listed in getattr(checks, table).items()}
    found["checks.words"] = checks.words
    found |= {f"checks.texts.{code}.{field}": (getattr(said, field),) for code, said in checks.texts.items() for field in ("message", "hint")}
    for table in ("labels", "drafts"):
        found |= {f"checks.{table}.{name}": (text,) for name, text in getattr(checks, table).items()}
    return found


def _pack(pack: PolicyPack) -> Facets:
    return {
        "id": (pack.id,),
        "version": (pack.version,),
        "title": (pack.title,),
        "effective_from": (pack.effective_from.isoformat(),),
        "languages": pack.languages,
    }


def _appeals(pack: PolicyPack) -> Facets:
    return {
        "most": (str(pack.most_appeals),),
        "last_instance": (str(pack.has_last_instance).lower(),),
        "second_person": _sorted(pack.second_person),
        "second_person_severity": _sorted(pack.second_person_severity) if pack.second_person else (),
    } | _cited(pack.deadline_citations["most_appeals"])


def _metric(metric: Metric) -> Facets:
    facets: Facets = {
        "rule": (str(metric.rule),),
        "holder_kind": (str(metric.holder_kind),),
        "target": (metric.target.text,) if metric.target else (),
        "window_days": (str(metric.window.days),),
        "lag_days": (str(metric.window.lag),),
        "late_by": (str(metric.late_by),),
        "response_hours": (str(metric.response_hours),),
        "reason": _some(metric.reason or ""),
        "minimum_volume": (str(metric.minimum_volume),),
        "recover_days": (str(metric.recover_days),),
        "marketplaces": tuple(sorted(metric.marketplaces)) if metric.marketplaces is not None else ("all",),
    }
    facets |= {f"from.{store}": (day.isoformat(),) for store, day in metric.enforced_from.items()}
    return facets | _cited(metric.citation) | _cited(metric.steadiness, "steadiness.") | _cited(metric.enforcement, "from.")


def _rating(pack: PolicyPack) -> Facets:
    rating = pack.rating
    names = ("start", "gain", "per_orders", "window_days", "lowest", "highest")
    facets = _numbers({name: getattr(rating, name) for name in names})
    facets |= _numbers({f"bands.{band}": least for band, least in rating.bands})
    facets |= _numbers({f"points.{severity}": points for severity, points in rating.points.items()} | {"points.critical_cap": rating.critical_cap})
    return facets | _cited(rating.citation) | _cited(rating.points_citation, "points.")


def _reason(reason: Reason) -> Facets:
    return {
        "severity": (str(reason.severity),),
        "found_by": (str(reason.found_by),),
        "holder_kind": (str(reason.holder_kind),),
        "clause": (reason.clause,),
        "requirement": (reason.requirement,),
        "routes": _sorted(reason.routes),
        "evidence": reason.evidence,
        "subject": (reason.subject,),
        "category": (reason.category,),
        "keyword": (reason.keyword,),
        "content_type": reason.content_type,
    } | _cited(reason.citation)


def _rule(rule: Rule) -> Facets:
    return {
        "action": (str(rule.action),),
        "approval": (str(rule.approval),),
        "limits": _sorted(rule.limits),
        "reasons": tuple(sorted(rule.reasons)),
        "least_open": (str(rule.least_open),),
        "open_days": (str(rule.open_days),),
        "bands": _sorted(rule.bands),
        "lasts": _some(str(rule.lasts) if rule.lasts else ""),
    } | _cited(rule.citation)


def _linkage(pack: PolicyPack) -> Facets:
    linkage = pack.linkage
    if linkage is None:
        return {}
    names = (
        "hub",
        "household_cap",
        "relate_at",
        "cluster_at",
        "propose_at",
        "explained_cap",
        "home_size",
        "company",
        "family",
        "crew",
        "together_days",
        "successor_days",
        "alike_at",
    )
    weights = {f"weights.{kind}": _weight(weight) for kind, weight in linkage.weights.items()}
    return _numbers({name: getattr(linkage, name) for name in names}) | weights | _cited(linkage.citation)


def _assurance(assurance: Assurance) -> Facets:
    names = ("floor", "most_days_below", "most_days_below_in_a_row")
    spans = {"period": assurance.period, "lasts": assurance.window, "extension": assurance.extension, "monitoring": assurance.monitoring}
    return (
        _numbers({name: getattr(assurance, name) for name in names})
        | {name: (str(span),) for name, span in spans.items()}
        | {f"stores.{store}": (day.isoformat(),) for store, day in assurance.stores.items()}
        | {
            "plans": tuple(sorted(assurance.plans)),
            "contact_verified": (str(assurance.contact_verified).lower(),),
            "reasons": tuple(sorted(assurance.ends_for)),
            "calls_after_hours": tuple(str(hours) for hours in assurance.calls),
            "call_required": (str(assurance.call_required).lower(),),
        }
        | _cited(assurance.citation)
        | _cited(assurance.stores_citation, "stores.")
        | _cited(assurance.ends_citation, "ends_for.")
        | _cited(assurance.window_citation, "solve_window.")
    )


def _queue(order: QueueOrder) -> Facets:
    numbers = {"money_held": order.money_held, "money_large": order.money_large, "overdue": order.overdue}
    numbers |= {f"severity.{severity}": hours for severity, hours in order.severity.items()}
    numbers |= {f"acts.{act}": hours for act, hours in order.acts.items()} | {f"large.{code}": amount for code, amount in order.large.items()}
    return _numbers(numbers) | {f"skills.{skill}": reasons for skill, reasons in order.skills.items()} | _cited(order.citation)


def _reviewing(reviewing: Reviewing) -> Facets:
    return (
        _numbers({"blind_per_1000": reviewing.blind_per_1000, "precedents": reviewing.precedents})
        | {"names_a_fact": (str(reviewing.names_a_fact).lower(),)}
        | _cited(reviewing.citation)
    )


def _retention(rule: Retention) -> Facets:
    return {"keep": _some(str(rule.keep) if rule.keep else ""), "starts": (str(rule.starts),), "basis": (rule.basis,)} | _cited(rule.citation)


def _diagnosis(rules: Diagnosing) -> Facets:
    columns = {name: tuple(getattr(rules, name)) for name in ("dimensions", "sign_in_dimensions")}
    numbers = {name: getattr(rules, name) for name in Diagnosing.__dataclass_fields__ if name not in (*columns, "citation")}
    return columns | _numbers(numbers) | _cited(rules.citation)


def _weight(weight: IdentifierWeight) -> Value:
    flags = {"household": weight.household, f"pair {weight.pair}": weight.pair is not None, "lent": weight.lent, "handed_on": weight.handed_on}
    flags[f"at_home {weight.at_home}"] = weight.at_home is not None
    return (str(weight.weight), *sorted(name for name, is_set in flags.items() if is_set))


def _cited(citation: Citation | None, prefix: str = "") -> Facets:
    return {f"{prefix}source": (citation.source,), f"{prefix}as_of": (citation.as_of.isoformat(),)} if citation else {}


def _numbers(numbers: Mapping[str, int]) -> Facets:
    return {name: (str(number),) for name, number in numbers.items()}


def _sorted(members: Collection[StrEnum]) -> Value:
    return tuple(sorted(str(member) for member in members))


def _some(text: str) -> Value:
    return (text,) if text else ()
