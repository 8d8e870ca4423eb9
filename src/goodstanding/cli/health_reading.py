"""The files that `goodstanding health` is given, as one report: the marketplace's own, and what the seller's order reports add to it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.reported import Doubt, SellerReport, StoreReport, metric_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DoubtKind
from goodstanding.intake.seller_report import looks_like_json, read_seller_report, unpacked
from goodstanding.packs.reports import HealthForm, load_health_form, load_table_forms


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the files is wanted: one marketplace ('' for all), how dates are meant ('' as the file tells), as of which day (None: its last)."""

    marketplace: str = ""
    dates: str = ""
    as_of: date | None = None


def read_reports(paths: Sequence[Path], pack: PolicyPack, pack_name: str, wanted: Wanted) -> SellerReport:
    """All files as one report. Raises UnusableInput, naming the file, where one cannot be used."""
    form = load_health_form(pack_name)
    contents = {path: unpacked(read_bytes(path), path.name) for path in paths}
    flat = {path: content for path, content in contents.items() if not _is_marketplaces(content)}
    reports = [read_seller_report(content, path.name, form) for path, content in contents.items() if path not in flat]
    code = _store_of(wanted.marketplace, form)
    chosen = [_chosen(report, wanted.marketplace, form) for report in reports]
    whole = SellerReport(tuple(store for report in chosen for store in report.stores), tuple(doubt for report in chosen for doubt in report.doubts))
    return _joined(whole, _own(flat, pack, pack_name, form, code, wanted), pack, form) if flat else whole


def read_bytes(path: Path) -> bytes:
    """The bytes of a file or of standard input. Raises UnusableInput where it cannot be read."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror or error}; check the path and its permissions") from None


def store_name(store: StoreReport) -> str:
    """What a marketplace is called: the store's code, else its id; empty where nobody knows."""
    return store.store or store.marketplace_id or ""


def _is_marketplaces(content: bytes) -> bool:
    """JSON and XML are the marketplace's own forms; everything else is tried as a table, and a table says what it lacks."""
    return looks_like_json(content) or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _own(flat: Mapping[Path, bytes], pack: PolicyPack, pack_name: str, form: HealthForm, code: str, wanted: Wanted) -> SellerReport:
    from goodstanding.intake.own_standing import standing_from_reports  # only where a seller gives reports of orders
    from goodstanding.intake.tables import read_table

    forms = load_table_forms(pack_name)
    files = [read_table(content, path.name, forms) for path, content in flat.items()]
    found = standing_from_reports(files, forms, form.channels, pack, store=code, dates=wanted.dates, as_of=wanted.as_of)
    stores = tuple(store for store in found.stores if not code or store.store == code)
    if not stores:
        raise UnusableInput(f"--marketplace: these reports have no order of {wanted.marketplace}")
    return SellerReport(stores, found.doubts)


def _store_of(marketplace: str, form: HealthForm) -> str:
    """The store's code of a code or an id; empty where none is wanted."""
    if not marketplace:
        return ""
    found = next((code for id, code in form.stores.items() if marketplace in (id, code)), "")
    if not found:
        known = ", ".join(sorted(form.stores.values()))
        raise UnusableInput(f"--marketplace: '{marketplace}' is not known; it is one of {known} or Amazon's id of it")
    return found


def _chosen(report: SellerReport, marketplace: str, form: HealthForm) -> SellerReport:
    if not marketplace:
        return report
    wanted = next(id for id, code in form.stores.items() if marketplace in (id, code))
    if [store.marketplace_id for store in report.stores] == [None]:
        (store,) = report.stores
        return SellerReport((replace(store, marketplace_id=wanted, store=form.stores[wanted]),))
    kept = tuple(store for store in report.stores if store.marketplace_id == wanted)
    if not kept:
        raise UnusableInput(f"--marketplace: the report has no {marketplace}; it has {', '.join(store_name(store) for store in report.stores)}")
    return SellerReport(kept, report.doubts)


def _joined(whole: SellerReport, own: SellerReport, pack: PolicyPack, form: HealthForm) -> SellerReport:
    """Each store's own rates behind those of the marketplace, and where both count the same days otherwise, that is said."""
    by_code = {store.store: store for store in own.stores}
    ids = {code: id for id, code in form.stores.items()}
    stores = []
    for store in whole.stores:
        mine = by_code.pop(store.store, None) if store.store else None
        stores.append(_with(store, mine, pack) if mine else store)
    stores += [replace(mine, marketplace_id=ids.get(code)) for code, mine in by_code.items()]
    return SellerReport(tuple(stores), (*whole.doubts, *own.doubts))


def _with(store: StoreReport, mine: StoreReport, pack: PolicyPack) -> StoreReport:
    differing = [
        Doubt(
            "own_count_differs",
            f"{store.store}.{theirs.field}",
            DoubtKind.NOTE,
            {"own": f"{rate.numerator}/{rate.denominator}", "reported": f"{theirs.numerator}/{theirs.denominator}"},
        )
        for theirs in store.rates
        for rate in mine.rates
        if (theirs.rule, theirs.first, theirs.last) == (rate.rule, rate.first, rate.last)
        and metric_of(pack, theirs) == metric_of(pack, rate)
        and (theirs.numerator, theirs.denominator) != (rate.numerator, rate.denominator)
        and theirs.fulfilment != "afn"
        and not rate.is_least
    ]
    return replace(store, rates=(*store.rates, *mine.rates), doubts=(*store.doubts, *mine.doubts, *differing))
