"""What every answer carries in production: policies, strict transport, cookies; asked of a real process with production settings (K5)."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests import environment

ASKED = """
import django; django.setup()
from django.test import Client
browser = Client(SERVER_NAME="standing.marketplace.example")
print(browser.get("/").status_code, browser.get("/")["Location"])
for path in ("/", "/console/sign-in/", "/nowhere/", "/console/", "/security/", "/api/v1/openapi.json"):
    answer = browser.get(path, secure=True)
    for name in ("Strict-Transport-Security", "Content-Security-Policy", "Permissions-Policy", "X-Frame-Options", "X-Content-Type-Options",
                 "Referrer-Policy", "Cross-Origin-Opener-Policy"):
        print(path, name, answer.headers.get(name, "MISSING"))
    for cookie in answer.cookies.values():
        print(path, "Cookie", cookie.OutputString())
from goodstanding.server.store.models import User
User.objects.create_user("maya@market.example", "correct horse battery", name="Maya", role="specialist")
answer = browser.post("/console/sign-in/", {"login": "maya@market.example", "password": "correct horse battery"}, secure=True)
print("signed-in", "Cookie", answer.cookies["sessionid"].OutputString())
"""


def test_every_answer_in_production_carries_its_policies(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path)
    env = environment.plain() | {
        "DJANGO_SETTINGS_MODULE": "goodstanding.server.settings",
        "GOODSTANDING_VAR": str(tmp_path),
        "GOODSTANDING_TLS": "on",
        "GOODSTANDING_HOSTS": "standing.marketplace.example",
        "GOODSTANDING_OIDC_ISSUER": "https://login.marketplace.example/realm",
        "GOODSTANDING_OIDC_ROLES": "ts=specialist",
    }
    done = subprocess.run([sys.executable, "-c", ASKED], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "301 https://standing.marketplace.example/"
    assert "MISSING" not in done.stdout
    for line in said[1:]:
        match line.split(" ", 2):
            case _, "Strict-Transport-Security", value:
                assert value == "max-age=31536000; includeSubDomains; preload"
            case _, "Content-Security-Policy", value:
                rules = dict(one.strip().split(" ", 1) for one in value.split(";"))
                assert rules["default-src"] == "'none'"
                assert rules["script-src"] == rules["style-src"] == "'self'", "no inline script, no other host"
                assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
                assert rules["form-action"] == "'self' https://login.marketplace.example"
            case _, "Permissions-Policy", value:
                assert "camera=()" in value
                assert "publickey-credentials-get=(self)" in value
            case _, "X-Frame-Options", value:
                assert value == "DENY"
            case _, "Referrer-Policy", value:
                assert value == "same-origin"
            case _, "Cookie", value:
                assert "Secure" in value, line
                assert "SameSite=Lax" in value, line
                assert "HttpOnly" in value or not value.startswith("sessionid"), line
    assert said[-1].startswith("signed-in Cookie sessionid=")
