"""Comments: what customers said, with what was read in it; found by words and by meaning; put right by key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from valence.flows.read import meaning, reading, rivalry, teaching
from valence.insights import say, text_words
from valence.ledger.queries import readings
from valence.people import rules
from valence.text import encoders
from valence.text.intents.rivals import Side
from valence.web import listing, parts, view, words
from valence.web.pages.feedback import comment_rows

FEWEST = 5
MOST_WORDS = 8
LONGEST_SEARCH = 300
MEANING, WORDS = "meaning", "words"
SCORES = {"low": "Low end", "middle": "Between", "high": "High end"}
ENDS = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}
FILTERS = (
    "theme",
    "tone",
    "intent",
    "person",
    "department",
    "location",
    "language",
    "kind",
    "scale",
    "end",
    "q",
    "corrected",
    "plan",
    "segment",
    "competitor",
)
BESIDE = {"any": "compared in it", "ours": "we come off better", "theirs": "they come off better"}


@dataclass(frozen=True)
class CommentsPage:
    """What the page shows. `total` is how many comments the filters leave; `says` what was searched, and how."""

    lead: str
    says: str
    total: int
    search: str
    by: str
    hidden: tuple[tuple[str, str], ...]
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    rows: tuple[comment_rows.Item, ...]
    more: parts.More
    may_correct: bool
    state: parts.State | None


@view.page(section="answers", methods=("GET", "HEAD", "POST"))
def comments(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the comments that the address means; a POST puts one right."""
    if request.method == "POST":
        return _put_right(request, asked)
    meant = meant_by(asked)
    search = asked.query.get("q", "").strip()[:LONGEST_SEARCH]
    by = MEANING if asked.query.get("by") == MEANING else WORDS
    page = _by_meaning(asked, meant, search) if search and by == MEANING else _by_words(asked, meant, search)
    announce = say.many(page.total, "comment")
    return view.render(asked, "valence/comments.html", page=page, title="Comments", announce=announce)


def meant_by(asked: view.Asked) -> readings.Asked:
    """Return which comments an address means: of the days chosen, up to this moment."""
    query = asked.query
    scale = query.get("scale", "") if query.get("scale", "") in ENDS else ""
    least, most = _end(scale, query.get("end", ""))
    search = query.get("q", "").strip()[:LONGEST_SEARCH]
    plain = readings.Asked(
        since=asked.now - timedelta(days=asked.period.days),
        until=asked.now + timedelta(minutes=1),
        theme=query.get("theme", ""),
        tone=query.get("tone", ""),
        intent=query.get("intent", ""),
        person=query.get("person", ""),
        department=query.get("department", ""),
        location_id=query.get("location", ""),
        language=query.get("language", ""),
        kind=query.get("kind", ""),
        scale=scale,
        least=least,
        most=most,
        words=tuple(search.split()[:MOST_WORDS]) if query.get("by") != MEANING else (),
        corrected=query.get("corrected") == "1",
        plan=query.get("plan", ""),
        segment=query.get("segment", ""),
        competitor=query.get("competitor", ""),
    )
    return _beside(asked, plain)


def _beside(asked: view.Asked, meant: readings.Asked) -> readings.Asked:
    """Return what is meant where it is asked who comes off better beside a competitor, perhaps in a theme."""
    said = asked.query.get("beside", "")
    if not meant.competitor or said not in BESIDE:
        return meant
    found = rivalry.numbers(
        scope=asked.scope, asked=replace(meant, theme=""), side=None if said == "any" else Side(said), theme=meant.theme
    )
    return replace(meant, numbers=found)


def _end(scale: str, end: str) -> tuple[float | None, float | None]:
    if not scale or end not in SCORES:
        return None, None
    low, high = ENDS[scale]
    return {"low": (None, low), "middle": (low + 1, high - 1), "high": (high, None)}[end]


def _by_words(asked: view.Asked, meant: readings.Asked, search: str) -> CommentsPage:
    total = readings.total(scope=asked.scope, asked=meant)
    found = readings.rows(scope=asked.scope, asked=meant, limit=listing.shown(asked))
    people = readings.people(scope=asked.scope, asked=meant)
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    by = "fewer than five customers" if people < FEWEST else say.many(people, "customer")
    lead = f"**{say.many(total, 'comment')}** by {by} in the {asked.period.words.lower()}, the latest first.{scope}"
    says = f"Every word of “{search}” is in them. By meaning also finds other words and languages." if search else ""
    rows = comment_rows.items(asked, found, theme=meant.theme)
    return _page(asked, meant, lead, says, total, rows, search, WORDS)


def _by_meaning(asked: view.Asked, meant: readings.Asked, search: str) -> CommentsPage:
    try:
        found = meaning.search(words=search, scope=asked.scope, asked=meant, limit=listing.shown(asked))
    except encoders.EncoderMissing:
        raise Http404 from None
    near = [one.likeness for one in found.rows]
    rows = comment_rows.items(asked, [one.comment for one in found.rows], theme=meant.theme, likeness=near)
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    of = say.many(found.total, "comment")
    only = f", of which the latest {say.count(found.compared)} were compared" if found.compared < found.total else ""
    lead = f"The **{len(rows)} nearest** in meaning to “{search}”, of {of}{only}. Any language.{scope}"
    says = "How near two meanings are runs from 0 to 100 %; below 35 % nothing is shown."
    return _page(asked, meant, lead, says, len(rows), rows, search, MEANING)


