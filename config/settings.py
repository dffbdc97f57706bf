"""All settings, in one file. Each value says where it comes from; secrets never have a default."""

import os

from config import readers

DEBUG = readers.flag("DEBUG", False)
SECRET_KEY = readers.text("SECRET_KEY")
FIELD_ENCRYPTION_KEY = readers.listing("FIELD_ENCRYPTION_KEY", readers.text("FIELD_ENCRYPTION_KEY"))
KEY_PEPPER = readers.text("KEY_PEPPER")

DATA_DIR = readers.DATA_DIR
ALLOWED_HOSTS = readers.listing("ALLOWED_HOSTS", "*" if "KUBERNETES_SERVICE_HOST" not in os.environ else "")
TRUSTED_PROXIES = readers.listing("TRUSTED_PROXIES", "unix")
BASE_URL = readers.text("BASE_URL", f"http://127.0.0.1:{readers.number('PORT', 8000)}")
DEMO_RATE_LIMIT = readers.number("DEMO_RATE_LIMIT", 100, least=1)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.doors",
    "apps.tenants",
    "apps.vault",
    "apps.audit",
    "apps.events",
    "apps.accounts",
    "apps.keys",
    "apps.idempotency",
    "apps.members",
    "apps.care_context",
    "apps.care_sessions",
    "apps.notes",
    "apps.crisis",
    "apps.assessments",
    "apps.intelligence",
    "apps.handoffs",
    "apps.onboarding",
    "apps.portal",
    "apps.api_vendor",
    "apps.demo",
    "apps.stack",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "apps.doors.tracing.TracingMiddleware",
    # What follows is for browsers; the wire contracts turn off here.
    "apps.doors.lanes.ApiLane",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.doors.privacy.PrivacyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.accounts.sign_in.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
# The front door writes this header itself, over whatever a client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [readers.ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.navigation.for_page",
            ],
            "builtins": ["django.templatetags.static", "apps.portal.templatetags.portal"],
        },
    }
]

_app = readers.database("DATABASE_URL")
_owner = readers.database("OWNER_DATABASE_URL", readers.text("DATABASE_URL"))
_connection = {
    "CONN_MAX_AGE": None,
    "DISABLE_SERVER_SIDE_CURSORS": True,
    "TEST": {"MIGRATE": False},
}
# Prepared statements on the hot paths; a PgBouncer older than 1.21 needs 0.
DATABASE_PREPARE = readers.flag("DATABASE_PREPARE", True)
_options: dict[str, object] = {"connect_timeout": "3", "application_name": "throughline"}
if DATABASE_PREPARE:
    # Django turns preparing off altogether. No count is ever reached: only what asks to be prepared is.
    _options["prepare_threshold"] = 2**31
DATABASES = {
    "default": {**_app, **_connection, "OPTIONS": {**_options, **_app["OPTIONS"]}},  # type: ignore[dict-item]
    "owner": {**_owner, **_connection, "OPTIONS": {**_options, **_owner["OPTIONS"]}},  # type: ignore[dict-item]
}
APP_ROLE = readers.text("APP_ROLE", str(_app["USER"]))

VALKEY_URL = readers.text("VALKEY_URL")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [readers.ROOT / "static"]
STATIC_ROOT = DATA_DIR / "static"

# Of a body at an API.
MAX_BODY_BYTES = 1024 * 1024
# Of a form: a note of four full sections in a script of four bytes a character takes 1.6 MB, sent as it is (multipart);
# the front door lets 2 MB through.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_900_000
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

AUTHENTICATION_BACKENDS = ["apps.accounts.sign_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# Off only for trying things out: `manage.py up` says so for the demo.
REQUIRE_MFA = readers.flag("REQUIRE_MFA", True)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:enter"
ACCOUNT_ADAPTER = "apps.accounts.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_DISPLAY = "apps.accounts.sign_in.display_name"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BASE_URL.startswith("https:") else "http"
MFA_ADAPTER = "apps.accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A passkey is the second factor, never the only one: before the password no account is open to look one up in.
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Throughline"
# Browsers offer passkeys on plain http for localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http:")
USERSESSIONS_TRACK_ACTIVITY = False
MAILERS = {"default": {"BACKEND": readers.text("EMAIL_BACKEND", "apps.doors.printed_mail.EmailBackend")}}
DEFAULT_FROM_EMAIL = readers.text("DEFAULT_FROM_EMAIL", "Throughline <no-reply@throughline.example.org>")

SESSION_COOKIE_NAME = "throughline_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https:")
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Minutes without a sign of the person after which their page is locked.
IDLE_LOCK_SECONDS = readers.number("IDLE_LOCK_SECONDS", 15 * 60, least=60)
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "apps.portal.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = readers.listing("CSRF_TRUSTED_ORIGINS")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": VALKEY_URL}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.refuse.NoAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["config.refuse.NoPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}

CELERY_BROKER_URL = (
    VALKEY_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if VALKEY_URL.startswith("unix://")
    else VALKEY_URL
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "seal-audit": {"task": "audit.seal", "schedule": 60.0},
    "flush-key-usage": {"task": "keys.flush_usage", "schedule": 30.0},
    "escalate-crisis-flags": {"task": "crisis.escalate", "schedule": 30.0},
    "expire-handoffs": {"task": "handoffs.expire", "schedule": 60.0},
    "refresh-intelligence": {"task": "intelligence.refresh", "schedule": 15.0},
    "prepare-partitions": {"task": "events.prepare_partitions", "schedule": 43200.0},
    "forget-idempotent-answers": {"task": "idempotency.forget", "schedule": 3600.0},
    "forget-drafts-of-notes": {"task": "notes.forget_drafts", "schedule": 3600.0},
    "fold-member-tally": {"task": "members.fold_tally", "schedule": 60.0},
    "heartbeat": {"task": "stack.heartbeat", "schedule": 10.0},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": readers.text("LOG_LEVEL", "INFO")},
    # Django's own request log would print tracebacks with values; apps.doors.tracing logs each request instead.
    "loggers": {"django.request": {"level": "CRITICAL"}, "django.security": {"level": "ERROR"}},
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline Vendor API",
    "VERSION": "2.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["apps.api_vendor.openapi.add_components"],
    "SCHEMA_PATH_PREFIX": "/api/v2",
}
