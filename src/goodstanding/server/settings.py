"""Every setting, read from the environment once. SQLite beside the working directory unless told otherwise.

Each `GOODSTANDING_*` variable is listed in docs/reference/settings.md; a test holds that page to this file.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from goodstanding.core.terms import Role

HERE = Path(__file__).resolve().parent
STAFF_ROLES = (Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.POLICY_MANAGER, Role.AUDITOR)


def text(name: str, default: str = "") -> str:
    """A setting as text."""
    return os.environ.get(f"GOODSTANDING_{name}", default)


def flag(name: str, *, default: bool) -> bool:
    """A setting that is on or off. Raises ImproperlyConfigured for any other word."""
    value = text(name, "on" if default else "off").lower()
    if value in ("on", "1", "true", "yes"):
        return True
    if value in ("off", "0", "false", "no"):
        return False
    raise ImproperlyConfigured(f"GOODSTANDING_{name} is '{value}'; write on or off")


QUOTAS = ("standing:read", "cases:read", "notices:read", "facts:write", "appeals:read", "appeals:write", "evidence:write", "rows")
"""What can be limited per minute: the scopes of keys (`services.keys.Scope`), and rows of facts."""


def quotas(said: str) -> dict[str, int]:
    """Numbers by name from `standing:read=6000 rows=100000`. Raises ImproperlyConfigured for what is no such list, also for a name misspelt."""
    try:
        found = {name: int(number) for name, number in (one.split("=") for one in said.split())}
    except ValueError:
        found = {said: -1}
    if wrong := [name for name, number in found.items() if name not in QUOTAS or number < 0]:
        like = "write like standing:read=6000 rows=100000 (per minute and key; 0: no limit)"
        raise ImproperlyConfigured(f"GOODSTANDING_API_QUOTAS has '{wrong[0]}'; {like}; the names are: {', '.join(QUOTAS)}")
    return found


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def database(url: str) -> dict[str, object]:
    """A Django database from `sqlite:///path` or `postgresql://user:password@host:port/name` (host may be a socket folder, %2F-quoted)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] or "goodstanding.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                # A read that turns into a write must take the lock at once, or WAL answers "database is locked" without waiting.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000;",
            },
            # A file, so that the worker threads of a test's live server share it.
            "TEST": {"NAME": text("TEST_SQLITE") or None},
        }
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            # Not `parts.hostname`: that is lower-cased, and the host may be the folder of a socket.
            "HOST": unquote(parts.netloc.rpartition("@")[2].partition(":")[0]),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            # A statement that comes again is planned once: values go apart from it, and from the fifth time on it is known by name.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
        }
    raise ImproperlyConfigured(f"GOODSTANDING_DATABASE is '{url}'; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def roles_of_groups(told: str) -> dict[str, str]:
    """`GROUP=ROLE,GROUP=ROLE` as a mapping, in its order. Raises ImproperlyConfigured for what is no role of the staff."""
    roles = {}
    for pair in filter(None, (one.strip() for one in told.split(","))):
        group, _, role = pair.rpartition("=")
        if not group or role not in STAFF_ROLES:
            raise ImproperlyConfigured(f"GOODSTANDING_OIDC_ROLES has '{pair}'; write GROUP=ROLE, with a role of: {', '.join(STAFF_ROLES)}")
        roles[group.strip()] = role
    return roles


VAR = Path(text("VAR", "var")).absolute()
"""Where the embedded server keeps its files: database, mail, evidence."""

DEBUG = flag("DEBUG", default=False)
DEMO = flag("DEMO", default=False)
"""A demonstration: shows one-click sign-ins. Never on for a real marketplace."""


def own_secret(path: Path) -> str:
    """The key of an embedded server: made once, readable by its owner only, the same for every process that shares VAR.

    It is written beside its place and linked there whole, so no process reads half a key, and none is left by a crash.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)
        finally:
            Path(beside).unlink()
    return path.read_text(encoding="ascii")


SECRET_KEY = text("SECRET_KEY") or own_secret(VAR / "secret_key")
SECRET_KEY_FALLBACKS = text("SECRET_KEY_FALLBACKS").split()
"""Former keys, the newest first: what they signed and sealed is still believed and opened."""
ALLOWED_HOSTS = [host for host in text("HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in text("TRUSTED_ORIGINS").split(",") if origin]
BASE_URL = text("BASE_URL", "http://localhost:8000").rstrip("/")
"""What links in notices start with."""

POLICY_PACK = text("PACK", "amazon")
"""Name or file of the policy pack in force."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "goodstanding.server.identity",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "goodstanding.server.store",
    "goodstanding.server.console",
    "goodstanding.server.portal",
    "goodstanding.server.jobs",
    "goodstanding.server.inbox",
    "goodstanding.server.demo",
]
MIDDLEWARE = [
    "goodstanding.server.probes.requests.watch",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "goodstanding.server.pages.cleaning.CleanText",
]
ROOT_URLCONF = "goodstanding.server.urls"
WSGI_APPLICATION = "goodstanding.server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"pages": "goodstanding.server.pages.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": database(text("DATABASE", f"sqlite:///{VAR / 'goodstanding.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "goodstanding.server.pages.errors.not_trusted"
LOGIN_REDIRECT_URL = "console:enter"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CACHES = {
    "default": {
        # Of the database, because all processes must count together: attempts to sign in, codes already used.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "store_cache",
        # What is thrown out early is a count of attempts; so there is room for many.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

SECOND_FACTOR = flag("SECOND_FACTOR", default=not DEMO)
"""Whether staff need a second factor (an authenticator app or a passkey) before anything of the console opens."""
STAFF_SESSION_HOURS = int(text("STAFF_SESSION_HOURS", "12"))
"""So long after signing in a member of staff has to sign in again, whatever was done meanwhile."""
AUDIT_DAYS = int(text("AUDIT_DAYS", "365"))
"""How many days entries of the audit of sign-ins are kept."""

ACCOUNT_ADAPTER = "goodstanding.server.identity.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "goodstanding.server.identity.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Addresses are set by who makes a user, not by the user; there is nobody to prove one to.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Failures in a row; successes are given back. NIST SP 800-63B (2017, 5.2.2) allows 100 per account in all; these are ours and lower.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key,50/d/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "60/m/user",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("BEHIND_PROXY", default=False) else 0
MFA_ADAPTER = "goodstanding.server.identity.adapters.FactorAdapter"
MFA_FORMS = {
    "authenticate": "goodstanding.server.identity.forms.CodeForm",
    "reauthenticate": "goodstanding.server.identity.forms.ConfirmCodeForm",
    "login_webauthn": "goodstanding.server.identity.forms.PasskeyForm",
    "authenticate_webauthn": "goodstanding.server.identity.forms.KeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey alone is two factors only where its holder is asked for a PIN or a finger.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Account standing"
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_ADAPTER = "goodstanding.server.identity.adapters.SessionsAdapter"
SOCIALACCOUNT_ADAPTER = "goodstanding.server.identity.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False

OIDC_ISSUER = text("OIDC_ISSUER").rstrip("/")
"""The issuer of the company's identity provider (OpenID Connect) by which staff sign in; empty: there is none."""
OIDC_NAME = text("OIDC_NAME", "Single sign-on")
"""What the button on the sign-in page says."""
OIDC_GROUPS_CLAIM = text("OIDC_GROUPS_CLAIM", "groups")
"""The claim that holds a user's groups."""
OIDC_ROLES = roles_of_groups(text("OIDC_ROLES"))
"""Which group gives which role; of two groups the first one here counts."""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "staff",
                "name": OIDC_NAME,
                "client_id": text("OIDC_CLIENT"),
                "secret": text("OIDC_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = VAR / "static"
"""Where `serve` puts the files at its start, named by their content and compressed; not an operator's step."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "goodstanding.server.pages.statics.Statics"},
}
# What was not collected (tests, other servers) is served straight from the package.
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR / "evidence"
FACTS = Path(text("FACTS", str(VAR / "facts"))).absolute()
"""Where facts lie that come by HTTP; the nightly run reads them there unless told otherwise."""
EVIDENCE_STORE = text("EVIDENCE_STORE")
"""`s3://BUCKET/PREFIX?region=REGION`, or empty: evidence and mails lie under VAR/evidence."""
SCANNER = text("SCANNER")
"""`clamd:///PATH/TO/SOCKET` or `clamd://HOST:PORT`, with `?max=MEGABYTES` that it takes; empty: no file is scanned."""
PREVIEWS = VAR / "previews"
"""Where pictures and texts of evidence are kept that were made to be looked at; may be emptied at any time."""
EVIDENCE_MAX_BYTES = int(text("EVIDENCE_MAX_BYTES", str(10 * 1024 * 1024)))
"""Largest evidence file, in bytes."""
EVIDENCE_MAX_CASE_BYTES = int(text("EVIDENCE_MAX_CASE_BYTES", str(200 * 1024 * 1024)))
"""Bytes of evidence that one case may hold."""
EVIDENCE_MAX_PAGES = int(text("EVIDENCE_MAX_PAGES", "200"))
"""Pages of a PDF."""
EVIDENCE_MAX_PIXELS = int(text("EVIDENCE_MAX_PIXELS", "64000000"))
"""Pixels of a picture, width times height."""
EVIDENCE_MAX_UNPACKED_BYTES = int(text("EVIDENCE_MAX_UNPACKED_BYTES", str(100 * 1024 * 1024)))
"""Bytes of an Office file once it is unpacked."""
EVIDENCE_MAX_ENTRIES = int(text("EVIDENCE_MAX_ENTRIES", "2000"))
"""Files within an Office file."""
EVIDENCE_MAX_NESTED_MAILS = int(text("EVIDENCE_MAX_NESTED_MAILS", "5"))
"""Mails within a mail, one in the other."""
FILE_UPLOAD_HANDLERS = ["goodstanding.server.pages.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

MINUTELY = (
    "standing:read=60000 cases:read=3000 notices:read=3000 appeals:read=3000 appeals:write=600 evidence:write=120 facts:write=6000 rows=6000000"
)
API_QUOTAS = quotas(text("API_QUOTAS", MINUTELY))
"""What one key may ask of the API in a minute, by scope, and how many rows of facts; what is not named has no limit."""
WEBHOOKS_INSIDE = flag("WEBHOOKS_INSIDE", default=False)
"""Whether events may go to private addresses and by plain http; on only where the receiver stands in the same network."""

EMAIL_FILE_PATH = VAR / "mail"
SMTP_URL = text("SMTP")
"""`smtp://user:password@host:port`, `smtps://...`, or empty: mails are written as `.eml` files under VAR/mail."""
TELEPHONY = text("TELEPHONY")
"""`twilio://ACCOUNT_SID:AUTH_TOKEN@/?from=NUMBER&desk=NUMBER`, or empty: holders are called by hand from the call list."""
MAIL_FROM = text("MAIL_FROM", "Account standing <standing@marketplace.invalid>")
ENTRY_CODE_MINUTES = int(text("ENTRY_CODE_MINUTES", "10"))
"""How long a code works that is sent to who comes in by a letter's link."""
ENTRY_CODE_TRIES = int(text("ENTRY_CODE_TRIES", "5"))
"""After so many wrong tries a new code is needed."""
ENTRY_CODES_AN_HOUR = int(text("ENTRY_CODES_AN_HOUR", "5"))
ENTRY_CODES_A_DAY = int(text("ENTRY_CODES_A_DAY", "12"))
"""Codes that are sent for one account: at most 60 guesses a day, at one in a million each, by who has the link as well."""
REPLY_DOMAIN = text("REPLY_DOMAIN").lower()
"""The domain of the addresses that letters can be answered to; empty: letters bring none, and do not promise it."""
MAIL_LISTEN = text("MAIL_LISTEN")
"""`smtp://HOST:PORT` or `lmtp://HOST:PORT`: where `manage receive_mail` listens."""
MAIL_CERTIFICATE = text("MAIL_CERTIFICATE")
"""File with certificate and key for STARTTLS of that listener."""
IMAP_URL = text("IMAP")
"""`imaps://user:password@host:port/FOLDER`: a mailbox that `manage receive_mail` empties."""
MAIL_OWN_SERVER = text("MAIL_OWN_SERVER")
"""The name under which our own mail server writes Authentication-Results; empty: nobody's word about SPF is taken."""
MAIL_MAX_BYTES = int(text("MAIL_MAX_BYTES", str(25 * 1024 * 1024)))
"""Largest mail that is taken, in bytes."""

LIVE = text("LIVE")
"""Where browsers reach the live process: `:PORT` of the same host, `/live/` behind a proxy; empty: pages ask by themselves."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The form of the single sign-on is sent on to the provider, and browsers hold that against this list too.
        "form-action": [SELF, *([origin_of(OIDC_ISSUER)] if OIDC_ISSUER else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_TLS = flag("TLS", default=False)
"""Whether the pages are reached by https; turns on secure cookies, HSTS and the redirect."""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
PASSWORD_RESET_TIMEOUT = 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_HSTS_SECONDS = 31536000 if SECURE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{name: [] for name in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")},
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}

METRICS_TOKEN = text("METRICS_TOKEN")
"""The bearer token with which Prometheus reads `/metrics`; empty: there is no such page."""
READY_LATE_SECONDS = int(text("READY_LATE_SECONDS", "900"))
"""So many seconds behind with deadlines or messages, `/readyz` says 503."""
# A probe comes over plain HTTP from inside, whatever the pages are reached by.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]

LOG_FORMAT = text("LOG_FORMAT", "text")
"""`text` or `json`: one line a record either way."""
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured(f"GOODSTANDING_LOG_FORMAT is '{LOG_FORMAT}'; write text or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "goodstanding.server.probes.logs.Lines",
            "as_json": LOG_FORMAT == "json",
            "with_errors": flag("LOG_ERRORS", default=False),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    # Libraries below a warning tell addresses and bodies; the level that is set is ours alone.
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"level": "WARNING", "handlers": [], "propagate": True},
        "goodstanding": {"level": text("LOG_LEVEL", "WARNING")},
        "goodstanding.requests": {"level": "INFO" if flag("LOG_REQUESTS", default=False) else "WARNING"},
    },
}
