"""A form is done once: sent again unchanged, by a double click, a reload or after going back, it does nothing more.

What is sent again is known by Django's own token, which is another one each time a page is made, and by what was filled
in: the same form from the same page with the same words. Whoever changes a word, or opens the page anew, means it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

KEPT = "forms_done"
MOST = 30
WHILE = 600  # seconds that a form may be at work before it may come again
WORDS = "This was sent already and is done once. To do it again, use the page as it stands now."


def once(request: HttpRequest, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return what `act` gives; for a form that was done already, the way to where it led then.

    Only what led somewhere was done: a form that was answered with a problem may come again as it is. Two at the same
    moment: the second one waits for nobody, and is sent to the page that it came from.
    """
    name = _name(request)
    if not name:
        return act()
    done: dict[str, str] = request.session.get(KEPT, {})
    if name in done or not cache.add(name, True, WHILE):
        messages.info(request, WORDS)
        return HttpResponseRedirect(done.get(name, _back(request)))
    answer: HttpResponseBase | None = None
    try:
        answer = act()
    finally:
        if answer is None or answer.status_code != HttpResponseRedirect.status_code:
            cache.delete(name)
    if answer.status_code == HttpResponseRedirect.status_code:
        kept = {**request.session.get(KEPT, {}), name: answer["Location"]}
        request.session[KEPT] = dict(list(kept.items())[-MOST:])
    return answer


def _back(request: HttpRequest) -> str:
    """Return the page that a form was on."""
    came = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", came.path, came.query, "")) if came.netloc == request.get_host() else reverse("today")


def _name(request: HttpRequest) -> str:
    """Return a name for exactly this form of exactly this page; "" for what is no such form."""
    token = request.POST.get("csrfmiddlewaretoken", "") if request.method == "POST" else ""
    if not token or not {"HX-Request", "X-Requested-With"}.isdisjoint(request.headers):
        return ""  # a script sends the same words again and means it
    files = [(name, file.name, file.size) for name, each in request.FILES.lists() for file in each]
    said = (request.session.session_key, request.get_full_path(), sorted(request.POST.lists()), files)
    return hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()
