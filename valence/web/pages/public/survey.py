"""What a customer sees: one page of questions, whole without script, in their language. Looking never answers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from valence import interactions
from valence.flows.ask import answering, spoken
from valence.surveys import checking, contrast, logic, page_words, showing, traces
from valence.surveys.answer import Answers, Given
from valence.surveys.kinds import scale
from valence.surveys.survey import Survey, said_in
from valence.surveys.values import End, Invitation, NotOpen, TooOften
from valence.web import security

OWN_COLOUR = "#4a3fb5"
PRESENT = "_q"
SHOWN = "_shown"


@dataclass(frozen=True)
class Language:
    """Another language that the survey can be read in."""

    tag: str
    name: str


@dataclass(frozen=True)
class Look:
    """How the page looks: the brand's colour as it can be read on a light and on a dark page, and text on it."""

    light: str
    dark: str
    on_light: str
    on_dark: str
    logo: str
    nonce: str

    @property
    def style(self) -> SafeString:
        """The page's own style sheet."""
        return _style(self.light, self.dark, self.on_light, self.on_dark)


@dataclass(frozen=True)
class SurveyPage:
    """What the page shows. `words` are the page's own; `status` tells what became of what was just sent."""

    language: str
    direction: str
    company: str
    title: str
    words: Mapping[str, str]
    look: Look
    languages: tuple[Language, ...] = ()
    count: str = ""
    questions: tuple[SafeString, ...] = ()
    call_back: bool = False
    status: str = ""
    problem: str = ""
    why_asked: str = ""
    shown: str = ""


@dataclass(frozen=True)
class WaysOn:
    """Where a promoter may go on: say it aloud, recommend the company. Empty: no link."""

    review: str = ""
    refer: str = ""


NO_WAYS = WaysOn()


@dataclass(frozen=True)
class EndPage:
    """What is said where nothing (more) can be answered."""

    language: str
    direction: str
    company: str
    title: str
    text: str
    words: Mapping[str, str]
    look: Look
    ways_on: WaysOn = NO_WAYS
    may_decline: bool = False


