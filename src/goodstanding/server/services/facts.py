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
from goodstanding.server.store.models import FactBatch


def take_facts(*, call: Call, kind: str, lines: bytes, sent_by: str) -> tuple[FactBatch, bool]:
    """Take a batch of lines of JSON; gives the batch and whether it had been taken before, in which case nothing is done.

    The file is on the disk before the row is written: a program that got no answer sends again, and the same batch has the same file.
    Raises NotFound for a kind there is not, UnusableInput where nothing of the batch can be read.
    """
    known = KINDS.get(kind)
    if known is None:
        raise NotFound(f"there is no kind of fact '{kind}'; there are: {', '.join(KINDS)}")
    if not lines.strip():
        raise UnusableInput("the batch is empty; send one JSON object a line")
    digest = hashlib.sha256(kind.encode() + b"\0" + lines).hexdigest()
    if batch := FactBatch.objects.filter(digest=digest).first():
        return batch, True
    taken = take_lines(known, lines, Path(settings.FACTS) / kind / f"{digest}.parquet")
    batch = FactBatch(
        digest=digest,
        kind=kind,
        sent_by=sent_by,
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
