"""Digest: what the comments asked for say, in counts and real quotes; a language model may word it, if one is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from valence.flows.read import summing, wording
from valence.insights import say, text_words
from valence.ledger.queries import readings
from valence.text import digest as text_digest
from valence.text import encoders
from valence.web import listing, parts, view, words
from valence.web.pages.feedback import comment_rows, growing

FIELDS = ("theme", "tone", "department", "location", "language", "intent")


@dataclass(frozen=True)
class Section:
    """Comments of one meaning: what is counted, and quotes that stand for them. `rest` opens each of them."""

    title: str
    says: str
    quotes: tuple[growing.Quote, ...]
    rest: tuple[str, ...]
    rest_says: str


@dataclass(frozen=True)
class Sentence:
    """A sentence of a language model with the quotes that carry it."""

    text: str
    quotes: tuple[growing.Quote, ...]


@dataclass(frozen=True)
class DigestPage:
    """What the page shows. `worded`: sentences of a model; `worded_says`: whose they are and what was dropped."""

    lead: str
    chips: tuple[parts.Chip, ...]
    choices: tuple[parts.Choices, ...]
    tones: tuple[tuple[str, str, int, str], ...]
    sections: tuple[Section, ...]
    quotes: tuple[growing.Quote, ...]
    left_says: str
    may_word: bool
    worded: tuple[Sentence, ...]
    worded_says: str
    state: parts.State | None


@view.page(section="answers", methods=("GET", "HEAD", "POST"))
def digest_page(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show what the comments that the address means say; a POST has it worded by the model that is set."""
    meant = _meant(asked)
    told = summing.look(scope=asked.scope, asked=meant)
    page = _page(asked, meant, told)
    if request.method == "POST" and page.may_word:
        page = _worded(asked, meant, told, page)
    announce = say.many(told.digest.number, "comment")
    return view.render(asked, "valence/digest.html", page=page, title="Digest", announce=announce)


def _meant(asked: view.Asked) -> readings.Asked:
    query = asked.query
    return readings.Asked(
        since=asked.now - timedelta(days=asked.period.days),
        until=asked.now + timedelta(minutes=1),
        theme=query.get("theme", ""),
        tone=query.get("tone", ""),
        intent=query.get("intent", ""),
        department=query.get("department", ""),
        location_id=query.get("location", ""),
        language=query.get("language", ""),
    )


def _page(asked: view.Asked, meant: readings.Asked, told: summing.Told) -> DigestPage:
    found = told.digest
    return DigestPage(
        lead=_lead(asked, told),
        chips=_chips(asked, meant),
        choices=_choices(asked),
        tones=tuple(
            (feeling.value, text_words.tone(feeling.value), number, _comments(asked, tone=feeling.value))
            for feeling, number in found.feelings
        ),
        sections=tuple(_section(asked, told, one) for one in found.groups),
        quotes=_quotes(asked, told, found.quotes),
        left_says=_left_says(found),
        may_word=bool(found.quoted()) and wording.plugged_in() is not None,
        worded=(),
        worded_says="",
        state=None if told.is_told else _nothing(asked, told),
    )


def _lead(asked: view.Asked, told: summing.Told) -> str:
    scope = f" {asked.scope_words}" if asked.scope_words else ""
    if not told.is_told:
        return f"What comments say in the {asked.period.words.lower()}.{scope}"
    latest = f", the latest of {say.count(told.total)}" if told.total > told.digest.number else ""
    return (
        f"**{say.many(told.digest.number, 'comment')}** by {say.many(told.people, 'customer')} in the "
        f"{asked.period.words.lower()}{latest}. Counts and their own words: nothing is made up.{scope}"
    )


def _section(asked: view.Asked, told: summing.Told, one: text_digest.Group) -> Section:
    return Section(
        title=", ".join(one.words) or "Alike in meaning",
        says=one.line.words,
        quotes=_quotes(asked, told, one.quotes),
        rest=tuple(asked.to("comment", number=int(source)) for source in one.sources[: growing.MOST_LINKS]),
        rest_says=growing.rest_says(len(one.sources)),
    )


