"""Taking in facts that programs send by HTTP (requirement K1): each batch once, bad rows told one by one, the rest kept."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.core.facts import KINDS
from goodstanding.engines.checking import is_of_row
from goodstanding.engines.taking import take_lines
from goodstanding.server.services.call import Call
from goodstanding.server.services.quotas import ROWS, use_quota
from goodstanding.server.store.models import ApiKey, FactBatch, SubmissionKey

LONGEST_SUBMISSION = 200


def take_facts(*, call: Call, kind: str, lines: bytes, key: ApiKey, submission: str = "") -> tuple[FactBatch, bool]:
    """Take a batch of lines of JSON; gives the batch and whether it had been taken before, in which case nothing is done.

    The same lines are the same batch. A `submission` key says so before they are compared: with other lines than the first time it is refused.
    The file is on the disk before the row is written: a program that got no answer sends again, and the same batch has the same file.
    Raises NotFound for a kind there is not, UnusableInput where nothing of the batch can be read, TooOften.
    """
    known = KINDS.get(kind)
    if known is None:
        raise NotFound(f"there is no kind of fact '{kind}'; there are: {', '.join(KINDS)}")
    if not lines.strip():
        raise UnusableInput("the batch is empty; send one JSON object a line")
    digest = hashlib.sha256(kind.encode() + b"\0" + lines).hexdigest()
    _check_submission(key, submission, digest)
    if batch := FactBatch.objects.filter(digest=digest).first():
        return batch, True
    use_quota(key=key, what=ROWS, amount=lines.strip().count(b"\n") + 1, now=call.now)
    taken = take_lines(known, lines, Path(settings.FACTS) / kind / f"{digest}.parquet")
    batch = FactBatch(
        digest=digest,
        kind=kind,
        sent_by=key.name,
        rows=taken.rows,
        refused=len({finding.where.split(" column ")[0] for finding in taken.findings if is_of_row(finding)}),
        findings=[asdict(finding) for finding in taken.findings],
        received_at=call.now,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:  # the same batch at the same moment: the other was first
        return FactBatch.objects.get(digest=digest), True
    return batch, False


def _check_submission(key: ApiKey, submission: str, digest: str) -> None:
    """Bind a submission key to its batch. Before anything is kept, so that of two batches under one key the later leaves no file."""
    if not submission:
        return
    if len(submission) > LONGEST_SUBMISSION or "\0" in submission:
        raise UnusableInput(f"the Idempotency-Key must be 1 to {LONGEST_SUBMISSION} characters")
    SubmissionKey.objects.bulk_create([SubmissionKey(key=key, value=submission, digest=digest)], ignore_conflicts=True)
    if SubmissionKey.objects.get(key=key, value=submission).digest != digest:
        raise UnusableInput("this Idempotency-Key came with another batch before; send a new batch with a key of its own")
