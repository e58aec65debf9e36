"""Words to map: what no pack knows, how often it was met, and what an analyst says it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from valence import packs
from valence.flows.find import drafts
from valence.insights import say
from valence.ledger.queries import unknown, versions
from valence.packs.meanings import Meaning, Sense
from valence.people import rules
from valence.web import parts, view, words

MOST = 100
COLUMNS = {"kind": "Kind", "facts": "Fact", "department": "Department"}
OWN: Mapping[str, tuple[tuple[Sense, str], ...]] = {
    "kind": (
        (Sense.OWN, "our own word: it may strengthen or weaken"),
        (Sense.SIGNAL, "our own word: it only foretells, as a call does"),
        (Sense.NOTHING, "our own word: it moves nothing"),
    ),
    "facts": (
        (Sense.HARM, "our own word: something went wrong"),
        (Sense.PRAISE, "our own word: something went well"),
        (Sense.OWN, "our own word: it may be either"),
        (Sense.NOTHING, "our own word: it moves nothing"),
    ),
    "department": ((Sense.OWN, "our own word: a department of ours"),),
}
SAME = f"{Sense.SAME}:"


@dataclass(frozen=True)
class Choice:
    """One thing that a word can mean, as the form sends it."""

    value: str
    words: str


@dataclass(frozen=True)
class WordRow:
    """A word that no pack knows, with the address of the interactions that hold it, and what it can mean."""

    number: int
    column: str
    kind: str
    word: str
    interactions: int
    customers: int
    href: str
    own: tuple[Choice, ...]
    same: tuple[Choice, ...]
    is_decided: bool


@dataclass(frozen=True)
class WordsPage:
    """The words, the most frequent first; `waiting` of them are in the draft already."""

    rows: tuple[WordRow, ...]
    total: int
    waiting: int
    may_change: bool
    worked_out_at: datetime | None
    problem: str
    empty: parts.State | None


@view.page(section="data", act=rules.Act.SEE_DATA)
def words_to_map(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Show the words that no pack knows."""
    return _rendered(asked)


@view.page(section="data", act=rules.Act.CHANGE_MODEL, methods=("POST",))
def mean(request: HttpRequest, asked: view.Asked) -> HttpResponse:
    """Put what was chosen into the draft of the pack, where its effect is seen before it is switched on."""
    chosen = tuple(_chosen(request))
    if not chosen:
        return _rendered(asked, problem="Choose what at least one word means. Nothing was changed.")
    try:
        drafts.add(meanings=chosen)
    except (packs.PackError, drafts.TooLongError) as wrong:
        said = f"Nothing was changed: {wrong or 'the draft is too long'}. Mend the draft on the Pack page first."
        return _rendered(asked, problem=said)
    messages.success(request, f"{say.many(len(chosen), 'word')} put into the draft. Try it, then switch it on.")
    return HttpResponseRedirect(reverse("pack"))


def _chosen(request: HttpRequest) -> Iterator[Meaning]:
    """Yield what was chosen. What no form of ours sends is left out."""
    known = {(row.column, row.word): row for row in unknown.rows(limit=MOST)}
    for name, value in request.POST.items():
        number = name.removeprefix("means-")
        column, word = (request.POST.get(f"{part}-{number}", "") for part in ("column", "word"))
        if name == number or (column, word) not in known:
            continue
        meaning = _meaning(column, word, str(value))
        if meaning:
            yield meaning


def _meaning(column: str, word: str, value: str) -> Meaning | None:
    if value in {sense.value for sense, _ in OWN[column]}:
        return Meaning(column=column, word=word, sense=Sense(value))
    same = value.removeprefix(SAME)
    if value != same and same in _known(column, words.pack()):
        return Meaning(column=column, word=word, sense=Sense.SAME, known=same)
    return None


def _rendered(asked: view.Asked, *, problem: str = "") -> HttpResponse:
    scored = versions.scored()
    decided, wrong = _decided()
    rows = tuple(
        _row(asked, at, row, decided, until=scored.as_of if scored else None)
        for at, row in enumerate(unknown.rows(limit=MOST))
    )
    page = WordsPage(
        rows=rows,
        total=unknown.total(),
        waiting=sum(row.is_decided for row in rows),
        may_change=asked.may(rules.Act.CHANGE_MODEL) and not wrong,
        worked_out_at=scored.as_of if scored else None,
        problem=problem or wrong,
        empty=None if rows else _empty(scored is not None),
    )
    status = 422 if problem else 200
    return view.render(asked, "valence/words.html", page=page, title="Words to map", status=status)


def _decided() -> tuple[frozenset[tuple[str, str]], str]:
    """Return what the draft names already, and what is wrong with the draft where it cannot be read."""
    try:
        return drafts.decided(), ""
    except packs.PackError as wrong:
        return frozenset(), f"{wrong}. Mend it on the Pack page; until then no word can be mapped here."


def _row(
    asked: view.Asked,
    number: int,
    row: unknown.UnknownRow,
    decided: frozenset[tuple[str, str]],
    *,
    until: datetime | None,
) -> WordRow:
    query = {row.column.removesuffix("s"): row.word}
    if until:
        query["until"] = (until.date() + dt.timedelta(days=1)).isoformat()
    known = sorted(_known(row.column, words.pack()).items(), key=lambda pair: pair[1].lower())
    return WordRow(
        number=number,
        column=row.column,
        kind=COLUMNS.get(row.column, row.column),
        word=row.word,
        interactions=row.interactions,
        customers=row.customers,
        href=asked.to("interactions", query=query),
        own=tuple(Choice(sense.value, said) for sense, said in OWN[row.column]),
        same=tuple(Choice(f"{SAME}{word}", said) for word, said in known),
        is_decided=(row.column, packs.plain_word(row.word)) in decided,
    )


def _known(column: str, pack: packs.Pack) -> dict[str, str]:
    """Return the pack's words of a column and how they are named."""
    found = {"kind": pack.kinds, "facts": pack.facts, "department": pack.departments}[column]
    return {word: spoken.label for word, spoken in found.items()}


def _empty(is_scored: bool) -> parts.State:
    if is_scored:
        return parts.State(
            "check", "Every word is known", "Every kind, fact and department that was met is in the pack."
        )
    return parts.State("list", "Nothing was counted yet", "Words are counted when scores are worked out.")
