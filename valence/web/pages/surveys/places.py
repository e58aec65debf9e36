"""Surveys: the places where people answer without being written to: posters, and web pages that show the widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from valence.channels import codes, places, words
from valence.flows.ask import spoken
from valence.people import rules
from valence.surveys import page_words, queries
from valence.surveys.values import NoSuchSurvey, State
from valence.web import parts, view

COUNTED = timedelta(days=90)


@dataclass(frozen=True)
class PosterRow:
    """A poster in the list; `begun`: how often somebody pressed Begin in the last 90 days."""

    code: str
    name: str
    survey: str
    about: str
    begun: int
    href: str
    is_closed: bool


@dataclass(frozen=True)
class SiteRow:
    """A place of the widget in the list, with what happened there in the last 90 days, and what its pages need."""

    key: str
    name: str
    survey: str
    origins: tuple[str, ...]
    shown: int
    begun: int
    sent: int
    declined: int
    is_closed: bool
    line: str
    secret: str


@dataclass(frozen=True)
class PlacesPage:
    """All places, and what is needed to make one. `said` are the fields of a form that could not be taken."""

    posters: tuple[PosterRow, ...]
    sites: tuple[SiteRow, ...]
    surveys: tuple[tuple[str, str], ...]
    problem: str = ""
    said: Mapping[str, str] | None = None


@dataclass(frozen=True)
class PosterSheet:
    """A poster as it is printed, in one of its survey's languages."""

    language: str
    direction: str
    company: str
    title: str
    scan: str
    address: str
    code: str
    picture: SafeString
    languages: tuple[tuple[str, str], ...]


@view.page(section="surveys", act=rules.Act.CHANGE_SURVEYS, methods=("GET", "HEAD", "POST"))
def places_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the places; make one, or close one."""
    problem, said = "", None
    if request.method == "POST":
        try:
            _act(request.POST, asked)
        except (places.PlaceError, NoSuchSurvey) as refused:
            problem = str(refused) if isinstance(refused, places.PlaceError) else "Choose a survey that is asked."
            said = request.POST.dict()
    counted = places.counted(since=(asked.now - COUNTED).date())
    page = PlacesPage(
        posters=tuple(_poster(one, counted.get(one.code, {})) for one in places.posters()),
        sites=tuple(_site(one, counted.get(one.key, {})) for one in places.sites()),
        surveys=tuple((one.slug, one.survey.name) for one in queries.all_surveys() if one.state is State.LIVE),
        problem=problem,
        said=said,
    )
    crumbs = (parts.Crumb("Surveys", reverse("surveys")), parts.Crumb("Places"))
    status = 422 if problem else 200
    return view.render(asked, "valence/places.html", page=page, title="Places", crumbs=crumbs, status=status)


@view.page(section="surveys", act=rules.Act.CHANGE_SURVEYS)
def poster_sheet(request: HttpRequest, asked: view.Asked, code: str) -> HttpResponse:
    """Show a poster as it is printed: a QR picture, the address and the code."""
    found = places.poster(code=code)
    if found is None:
        raise Http404
    survey = queries.one(slug=found.survey).survey
    tag = spoken.language(survey=survey, wanted=[request.GET.get("lang", "")])
    says = words.of(language=tag)
    address = f"{spoken.address()}/p/{found.code}/"
    sheet = PosterSheet(
        language=tag,
        direction=page_words.direction(language=tag),
        company=spoken.company(),
        title=says["poster_title"],
        scan=says["scan"],
        address=address,
        code=codes.written(found.code),
        picture=_qr(address, label=f"QR: {address}"),
        languages=tuple((one, page_words.of(language=one)["own_name"]) for one in survey.languages if one != tag),
    )
    return render(request, "valence/poster.html", {"page": sheet})


def _act(form: QueryDict, asked: view.Asked) -> None:
    """Make or close a place. Raises PlaceError, NoSuchSurvey."""
    what, by, now = form.get("act", ""), asked.person.name, asked.now
    if what == "take_down":
        places.take_down(code=form.get("code", ""), now=now)
    elif what == "close_site":
        places.close_site(key=form.get("key", ""), now=now)
    elif what == "poster":
        survey = queries.one(slug=form.get("survey", "")).slug
        about = {name: form.get(name, "") for name in ("location_id", "department")}
        places.put_up(survey=survey, name=form.get("name", ""), about={**about, "kind": "visit"}, by=by, now=now)
    elif what == "site":
        survey = queries.one(slug=form.get("survey", "")).slug
        places.add_site(survey=survey, name=form.get("name", ""), origins=form.get("origins", ""), by=by, now=now)


def _poster(one: places.Poster, counts: Mapping[str, int]) -> PosterRow:
    about = ", ".join(one.about[name] for name in ("location_id", "department") if name in one.about)
    return PosterRow(
        code=one.code,
        name=one.name,
        survey=one.survey,
        about=about,
        begun=counts.get("begun", 0),
        href=reverse("poster_sheet", args=[one.code]),
        is_closed=one.is_closed,
    )


def _site(one: places.Site, counts: Mapping[str, int]) -> SiteRow:
    script = f'<script src="{spoken.address()}/static/built/widget.js" data-site="{one.key}" async></script>'
    happened: dict[str, Any] = {name: counts.get(name, 0) for name in ("shown", "begun", "sent", "declined")}
    return SiteRow(
        key=one.key,
        name=one.name,
        survey=one.survey,
        origins=one.origins,
        is_closed=one.is_closed,
        line=script,
        secret=places.secret(one),
        **happened,
    )


def _qr(address: str, *, label: str) -> SafeString:
    """Draw an address as a QR picture that can be read with a third of it damaged or dirty."""
    made = segno.make(address, error="q", micro=False)
    drawn = made.svg_inline(scale=8, border=4, omitsize=True, title=label, svgclass=None, lineclass=None)
    return mark_safe(drawn.replace("<svg ", '<svg role="img" ', 1))
