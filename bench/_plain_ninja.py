# ruff: noqa: E402 - the tables must be ready first
"""The peer of single events: a plain django-ninja view that stores one event a request."""

from __future__ import annotations

import os
from datetime import UTC, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "valence.settings"

from django.conf import settings
from django.core.asgi import get_asgi_application

application = get_asgi_application()
settings.ROOT_URLCONF = __name__

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema

from valence.interactions.models import InboxRow

api = NinjaAPI(docs_url=None, openapi_url=None, urls_namespace="peer")


class Event(Schema):
    interaction_id: str
    source: str
    customer_id: str
    occurred_at: datetime
    kind: str
    department: str = ""
    facts: str = ""
    wait_minutes: float | None = None


@api.post("/interactions", response={202: dict[str, str]})
def store(request: HttpRequest, event: Event) -> tuple[int, dict[str, str]]:
    InboxRow.objects.create(
        customer_key=hash(event.customer_id), received_at=datetime.now(UTC), payload=event.model_dump_json().encode()
    )
    return 202, {"verdict": "created"}


urlpatterns = [path("api/v1/", api.urls)]
