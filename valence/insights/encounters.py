"""One interaction as people read it: what it was, what went wrong or right, what led to it, what it did to the bond."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from valence import terms
from valence.insights import say

if TYPE_CHECKING:
    from valence.packs import Pack

LONG_WAIT = 10.0
LEAST_CHANGE = 0.5
SHORT = 24


class Sign(StrEnum):
    """What an interaction did: harm or praise may be blamed or thanked; a signal only foretells."""

    HARM = "harm"
    PRAISE = "praise"
    SIGNAL = "signal"
    NONE = "none"


@dataclass(frozen=True)
class Effect:
    """What an interaction did to the bond when it happened: levels 0..100 before and after, and its likely range."""

    before: float
    after: float
    low: float
    high: float
    is_signal: bool

    @property
    def change(self) -> float:
        """How far the bond moved."""
        return self.after - self.before


@dataclass(frozen=True)
class Cause:
    """What led to an interaction: the row it was, in words, and whether that was recorded or inferred."""

    row: int
    words: str
    inferred: bool


@dataclass(frozen=True)
class Encounter:
    """One interaction of a customer, said. `row` is its place in the journey; texts are "" where there is nothing.

    `title` names it; `noun` is what it was without what went wrong ("call of 4 April" needs it); `short` labels a
    point of a chart; `details` are small print; `went` says only what went wrong or right.
    """

    row: int
    source: str
    interaction_id: str
    at: datetime
    kind: str
    department: str
    said_department: str
    noun: str
    title: str
    short: str
    went: str
    details: tuple[str, ...]
    quote: str
    language: str
    facts: tuple[str, ...]
    score: float | None
    scale: str
    promise: str
    promised_at: datetime | None
    sign: Sign
    change: float
    after: float | None
    cause: Cause | None = None


def read(
    *,
    journeys: terms.Journeys,
    pack: Pack,
    effects: Mapping[int, Effect],
    links: terms.Links | None,
    now: datetime,
) -> tuple[Encounter, ...]:
    """Return one customer's interactions in order. Rows without an effect are told without one.

    journeys holds one customer and all columns; `effects` and `links` speak of its rows.
    """
    columns = _Columns.of(journeys)
    told = [_one(row, columns=columns, pack=pack, effect=effects.get(row)) for row in range(len(journeys))]
    if links is None:
        return tuple(told)
    causes = _causes(told, links=links, now=now)
    return tuple(replace(encounter, cause=causes.get(encounter.row)) for encounter in told)


@dataclass(frozen=True)
class _Columns:
    """A journey's columns as plain lists; those that were not read are empty text or unknown numbers."""

    journeys: terms.Journeys
    words: Mapping[str, list[str]]

    @classmethod
    def of(cls, journeys: terms.Journeys) -> _Columns:
        return cls(journeys=journeys, words={name: column.said() for name, column in journeys.words.items()})

    def word(self, name: str, row: int) -> str:
        column = self.words.get(name)
        return column[row] if column else ""

    def number(self, name: str, row: int) -> float | None:
        column = self.journeys.numbers.get(name)
        if column is None or math.isnan(column[row]):
            return None
        return float(column[row])

    def text(self, name: str, row: int) -> str:
        column = self.journeys.texts.get(name)
        return str(column[row]) if column is not None else ""


def _one(row: int, *, columns: _Columns, pack: Pack, effect: Effect | None) -> Encounter:
    facts = tuple(fact for fact in columns.word("facts", row).split("|") if fact)
    noun = _noun(row, columns=columns, pack=pack)
    sign = sign_of(effect)
    went = _went(row, columns=columns, pack=pack, facts=_most_telling(facts, pack=pack, sign=sign), sign=sign)
    promised = columns.number("promised_at", row)
    department = columns.word("department", row)
    return Encounter(
        row=row,
        source=columns.word("source", row),
        interaction_id=columns.text("interaction_id", row),
        at=terms.moment(columns.journeys.occurred[row]),
        kind=columns.word("kind", row),
        department=department,
        said_department=pack.say_department(department) if department else "No department",
        noun=noun,
        title=_title(noun=noun, went=went, promise=columns.word("promise", row)),
        short=_short(noun=noun, went=went),
        went=went,
        details=_details(row, columns=columns, pack=pack, noun=noun),
        quote=columns.text("text", row),
        language=columns.word("language", row),
        facts=facts,
        score=columns.number("score", row),
        scale=columns.word("scale", row),
        promise=columns.word("promise", row),
        promised_at=None if promised is None else terms.moment(promised),
        sign=sign,
        change=effect.change if effect else 0.0,
        after=effect.after if effect else None,
    )


def sign_of(effect: Effect | None) -> Sign:
    """Return what an effect was. A cause that hardly moved the bond did nothing one could see."""
    if effect is None:
        return Sign.NONE
    if effect.is_signal:
        return Sign.SIGNAL
    if abs(effect.change) < LEAST_CHANGE:
        return Sign.NONE
    return Sign.PRAISE if effect.change > 0 else Sign.HARM


def _noun(row: int, *, columns: _Columns, pack: Pack) -> str:
    """Return what it was: `Call about bill`, `Visit for installation`, `Bill`."""
    kind, channel = columns.word("kind", row), columns.word("channel", row)
    what = pack.say_kind(kind)
    if kind in pack.contact_kinds and channel:
        what = {"phone": "Call", "email": "E-mail", "chat": "Chat", "store": "Shop visit"}.get(channel, what)
    reason = _plain(columns.word("reason", row))
    if not reason or reason.lower() in what.lower():
        return what
    return f"{what} {'about' if kind in pack.contact_kinds else 'for'} {reason}"


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").split())


