"""Every deployment choice of Resolves, read from the environment, top to bottom; a bad value stops the start.

| variable | meaning | without it |
|---|---|---|
| `RESOLVES_MODE` | `production`, `demo` or `test` | `production` with `SECRET_KEY`, `DATABASE_URL` or `ALLOWED_HOSTS` set, else `demo` |
| `RESOLVES_NOW` | pins the present moment (ISO 8601; UTC unless it says otherwise); demo and test only | the real clock |
| `RESOLVES_VAR` | folder for the database, mails, uploads and queue of one machine | `var/` |
| `SECRET_KEY` | Django's secret | needed in production; made and kept under `var/` in the demo |
| `SECRET_KEY_FALLBACKS` | earlier secrets, separated by spaces: what they signed still holds | none |
| `LOG_NAME` | name of the log of the record, in its signed heads | the host of `SITE_URL`, `/resolves` |
| `LOG_KEYS` | folder of the keys that sign the heads of the log | `keys/` under `var/` |
| `LOG_KEY` | secret key that signs the heads (`PRIVATE+KEY+…`), for several machines | made and kept in `LOG_KEYS` |
| `LOG_PUBLIC_KEY` | public key of `LOG_KEY`, for processes that are not given the secret | that of `LOG_KEY`, or kept in `LOG_KEYS` |
| `LOG_OLD_KEYS` | public keys that signed before, separated by spaces | those kept in `LOG_KEYS` |
| `LOG_HEADS` | folder that each signed head is written to: best on another machine | `heads/` under `var/` |
| `LOG_WITNESS_URL` | address of a witness (C2SP tlog-witness) that is shown each head | no witness |
| `LOG_WITNESS_KEY` | public key of the witness | its answers are kept unchecked |
| `ALLOWED_HOSTS` | host names, separated by commas | `localhost,127.0.0.1` outside production |
| `DATABASE_URL` | `postgres://…` or `sqlite:///…` | SQLite under `var/` |
| `HUEY_URL` | `postgresql://…`, `redis://…` or `sqlite:///…` | SQLite under `var/`, in a file of its own |
| `EMAIL_URL` | `smtp://user:secret@host:port`, `smtps://…`, `smtp+tls://…` or `file:///folder` | mails into `var/mail/` in the demo |
| `EMAIL_FROM` | sender of every mail | `resolves@localhost` |
| `MAIL_LEASE_SECONDS` | how long a worker may hold a mail before another takes it up | `300` |
| `BEHIND_PROXY` | `1` behind a proxy that ends HTTPS and sets `X-Forwarded-Proto` and `X-Forwarded-For` | such headers are not believed |
| `SITE_URL` | address used in mails; with `https://` cookies and pages go over HTTPS alone | `http://localhost:8000` |
| `LOG_LEVEL` | Python's level names | `INFO` |
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
import viewflow
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _
from huey.serializer import SignedSerializer

from config import sqlite

BASE_DIR = Path(__file__).resolve().parent.parent

# Whoever sets one of these means to serve people; a bare checkout is somebody trying it out on their own machine.
_serves_people = any(os.environ.get(name) for name in ("SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS"))
MODE = os.environ.get("RESOLVES_MODE") or ("production" if _serves_people else "demo")
if MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"RESOLVES_MODE is {MODE!r}: use production, demo or test.")
DEMO = MODE == "demo"
TESTING = MODE == "test"
DEBUG = False

VAR_DIR = Path(os.environ.get("RESOLVES_VAR", BASE_DIR / "var")).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

# The clock: `tracker.clock` reads these two and nothing else.
CLOCK_FILE = VAR_DIR / "clock.json"
RESOLVES_NOW = os.environ.get("RESOLVES_NOW", "")
if RESOLVES_NOW and MODE == "production":
    raise ImproperlyConfigured("RESOLVES_NOW pins the clock and is for the demo and the tests only: unset it.")
if not RESOLVES_NOW and DEMO and CLOCK_FILE.exists():  # a command typed beside a running demo lives on the demo's day
    RESOLVES_NOW = json.loads(CLOCK_FILE.read_text() or "{}").get("pin", "")


def _secret_key() -> str:
    if key := os.environ.get("SECRET_KEY"):
        return key
    if MODE == "production":
        raise ImproperlyConfigured("SECRET_KEY is not set: give a long random text and keep it secret.")
    kept = VAR_DIR / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(get_random_secret_key())
    return kept.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
_hosts = os.environ.get("ALLOWED_HOSTS", "" if MODE == "production" else "localhost,127.0.0.1,[::1],testserver")
ALLOWED_HOSTS = [host.strip() for host in _hosts.split(",") if host.strip()]
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the hosts that this site answers to.")
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000").rstrip("/")
SECURE = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE else []

INSTALLED_APPS = [
    "tracker",
    "workflows",
    "api",
    "viewflow.workflow",  # the engine only: its pages are 49 MB of assets that a strict CSP forbids
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "huey.contrib.djhuey",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tracker.middleware.RecordContextMiddleware",
    "tracker.middleware.UnsentMiddleware",
]
VIEWFLOW = {"AUTOREGISTER": False}

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", Path(viewflow.__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tracker.context.page",
            ],
            "builtins": ["tracker.templatetags.writers"],  # its csrf_token takes the place of Django's
        },
    },
]

# SQLite: IMMEDIATE takes the write lock at BEGIN, so that two writers queue up instead of failing; FULL survives a power
# cut; recursive_triggers closes INSERT OR REPLACE, which would go past the append-only triggers.
_SQLITE_OPTIONS = {
    "factory": sqlite.Connection,
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON;",
}
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'resolves.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Compiling the questions of a list takes PostgreSQL a second or more and saves milliseconds. `?options=` in the
    # address comes after it and wins.
    _own = DATABASES["default"].setdefault("OPTIONS", {})
    _own["options"] = " ".join(filter(None, ["-c jit=off", _own.get("options")]))
else:
    raise ImproperlyConfigured("DATABASE_URL: Resolves runs on PostgreSQL and SQLite.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tracker.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_FAILURE_VIEW = "tracker.views.unsent.stale"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = SECURE and MODE == "production"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("ar", _("Arabic")),
    ("zh-hans", _("Chinese")),
    ("en", _("English")),
    ("fr", _("French")),
    ("ru", _("Russian")),
    ("es", _("Spanish")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-build"
MEDIA_ROOT = VAR_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_LIMIT = 20 * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING

# The log of the record: what signs its heads, and where they go. `tracker.keys` and `tracker.log` read these.
LOG_NAME = os.environ.get("LOG_NAME", "")
LOG_KEYS = Path(os.environ.get("LOG_KEYS") or VAR_DIR / "keys")
LOG_KEY = os.environ.get("LOG_KEY", "")
LOG_PUBLIC_KEY = os.environ.get("LOG_PUBLIC_KEY", "")
LOG_OLD_KEYS = os.environ.get("LOG_OLD_KEYS", "")
LOG_HEADS = Path(os.environ.get("LOG_HEADS") or VAR_DIR / "heads")
LOG_WITNESS_URL = os.environ.get("LOG_WITNESS_URL", "")
LOG_WITNESS_KEY = os.environ.get("LOG_WITNESS_KEY", "")

# Mail. `workflows.notices` is the only sender.
_mail = urlsplit(os.environ.get("EMAIL_URL") or f"file://{VAR_DIR / 'mail'}")
EMAIL_TIMEOUT = 20
if _mail.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = unquote(_mail.path)
elif _mail.scheme in {"smtp", "smtps", "smtp+tls"} and _mail.hostname:
    EMAIL_BACKEND = "workflows.notices.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[_mail.scheme]
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    raise ImproperlyConfigured(f"EMAIL_URL has the scheme {_mail.scheme!r}: use smtp, smtps, smtp+tls or file.")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "resolves@localhost")
# How long a worker may hold a mail: longer than the server may take over all its answers, each within EMAIL_TIMEOUT.
MAIL_LEASE = timedelta(seconds=float(os.environ.get("MAIL_LEASE_SECONDS", "300")))


# huey only wakes the worker; the database decides what is due. Its messages are pickles: they are signed, and SQLite
# keeps them in a file of its own (a queue inside Django's own file would lock itself out within a transaction).
def _huey() -> dict[str, object]:
    url = os.environ.get("HUEY_URL") or f"sqlite:///{VAR_DIR / 'queue.sqlite3'}"
    scheme = urlsplit(url).scheme
    common: dict[str, object] = {
        "name": "resolves",
        "immediate": False,
        "results": False,  # nobody reads them, and nobody would tidy them away
        "utc": True,
        "serializer": SignedSerializer(secret=SECRET_KEY, salt="resolves-queue"),
        "consumer": {"workers": 1, "worker_type": "thread", "initial_delay": 0.1, "max_delay": 1, "backoff": 1.15},
    }
    if scheme in {"postgres", "postgresql"}:
        return {"huey_class": "config.queue.PostgresHuey", "dsn": url, **common}
    if scheme in {"redis", "rediss"}:
        return {"huey_class": "huey.RedisHuey", "url": url, **common}
    if scheme == "sqlite":
        return {"huey_class": "huey.SqliteHuey", "filename": url.removeprefix("sqlite:///"), **common}
    raise ImproperlyConfigured(f"HUEY_URL has the scheme {scheme!r}: use postgresql, redis or sqlite.")


HUEY = _huey()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.BoundedJSON", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.answer",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_RATES": {"token": "20/min"},
    "NUM_PROXIES": 1 if os.environ.get("BEHIND_PROXY") else 0,  # else anybody could say to be another address each time
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Resolves",
    "DESCRIPTION": "What a governing body resolved, and what became of it.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PrecisionEnum": "tracker.models.Precision",
        "StatusEnum": "workflows.machines.Status",
        "KindEnum": "tracker.models.Obligation.Kind",
        "StateEnum": "tracker.models.State",
        "NoticeStateEnum": "tracker.models.Notice.State",
        "MailStateEnum": "tracker.models.Message.State",
        "PolicyStateEnum": "tracker.models.ReminderPolicy.State",
        "RungAnchorEnum": "tracker.ladders.ANCHORS",
        "RungAudienceEnum": "tracker.ladders.AUDIENCES",
        "AudienceEnum": "tracker.models.Notice.Audience",
    },
}

# Django's own handlers (a second console, a mail to administrators) and those of the web server write lines of their own, so
# all that may name an address goes out by ours, which mask what opens something by itself.
_ours = {"handlers": ["stderr"], "propagate": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.masking.Masked", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "access": {"()": "config.masking.Masked", "format": "{message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"},
        "access": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "access"},
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": _ours,
        "granian.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        "huey": _ours,  # its consumer would add a second handler
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