def _quotes(asked: view.Asked, told: summing.Told, said: Sequence[text_digest.Said]) -> tuple[growing.Quote, ...]:
    return tuple(growing.quote(asked, told.comments[one.id]) for one in said)


def _left_says(found: text_digest.Digest) -> str:
    if not found.groups:
        return "Too few comments to gather them by meaning; these stand for all."
    return f"{say.many(found.left, 'comment')} are like none of these groups." if found.left else ""


def _worded(asked: view.Asked, meant: readings.Asked, told: summing.Told, page: DigestPage) -> DigestPage:
    """Return the page with what the model says, each sentence with the quotes that carry it."""
    model = wording.plugged_in()
    assert model is not None
    try:
        said = wording.worded(digest=told.digest, about=_about(meant), model=model, encoder=_encoder())
    except wording.CannotWord as problem:
        return replace(page, worded_says=f"{problem} The digest stands without it.")
    dropped = sum(number for _, number in said.dropped)
    kept = say.many(len(said.claims), "sentence")
    lost = f"; {say.many(dropped, 'other was', 'others were')} dropped: {_why(said.dropped)}" if dropped else ""
    return replace(
        page,
        worded=tuple(Sentence(one.text, _quotes(asked, told, one.quotes)) for one in said.claims),
        worded_says=f"{kept} by the language model {model.name}, each tied to quotes below it{lost}.",
    )


def _why(dropped: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{why} ({number})" for why, number in dropped)


def _encoder() -> encoders.Encoder | None:
    try:
        return encoders.load(kind=summing.ENCODER)
    except encoders.EncoderMissing:
        return None


def _about(meant: readings.Asked) -> str:
    said: Mapping[str, str] = comment_rows.labels()
    return ", ".join(filter(None, (said.get(meant.theme, meant.theme), meant.department, meant.location_id))) or "all"


def _chips(asked: view.Asked, meant: readings.Asked) -> tuple[parts.Chip, ...]:
    said = comment_rows.labels()
    department = words.pack().say_department(meant.department) if meant.department else ""
    return (
        *listing.chip(asked, field="theme", name="Theme", value=said.get(meant.theme, meant.theme)),
        *listing.chip(asked, field="tone", name="Tone", value=text_words.tone(meant.tone) if meant.tone else ""),
        *listing.chip(
            asked, field="intent", name="Says", value=text_words.intent(meant.intent) if meant.intent else ""
        ),
        *listing.chip(asked, field="department", name="Department", value=department),
        *listing.chip(asked, field="location", name="Place", value=meant.location_id),
        *listing.chip(asked, field="language", name="Language", value=text_words.language(meant.language)),
    )


def _intent(name: str) -> str:
    return text_words.intent(name) if name else ""


def _choices(asked: view.Asked) -> tuple[parts.Choices, ...]:
    whole = readings.Asked(since=asked.now - timedelta(days=asked.period.days), until=asked.now + timedelta(minutes=1))
    there = {
        field: readings.choices(scope=asked.scope, asked=whole, field=field) for field in ("department", "location_id")
    }
    departments = {name: words.pack().say_department(name) for name in there["department"]}
    return listing.settable(
        listing.choices(asked, field="theme", name="Theme", offered=comment_rows.labels()),
        listing.choices(asked, field="tone", name="Tone", offered=text_words.TONES),
        listing.choices(asked, field="department", name="Department", offered=departments),
        listing.choices(asked, field="location", name="Place", offered=there["location_id"]),
    )


def _comments(asked: view.Asked, **more: str) -> str:
    kept = {name: asked.query[name] for name in FIELDS if asked.query.get(name)}
    return asked.to("comments", query={**kept, **more})


def _nothing(asked: view.Asked, told: summing.Told) -> parts.State:
    if told.total:
        words = "Fewer than five customers wrote this: that would point at single people."
        return parts.State("message", "Too few to sum up", words, _comments(asked), "Go to the comments")
    words = "No comment fits these filters in these days."
    return parts.State("message", "Nothing to sum up", words, asked.to("comments"), "Go to Comments")
