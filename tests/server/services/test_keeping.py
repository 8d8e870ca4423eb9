"""Whether everything still lies where it was put (requirement F5)."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.server.services.keeping import check_evidence, remove_orphans
from goodstanding.server.store.models import Evidence
from goodstanding.server.vault.stores import digest_of, store
from tests.made_files import docx
from tests.server.factories import NOW, make_action_in_force
from tests.server.services.appealing import INVOICE, Upload, stored_at, submit

pytestmark = pytest.mark.usefixtures("db")

LETTER = Upload("letter.docx", docx(), "corrective")


def aged(path: Path) -> None:
    """As if it had been written two days before NOW."""
    moment = (NOW - timedelta(days=2)).timestamp()
    os.utime(path, (moment, moment))


def test_missing_and_damaged_files_are_named_with_who_needs_them(pack: PolicyPack) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE, LETTER])
    assert check_evidence(now=NOW).troubles == ()
    stored_at(digest_of(INVOICE.data)).unlink()
    stored_at(digest_of(LETTER.data)).write_bytes(b"something else")
    checked = check_evidence(now=NOW)
    rows = {one.sha256: one.pk for one in Evidence.objects.all()}
    assert [(one.what, one.who) for one in sorted(checked.troubles, key=lambda one: one.what)] == [
        ("damaged", (rows[digest_of(LETTER.data)],)),
        ("missing", (rows[digest_of(INVOICE.data)],)),
    ]


def test_bytes_that_nobody_names_are_found_after_a_day_and_removed_when_asked(pack: PolicyPack) -> None:
    """A crash between file and row leaves such; so does one between an erasure's commit and the disk."""
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    for data in (b"from a crash", b"just now"):
        store().put(digest_of(data), data)
    old, half = stored_at(digest_of(b"from a crash")), stored_at(digest_of(INVOICE.data)).parent / ".unfinished-1"
    half.write_bytes(b"half")
    for path in (old, half, stored_at(digest_of(INVOICE.data))):
        aged(path)
    os.utime(stored_at(digest_of(b"just now")), (NOW.timestamp(), NOW.timestamp()))
    found = check_evidence(now=NOW).of("orphaned")
    assert {one.stored.name.rpartition("/")[2] for one in found if one.stored} == {old.name, half.name}
    assert remove_orphans(now=NOW) == 2
    assert not old.exists()
    assert not half.exists()
    assert stored_at(digest_of(INVOICE.data)).exists()
    assert stored_at(digest_of(b"just now")).exists()


def test_an_erased_file_whose_bytes_are_still_there_is_an_orphan(pack: PolicyPack) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    aged(stored_at(digest_of(INVOICE.data)))
    Evidence.objects.update(erased_at=NOW, name="")
    assert [one.what for one in check_evidence(now=NOW).troubles] == ["orphaned"]


def test_the_command_tells_all_of_it_and_fails_where_something_is_lost(pack: PolicyPack, capsys: Any) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    call_command("check_evidence")
    assert capsys.readouterr().out == "1 files, 0 missing or damaged, 0 that nobody names\n"
    stored_at(digest_of(INVOICE.data)).unlink()
    with pytest.raises(SystemExit) as ended:
        call_command("check_evidence", "--remove-orphans")
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert f"missing: {digest_of(INVOICE.data)} (F-" in said.err
    assert "bring it back from a backup" in said.err
    assert "0 orphans removed" in said.out
