"""When somebody wants to hear by e-mail what waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from valence import organisation
from valence.cases import digests, staff_words
from valence.flows.act import reminding
from valence.people import actions as people
from valence.people import rules as people_rules
from valence.web import parts, view

USUAL_TIME = "08:00"


@dataclass(frozen=True)
class DigestPage:
    """The schedule as a form, and the digest as it would read now. languages: tag, own name, whether chosen."""

    days: tuple[tuple[int, str, bool], ...]
    time: str
    zone: str
    zones: tuple[str, ...]
    languages: tuple[tuple[str, str, bool], ...]
    email: str
    subject: str
    text: str
    problem: str = ""


@view.page(section="cases", act=people_rules.Act.CASES, methods=("GET", "HEAD", "POST"))
def my_digest(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show and keep when a digest comes."""
    problem = ""
    if request.method == "POST":
        try:
            digests.put(schedule=_read(asked, request.POST))
            _speak(asked, request.POST.get("language", ""))
            messages.info(request, "Kept")
            return HttpResponseRedirect(asked.to("my_digest"))
        except digests.WrongDigest as wrong:
            problem = str(wrong)
    page, crumbs = _page(asked, problem), (parts.Crumb("Cases", asked.to("cases")), parts.Crumb("My digest"))
    status = 422 if problem else 200
    return view.render(asked, "valence/my_digest.html", page=page, title="My digest", crumbs=crumbs, status=status)


def _page(asked: view.Asked, problem: str) -> DigestPage:
    kept = digests.of(person=asked.person.pk)
    chosen = kept.weekdays if kept else ()
    chosen_ = staff_words.spoken(language=asked.person.language)
    said = reminding.written(person=asked.person, now=asked.now)
    return DigestPage(
        days=tuple((at, name, at in chosen) for at, name in enumerate(digests.DAYS)),
        time=f"{kept.minute // 60:02d}:{kept.minute % 60:02d}" if kept else USUAL_TIME,
        zone=kept.zone if kept else organisation.of(folder=settings.HOME.folder).time_zone,
        zones=organisation.time_zones(),
        languages=tuple((tag, name, tag == chosen_) for tag, name in staff_words.NAMES.items()),
        email=asked.person.email,
        subject=said[0] if said else "",
        text=said[1] if said else "",
        problem=problem,
    )


def _speak(asked: view.Asked, language: str) -> None:
    if language in staff_words.NAMES:
        people.set_language(pk=asked.person.pk, language=language)


def _read(asked: view.Asked, form: QueryDict) -> digests.Schedule:
    hour, _, minute = form.get("time", USUAL_TIME).partition(":")
    if not (hour.isdecimal() and minute.isdecimal()):
        raise digests.WrongDigest("Write a time as 08:00.")
    days = tuple(int(day) for day in form.getlist("day") if day.isdecimal())
    return digests.Schedule(asked.person.pk, days, int(hour[:2]) * 60 + int(minute[:2]), form.get("zone", ""))
