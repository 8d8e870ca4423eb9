"""Files that a program hands in before the appeal or answer they go with: examined as every file is, kept, and unsent until one names them.

They are no act of the case: no clock, no ledger entry, and staff do not see them, as drafts. What nothing has named after `evidence.KEPT_UNSENT` goes.
"""

from django.db import transaction

from goodstanding.core.appeals import evidence as rules
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import RefusedFiles, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.server.services.appeals import check_open, check_visible
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import CASE_FULL, Upload, fresh_row, over_room, store_bytes, unsent_files
from goodstanding.server.services.moves import lock_case
from goodstanding.server.store.models import Evidence
from goodstanding.server.vault.stores import digest_of

MOST_UNSENT = 40
"""Unsent files of one case, twice what one appeal may name; ours."""


def hand_in(*, call: Call, pack: PolicyPack, case_id: str, upload: Upload) -> Evidence:
    """Take one file. The same bytes again, while unsent, are the same file.

    Raises NotFound, RefusedFiles, IllegalTransition where the case takes no appeal, nothing is asked and no time to solve runs, UnusableInput for too many unsent ones.
    """
    check_visible(call=call, case_id=case_id)
    store_bytes([upload])
    sha256 = digest_of(upload.data)
    with transaction.atomic():
        case = lock_case(call=call, case_id=case_id)
        waiting = unsent_files(case_id=case_id)
        if earlier := waiting.filter(sha256=sha256).first():
            return earlier
        if case.state not in (CaseState.INFORMATION_ASKED, CaseState.SOLVING):
            check_open(call=call, pack=pack, case=case)
        if waiting.count() >= MOST_UNSENT:
            raise UnusableInput(f"{MOST_UNSENT} files of this case are handed in and not sent; send an appeal that names those that prove most")
        if over_room(case_id, [upload]):
            raise RefusedFiles([rules.refuse(upload.name, CASE_FULL)])
        return Evidence.objects.create(case=case, sha256=sha256, **fresh_row(call=call, upload=upload))