def _page(
    asked: view.Asked,
    meant: readings.Asked,
    lead: str,
    says: str,
    total: int,
    rows: tuple[comment_rows.Item, ...],
    search: str,
    by: str,
) -> CommentsPage:
    waits = readings.waits()
    reads = f" {say.many(waits, 'more text waits', 'more texts wait')} to be read." if waits else ""
    return CommentsPage(
        lead=f"{lead}{reads}",
        says=says,
        total=total,
        search=search,
        by=by,
        hidden=tuple(
            (name, value)
            for name, values in asked.query.lists()
            if name not in ("q", "by", "shown")
            for value in values
        ),
        chips=_chips(asked, meant, search),
        choices=_choices(asked),
        rows=rows,
        more=listing.more(asked, rows=len(rows), total=total),
        may_correct=asked.may(rules.Act.CORRECT),
        state=None if rows else _nothing(asked, waits),
    )


def _chips(asked: view.Asked, meant: readings.Asked, search: str) -> tuple[parts.Chip, ...]:
    said, end = comment_rows.labels(), asked.query.get("end", "")
    wish = text_words.intent(meant.intent) if meant.intent else ""
    department = words.pack().say_department(meant.department) if meant.department else ""
    scored = f"{meant.scale} {SCORES[end].lower()}" if meant.scale and end in SCORES else meant.scale
    return (
        *listing.chip(asked, field="theme", name="Theme", value=said.get(meant.theme, meant.theme)),
        *listing.chip(asked, field="tone", name="Tone", value=text_words.tone(meant.tone) if meant.tone else ""),
        *listing.chip(asked, field="intent", name="Says", value=wish),
        *listing.chip(
            asked, field="person", name="Tells of", value=text_words.role(meant.person) if meant.person else ""
        ),
        *listing.chip(asked, field="department", name="Department", value=department),
        *listing.chip(asked, field="location", name="Place", value=meant.location_id),
        *listing.chip(asked, field="plan", name="Plan", value=meant.plan),
        *listing.chip(asked, field="segment", name="Segment", value=meant.segment),
        *listing.chip(asked, field="competitor", name="Competitor", value=meant.competitor),
        *listing.chip(asked, field="beside", name="Beside them", value=_said_beside(asked, meant)),
        *listing.chip(asked, field="language", name="Language", value=text_words.language(meant.language)),
        *listing.chip(asked, field="kind", name="Kind", value=meant.kind),
        *((parts.Chip("Score", scored, asked.here(scale=None, end=None)),) if scored else ()),
        *listing.chip(asked, field="corrected", name="Corrected", value="by a person" if meant.corrected else ""),
        *listing.chip(asked, field="q", name="Search", value=search),
    )


def _said_beside(asked: view.Asked, meant: readings.Asked) -> str:
    return "" if meant.numbers is None else BESIDE[asked.query.get("beside", "any")]


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    whole = readings.Asked(since=asked.now - timedelta(days=asked.period.days), until=asked.now + timedelta(minutes=1))
    there = {
        field: readings.choices(scope=asked.scope, asked=whole, field=field)
        for field in ("department", "location_id", "language", "scale")
    }
    departments = {name: words.pack().say_department(name) for name in there["department"]}
    languages = {code: text_words.language(code) for code in there["language"]}
    return listing.settable(
        listing.choices(asked, field="theme", name="Theme", offered=comment_rows.labels()),
        listing.choices(asked, field="tone", name="Tone", offered=text_words.TONES),
        listing.choices(asked, field="intent", name="Says", offered=text_words.INTENTS),
        listing.choices(asked, field="person", name="Tells of", offered=text_words.ROLES),
        listing.choices(asked, field="department", name="Department", offered=departments),
        listing.choices(asked, field="location", name="Place", offered=there["location_id"]),
        listing.choices(asked, field="language", name="Language", offered=languages),
        _scores(asked, there["scale"]),
    )


def _scores(asked: view.Asked, scales: tuple[str, ...]) -> parts.Choices:
    each = [
        parts.Choice(
            f"{scale}: {said.lower()}",
            asked.here(scale=scale, end=end),
            on=(asked.query.get("scale"), asked.query.get("end")) == (scale, end),
        )
        for scale in scales
        if scale in ENDS
        for end, said in SCORES.items()
    ]
    return parts.Choices("Score", tuple(each))


def _nothing(asked: view.Asked, waits: int) -> parts.State:
    if any(asked.query.get(name) for name in FILTERS):
        told = "No comment fits these filters in these days."
        return parts.State("message", "Nothing fits", told, asked.to("comments"), "Remove all filters")
    if waits:
        told = f"{say.many(waits, 'text')} arrived and will be read in a moment."
        return parts.State("message", "Being read", told, asked.to("comments"), "Look again")
    if reading.is_off():
        told = "Reading is switched off by the setting VALENCE_READING."
        return parts.State("message", "Nothing is read", told)
    told = "Whatever has words appears here by itself: answers, notes, transcripts, messages."
    return parts.State("message", "No comments in these days", told, asked.to("surveys"), "Go to Surveys")


def _put_right(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Keep what a person says is right of one comment, and show its row anew."""
    if not asked.may(rules.Act.CORRECT):
        return view.not_allowed(asked)
    number = request.POST.get("number", "")
    one = readings.one(scope=asked.own, number=int(number)) if number.isdecimal() and len(number) < 16 else None
    part, said = request.POST.get("part", ""), request.POST.get("said", "")
    try:
        after = one and teaching.correct(comment=one, part=part, said=said, by=asked.person.name, now=asked.now)
    except teaching.NotALabel:
        after = None
    if not after:
        raise Http404
    if request.headers.get("HX-Request"):
        row = comment_rows.items(asked, [after], theme=asked.query.get("theme", ""))[0]
        return render(request, "valence/comment_again.html", {"row": row, "here": request.get_full_path()})
    messages.success(request, "Put right. Training learns from it.")
    return HttpResponseRedirect(request.get_full_path())
