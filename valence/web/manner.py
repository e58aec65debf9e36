"""How pages speak: money and times as the organisation does, and how old their sums are."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from valence import organisation, sums
from valence.insights import say


def of_the_organisation(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that takes up currency and time zone before a page is made, and forgets other pages' sums."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sums.begin()
        known = organisation.of(folder=settings.HOME.folder)
        say.adopt(currency=known.currency, zone=known.zone)
        timezone.activate(known.zone)
        return get_response(request)

    return middleware
