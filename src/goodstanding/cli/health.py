"""`goodstanding health`: how an account stands by the marketplace's own report, counted again and held against the policy pack."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from goodstanding.cli.health_reading import Wanted, read_reports, store_name
from goodstanding.core.assurance.eligibility import Candidate, Eligibility, Judged, judge
from goodstanding.core.assurance.sentences import say_criterion, say_period, say_to_do
from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.reported import Doubt, JudgedCount, JudgedRate, SellerReport, StoreReport, judge_count, judge_rate
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.terms import Criterion, CriterionState
from goodstanding.packs.loader import load_pack
from goodstanding.telling.wording import Wording, wording

NOT_IN_REPORT = ("no_number", "no_items", "no_reasons")
"""What no report says, by the key of its words; the first only where no number is given."""

LANGUAGES = ("en", "zh-Hans", "zh-Hant")

_EXAMPLES = """\b
Examples:
  goodstanding health report.json
  goodstanding health report.json --rating 212 --plan professional
  goodstanding health report.json --json | jq '.marketplaces[].metrics[] | select(.met == false)'
  goodstanding health status-changed.json --marketplace US
  goodstanding health report.json all-orders.txt shipped.txt feedback.txt

\b
Exit 0: every target is met and every marketplace NORMAL. 1: something is breached.
2: the file is no report on an account's health."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the seller says beside the report; None and empty: not said."""

    rating: int | None = None
    plan: str = ""
    contact: bool | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One marketplace, judged."""

    store: StoreReport
    rates: tuple[JudgedRate, ...]
    counts: tuple[JudgedCount, ...]
    assurance: Eligibility | None
    doubts: tuple[Doubt, ...]

    @property
    def is_breached(self) -> bool:
        """Whether a target is missed, violations are counted or the status is not the normal one."""
        missed = any(rate.met is False and rate.is_enforced for rate in self.rates) or any(not count.met for count in self.counts)
        return missed or self.store.status not in (None, "NORMAL")


@click.command(epilog=_EXAMPLES)
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="REPORT.json...")
@click.option("--rating", type=int, metavar="N", help="The rating from 0 to 1000, which no report holds.")
@click.option("--plan", type=click.Choice(["professional", "individual"]), help="Your selling plan, for the assurance programme.")
@click.option("--contact", type=click.Choice(["verified", "none"]), help="Whether a verified emergency contact is set.")
@click.option("--marketplace", metavar="CODE|ID", help="Only this marketplace; for a notification, the one it is about.")
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="How dates like 03/04/26 in order reports are meant (default: as they tell).")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day to judge on (default: today; for order reports their last day)."
)
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE|DIR", help="Policy pack; its targets count.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def health(
    reports: Sequence[Path],
    rating: int | None,
    plan: str | None,
    contact: str | None,
    marketplace: str | None,
    dates: str | None,
    as_of: datetime | None,
    pack_name: str,
    language: str,
    as_json: bool,
) -> int:
    """Say how an account stands by the marketplace's own report: what breaches, what is contradictory, what cannot be known.

    REPORT.json is Amazon's GET_V2_SELLER_PERFORMANCE_REPORT or the notification ACCOUNT_STATUS_CHANGED; - reads standard input.
    Rates are counted again from the report's own counts and held against the policy pack. Order, shipment and feedback reports
    (flat files, as for `facts-from`) may be given beside it or alone: what they can show is counted from the orders themselves.
    """
    pack = load_pack(pack_name)
    if rating is not None and not pack.rating.lowest <= rating <= pack.rating.highest:
        raise UnusableInput(f"--rating: {rating} is no rating; it goes from {pack.rating.lowest} to {pack.rating.highest}")
    told = Told(rating, plan or "", None if contact is None else contact == "verified")
    read = read_reports(reports, pack, pack_name, Wanted(marketplace or "", dates or "", as_of.date() if as_of else None))
    day = as_of.date() if as_of else datetime.now(UTC).date()
    standings = [stand(pack, store, told, day) for store in read.stores]
    words, said = pack.words_for(language), wording(language)
    if as_json:
        click.echo(json.dumps(document(pack, words, said, read, standings, told), ensure_ascii=False, indent=2))
    else:
        from goodstanding.cli.health_page import show

        show(pack, words, said, standings, told, read.doubts)
    return int(any(standing.is_breached for standing in standings))


def stand(pack: PolicyPack, store: StoreReport, told: Told, day: date) -> Standing:
    """One marketplace of a report, judged on a day."""
    place = store_name(store)
    rates = tuple(judge_rate(pack, store.store, rate, place) for rate in store.rates)
    counts = tuple(judge_count(count, place) for count in store.counts)
    doubts = (*store.doubts, *(doubt for rate in rates for doubt in rate.doubts), *(doubt for count in counts for doubt in count.doubts))
    return Standing(store, rates, counts, _assurance(pack, store, told, day), doubts)


def _assurance(pack: PolicyPack, store: StoreReport, told: Told, day: date) -> Eligibility | None:
    """What is known of the conditions: a report knows nothing of plan, contact and past ratings, and that is never taken for unmet."""
    if pack.assurance is None or not store.store:
        return None
    ratings = ((day, told.rating),) if told.rating is not None else ()
    verified_at = datetime(day.year, day.month, day.day, tzinfo=UTC) if told.contact else None
    candidate = Candidate(store.store, told.plan, date.min, ratings, "0" * 10 if told.contact else "", verified_at)
    judged = judge(pack.assurance, candidate, day)
    if told.contact is not None:
        return judged
    unknown = Judged(Criterion.CONTACT, CriterionState.UNKNOWN)
    return Eligibility(day, tuple(unknown if one.criterion is Criterion.CONTACT else one for one in judged.criteria))


def say_condition(pack: PolicyPack, words: Words, said: Wording, judged: Judged) -> tuple[str, str]:
    """A condition of the programme and what to do about it, in words."""
    assert pack.assurance
    rules, number = pack.assurance, judged.details.get("rating")
    if judged.criterion is Criterion.CONTACT and judged.state is CriterionState.UNKNOWN:
        return said("health", "contact_unknown"), ""
    if judged.criterion is Criterion.RATING and judged.state is CriterionState.UNKNOWN and isinstance(number, int):
        key = "rating_now" if number >= rules.floor else "rating_below"
        text = said("health", key, floor=rules.floor, period=say_period(words, rules), number=number, allowed=rules.most_days_below)
        return text, "" if number >= rules.floor else say_to_do(words, rules, judged)
    asks = judged.state is CriterionState.NOT_MET
    return say_criterion(words, rules, judged), say_to_do(words, rules, judged) if asks else ""


def name_of_rate(words: Words, said: Wording, rate: JudgedRate) -> str:
    """What a rate is called, with whose orders or what unit where there are several of its kind."""
    if rate.reported.field.startswith("reports."):
        return said("health", "own", name=_name(words, said, rate))
    name = _name(words, said, rate)
    if rate.reported.fulfilment == "afn":
        return said("health", "platform_orders", name=name)
    return said("health", "units", name=name) if rate.reported.field.startswith("unit") else name


def _name(words: Words, said: Wording, rate: JudgedRate) -> str:
    return words.metrics.get(rate.name) or said.tables["health_fields"].get(rate.name) or words.term(rate.name)


def unknown_things(said: Wording, told: Told) -> list[str]:
    """What no report says."""
    return [said("health", key) for key in NOT_IN_REPORT if key != "no_number" or told.rating is None]


def say_doubt(said: Wording, doubt: Doubt) -> str:
    """A doubt as one line."""
    table = "health_doubts" if doubt.code in said.tables["health_doubts"] else "facts_from"
    return said(table, doubt.code, where=doubt.where, **doubt.values)


def document(pack: PolicyPack, words: Words, said: Wording, report: SellerReport, standings: list[Standing], told: Told) -> dict[str, Any]:
    """The stable document of `health --json`."""
    doubts = [*report.doubts, *(doubt for standing in standings for doubt in standing.doubts)]
    band = None if told.rating is None else str(pack.rating.band(told.rating))
    return {
        "pack": pack.name,
        "rating": {"number": told.rating, "band": band},
        "marketplaces": [_store_document(pack, words, said, standing) for standing in standings],
        "not_in_report": unknown_things(said, told),
        "warnings": [{"code": one.code, "kind": str(one.kind), "where": one.where, "message": say_doubt(said, one)} for one in doubts],
    }


def _store_document(pack: PolicyPack, words: Words, said: Wording, standing: Standing) -> dict[str, Any]:
    store = standing.store
    return {
        "marketplace_id": store.marketplace_id,
        "store": store.store or None,
        "status": store.status,
        "previous_status": store.previous_status,
        "rating_status": store.rating_status,
        "breached": standing.is_breached,
        "metrics": [_rate_document(rate) for rate in standing.rates],
        "violations": {count.reported.field: _count_document(pack, count) for count in standing.counts},
        "warning_states": [{"warning": what, "status": status} for what, status in store.warnings],
        "assurance": _assurance_document(pack, words, said, standing.assurance),
    }


def _rate_document(judged: JudgedRate) -> dict[str, Any]:
    reported = judged.reported
    return {
        "metric": judged.name,
        "field": reported.field,
        "numerator": reported.numerator,
        "denominator": reported.denominator,
        "rate": reported.numerator / reported.denominator if reported.denominator else None,
        "target": judged.target.text if judged.target else None,
        "target_from": "pack" if judged.is_packs_target else "report",
        "met": judged.met,
        "enforced": judged.is_enforced,
        "reported_rate": None if reported.rate is None else float(reported.rate),
        "reported_status": reported.status,
        "reported_target": reported.target.text if reported.target else None,
        "disagrees": bool(judged.doubts),
        "at_least": reported.is_least,
        "from": reported.first.isoformat() if reported.first else None,
        "to": reported.last.isoformat() if reported.last else None,
    }


def _count_document(pack: PolicyPack, judged: JudgedCount) -> dict[str, Any]:
    reported = judged.reported
    return {
        "count": reported.count,
        "target": judged.target.text,
        "met": judged.met,
        "reported_status": reported.status,
        "disagrees": bool(judged.doubts),
        "reasons": [code for code in reported.reasons if code in pack.reasons],
        "from": reported.first.isoformat() if reported.first else None,
        "to": reported.last.isoformat() if reported.last else None,
    }


def _assurance_document(pack: PolicyPack, words: Words, said: Wording, eligibility: Eligibility | None) -> dict[str, Any] | None:
    if eligibility is None:
        return None
    criteria = []
    for judged in eligibility.criteria:
        text, to_do = say_condition(pack, words, said, judged)
        criteria.append({"criterion": str(judged.criterion), "state": str(judged.state), "text": text, "to_do": to_do or None})
    missing = [str(judged.criterion) for judged in eligibility.criteria if not judged.is_met]
    return {"eligible": eligibility.is_eligible, "missing": missing, "criteria": criteria}
