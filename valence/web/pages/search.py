"""Search: customers by name or id, interactions by their id; only what one may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from valence.customers import queries as customers
from valence.insights import say
from valence.web import parts, view

MOST = 30
LONGEST = 200


@dataclass(frozen=True)
class SearchPage:
    """What was found. `complete` is False where there may be more than the rows shown."""

    words: str
    found: tuple[customers.Found, ...]
    complete: bool
    state: parts.State | None


@view.page(section="search")
def search(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Find customers by every word of a name, an e-mail, a phone number or an id."""
    words = asked.query.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = tuple(customers.search(scope=asked.scope, words=words, limit=MOST)) if words else ()
    page = SearchPage(words=words, found=found, complete=len(found) < MOST, state=_state(words, found))
    said = f"{say.many(len(found), 'customer')} found" if words else ""
    return view.render(asked, "valence/search.html", page=page, title="Search", announce=said)


def _state(words: str, found: tuple[customers.Found, ...]) -> parts.State | None:
    if not words:
        why = "Type a name, the company's own id, an e-mail or a phone number; whole words, in any order."
        return parts.State("search", "Whom are you looking for?", why)
    if not found:
        why = "Whole words are compared, not parts of them; and only customers of your regions are searched."
        return parts.State("search", f"Nobody is called “{words}”", why)
    return None
