"""A small identity provider over real HTTP: discovery, keys, a token for a code, the user's page, all signed. It signs in whoever it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "goodstanding", "between the two of us"


class Provider(ThreadingHTTPServer):
    """The provider. `user`: the claims of who signs in next; `codes` that were given out, each with its claims and challenge."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.user: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.key = rsa.generate_private_key(65537, 2048)

    @property
    def issuer(self) -> str:
        """Where it lives."""
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    """One request."""

    server: Provider

    def log_message(self, *args: object) -> None:
        """Says nothing."""

    def answer(self, body: object, status: int = 200) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        provider, asked = self.server, urlsplit(self.path)
        match asked.path:
            case "/.well-known/openid-configuration":
                names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "keys"}
                self.answer({"issuer": provider.issuer} | {name: f"{provider.issuer}/{path}" for name, path in names.items()})
            case "/authorize":
                self.authorize(parse_qs(asked.query))
            case "/userinfo":
                token = self.headers["Authorization"].removeprefix("Bearer ")
                self.answer(provider.tokens.get(token, {}), 200 if token in provider.tokens else 401)
            case _:
                self.answer({}, 404)

    def authorize(self, asked: dict[str, list[str]]) -> None:
        """The user is signed in here already; so they are sent straight back with a code."""
        code = f"code-{len(self.server.codes)}"
        self.server.codes[code] = {"claims": self.server.user, "challenge": asked.get("code_challenge", [""])[0]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri'][0]}?{urlencode({'code': code, 'state': asked['state'][0]})}")
        self.end_headers()

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        given = self.server.codes.pop(sent["code"][0], None)
        if given is None or sent["client_secret"] != [SECRET] or not given["challenge"] or "code_verifier" not in sent:
            self.answer({"error": "invalid_grant"}, 400)
            return
        now, claims = int(time.time()), given["claims"]
        token = f"token-{now}-{claims['sub']}"
        self.server.tokens[token] = claims
        body = claims | {"iss": self.server.issuer, "aud": CLIENT, "iat": now, "exp": now + 60}
        signed = jwt.encode(body, self.server.key, "RS256", headers={"kid": "one"})
        self.answer({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})


@contextmanager
def provider() -> Iterator[Provider]:
    """The provider, running."""
    server = Provider()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def settings_for(server: Provider) -> dict[str, Any]:
    """What the settings of this house say where that provider is configured."""
    app = {"provider_id": "staff", "name": "Company", "client_id": CLIENT, "secret": SECRET, "settings": {"server_url": server.issuer}}
    return {
        "OIDC_ISSUER": server.issuer,
        "OIDC_NAME": "Company",
        "OIDC_ROLES": {"ts-lead": "senior_specialist", "ts": "specialist", "audit": "auditor"},
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}},
    }
