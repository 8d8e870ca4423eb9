"""Keys of programs: `Authorization: Bearer <secret>`. Each opens what its scopes say, so often as its quotas say."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from goodstanding.core.errors import NotPermitted
from goodstanding.server.services.keys import Scope, find_key
from goodstanding.server.services.quotas import use_quota
from goodstanding.server.store.models import ApiKey


def key_in(request: HttpRequest) -> ApiKey:
    """The key by which a request came in."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key


class KeyWith(HttpBearer):
    """Lets a request in whose key is good, has a scope, and has not used up its quota."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """The key's row. Raises AuthenticationError for one that opens nothing, NotPermitted for one without the scope, TooOften."""
        now = timezone.now()
        key = find_key(secret=token, now=now)
        if key is None:
            raise AuthenticationError(message="this key is not known, has ended or was revoked; ask the operator for a new one")
        if self.scope not in key.scopes:
            raise NotPermitted(f"asking this with the key '{key.name}'", [f"keys with the scope {self.scope}"])
        use_quota(key=key, what=self.scope, amount=1, now=now)
        return key
