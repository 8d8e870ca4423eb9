"""What a caller of the API has to reckon with: one error for everything that was not answered, one for events that nobody can prove."""

from collections.abc import Mapping


class ApiError(Exception):
    """The API refused, failed, or did not answer; `str()` is one clear line.

    `status`: the HTTP status, 0 where no answer came. `kind`: the last word of the problem's type, like `not-found` or `too-often`.
    `retry_after`: whole seconds to wait, where the answer names them. `members`: what else the problem tells, like `possible` or `who_may`.
    """

    def __init__(
        self, detail: str, *, status: int = 0, kind: str = "", retry_after: int | None = None, members: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.kind = kind
        self.retry_after = retry_after
        self.members = dict(members or {})


class NotGenuine(Exception):
    """An event that is not proved: no good signature, or older or newer than is allowed. Answer it with 401 and do nothing."""
