"""Django's settings of processes with pages: what all have, and accounts, sign-in, sessions and templates.

``sallyport web`` runs with these, and the commands that make tables or accounts. A relay loads none of it.
"""

from __future__ import annotations

import secrets
from typing import Any

from config import django as core
from config.django import *  # noqa: F403 - all that processes without pages have
from config.secret_key import keys_in
from config.settings import any_settings

SETTINGS = core.SETTINGS
_CONSOLE, _SIGN_IN, _WEB = SETTINGS.console, SETTINGS.sign_in, SETTINGS.web
TLS = _WEB.tls_certificate is not None or bool(_WEB.proxies)
"""Whether people come by TLS, ours or a proxy's. Without it ``sallyport web`` listens on this machine alone."""

_KEYS = keys_in(SETTINGS.at_home(_CONSOLE.secret_key)) if any_settings() else (secrets.token_urlsafe(64),)
SECRET_KEY, *SECRET_KEY_FALLBACKS = _KEYS

INSTALLED_APPS = [
    *core.INSTALLED_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "govuk_frontend_django",
    "web.pages.apps.PagesConfig",
    "web.accounts.apps.AccountsConfig",
    "web.console.apps.ConsoleConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "web.timed.Timed",
    "web.doors.Doors",  # the API's gate for the API; for pages, whether the caller came by TLS
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.accounts.sessions.ShortSessions",
    "web.accounts.second_factor.SecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
SALLYPORT_DESK = "cli.desk.Desk"
"""Who answers ``web.console.desk.Desk``: pages and gateway import no line of each other."""
ROOT_URLCONF = "web.urls"
ALLOWED_HOSTS = list(_WEB.hosts)
CSRF_TRUSTED_ORIGINS = [_CONSOLE.url] if _CONSOLE.url else []
DATA_UPLOAD_MAX_MEMORY_SIZE = _WEB.max_body
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
"""A file that is handed in (a key) is never on this machine's disk; a large one is left out."""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "web.pages.context.service",
                "web.console.context.frame",
            ]
        },
    }
]
FORM_RENDERER = "web.pages.forms.Renderer"
SALLYPORT_COUNCIL_ID = SETTINGS.sandbox.council_id
"""How a council ID looks, for who types a new one."""
SALLYPORT_OUTSIDE = "cli.beside.Beside"
"""Who answers ``web.console.outside.Outside``: pages and gateway import no line of each other."""
SALLYPORT_SEARCH = "cli.breach_parts.build"
"""Who gives the breach team's pages what a search takes (``web/console/breach/parts.py``)."""
LANGUAGE_CODE = "en-gb"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from where they lie: nothing to collect
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Who somebody is. Accounts are made by `sallyport account add`; nobody registers themselves.
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
]
PASSWORD_RESET_TIMEOUT = _SIGN_IN.invitation_hours * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "web.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever makes the account vouches for the address
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(_CONSOLE.sudo.total_seconds())
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_FORMS = {
    "login": "web.accounts.forms.SignInForm",
    "reauthenticate": "web.accounts.forms.PasswordAgainForm",
    "change_password": "web.accounts.forms.ChangePasswordForm",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if TLS else "http"
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "web.accounts.adapters.FactorAdapter"
MFA_PASSKEY_LOGIN_ENABLED = _SIGN_IN.passwords  # a passkey of ours would outlast the council's own account
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = f"{SETTINGS.service.name} (Sallyport)"
MFA_FORMS = {
    "authenticate": "web.accounts.forms.CodeForm",
    "reauthenticate": "web.accounts.forms.CodeAgainForm",
    "activate_totp": "web.accounts.forms.FirstCodeForm",
    "add_webauthn": "web.accounts.forms.PasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "web.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "council",
                "name": _SIGN_IN.oidc_name,
                "client_id": _SIGN_IN.oidc_client_id,
                "secret": _SIGN_IN.oidc_client_secret.get_secret_value(),
                "settings": {"server_url": _SIGN_IN.oidc_issuer},
            }
        ]
        if _SIGN_IN.oidc_issuer
        else [],
    }
}
CACHES = {"default": {"BACKEND": "web.accounts.shared_cache.SharedCache"}}
"""Shared by all processes: tries at second factors are counted in it."""
AXES_FAILURE_LIMIT = _SIGN_IN.failures
AXES_COOLOFF_TIME = _SIGN_IN.lock_minutes / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "web.accounts.guessing.whose"
AXES_CLIENT_IP_CALLABLE = "web.accounts.guessing.where_from"
AXES_LOCKOUT_CALLABLE = "web.accounts.guessing.locked"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "email", "login", "password"]

# How long somebody is signed in, and what a browser may do.
_PREFIX = "__Host-" if TLS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sallyport"
SESSION_COOKIE_AGE = int(_CONSOLE.idle.total_seconds())
SESSION_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the provider's answer comes from its site
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_PREFIX}sallyport-csrf"
CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "web.pages.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = ["^api/"]  # the API says itself that it wants TLS
SECURE_PROXY_SSL_HEADER = (
    "SALLYPORT_TLS",
    "https",
)  # no header; web.doors says so for a known proxy
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_REFERRER_POLICY = "same-origin"  # CSRF's check needs the referrer on our own pages
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading is for a whole registered domain: the council's to decide
_PROVIDER = ["/".join(_SIGN_IN.oidc_issuer.split("/")[:3])] if _SIGN_IN.oidc_issuer else []
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/api/",),  # the API sets its own
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *_PROVIDER],  # after the button, the browser is sent on to the provider
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}
LOGGING_CONFIG = None  # gateway.logs sets them up
