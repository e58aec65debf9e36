"""The editor of a survey: questions, order, logic, translations, brand; what a launch lacks; a live preview."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

import msgspec
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt

from valence.flows.ask import surveying
from valence.people import audit, rules
from valence.surveys import actions, checking, contrast, editing, neutral, page_words, queries
from valence.surveys.survey import Question, Survey, SurveyError
from valence.surveys.values import Named, NoSuchSurvey, State
from valence.web import fresh, parts, security, view
from valence.web.pages.public import survey
from valence.web.pages.surveys import question_form, surveys
from valence.web.pages.surveys.editor_rows import Check, EditorPage, LanguageRow, QuestionRow, WordsPage

POSTS = ("GET", "HEAD", "POST")
SCALES = {"nps": "0 to 10", "csat": "1 to 5", "ces": "1 to 7"}
IMAGES = {rb"\x89PNG\r\n\x1a\n": "png", rb"\xff\xd8\xff": "jpeg", rb"RIFF.{4}WEBP": "webp"}
WIDTHS = (320, 390, 1280)
HEIGHT = 720
MOST_LEADS = 3
KINDS = {
    "scale": "A scale",
    "choice": "One choice",
    "choices": "Several choices",
    "ranking": "A ranking",
    "grid": "A grid",
    "short": "Short words",
    "long": "Words at length",
}


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def edit(request: HttpRequest, asked: view.Asked, slug: str) -> HttpResponse:
    """Show a survey and change what is posted."""
    named = _named(slug)
    if request.method != "POST":
        return _shown(asked, named)
    if not asked.may(rules.Act.CHANGE_SURVEYS):
        return view.not_allowed(asked)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        return HttpResponseRedirect(act(request, asked, named))
    except SurveyError as wrong:
        return _shown(asked, named, problem=str(wrong))
    except fresh.ChangedSince as wrong:
        return _shown(asked, named, problem=str(wrong), typed=_to_show(request, named.survey))


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def translations(request: HttpRequest, asked: view.Asked, slug: str, language: str) -> HttpResponse:
    """Show the texts of a survey in one language beside the first, and keep those that are posted."""
    named = _named(slug)
    if language not in named.survey.languages:
        raise Http404
    problem, said = "", {}
    if request.method == "POST":
        if not asked.may(rules.Act.CHANGE_SURVEYS):
            return view.not_allowed(asked)
        said = {name: request.POST[name] for name in request.POST if name.split(".")[0] in TEXTS}
        try:
            fresh.hold(request.POST, *_texts(named, language))
            _keep(asked, named, editing.translated(named.survey, language=language, said=said))
            messages.success(request, "Texts saved.")
            return HttpResponseRedirect(_to(named))
        except (SurveyError, fresh.ChangedSince) as wrong:
            problem = str(wrong)
    page = _words(asked, named, language, problem, said)
    crumbs = _crumbs(named, page.language_name)
    title, status = f"Texts: {named.survey.name}", 422 if problem else 200
    return view.render(asked, "valence/survey_words.html", page=page, title=title, crumbs=crumbs, status=status)


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def question(request: HttpRequest, asked: view.Asked, slug: str, name: str) -> HttpResponse:
    """Show one question's form and keep what is posted."""
    named = _named(slug)
    if name not in {one.id for one in named.survey.questions}:
        raise Http404
    page = question_form.of(named, name, may_change=asked.may(rules.Act.CHANGE_SURVEYS))
    if request.method == "POST":
        if not asked.may(rules.Act.CHANGE_SURVEYS):
            return view.not_allowed(asked)
        try:
            fresh.hold(request.POST, page.stored)
            _keep(asked, named, question_form.taken(named.survey, name, request.POST))
            messages.success(request, "Question saved.")
            return HttpResponseRedirect(_to(named))
        except (SurveyError, fresh.ChangedSince) as wrong:
            page = question_form.again(page, request.POST, problem=str(wrong))
    crumbs = _crumbs(named, f"Question {name}")
    status = 422 if page.problem else 200
    return view.render(
        asked, "valence/survey_question.html", page=page, title=f"Question {name}", crumbs=crumbs, status=status
    )


