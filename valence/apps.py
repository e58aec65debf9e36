"""The one Django app."""

from django.apps import AppConfig


class ValenceConfig(AppConfig):
    """Valence as a Django app: one, so that no table is pinned in place."""

    name = "valence"
    default_auto_field = "django.db.models.BigAutoField"
