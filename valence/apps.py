"""The one Django app."""

from django.apps import AppConfig


class ValenceConfig(AppConfig):
    """Valence as a Django app: one, so that no table is pinned in place."""

    name = "valence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say money and times as the organisation does, also in commands."""
        from django.conf import settings

        from valence.insights import say

        say.adopt(currency=settings.ORGANISATION.currency, zone=settings.ORGANISATION.zone)
