# ruff: noqa: E402 - the tables must be ready first
"""The peer of answers: a plain Django view that stores one row for each form."""

from __future__ import annotations

import os
from datetime import UTC, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "valence.settings"

from django.conf import settings
from django.core.asgi import get_asgi_application

application = get_asgi_application()
settings.ROOT_URLCONF = __name__

import json

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from valence.interactions.models import InboxRow


@csrf_exempt
def store(request: HttpRequest) -> HttpResponse:
    """Store what a form says, and say thank you."""
    said = json.dumps(dict(request.POST.lists())).encode()
    InboxRow.objects.create(customer_key=1, received_at=datetime.now(UTC), payload=said)
    return HttpResponse("<!doctype html><title>Thank you</title><p>Thank you.</p>")


urlpatterns = [path("form/", store)]
