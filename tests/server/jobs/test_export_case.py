"""`manage export_case`: writes one case as an archive, and says whether such an archive holds (requirement K3)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from goodstanding.core.terms import ActionKind
from tests.server.factories import make_action_in_force

pytestmark = pytest.mark.django_db


def test_a_case_is_written_checked_and_found_out_when_changed(tmp_path):
    case, path, said = make_action_in_force(ActionKind.RESTRICT), tmp_path / "case.zip", StringIO()
    call_command("export_case", case.pk, out=str(path), stdout=said)
    call_command("export_case", check=str(path), stdout=said)
    assert "every entry and every notice holds" in said.getvalue()
    with pytest.raises(CommandError, match="there is no case C-NONE"):
        call_command("export_case", "C-NONE", out=str(path))
    path.write_bytes(b"nothing")
    with pytest.raises(CommandError, match="no exported case"):
        call_command("export_case", check=str(path))
    with pytest.raises(CommandError, match="name a case"):
        call_command("export_case")
