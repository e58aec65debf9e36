"""GET /healthz: 200 as soon as requests can be answered; what is wrong is named."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from valence.flows.run import health


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer `told`."""
    return told()


def told() -> HttpResponse:
    """Return `{"status": "ok" | "degraded" | "starting", "why": [...]}`; 503 while not ready."""
    found = health.check(now=datetime.now(UTC))
    status = "starting" if not found.ready else "degraded" if found.degraded else "ok"
    answer = {"status": status, "degraded": bool(found.degraded), "why": list(found.degraded)}
    return JsonResponse(answer, status=200 if found.ready else 503, headers={"cache-control": "no-store"})
