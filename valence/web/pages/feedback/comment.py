"""One comment: all its words, what was read in which of them and how sure, what means the same; put right here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from valence.flows.read import meaning, rivalry, teaching
from valence.insights import text_words
from valence.ledger import annotated
from valence.ledger.queries import readings
from valence.people import rules
from valence.text import encoders
from valence.text.annotation import CANNOT_TELL, PersonHeard, Span
from valence.text.intents.rivals import Side
from valence.web import marked, parts, view, words
from valence.web.pages.feedback import comment_rows

ALIKE = 5
MOST_RESTS = 6


@dataclass(frozen=True)
class Read:
    """One thing that was read: what, how sure, on which words it rests."""

    words: str
    badge: str
    confidence: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Promised:
    """A promise that was heard in the words."""

    words: str
    due_at: datetime | None
    broken: bool


@dataclass(frozen=True)
class Appears:
    """Somebody of the company who appears in the words. `tone`: how they are spoken of, "" where it cannot be told."""

    role: str
    department: str
    tone: str
    words: tuple[str, ...]
    promised: bool
    href: str


@dataclass(frozen=True)
class Choice:
    """A theme that can be said of the text. `tone`: as it stands, "" where the theme is not said."""

    name: str
    label: str
    tone: str


@dataclass(frozen=True)
class CommentPage:
    """What the page shows."""

    item: comment_rows.Item
    pieces: tuple[marked.Piece, ...]
    key: int
    interaction_href: str
    themes: tuple[Read, ...]
    intents: tuple[Read, ...]
    emotions: tuple[Read, ...]
    promises: tuple[Promised, ...]
    people: tuple[Appears, ...]
    people_say: str
    tone: Read
    language: str
    models: tuple[tuple[str, str], ...]
    untold: tuple[str, ...]
    choices: tuple[Choice, ...]
    tones: tuple[tuple[str, str], ...]
    intent_choices: tuple[tuple[str, str, bool], ...]
    alike: tuple[comment_rows.Item, ...]


@view.page(section="answers", methods=("GET", "HEAD", "POST"))
def comment(request: HttpRequest, asked: view.Asked, number: int) -> HttpResponse:
    """Show one comment whose customer one may see; a POST puts it right."""
    one = readings.one(scope=asked.own, number=number)
    if one is None:
        raise Http404
    if request.method == "POST":
        return _put_right(request, asked, one)
    page = _page(asked, one)
    crumbs = (parts.Crumb("Comments", asked.to("comments")), parts.Crumb(page.item.name or "A comment"))
    return view.render(asked, "valence/comment.html", page=page, title="Comment", crumbs=crumbs)


def _page(asked: view.Asked, one: readings.Comment) -> CommentPage:
    found, said = one.found, comment_rows.labels()
    said_of = {theme.name: theme.tone.feeling.value for theme in found.themes}
    wishes = {intent.wish.value for intent in found.intents}
    beside = {each.rival: each.side for each in rivalry.said(comment=one) if each.side is not Side.UNTOLD}
    models = (("Themes", found.models.themes), ("Tone", found.models.tone), ("Intents", found.models.intents))
    return CommentPage(
        item=comment_rows.items(asked, [one])[0],
        pieces=marked.whole(text=one.text, found=found, labels=said),
        key=one.key,
        interaction_href=asked.to("interaction", key=one.key, query={"source": one.source, "id": one.interaction_id}),
        themes=tuple(
            _read(one, said.get(theme.name, theme.name), theme.tone.feeling.value, theme.confidence, theme.rests_on)
            for theme in found.themes
        ),
        intents=tuple(
            _read(one, text_words.intent(each.wish.value), _about(each.about, beside), each.confidence, each.rests_on)
            for each in found.intents
        ),
        emotions=tuple(
            _read(one, text_words.plain(each.emotion.value), "", each.confidence, each.rests_on)
            for each in found.emotions
        ),
        promises=tuple(Promised(each.span.of(one.text), each.due_at, each.said_broken) for each in found.promises),
        people=tuple(_appears(asked, one, each) for each in found.story.people),
        people_say=_people_say(one),
        tone=_read(one, text_words.tone(one.tone), one.tone, found.tone.confidence, found.tone.rests_on),
        language=text_words.language(one.language),
        models=tuple((name, by) for name, by in models if by),
        untold=tuple(sorted(part.value for part in found.untold)),
        choices=tuple(Choice(theme.name, theme.label, said_of.get(theme.name, "")) for theme in comment_rows.themes()),
        tones=tuple((name, label) for name, label in text_words.TONES.items() if name != "cannot_tell"),
        intent_choices=tuple((name, label, name in wishes) for name, label in text_words.INTENTS.items()),
        alike=_alike(asked, one),
    )


def _read(one: readings.Comment, words: str, badge: str, confidence: float, rests_on: tuple[Span, ...]) -> Read:
    quoted = dict.fromkeys(span.of(one.text).strip() for span in rests_on[:MOST_RESTS])
    return Read(words, badge, f"{100 * confidence:.0f} %", tuple(quoted))


def _about(name: str, beside: Mapping[str, Side]) -> str:
    """Return whom an intent names, and who comes off better where the words say it."""
    side = {Side.OURS: "we come off better", Side.THEIRS: "they come off better"}.get(beside.get(name, Side.UNTOLD))
    return f"{name}: {side}" if side else name


def _appears(asked: view.Asked, one: readings.Comment, each: PersonHeard) -> Appears:
    return Appears(
        role=text_words.role(each.role),
        department=words.pack().say_department(each.department),
        tone="" if each.feeling == CANNOT_TELL else each.feeling.value,
        words=tuple(dict.fromkeys(span.of(one.text) for span in each.rests_on[:MOST_RESTS])),
        promised=each.promised,
        href=asked.to("comments", query={"person": each.role}),
    )


def _people_say(one: readings.Comment) -> str:
    """Say which departments the story crosses, and in which words it tells of being sent on."""
    told = one.found.story
    if not told.is_between:
        return ""
    names = [words.pack().say_department(name) for name in told.departments]
    crosses = f"The story crosses **{len(names)} departments**: {', '.join(names)}. " if len(names) > 1 else ""
    sent = ", ".join(f"“{span.of(one.text)}”" for span in told.handed_on[:MOST_RESTS])
    return f"{crosses}{f'Sent from one to the next: {sent}.' if sent else ''}".strip()


def _alike(asked: view.Asked, one: readings.Comment) -> tuple[comment_rows.Item, ...]:
    try:
        found = meaning.like(comment=one, scope=asked.scope, asked=readings.Asked(), limit=ALIKE)
    except encoders.EncoderMissing:
        return ()
    near = [row.likeness for row in found.rows]
    return comment_rows.items(asked, [row.comment for row in found.rows], likeness=near)


def _put_right(request: HttpRequest, asked: view.Asked, one: readings.Comment) -> HttpResponse:
    if not asked.may(rules.Act.CORRECT):
        return view.not_allowed(asked)
    part = request.POST.get("part", "")
    try:
        if request.POST.get("act") == "take_back":
            after = teaching.take_back(comment=one, part=part, now=asked.now)
        else:
            said = _said(request, part)
            after = teaching.correct(comment=one, part=part, said=said, by=asked.person.name, now=asked.now)
    except teaching.NotALabel as wrong:
        messages.error(request, str(wrong))
        after = one
    if after is None:
        raise Http404
    messages.success(request, "Kept. It stands so at once, and Training learns from it.")
    return HttpResponseRedirect(asked.to("comment", number=after.number))


def _said(request: HttpRequest, part: str) -> str:
    if part == annotated.THEMES:
        named = [(theme.name, request.POST.get(f"theme-{theme.name}", "")) for theme in comment_rows.themes()]
        return "|".join(f"{name}:{tone}" for name, tone in named if tone)
    if part == annotated.INTENTS:
        return "|".join(name for name in text_words.INTENTS if request.POST.get(f"intent-{name}"))
    return request.POST.get("said", "")
