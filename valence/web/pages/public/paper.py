"""What leads from paper to the questions: a page to type a code on, and what a poster's code opens."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from valence import interactions
from valence.channels import codes, places, words
from valence.flows.ask import paper, spoken
from valence.flows.gather import pace
from valence.surveys import page_words, queries
from valence.surveys.values import NoSuchSurvey, State
from valence.web.pages.public import survey


@dataclass(frozen=True)
class CodePage:
    """A page with one field for a code; or, with `label` empty, with one button."""

    language: str
    direction: str
    company: str
    title: str
    text: str
    go: str
    look: survey.Look
    label: str = ""
    typed: str = ""
    problem: str = ""


@csrf_exempt  # whoever types a code has no session that another site could borrow
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code on a letter, and lead to its questions."""
    if request.method != "POST":
        return _code(request)
    typed = request.POST.get("code", "")[:60]
    says = words.of(language=survey.wished(request))
    try:
        there = paper.typed(text=typed)
    except LookupError:
        return _code(request, typed=typed, problem=says["code_unknown"], status=422)
    except pace.TooFast:
        return _code(request, typed=typed, problem=says["poster_busy"], status=429)
    except interactions.StoreUnavailable:
        return _code(request, typed=typed, problem=says["poster_busy"], status=503)
    if there is None:
        return _code(request, typed=typed, problem=says["code_wrong"], status=422)
    return _led(there)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """Say what a poster asks; begin only where somebody presses the button."""
    found = places.poster(code=code)
    if found is None:
        return _begin(request, "code_unknown", status=404)
    if found.is_closed or not _is_asked(found.survey):
        return _begin(request, "poster_closed", status=410)
    if request.method != "POST":
        return _begin(request, "poster_title", may_begin=True)
    try:
        token = paper.begin(poster=found, language=survey.wished(request), now=timezone.now())
    except NoSuchSurvey:
        return _begin(request, "poster_closed", status=410)
    except (pace.TooFast, interactions.StoreUnavailable):
        return _begin(request, "poster_busy", status=503)
    return _led(f"/s/{token}/")


def _is_asked(slug: str) -> bool:
    try:
        return queries.one(slug=slug).state is State.LIVE
    except NoSuchSurvey:
        return False


def _led(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _code(request: HttpRequest, *, typed: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    tag = survey.wished(request)
    says, shown = words.of(language=tag), survey.look(None)
    page = CodePage(
        language=tag,
        direction=page_words.direction(language=tag),
        company=spoken.company(),
        title=says["code_title"],
        text=says["code_words"],
        go=says["code_go"],
        look=shown,
        label=says["code_label"],
        typed=codes.written(codes.read(typed) or "") or typed,
        problem=problem,
    )
    return survey.rendered("survey/code.html", page, shown, status)


def _begin(request: HttpRequest, name: str, *, may_begin: bool = False, status: int = 200) -> HttpResponse:
    tag = survey.wished(request)
    says, shown = words.of(language=tag), survey.look(None)
    page = CodePage(
        language=tag,
        direction=page_words.direction(language=tag),
        company=spoken.company(),
        title=says[name],
        text=says["poster_words"] if may_begin else "",
        go=says["poster_begin"] if may_begin else "",
        look=shown,
    )
    return survey.rendered("survey/code.html", page, shown, status)
