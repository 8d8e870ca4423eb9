"""What a program does on behalf of a holder whom the marketplace has signed in: a method for each such operation of the API."""

from urllib.parse import quote

from goodstanding.client.answers import read
from goodstanding.client.connection import Connection
from goodstanding.client.holder_answers import HoldersCase, HoldersCases


class HolderCalls(Connection):
    """The part of the client that speaks for holders. Name the account whose holder is signed in with you, never one that a page sent you."""

    def list_holders_cases(self, account_id: str, *, language: str | None = None, also_over: bool = False) -> HoldersCases:
        """The cases of an account with whose turn it is. Scope `appeals:read`."""
        asked = _said(language=language, also_over="true" if also_over else None)
        return read(HoldersCases, self._ask("GET", f"/accounts/{quote(account_id, safe='')}/cases", params=asked))

    def read_holders_case(self, account_id: str, case_id: str, *, language: str | None = None) -> HoldersCase:
        """One case with every fact, what can be done, and what was said and decided. Scope `appeals:read`."""
        return read(HoldersCase, self._ask("GET", _case(account_id, case_id), params=_said(language=language)))


def _case(account_id: str, case_id: str) -> str:
    return f"/accounts/{quote(account_id, safe='')}/cases/{quote(case_id, safe='')}"


def _said(**asked: str | None) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value is not None}
