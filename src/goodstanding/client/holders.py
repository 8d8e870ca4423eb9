"""What a program does on behalf of a holder whom the marketplace has signed in: a method for each such operation of the API."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from goodstanding.client.answers import read
from goodstanding.client.connection import Connection
from goodstanding.client.holder_answers import Checks, Commitment, Done, File, Form, HoldersCase, HoldersCases, Message, Messages, Window


class HolderCalls(Connection):
    """The part of the client that speaks for holders. Name the account whose holder is signed in with you, never one that a page sent you."""

    def list_holders_cases(self, account_id: str, *, language: str | None = None, also_over: bool = False) -> HoldersCases:
        """The cases of an account with whose turn it is. Scope `appeals:read`."""
        asked = _said(language=language, also_over="true" if also_over else None)
        return read(HoldersCases, self._ask("GET", f"/accounts/{quote(account_id, safe='')}/cases", params=asked))

    def read_holders_case(self, account_id: str, case_id: str, *, language: str | None = None) -> HoldersCase:
        """One case with every fact, what can be done, and what was said and decided. Scope `appeals:read`."""
        return read(HoldersCase, self._ask("GET", _case(account_id, case_id), params=_said(language=language)))

    def read_appeal_form(self, account_id: str, case_id: str, route: str, *, language: str | None = None) -> Form:
        """What an appeal by a route (plan, dispute) should answer, with a first draft. Scope `appeals:read`."""
        return read(Form, self._ask("GET", f"{_case(account_id, case_id)}/appeal-form/{quote(route, safe='')}", params=_said(language=language)))

    def upload_evidence(self, account_id: str, case_id: str, name: str, data: bytes, *, language: str | None = None) -> File:
        """Hand in one file, to be named by an appeal or an answer. The same bytes again are the same file. Scope `evidence:write`."""
        return read(File, self._ask("POST", f"{_case(account_id, case_id)}/evidence", params=_said(language=language), files={"file": (name, data)}))

    def check_appeal(
        self,
        account_id: str,
        case_id: str,
        route: str,
        *,
        root_cause: str = "",
        corrective: str = "",
        preventive: str = "",
        grounds: str = "",
        evidence: Iterable[tuple[str, str]] = (),
        language: str | None = None,
    ) -> Checks:
        """What the checks find in an appeal before it is sent. Nothing is kept. Scope `appeals:write`."""
        written = _answer(route, root_cause, corrective, preventive, grounds, evidence)
        return read(Checks, self._ask("POST", f"{_case(account_id, case_id)}/appeals/check", params=_said(language=language), json=written))

    def submit_appeal(
        self,
        account_id: str,
        case_id: str,
        route: str,
        *,
        idempotency_key: str,
        root_cause: str = "",
        corrective: str = "",
        preventive: str = "",
        grounds: str = "",
        evidence: Iterable[tuple[str, str]] = (),
        language: str | None = None,
    ) -> Done:
        """Send an appeal: the parts of its route, and files as pairs of id and what they prove. Scope `appeals:write`.

        Keep the key with what the holder has written, and give the same one until this returns: then it is one appeal.
        """
        written = _answer(route, root_cause, corrective, preventive, grounds, evidence)
        headers = {"Idempotency-Key": idempotency_key}
        return read(Done, self._ask("POST", f"{_case(account_id, case_id)}/appeals", params=_said(language=language), json=written, headers=headers))

    def give_information(self, account_id: str, case_id: str, answer: str, *, evidence: Iterable[str] = (), language: str | None = None) -> Done:
        """Give what a reviewer asked for, in words, by files (their ids), or both. Scope `appeals:write`."""
        given = {"answer": answer, "evidence": list(evidence)}
        return read(Done, self._ask("POST", f"{_case(account_id, case_id)}/information", params=_said(language=language), json=given))

    def withdraw_appeal(self, account_id: str, case_id: str, *, language: str | None = None) -> Done:
        """Take back the appeal that waits. Scope `appeals:write`."""
        return read(Done, self._ask("POST", f"{_case(account_id, case_id)}/withdraw", params=_said(language=language)))

    def ask_after(self, account_id: str, case_id: str, *, language: str | None = None) -> Done:
        """Ask where an appeal stands that waits longer than promised. Scope `appeals:write`."""
        return read(Done, self._ask("POST", f"{_case(account_id, case_id)}/ask-after", params=_said(language=language)))

    def hand_in_plan(
        self,
        account_id: str,
        case_id: str,
        *,
        root_cause: str = "",
        corrective: str = "",
        preventive: str = "",
        measures: Iterable[tuple[str, date]] = (),
        evidence: Iterable[tuple[str, str]] = (),
        language: str | None = None,
    ) -> Window:
        """Hand in the plan of a time to solve, with measures and their days. Scope `appeals:write`."""
        plan = {
            "root_cause": root_cause,
            "corrective": corrective,
            "preventive": preventive,
            "measures": [{"measure": measure, "due": due.isoformat()} for measure, due in measures],
            "evidence": [{"evidence_id": one, "proves": proves} for one, proves in evidence],
        }
        return read(Window, self._ask("POST", f"{_case(account_id, case_id)}/plan", params=_said(language=language), json=plan))

    def contact_me_now(self, account_id: str, case_id: str, *, language: str | None = None) -> Window:
        """Ask to be called now, in a time to solve. Scope `appeals:write`."""
        return read(Window, self._ask("POST", f"{_case(account_id, case_id)}/contact-me", params=_said(language=language)))

    def mark_done(self, account_id: str, case_id: str, commitment_id: str, note: str = "", *, language: str | None = None) -> Commitment:
        """Say that a measure is in place. Scope `appeals:write`."""
        path = f"{_case(account_id, case_id)}/commitments/{quote(commitment_id, safe='')}/done"
        return read(Commitment, self._ask("POST", path, params=_said(language=language), json={"note": note}))

    def list_messages(self, account_id: str, case_id: str, *, language: str | None = None) -> Messages:
        """The conversation about a case. Scope `appeals:read`."""
        return read(Messages, self._ask("GET", f"{_case(account_id, case_id)}/messages", params=_said(language=language)))

    def send_message(self, account_id: str, case_id: str, text: str, *, idempotency_key: str, language: str | None = None) -> Message:
        """Write a message about a case; the same key is the same message. Scope `appeals:write`."""
        headers = {"Idempotency-Key": idempotency_key}
        said = {"text": text}
        return read(Message, self._ask("POST", f"{_case(account_id, case_id)}/messages", params=_said(language=language), json=said, headers=headers))

    def read_messages(self, account_id: str, case_id: str, upto: int, *, language: str | None = None) -> Messages:
        """Say that the holder has read messages up to a number. Scope `appeals:write`."""
        return read(Messages, self._ask("POST", f"{_case(account_id, case_id)}/messages/read", params=_said(language=language), json={"upto": upto}))


def _answer(route: str, root_cause: str, corrective: str, preventive: str, grounds: str, evidence: Iterable[tuple[str, str]]) -> dict[str, object]:
    texts = {"root_cause": root_cause, "corrective": corrective, "preventive": preventive, "grounds": grounds}
    return {"route": route, **texts, "evidence": [{"evidence_id": one, "proves": proves} for one, proves in evidence]}


def _case(account_id: str, case_id: str) -> str:
    return f"/accounts/{quote(account_id, safe='')}/cases/{quote(case_id, safe='')}"


def _said(**asked: str | None) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value is not None}
