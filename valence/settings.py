"""Settings. What an operator may set comes from the environment; docs/settings.md lists it."""

from __future__ import annotations

import os
from pathlib import Path

from valence import database, organisation
from valence.home import Home

HOME = Home.from_environment()
ORGANISATION = organisation.of(folder=HOME.folder)
# The country (two letters) of phone numbers that are written without the prefix of theirs.
COUNTRY = os.environ.get("VALENCE_COUNTRY", "")
# When people are there to take cases; clocks of cases run only then.
HOURS = os.environ.get("VALENCE_HOURS") or "mon-fri 09:00-18:00"
# Hosts inside the house that webhooks may reach all the same, also without TLS; all others inside are refused.
WEBHOOK_HOSTS = tuple(filter(None, os.environ.get("VALENCE_WEBHOOK_HOSTS", "").lower().split(",")))
# Pages of which tools may show a customer's card in a frame, as origins with spaces between. Unset: none.
FRAME_ANCESTORS = os.environ.get("VALENCE_FRAME_ANCESTORS", "").split()
# From which confidence on (0 to 1) two ids are joined without asking anybody. Unset: a person decides.
MERGE_ABOVE = float(os.environ["VALENCE_MERGE_ABOVE"]) if os.environ.get("VALENCE_MERGE_ABOVE") else None
# The mean score of a month from which on a bonus is paid, by scale: "csat=4.5,nps=9".
BONUS_TARGETS = dict(one.split("=", 1) for one in os.environ.get("VALENCE_BONUS_TARGETS", "").split(",") if "=" in one)
# Where mails and text messages are handed over. Unset: they become files in the data folder.
EMAIL_URL = os.environ.get("EMAIL_URL", "")
EMAIL_FROM = os.environ.get("EMAIL_FROM", "")
SMS_URL = os.environ.get("SMS_URL", "")
SMS_FROM = os.environ.get("SMS_FROM", "")
# The folder of a speech model (unset: the packages of the extra `voice`); days until unheard recordings are deleted.
VOICE_MODEL = os.environ.get("VALENCE_VOICE_MODEL", "")
RECORDING_DAYS = int(os.environ.get("VALENCE_RECORDING_DAYS") or 7)
# How old sums over very many rows may be on a page, in minutes; 0: each page counts anew.
SUM_MINUTES = float(os.environ.get("VALENCE_SUM_MINUTES") or 15)
# A language model that words digests: any OpenAI-compatible address, up to and with /v1. Unset: none is asked.
LLM_URL = os.environ.get("VALENCE_LLM_URL", "")
LLM_MODEL = os.environ.get("VALENCE_LLM_MODEL", "")
LLM_KEY = os.environ.get("VALENCE_LLM_KEY", "")
# How texts are read as they arrive: fast, precise (slower, wants the extra of that name) or off.
READING = os.environ.get("VALENCE_READING") or "fast"
SECRET_KEY = HOME.secret("session")
DEBUG = False
ALLOWED_HOSTS = organisation.hosts(address=ORGANISATION.address)
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("VALENCE_ORIGINS", "").split(",") if origin]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "valence",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "valence.web.security.security_headers",
    "valence.web.manner.of_the_organisation",
    "valence.web.streaming.StaticFiles",
    "valence.web.streaming.stream_in_threads",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
AUTH_USER_MODEL = "valence.Person"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ROOT_URLCONF = "valence.urls"
ASGI_APPLICATION = "valence.asgi.application"
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "signin"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["valence.web.templatetags.valence", "valence.web.templatetags.charts"],
        },
    }
]
DATABASES = {"default": database.setting(url=os.environ.get("DATABASE_URL", ""), file=HOME.database)}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "thinking"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).parent / "web" / "static"]
WHITENOISE_USE_FINDERS = True
# Addresses of built files change with their content, so a browser may keep them.
WHITENOISE_MAX_AGE = 365 * 24 * 3600
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "valence.channels.dates"
SESSION_COOKIE_HTTPONLY = True
# Where people reach the pages over TLS, a cookie never travels without it, and browsers remember that for a month.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ORGANISATION.is_secure
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if ORGANISATION.is_secure else 0
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "valence.web.pages.start.errors.csrf_failed"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
FILE_UPLOAD_TEMP_DIR = HOME.folder / "uploads"