@csrf_exempt  # the token is the right to answer, and the page has no session that another site could borrow
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation's questions; keep and send what is posted."""
    try:
        standing = answering.opened(token=token)
    except interactions.StoreUnavailable:
        return _end(request, None, "busy", status=503)
    if standing is None:
        return _end(request, None, "unknown", status=404)
    if standing.invitation.end is not None or standing.invitation.ends_at < timezone.now():
        return _closed(request, standing.invitation)
    if request.method == "POST":
        return _taken(request, standing)
    return _page(request, standing, answers=_offered(standing, request.GET), status="")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether somebody does not want to be asked, and keep that when they say so."""
    standing = answering.opened(token=token)
    if standing is None:
        return _end(request, None, "unknown", status=404)
    if request.method == "POST":
        answering.decline(invitation=standing.invitation, now=timezone.now())
        return _end(request, standing.invitation, "declined")
    return _end(request, standing.invitation, "decline", may_decline=True)


@require_http_methods(["GET", "HEAD"])
def privacy(request: HttpRequest, token: str) -> HttpResponse:
    """Say how an answer is used."""
    standing = answering.opened(token=token)
    return _end(request, standing.invitation if standing else None, "privacy")


def preview(request: HttpRequest, *, one: Survey) -> HttpResponse:
    """Show a survey as those who are asked see it; what is filled in decides what is asked, and is kept nowhere."""
    invitation = Invitation(
        number="preview", slug="preview", version=0, survey=one, customer_key=None, channel="link", language="",
        about={}, known={}, asked_at=timezone.now(), ends_at=timezone.now(), end=None,
    )  # fmt: skip
    nothing = answering.Standing(invitation=invitation, answers={}, wrong={})
    answers = _heard(nothing, request.POST, request.POST.getlist(PRESENT))
    standing = answering.Standing(invitation=invitation, answers=answers, wrong={})
    if request.POST.get("_do") == "send" and answers:
        return _thanks(request, standing)
    return _page(request, standing, answers=answers)


def _taken(request: HttpRequest, standing: answering.Standing) -> HttpResponse:
    words, present = page_words.of(language=_language(request, standing.invitation)), request.POST.getlist(PRESENT)
    send = request.POST.get("_do") == "send" and _all_seen(standing, request.POST, present)
    try:
        now_stands = answering.given(
            standing=standing,
            form={name: _fields(name, request.POST) for name in present},
            language=_language(request, standing.invitation),
            send=send,
            call_me=bool(request.POST.get("_call_me")),
            now=timezone.now(),
            trace=_trace(request),
        )
    except NotOpen:
        return _closed(request, standing.invitation)
    except TooOften:
        return _page(request, standing, answers=standing.answers, problem=words["busy"], code=429)
    except interactions.StoreUnavailable:
        offered = {**standing.answers, **_heard(standing, request.POST, present)}
        return _page(request, standing, answers=offered, problem=words["busy"], code=503)
    if now_stands.sent:
        return _thanks(request, now_stands)
    problem = words["look"] if now_stands.wrong else ""
    return _page(
        request, now_stands, answers=now_stands.answers, status=words["saved"], problem=problem,
        code=422 if problem else 200,
    )  # fmt: skip


def _trace(request: HttpRequest) -> traces.Trace:
    return traces.read(
        home=settings.HOME,
        note=request.POST.get(SHOWN, ""),
        address=request.META.get("REMOTE_ADDR", ""),
        browser=request.headers.get("User-Agent", ""),
        now=timezone.now(),
    )


def _all_seen(standing: answering.Standing, form: QueryDict, present: Sequence[str]) -> bool:
    """Say whether every question that the answers call for stood on the page that was sent."""
    invitation = standing.invitation
    answers = {**standing.answers, **_heard(standing, form, present)}
    asked = logic.asked(invitation.survey, answers=answers, known=invitation.known)
    return {question.id for question in asked} <= set(present)


def _heard(standing: answering.Standing, form: QueryDict, present: Sequence[str]) -> Answers:
    fields = {name: _fields(name, form) for name in present}
    invitation = standing.invitation
    return logic.take(invitation.survey, given=fields, answers=standing.answers, known=invitation.known)[0]


def _offered(standing: answering.Standing, query: QueryDict) -> Answers:
    """Return the answers with one that an e-mail's link proposes: shown as chosen, kept only when it is sent."""
    names = [question.id for question in standing.invitation.survey.questions if query.get(question.id)]
    return {**_heard(standing, query, names), **standing.answers}


def _fields(name: str, form: QueryDict) -> Given:
    own = {key[len(name) + 1 :]: tuple(form.getlist(key)) for key in form if key.startswith(f"{name}.")}
    return {**own, "": tuple(form.getlist(name)) or ("",)}


