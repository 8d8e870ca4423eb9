"""Keys of programs: `Authorization: Bearer <key>`. Only a digest of each is kept; each opens what its scopes say."""

import hmac

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from goodstanding.core.errors import NotPermitted
from goodstanding.server.services.keys import Scope, digest_of
from goodstanding.server.store.models import ApiKey


class KeyWith(HttpBearer):
    """Lets a request in whose key is known, not revoked, and has a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """The key's row. Raises AuthenticationError for an unknown or revoked key, NotPermitted for one without the scope."""
        digest = digest_of(token)
        key = ApiKey.objects.filter(key_sha256=digest).first()
        # The index finds it, the comparison in constant time decides.
        if key is None or not hmac.compare_digest(key.key_sha256, digest) or key.revoked_at is not None:
            raise AuthenticationError(message="this key is not known or was revoked; ask the operator for a new one")
        if self.scope not in key.scopes:
            raise NotPermitted(f"reading this with the key '{key.name}'", [f"keys with the scope {self.scope}"])
        return key