def _went(row: int, *, columns: _Columns, pack: Pack, facts: tuple[str, ...], sign: Sign) -> str:
    """Return what went wrong or right, most telling first. That a promise was made is told last: it did neither."""
    promise = _promise(row, columns=columns)
    tells = promise == "promise broken" or (promise == "promise kept" and sign is not Sign.HARM)
    told = [_score(row, columns=columns), _surprise(row, columns=columns), promise if tells else ""]
    said = [phrase for phrase in told if phrase]
    said += [pack.say_fact(fact) for fact in facts if not _says_the_same(fact, said)]
    said += [promise] if promise and not tells else []
    outage = columns.number("outage_hours", row)
    if outage:
        said.insert(0, f"{outage:.0f} h without service" if outage >= 1 else f"{outage * 60:.0f} min without service")
    wait = columns.number("wait_minutes", row)
    if wait and wait >= LONG_WAIT and not said:
        said.append(f"{say.minutes(wait)} wait")
    return ", ".join(dict.fromkeys(said))


def _most_telling(facts: tuple[str, ...], *, pack: Pack, sign: Sign) -> tuple[str, ...]:
    """Return facts with those first that explain the sign: what was praised, or else what went wrong."""
    first = pack.praised_facts if sign is Sign.PRAISE else pack.harmful_facts
    return tuple(sorted(facts, key=lambda fact: fact not in first))


def _says_the_same(fact: str, said: list[str]) -> bool:
    words = " ".join(said)
    return (fact in {"surprise", "wrong_bill"} and "above" in words) or (
        fact == "promise_broken" and "promise broken" in words
    )


def _score(row: int, *, columns: _Columns) -> str:
    score = columns.number("score", row)
    if score is None:
        return ""
    best = {"nps": 10, "csat": 5, "ces": 7}.get(columns.word("scale", row))
    return f"answered {score:g} of {best}" if best else f"answered {score:g}"


def _surprise(row: int, *, columns: _Columns) -> str:
    amount, expected = columns.number("amount", row), columns.number("expected_amount", row)
    if amount is None or expected is None or amount - expected < 1:
        return ""
    return f"{say.money(amount - expected)} above what was told"


def _promise(row: int, *, columns: _Columns) -> str:
    return {"broken": "promise broken", "kept": "promise kept", "made": "promise made"}.get(
        columns.word("promise", row), ""
    )


def _title(*, noun: str, went: str, promise: str) -> str:
    if not went:
        return noun
    what, _, about = noun.partition(" for ")
    if promise and what == "Promise":
        others = went.replace(f"promise {promise}", "").strip(", ")
        return ": ".join(part for part in (f"Promise {promise}", about, others) if part)
    if went.startswith(say.currency()):
        return f"{noun} {went}"
    return f"{noun}: {went}"


def _short(*, noun: str, went: str) -> str:
    """Return a label of at most about 24 characters, cut between phrases."""
    words = went.split(", ")[0] or noun.split(" about ")[0].split(",")[0]
    words = words.replace(" above what was told", " too high").replace(" without service", " outage")
    if len(words) > SHORT:
        words = words[:SHORT].rsplit(" ", 1)[0] + "…"
    return say.sentence(words)


def _details(row: int, *, columns: _Columns, pack: Pack, noun: str) -> tuple[str, ...]:
    channel = columns.word("channel", row)
    length, wait, transfers = (columns.number(name, row) for name in ("duration_minutes", "wait_minutes", "transfers"))
    amount, expected = columns.number("amount", row), columns.number("expected_amount", row)
    promised = columns.number("promised_at", row)
    touchpoint = _plain(columns.word("touchpoint", row))
    shown = pack.say_channel(channel) if channel else ""
    said = [
        touchpoint if touchpoint.lower() not in noun.lower() else "",
        shown.lower() if shown and shown.lower() not in f"{noun} {touchpoint}".lower() and not _is_call(noun) else "",
        f"{say.money(amount)} billed" if amount is not None else "",
        f"{say.money(expected)} expected" if expected is not None else "",
        f"{say.minutes(wait)} wait" if wait is not None and wait >= 1 else "",
        say.many(int(transfers), "transfer") if transfers else "",
        say.minutes(length) if length else "",
        f"promised for {_stamp(terms.moment(promised))}" if promised is not None else "",
        f"team {columns.word('team_id', row)}" if columns.word("team_id", row) else "",
    ]
    return tuple(phrase for phrase in said if phrase)


def _is_call(noun: str) -> bool:
    return noun.startswith("Call")


def _stamp(at: datetime) -> str:
    here = say.local(at)
    day = f"{here.day} {here:%b}"
    return day if say.is_day(at) else f"{day}, {here:%H:%M}"


def _causes(told: list[Encounter], *, links: terms.Links, now: datetime) -> dict[int, Cause]:
    causes = {}
    pairs = zip(links.effect, links.cause, links.inferred, links.rule, strict=True)
    for effect, cause, inferred, rule in pairs:
        before = told[int(cause)]
        how = links.rules[rule] if inferred and 0 <= rule < len(links.rules) else "caused by"
        words = f"{how} the {_lower(before.noun)} of {say.date(before.at, now=now)}"
        if before.said_department != told[int(effect)].said_department:
            words += f", {before.said_department}"
        causes[int(effect)] = Cause(row=int(cause), words=words, inferred=bool(inferred))
    return causes


def _lower(noun: str) -> str:
    return noun[:1].lower() + noun[1:]