def _page(
    request: HttpRequest,
    standing: answering.Standing,
    *,
    answers: Answers,
    status: str = "",
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    invitation = standing.invitation
    one, language = invitation.survey, _language(request, invitation)
    words = page_words.of(language=language)
    asked = logic.asked(one, answers=answers, known=invitation.known)
    seconds = checking.seconds_of(one, answers=answers, known=invitation.known)
    page = SurveyPage(
        language=language,
        direction=page_words.direction(language=language),
        company=spoken.company(),
        title=said_in(one.intro, language=language, survey=one),
        words=words,
        look=look(one),
        languages=_languages(one, language),
        count=words["question_count"].format(count=len(asked), seconds=5 * round(seconds / 5)),
        questions=tuple(
            _drawn(
                showing.shown(question, invitation=invitation, answers=answers, wrong=standing.wrong, language=language)
            )
            for question in asked
        ),
        call_back=one.call_back,
        status=status,
        problem=problem,
        why_asked=spoken.why_asked(invitation=invitation, language=language),
        shown=request.POST.get(SHOWN, "") or traces.shown(home=settings.HOME, now=timezone.now()),
    )
    return rendered("survey/page.html", page, page.look, code)


def _drawn(question: showing.Asked) -> SafeString:
    """Return a question as the page draws it: the same one is drawn once, but what somebody wrote is kept nowhere."""
    return _draw(question) if question.value else _draw_once(question)


def _draw(question: showing.Asked) -> SafeString:
    return render_to_string("survey/question.html", {"q": question})


_draw_once = lru_cache(maxsize=2_000)(_draw)


@lru_cache(maxsize=200)
def _style(light: str, dark: str, on_light: str, on_dark: str) -> SafeString:
    colours = {"light": light, "dark": dark, "on_light": on_light, "on_dark": on_dark}
    return render_to_string("survey/style.html", {"look": colours})


def _thanks(request: HttpRequest, standing: answering.Standing) -> HttpResponse:
    invitation = standing.invitation
    one, language = invitation.survey, _language(request, invitation)
    said = logic.first_that_holds(one.thanks, answers=standing.answers, known=invitation.known)
    text = said_in(said.text, language=language, survey=one) if said else ""
    on = WaysOn(one.review, one.refer) if _promotes(standing) else NO_WAYS
    return _end(request, invitation, "already", text=text, ways_on=on)


def _promotes(standing: answering.Standing) -> bool:
    """Say whether the score is that of a promoter: 9 or 10, on other scales the best."""
    score = next((one for one in standing.invitation.survey.questions if one.role == "score"), None)
    given = standing.answers.get(score.id) if score else None
    return score is not None and given in scale.POINTS[score.scale][-2 if score.scale == "nps" else -1 :]


def _closed(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    ended = invitation.end
    if ended in (End.ANSWERED, End.PARTLY):
        return _end(request, invitation, "already")
    return _end(request, invitation, "declined" if ended is End.DECLINED else "ended", status=410)


def _end(
    request: HttpRequest,
    invitation: Invitation | None,
    name: str,
    *,
    text: str = "",
    ways_on: WaysOn = NO_WAYS,
    may_decline: bool = False,
    status: int = 200,
) -> HttpResponse:
    language = _language(request, invitation)
    words, company = page_words.of(language=language), spoken.company()
    page = EndPage(
        language=language,
        direction=page_words.direction(language=language),
        company=company,
        title=words["decline_sure"] if may_decline else words[name],
        text=text or words.get(f"{name}_words", "").format(company=company),
        words=words,
        look=look(invitation.survey if invitation else None),
        ways_on=ways_on,
        may_decline=may_decline,
    )
    return rendered("survey/end.html", page, page.look, status)


def rendered(template: str, page: object, shown: Look, status: int) -> HttpResponse:
    """Return a page for those who are asked: it tells its address to nobody, and is kept by nobody."""
    response = HttpResponse(render_to_string(template, {"page": page}), status=status)
    response["Content-Security-Policy"] = security.POLICY.replace(
        "style-src 'self'", f"style-src 'nonce-{shown.nonce}'"
    )
    response["Referrer-Policy"] = "no-referrer"  # the address opens the survey: it is told to nobody
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def wished(request: HttpRequest) -> str:
    """Return the language chosen in the address or the form, else what the browser asks for."""
    chosen = request.GET.get("lang", "") or request.POST.get("_lang", "")
    return chosen if chosen in page_words.all_words() else translation.get_language_from_request(request)


def _language(request: HttpRequest, invitation: Invitation | None) -> str:
    """Return the language to show: the one chosen, else the invitation's, else what the browser asks for."""
    chosen = request.GET.get("lang", "") or request.POST.get("_lang", "")
    if invitation is None:
        return wished(request)
    offered = invitation.survey.languages
    wanted = (chosen, invitation.language, invitation.language.split("-")[0])
    return next((tag for tag in wanted if tag in offered), offered[0])


def _languages(one: Survey, language: str) -> tuple[Language, ...]:
    return tuple(
        Language(tag=tag, name=page_words.of(language=tag)["own_name"] if tag in page_words.all_words() else tag)
        for tag in one.languages
        if tag != language
    )


def look(one: Survey | None) -> Look:
    """Return how a survey's pages look, in its brand's colour as it can be read."""
    brand = one.brand if one else None
    colour = (brand.colour if brand else "") or OWN_COLOUR
    return Look(*_colours(colour), logo=brand.logo if brand else "", nonce=secrets.token_urlsafe(12))


@lru_cache(maxsize=200)
def _colours(colour: str) -> tuple[str, str, str, str]:
    light, dark = contrast.readable(colour, on_dark=False), contrast.readable(colour, on_dark=True)
    return light, dark, contrast.text_on(light), contrast.text_on(dark)
