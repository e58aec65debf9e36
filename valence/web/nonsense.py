"""What an address may say that no database takes: it counts as not said, or as nothing that is there."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, QueryDict

MOST_KEY = (1 << 63) - 1
NUL = "\0"


def take_out(*, request: HttpRequest, names: Mapping[str, object]) -> None:
    """Leave values with a NUL out of what is asked. Raises Http404 where a number is larger than any key."""
    if any(isinstance(value, int) and value > MOST_KEY for value in names.values()):
        raise Http404
    if any(NUL in value for _, values in request.GET.lists() for value in values):
        kept = QueryDict(mutable=True)
        for name, values in request.GET.lists():
            kept.setlist(name, [value for value in values if NUL not in value])
        request.GET = QueryDict(kept.urlencode())
