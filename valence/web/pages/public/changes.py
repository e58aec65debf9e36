"""What customers said and what was changed: a page for everybody. Nothing personal is on it, none is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import formats, translation
from django.views.decorators.http import require_safe

from valence.cases import changed, initiatives
from valence.flows.ask import spoken
from valence.insights import say
from valence.surveys import page_words
from valence.web.pages.public import survey

MINUTES = 5
HEADINGS = {
    "en": ("You said, we did", "You said", "We did", "What we changed because customers told us."),
    "de": ("Sie sagten, wir taten", "Sie sagten", "Wir taten", "Was wir geändert haben, weil Kunden es uns sagten."),
    "es": ("Usted dijo, nosotros hicimos", "Nos dijeron", "Hicimos", "Lo que cambiamos porque nos lo dijeron."),
    "fr": ("Vous avez dit, nous avons fait", "Vous avez dit", "Nous avons fait", "Ce que nous avons changé."),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change: what customers said, what was done, and when. `language`: of what was done."""

    title: str
    said: str
    did: str
    language: str
    when: str


@dataclass(frozen=True)
class ChangesPage:
    """Every change that is published, in the reader's language where it is written in it."""

    language: str
    direction: str
    company: str
    title: str
    lead: str
    said: str
    did: str
    changes: tuple[Change, ...]
    look: survey.Look


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Show what was changed; there is no such page while nothing is published."""
    found = initiatives.published()
    if not found:
        raise Http404
    language = survey.wished(request).partition("-")[0]
    language = language if language in HEADINGS else "en"
    title, said, did, lead = HEADINGS[language]
    page = ChangesPage(
        language=language,
        direction=page_words.direction(language=language),
        company=spoken.company(),
        title=title,
        lead=lead,
        said=said,
        did=did,
        changes=tuple(_change(one, language) for one in found),
        look=survey.look(None),
    )
    response = survey.rendered("survey/changes.html", page, page.look, 200)
    response["Cache-Control"] = f"public, max-age={MINUTES * 60}"
    response["Vary"] = "Accept-Language"
    del response["X-Robots-Tag"]
    return response


def _change(one: changed.Initiative, language: str) -> Change:
    spoken_in, text = changed.spoken(change=one.change, wanted=language)
    return Change(title=one.title, said=one.words, did=text, language=spoken_in, when=_when(one.done_at, language))


def _when(at: datetime | None, language: str) -> str:
    if at is None:
        return ""
    with translation.override(language):
        return str(formats.date_format(say.local(at), "YEAR_MONTH_FORMAT"))
