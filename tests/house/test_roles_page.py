"""docs/reference/roles.md says what is enforced: it is read out of the conditions themselves, and refusals tell the truth about them (K5)."""

from pathlib import Path

from goodstanding.core.terms import Role
from tools import roles

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "reference" / "roles.md").read_text(encoding="utf-8")


def test_a_refusal_names_exactly_the_roles_that_its_condition_lets_through() -> None:
    refusals, _ = roles.found()
    assert len(refusals) > 20
    wrong = [f"{one.module}: {one.what}" for one in refusals if one.told != {str(role) for role in one.roles - {Role.AUTOMATION}}]
    assert wrong == []


def test_the_page_says_what_the_services_do() -> None:
    """A few rows by hand, against a tool that would read nothing or everything."""
    assert "| deciding on held mails |  |  | yes | yes |  |  |" in PAGE
    assert "| reading the audit of sign-ins |  |  |  |  |  | yes |" in PAGE
    assert "| `submit_appeal` | yes | yes |  |  |  |  |" in PAGE
    assert "| managing the staff | policy managers who manage the staff |" in PAGE
    assert "| `POST /api/v1/facts/{kind}` | `facts:write` |" in PAGE
