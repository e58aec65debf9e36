"""What is shown when a page cannot be: what failed, that nothing is lost, what to do."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from valence.flows.run import failures
from valence.people import sessions
from valence.web import parts, view

JSON_PATHS = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request was not understood."""
    return _said(request, 400, "This request was not understood", "Nothing was changed. Go back and try again.")


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request was refused."""
    words = "Nothing was changed. The page may have been open too long: go back, load it again, and try once more."
    return _said(request, 403, "This was refused", words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here; the same words whether it does not exist or may not be seen."""
    words = "There is no such page, or what it shows is not in your regions. Search by a name or an id."
    return _said(request, 404, "Nothing here", words)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that something failed, with the reference under which the log tells why."""
    reference = getattr(request, "failure_reference", "")
    words = "Nothing is lost. Try again"
    words += f"; if it happens again, give your administrator the reference {reference}." if reference else "."
    return _said(request, 500, "This page could not be made", words)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was refused because it did not come from our page, or the page was too old."""
    return not_allowed(request, PermissionError(reason))


@receiver(got_request_exception, dispatch_uid="note a failure")
def note_failure(request: HttpRequest | None = None, **of_signal: object) -> None:
    """Write down an unexpected failure, and keep its reference for the page that tells of it.

    Django says so just before it asks for that page, wherever the failure came from: a view, a template, the session.
    """
    problem = sys.exc_info()[1]
    if request is None or problem is None:
        return
    match = request.resolver_match
    name = f"page {match.view_name if match else 'unknown'}"
    reference = failures.record(home=settings.HOME, name=name, problem=problem, now=timezone.now())
    request.failure_reference = reference  # type: ignore[attr-defined]


def _said(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    if request.path.startswith(JSON_PATHS):
        return JsonResponse({"error": title, "detail": words}, status=status)
    state = parts.State(icon="warning", title=title, words=words, href="/", action="Go to Today")
    try:
        signed_in = sessions.signed_in(request)
    except Exception:  # the store itself may be what failed: the plain page needs nothing
        signed_in = None
    if signed_in is None or status == 500:
        return render(request, "valence/plain.html", {"page": state}, status=status)
    asked = view.understand(request, section="", person=signed_in[0], own=signed_in[1], now=timezone.now())
    return view.render(asked, "valence/state.html", page=state, title=title, status=status)
