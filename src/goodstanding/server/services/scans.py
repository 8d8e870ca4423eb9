"""What a virus scanner says of stored files: asked by the worker, again and again until it answers (requirement F5).

While a scanner is set, reviewers open what it has found clean and nothing else. What it finds harmful nobody opens, its holder is told, and
the same bytes are not taken again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from goodstanding.core.file_terms import FileTrouble, ScanState
from goodstanding.core.notices import compose_mail_answer
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.gate import refused
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.services.together import together
from goodstanding.server.store.models import Evidence, FileScan
from goodstanding.server.vault.scanner import ScanFailed, Verdict, read_address, scan
from goodstanding.server.vault.stores import whole

WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600))
"""How long to wait after each failure; after the last of them every hour, for ever: a file must not stay closed because a scanner was away."""

LEASE = timedelta(minutes=5)
"""How long one worker may hold a file; a worker that died gives it back by this."""

AT_ONCE = 5
"""Files in one round, so that mails do not wait behind them."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of one round: files scanned, those among them that are harmful, and files that are tried again."""

    scanned: int = 0
    found: int = 0
    failed: int = 0


def ask_scanner(data: bytes) -> Verdict:
    """What the scanner of the settings says. Raises ScanFailed, and UnusableInput for a setting that is none."""
    return scan(read_address(settings.SCANNER), data)


def scan_due(*, call: Call, pack: PolicyPack, limit: int = AT_ONCE, ask: Callable[[bytes], Verdict] = ask_scanner) -> Scanned:
    """Have files scanned whose turn it is, and take up those that came before there was a scanner. Does nothing where none is set.

    A round ends with the first failure: a scanner that is away for one file is away for all.
    """
    if not settings.SCANNER:
        return Scanned()
    _take_up(call)
    scanned = found = 0
    for _ in range(limit):
        row = _lease(call.now)
        if row is None:
            break
        try:
            verdict = _verdict(row, ask)
        # Whatever a scanner or the store does, the next round must come.
        except Exception as error:
            log.warning("file %s, attempt %d: %s", row.sha256, row.attempts, error)
            wait = WAITS[min(row.attempts, len(WAITS)) - 1]
            _mine(row).update(next_at=call.now + wait, leased_until=None, last_error=str(error)[:500])
            return Scanned(scanned, found, 1)
        _write(call, pack, row, verdict)
        scanned, found = scanned + 1, found + bool(verdict and verdict.state == ScanState.FOUND)
    return Scanned(scanned, found)


def scan_again(*, call: Call) -> int:
    """Have every file scanned once more, as after a week of new signatures; gives how many. What was clean stays open meanwhile."""
    live = Evidence.objects.filter(erased_at=None).values("sha256")
    return FileScan.objects.filter(sha256__in=live).exclude(state=ScanState.FOUND).update(next_at=call.now, attempts=0)


def _take_up(call: Call) -> None:
    """Files without a scan get one: what came while no scanner was set."""
    waiting = list(Evidence.objects.filter(scan=None, erased_at=None).order_by("pk").values_list("sha256", flat=True).distinct()[:1000])
    if waiting:
        fresh = [FileScan(sha256=sha256, state=ScanState.WAITING, next_at=call.now) for sha256 in waiting]
        with transaction.atomic():
            FileScan.objects.bulk_create(fresh, ignore_conflicts=True)
            Evidence.objects.filter(scan=None, sha256__in=waiting).update(scan_id=F("sha256"))


def _lease(now: datetime) -> FileScan | None:
    """Claim the next file and commit, so that a worker that dies while waiting for the scanner leaves a lease and no lock."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    with transaction.atomic():
        due = FileScan.objects.filter(free, next_at__lte=now).order_by("next_at", "pk")
        row = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
        if row is None:
            return None
        FileScan.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, leased_until=now + LEASE)
    return FileScan.objects.get(pk=row.pk)


def _verdict(row: FileScan, ask: Callable[[bytes], Verdict]) -> Verdict | None:
    """None where no file has these bytes any more."""
    if not Evidence.objects.filter(sha256=row.sha256, erased_at=None).exists():
        return None
    data = whole(row.sha256)
    if data is None:
        raise ScanFailed("the bytes are missing or damaged where evidence is stored")
    return ask(data)


def _mine(row: FileScan) -> QuerySet[FileScan]:
    return FileScan.objects.filter(pk=row.pk, attempts=row.attempts)


def _write(call: Call, pack: PolicyPack, row: FileScan, verdict: Verdict | None) -> None:
    """Write the verdict; where something was found, each case with the file says so and its holder is told. A worker whose lease was over writes nothing."""
    if verdict is None:
        _mine(row).update(next_at=None, leased_until=None)
        return
    said = {"state": verdict.state, "found": verdict.found, "scanned_at": call.now, "last_error": "", "leased_until": None}
    # A scanner whose limit was raised takes tomorrow what it does not take today.
    next_at = call.now + timedelta(days=1) if verdict.state == ScanState.TOO_LARGE else None
    files = Evidence.objects.filter(sha256=row.sha256, erased_at=None).order_by("case_id", "pk")
    with together():
        # Cases are locked before the row, as whoever keeps a file does.
        cases = {case_id: lock_case(call=call, case_id=case_id) for case_id in sorted(set(files.values_list("case_id", flat=True)))}
        if not _mine(row).update(**said, next_at=next_at) or verdict.state != ScanState.FOUND:
            return
        for case_id, case in cases.items():
            harmful = [one for one in files if one.case_id == case_id]
            body = {"found": verdict.found, "sha256": row.sha256, "evidence": [one.pk for one in harmful]}
            ledger.append(call=call, case_id=case_id, kind="FileQuarantined", body=body)
            told = [refused(one.name, FileTrouble.HARMFUL) for one in harmful[:1]]
            text = compose_mail_answer(letter_for(call=call, case=case, pack=pack), NoticeKind.FILE_QUARANTINED, refused=told)
            issue_notice(call=call, case=case, kind=NoticeKind.FILE_QUARANTINED, text=text)
