"""Running a trial of a policy pack: both packs over the facts of the last nightly run, beside the worker and never in a request (requirement K2)."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from goodstanding.core.errors import GoodstandingError, InvalidPack, UnusableInput
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.trying import try_packs
from goodstanding.server.services.call import Call
from goodstanding.server.services.packs import pack_of
from goodstanding.server.services.trials import TrialCancelled, TrialResult, claim_trial, fail_trial, finish_trial, note_progress, own_outcomes
from goodstanding.server.store.models import Assessment, PolicyTrial
from goodstanding.telling.trial_report import as_document, report_on
from goodstanding.telling.try_page import body
from goodstanding.telling.wording import LANGUAGES, wording

NOTED_EVERY = 1.0
"""Seconds between two notes of how far a trial is."""

ACCOUNT_PAGE = "/console/account/{}/"
"""Where an account of the result is looked at."""

log = logging.getLogger(__name__)


def run_waiting(*, call: Callable[[], Call]) -> bool:
    """Run the trial that waits longest; False where none waits. `call` gives the present moment each time."""
    trial = claim_trial(call=call())
    if trial is None:
        return False
    try:
        result = _try(trial, _teller(call, trial))
    except TrialCancelled:
        log.info("trial %s was cancelled", trial.pk)
    except GoodstandingError as error:
        fail_trial(call=call(), trial=trial, error=_say(error))
    except DatabaseError:
        # The lease runs out and the trial is begun anew, as after any worker that dies.
        raise
    except Exception:
        log.exception("trial %s", trial.pk)
        fail_trial(call=call(), trial=trial, error="a fault of the program, not of the pack; the worker's log has it")
    else:
        finish_trial(call=call(), trial=trial, result=result)
    return True


def source_of_last_night() -> FactSource:
    """The facts that the last nightly run read. Raises UnusableInput where there was none, or they lie elsewhere now."""
    last = Assessment.objects.order_by("-recorded_at", "-pk").first()
    if last is None:
        raise UnusableInput("there was no nightly run yet, so there are no facts to try a pack on; run assess_accounts first")
    folder, mapping = Path(last.facts), Path(last.mapping) if last.mapping else None
    if missing := next((place for place in (folder, mapping) if place and not place.is_dir()), None):
        raise UnusableInput(f"the facts of the last nightly run are not where they were ({missing.name}); the worker must reach the same folder")
    return FactSource(folder, mapping)


class Helper:
    """Runs trials in a process of their own, one at a time, so that a worker goes on with deadlines and mails meanwhile."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start_if_needed(self) -> None:
        """Start the process where a trial waits and none of ours is running."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = None
        if PolicyTrial.objects.filter(ended_at=None).exists():
            self._process = subprocess.Popen([sys.executable, "-m", "django", "try_policies"])

    def stop(self) -> None:
        """End it; the trial is begun anew by the next worker once its lease is over."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=20)


def now() -> Callable[[], Call]:
    """The system's call at each moment it is asked for."""
    from goodstanding.core.values import AUTOMATION

    return lambda: Call(AUTOMATION, timezone.now())


def _try(trial: PolicyTrial, progress: Progress) -> TrialResult:
    before, after = pack_of(trial.old), pack_of(trial.new)
    tried = try_packs(source_of_last_night(), before, after, trial.first, trial.last, progress=progress)
    progress("telling", 0, 0)
    outcomes = own_outcomes() or tried.outcomes or None
    pages: dict[str, str] = {}
    document: dict[str, Any] = {}
    for language in LANGUAGES:
        words = wording(language)
        report = report_on(before, after, tried.trial, outcomes, words.language)
        pages[language] = body(report, words, account_page=ACCOUNT_PAGE)
        document = document or as_document(report, words)
    return TrialResult(document, pages)


def _teller(call: Callable[[], Call], trial: PolicyTrial) -> Progress:
    told = 0.0

    def tell(stage: str, done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told >= NOTED_EVERY:
            told = time.monotonic()
            note_progress(call=call(), trial=trial, stage=stage, done=done, of=of)

    return tell


def _say(error: GoodstandingError) -> str:
    return "\n".join(finding.line() for finding in error.findings) if isinstance(error, InvalidPack) else str(error)
