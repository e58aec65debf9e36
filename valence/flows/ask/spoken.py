"""In which language somebody is asked, why, and under which address our pages are reached from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import formats, translation

from valence import organisation
from valence.surveys import page_words
from valence.surveys.survey import Survey
from valence.surveys.values import Invitation

KINDS_TOLD = ("visit", "contact", "bill", "order", "outage", "message", "renewal")
SERVED_AT = ".served_at"
NOWHERE = "http://localhost:8000"


def language(*, survey: Survey, wanted: Sequence[str]) -> str:
    """Return the first of the wanted languages that a survey speaks, or whose base it does; else its first."""
    tags = [tag for one in wanted for tag in (one, one.split("-")[0])]
    return next((tag for tag in tags if tag in survey.languages), survey.languages[0])


def why_asked(*, invitation: Invitation, language: str) -> str:
    """Say what made us ask, where it was something that happened; else ""."""
    at = invitation.about.get("occurred_at")
    if not at:
        return ""
    words, kind = page_words.of(language=language), invitation.about.get("kind", "")
    with translation.override(language):
        day = formats.date_format(datetime.fromisoformat(at).astimezone(_organisation().zone), "DATE_FORMAT")
    return words["why_asked"].format(what=words[f"about_{kind if kind in KINDS_TOLD else 'other'}"], day=day)


def company() -> str:
    """Return the name that those who are asked know."""
    return _organisation().name or "Valence"


def address() -> str:
    """Return where our pages are reached: the organisation's address, else where this machine served them last."""
    kept = settings.HOME.folder / SERVED_AT
    return _organisation().address or (kept.read_text().strip() if kept.exists() else "") or NOWHERE


def served_at(*, host: str, port: int) -> None:
    """Remember where pages are served, for addresses in messages while the organisation has named none."""
    name = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    (settings.HOME.folder / SERVED_AT).write_text(f"http://{name}:{port}\n")


def _organisation() -> organisation.Organisation:
    return organisation.of(folder=settings.HOME.folder)
