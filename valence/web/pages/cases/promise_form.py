"""What a reply promises, as it is typed in the form of a case: what, and until which day."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.http import QueryDict

from valence import organisation
from valence.flows.act import replies
from valence.insights import say


class WrongForm(ValueError):  # noqa: N818  it is said to people as such
    """What was typed cannot be taken. The text says why."""


def heard(*, form: QueryDict, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return what the words of a reply promise, as the form shows it: what, and until which day."""
    found = replies.heard(text=form.get("text", ""), language=form.get("language", "en"), now=now)
    return tuple((one.words, f"{say.local(one.due_at):%Y-%m-%d}") for one in found)


def typed(*, form: QueryDict | None, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the promises that stand in the form: those that were typed, else those that the words make; two rows."""
    blank = (("", ""), ("", ""))
    if form is None or form.get("act") != "reply":
        return blank
    written = tuple(
        pair for pair in zip(form.getlist("promise"), form.getlist("until"), strict=False) if pair[0].strip()
    )
    return (*(written or heard(form=form, now=now)), *blank)[: max(2, len(written))]


def promises(*, form: QueryDict) -> tuple[replies.Promise, ...]:
    """Return what the form says is promised; a day counts until its end, where we are. Raises WrongForm."""
    zone = organisation.of(folder=settings.HOME.folder).zone
    found = []
    for what, until in zip(form.getlist("promise"), form.getlist("until"), strict=False):
        if not what.strip():
            continue
        try:
            day = datetime.strptime(until, "%Y-%m-%d").date()  # noqa: DTZ007  the zone is put beside the day
        except ValueError:
            raise WrongForm("Say until which day it is promised.") from None
        found.append(replies.Promise(what, datetime.combine(day, time(23, 59), zone)))
    return tuple(found)