@csrf_exempt  # it keeps nothing: what is posted only decides what is asked next
@xframe_options_sameorigin
@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def preview(request: HttpRequest, asked: view.Asked, slug: str) -> HttpResponse:
    """Show the draft as those who are asked will see it, in a frame of the editor."""
    response = survey.preview(request, one=_named(slug).survey)
    policy = response["Content-Security-Policy"]
    response["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return response


TEXTS = ("intro", "questions", "thanks")


def _shown(asked: view.Asked, named: Named, *, problem: str = "", typed: Survey | None = None) -> HttpResponse:
    page = _page(asked, named, problem, typed or named.survey)
    crumbs = _crumbs(named, "")
    response = view.render(
        asked, "valence/survey_edit.html", page=page, title=named.survey.name, crumbs=crumbs,
        status=422 if problem else 200,
    )  # fmt: skip
    response["Content-Security-Policy"] = f"{security.POLICY}; frame-src 'self'"
    return response


def _page(asked: view.Asked, named: Named, problem: str, typed: Survey) -> EditorPage:
    one = named.survey
    language = asked.query.get("language", "")
    language = language if language in one.languages else one.languages[0]
    width = asked.query.get("width", "")
    width = width if width in map(str, WIDTHS) else "390"
    checks = _checks(named)
    live = queries.asked_now(slug=named.slug)
    return EditorPage(
        slug=named.slug,
        name=typed.name,
        state=surveys.STATES[named.state],
        version=named.version,
        is_live=named.state is State.LIVE,
        is_changed=live is None or live != one,
        survey=typed,
        stored=one,
        intro=typed.intro.get(one.languages[0], ""),
        colour=typed.brand.colour or survey.OWN_COLOUR,
        questions=tuple(_row(number, question, one) for number, question in enumerate(one.questions, start=1)),
        languages=_languages(one),
        checks=checks,
        may_change=asked.may(rules.Act.CHANGE_SURVEYS),
        may_launch=not any(check.blocks and not check.good for check in checks),
        kinds=tuple(KINDS.items()),
        channels=tuple(surveys.CHANNELS.items()),
        preview=f"{reverse('survey_preview', kwargs={'slug': named.slug})}?lang={language}",
        preview_language=_name_of(language),
        widths=tuple(parts.Choice(f"{each} px", asked.here(width=each), str(each) == width) for each in WIDTHS),
        previews=tuple(parts.Choice(_name_of(tag), asked.here(language=tag), tag == language) for tag in one.languages),
        width=int(width),
        height=HEIGHT,
        problem=problem,
    )


def _row(number: int, one: Question, of: Survey) -> QuestionRow:
    marks = [KINDS[one.kind]] + ([SCALES[one.scale]] if one.scale else [])
    marks += {"score": ["becomes the score"], "words": ["becomes the words"]}.get(one.role, [])
    marks += ["must be answered"] if one.must else []
    marks += [f"not asked where the record says {one.known_as}"] if one.known_as else []
    return QuestionRow(
        id=one.id,
        number=number,
        kind=one.kind,
        text=one.text.get(of.languages[0], ""),
        when=tuple(editing.said_of(condition) for condition in one.when),
        marks=", ".join(marks),
    )


def _languages(one: Survey) -> tuple[LanguageRow, ...]:
    return tuple(LanguageRow(tag, _name_of(tag), *counted) for tag, counted in editing.complete(one).items())


def _name_of(tag: str) -> str:
    return page_words.of(language=tag)["own_name"] if tag in page_words.all_words() else tag


def _checks(named: Named) -> tuple[Check, ...]:
    """Return what is looked at before a launch."""
    one, found = named.survey, list(checking.faults(named.survey))
    effort = checking.effort(one)
    lacking = checking.missing(one)
    seconds = (
        f"{effort.least:.0f}"
        if round(effort.least) == round(effort.most)
        else f"{effort.least:.0f} to {effort.most:.0f}"
    )
    told = [
        Check(f"Answering takes about {seconds} seconds of the {effort.budget:.0f} it may.", not effort.over),
        Check(
            f"{len(lacking)} texts are not translated yet." if lacking else "Every text is there in every language.",
            not lacking,
            blocks=True,
        ),
        _colour_check(one),
        *_leading(one),
        Check(
            "One question becomes the score." if _has(one, "score") else "No question becomes a score.",
            _has(one, "score"),
        ),
    ]
    return (*(Check(fault, good=False, blocks=True) for fault in found), *told)


def _leading(one: Survey) -> tuple[Check, ...]:
    """Return what may lead those who answer: a warning each, at most three."""
    found = neutral.leads(one)
    told = [Check(f"“{each.said}” ({each.language}): {each.why}.", good=False) for each in found[:MOST_LEADS]]
    if len(found) > MOST_LEADS:
        told.append(Check(f"{len(found) - MOST_LEADS} more texts may lead those who answer.", good=False))
    return tuple(told) or (Check("No question praises, presses or shows a mood.", good=True),)


def _has(one: Survey, role: str) -> bool:
    return any(question.role == role for question in one.questions)


def _colour_check(one: Survey) -> Check:
    colour = one.brand.colour
    if not colour or not contrast.HEX.fullmatch(colour):
        return Check("The colour can be read on light and on dark.", good=True)
    light = contrast.readable(colour, on_dark=False)
    if light.lower() == colour.lower():
        return Check(f"The colour {colour} can be read.", good=True)
    return Check(f"The colour {colour} cannot be read; {light} is used instead.", good=False)


def _save(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    """Keep name, title, channel, budget, colour, logo, languages, ways on."""
    typed = _as_typed(request, named.survey)
    fresh.hold(request.POST, named.survey)
    _keep(asked, named, typed)
    messages.success(request, "Saved. Who is asked from now on sees it after the next launch.")
    return _to(named)


def _to_show(request: HttpRequest, one: Survey) -> Survey:
    """Return a survey as it was typed, to be looked at: a file that was chosen has to be chosen again."""
    typed = _as_typed(request, one)
    return msgspec.structs.replace(typed, brand=msgspec.structs.replace(typed.brand, logo=one.brand.logo))


def _as_typed(request: HttpRequest, one: Survey) -> Survey:
    """Return a survey as the form says it."""
    if request.POST.get("do") != "save":
        return one
    said = request.POST
    languages = [tag.strip() for tag in said.get("languages", "").replace(",", " ").split()]
    changed = editing.with_languages(one, languages=languages or one.languages)
    first = one.languages[0]
    budget = said.get("budget", "")
    colour = said.get("colour", "").strip().lower()
    own = "" if colour == survey.OWN_COLOUR else colour
    brand = msgspec.structs.replace(one.brand, colour=own, logo=_logo(request, one.brand.logo))
    return msgspec.structs.replace(
        changed,
        name=said.get("name", "").strip()[:100] or one.name,
        intro={**one.intro, first: said.get("intro", "").strip()},
        channel=said.get("channel", "") if said.get("channel", "") in surveys.CHANNELS else one.channel,
        budget_seconds=int(budget) if budget.isdecimal() and 10 <= int(budget) <= 3_600 else one.budget_seconds,
        call_back=bool(said.get("call_back")),
        review=said.get("review", "").strip()[:300],
        refer=said.get("refer", "").strip()[:300],
        brand=brand,
    )


def _logo(request: HttpRequest, before: str) -> str:
    """Return the logo as it is kept: that of the file sent, none where it shall go, else the one before."""
    file = request.FILES.get("logo")
    if not isinstance(file, UploadedFile):
        return "" if request.POST.get("no_logo") else before
    data = file.read(contrast.LARGEST_LOGO + 1)
    kind = next((kind for begins, kind in IMAGES.items() if re.match(begins, data, re.DOTALL)), "unknown")
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _add(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    changed, name = editing.added(named.survey, kind=request.POST.get("kind", ""))
    _keep(asked, named, changed)
    return reverse("survey_question", kwargs={"slug": named.slug, "name": name})


def _move(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    by = -1 if request.POST.get("by") == "up" else 1
    _keep(asked, named, editing.moved(named.survey, question=request.POST.get("question", ""), by=by))
    return _to(named)


def _remove(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    _keep(asked, named, editing.without(named.survey, question=request.POST.get("question", "")))
    messages.success(request, "Question removed.")
    return _to(named)


def _launch(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    fresh.hold(request.POST, named.survey)
    launched = surveying.launch(slug=named.slug, by=asked.person.name, now=asked.now)
    messages.success(request, f"Version {launched.version} is asked from now on. It never changes.")
    return _to(named)


def _close(request: HttpRequest, asked: view.Asked, named: Named) -> str:
    actions.close(slug=named.slug)
    audit.record(who=asked.person.name, what="survey closed", about=named.slug, now=asked.now)
    messages.success(request, "Nobody is asked any more. Who was asked can still answer.")
    return _to(named)


ACTS: dict[str, Callable[[HttpRequest, view.Asked, Named], str]] = {
    "save": _save,
    "add": _add,
    "move": _move,
    "remove": _remove,
    "launch": _launch,
    "close": _close,
}


def _keep(asked: view.Asked, named: Named, changed: Survey) -> None:
    actions.put_draft(slug=named.slug, survey=changed, by=asked.person.name, now=asked.now)


def _texts(named: Named, language: str) -> list[tuple[str, str]]:
    """Return what there is in a language: where it stands and what it says."""
    return [(place.key, place.said.get(language, "")) for place in editing.places(named.survey)]


def _words(asked: view.Asked, named: Named, language: str, problem: str, typed: Mapping[str, str]) -> WordsPage:
    one = named.survey
    first = one.languages[0]
    rows = [
        (place, place.said.get(first, ""), typed.get(place.key, place.said.get(language, "")))
        for place in editing.places(one)
    ]
    return WordsPage(
        slug=named.slug,
        name=one.name,
        language=language,
        language_name=_name_of(language),
        first_name=_name_of(first),
        direction=page_words.direction(language=language),
        rows=tuple(row for row in rows if row[0].needed or row[1] or row[2]),
        may_change=asked.may(rules.Act.CHANGE_SURVEYS),
        mark=fresh.mark(*_texts(named, language)),
        problem=problem,
    )


def _named(slug: str) -> Named:
    try:
        return queries.one(slug=slug)
    except NoSuchSurvey:
        raise Http404 from None


def _to(named: Named) -> str:
    return reverse("survey_edit", kwargs={"slug": named.slug})


def _crumbs(named: Named, here: str) -> tuple[parts.Crumb, ...]:
    above = parts.Crumb("Surveys", reverse("surveys"))
    if not here:
        return (above, parts.Crumb(named.survey.name))
    return (above, parts.Crumb(named.survey.name, _to(named)), parts.Crumb(here))
