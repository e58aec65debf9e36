"""Surveys: those there are, a new one from a template or from another tool, launched and closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from valence.flows.ask import surveying
from valence.insights import say
from valence.people import rules
from valence.surveys import queries, queries_asking, surveyjs, templates
from valence.surveys.survey import Purpose, SurveyError
from valence.surveys.values import Named, State
from valence.web import view

POSTS = ("GET", "HEAD", "POST")
LARGEST = 512 << 10
STATES = {State.LIVE: ("p", "check", "Asked"), State.DRAFT: ("o", "", "Draft"), State.CLOSED: ("", "", "Closed")}
PURPOSES = {
    Purpose.RELATIONSHIP: "The relationship",
    Purpose.CONTACT: "After a contact",
    Purpose.TICKET: "After a request",
    Purpose.VISIT: "After a visit",
    Purpose.BILL: "After a bill",
    Purpose.YEAR: "A year with us",
    Purpose.STAFF: "Employees",
}
CHANNELS = {"link": "Link", "email": "E-mail", "sms": "Text message", "widget": "Widget", "api": "API"}


@dataclass(frozen=True)
class Row:
    """One survey as a row."""

    slug: str
    name: str
    purpose: str
    style: str
    icon: str
    state: str
    version: int
    asked: int
    answered: str
    triggers: str


@dataclass(frozen=True)
class Template:
    """A survey to begin with."""

    name: str
    title: str
    purpose: str
    questions: int


@dataclass(frozen=True)
class SurveysPage:
    """What the page shows."""

    rows: tuple[Row, ...]
    templates: tuple[Template, ...]
    purposes: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    may_change: bool
    problem: str = ""


@view.page(section="surveys", act=rules.Act.SEE_SURVEYS, methods=POSTS)
def surveys(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show all surveys; make one where that is posted."""
    problem = ""
    if request.method == "POST":
        if not asked.may(rules.Act.CHANGE_SURVEYS):
            return view.not_allowed(asked)
        try:
            slug = _made(request, asked)
            messages.success(request, "The draft is there. Nobody is asked before you launch it.")
            return HttpResponseRedirect(reverse("survey_edit", kwargs={"slug": slug}))
        except SurveyError as wrong:
            problem = str(wrong)
    page = SurveysPage(
        rows=tuple(_row(one, asked) for one in queries.all_surveys()),
        templates=tuple(_template(name) for name in templates.names()),
        purposes=tuple((one.value, words) for one, words in PURPOSES.items()),
        channels=tuple(CHANNELS.items()),
        may_change=asked.may(rules.Act.CHANGE_SURVEYS),
        problem=problem,
    )
    return view.render(asked, "valence/surveys.html", page=page, title="Surveys", status=422 if problem else 200)


def _made(request: HttpRequest, asked: view.Asked) -> str:
    name, by = request.POST.get("name", "").strip()[:100], asked.person.name
    upload = request.FILES.get("file")
    if request.POST.get("do") == "import":
        if upload is None or (upload.size or 0) > LARGEST:
            raise SurveyError("Choose a SurveyJS file of at most 512 kB.")
        try:
            text = upload.read().decode("utf-8")
        except UnicodeDecodeError:
            raise SurveyError("The file is not text in UTF-8.") from None
        purpose = request.POST.get("purpose", "")
        read = surveyjs.read(text=text, purpose=Purpose(purpose) if purpose in set(Purpose) else Purpose.CONTACT)
        return surveying.keep(survey=msgspec.structs.replace(read, name=name or read.name), by=by, now=asked.now)
    template = request.POST.get("template", "")
    channel = request.POST.get("channel", "")
    return surveying.draft(
        template=template, name=name or templates.load(name=template).name, channel=channel, by=by, now=asked.now
    )


def _row(one: Named, asked: view.Asked) -> Row:
    since = asked.now - timedelta(days=asked.period.days)
    invited = queries_asking.asked(since=since, until=asked.now, survey=one.slug)
    answered = sum(each.end in ("answered", "partly") for each in invited)
    style, icon, state = STATES[one.state]
    active = sum(kept.active for kept in queries_asking.triggers(survey=one.slug))
    return Row(
        slug=one.slug,
        name=one.survey.name,
        purpose=PURPOSES[one.survey.purpose],
        style=style,
        icon=icon,
        state=state,
        version=one.version,
        asked=len(invited),
        answered=say.percent(answered / len(invited)) if len(invited) >= 5 else say.UNKNOWN,
        triggers=say.many(active, "trigger") if active else "by hand",
    )


def _template(name: str) -> Template:
    one = templates.load(name=name)
    return Template(name, one.name, PURPOSES[one.purpose], len(one.questions))
