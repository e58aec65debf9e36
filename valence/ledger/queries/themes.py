"""Themes, tones and intents in columns: what is counted, compared with scores, and followed to those who left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Min
from numpy.typing import NDArray

from valence.customers import identities
from valence.ledger.models import Annotation, Mention, Risk
from valence.ledger.queries import readings
from valence.terms import Days, Floats, Keys, Scope, Words, days
from valence.text.annotation import Feeling

MOST = 100_000
AT_ONCE = 5_000


@dataclass(frozen=True)
class Texts:
    """Texts (n,) and what is named in them (m,). `total`: how many there were, of which the latest are here.

    customer: the key they are read by; at in days; score NaN where none; left: when the customer left by choice, in
    days (NaN: not); gone_otherwise: left without choosing. bond: as of the last score, NaN where unknown.
    plan, segment: the customer's as last heard.
    of (m,): the text's position; named, toned: the theme and its tone. wish (k,), of_wish: intents alike.
    """

    number: Keys
    customer: Keys
    at: Days
    score: Floats
    scale: Words
    tone: Words
    language: Words
    department: Words
    location_id: Words
    plan: Words
    segment: Words
    left: Days
    gone_otherwise: Days
    bond: Floats
    of: Keys
    named: Words
    toned: Words
    of_wish: Keys
    wish: Words
    total: int

    def __len__(self) -> int:
        return len(self.number)


def texts(*, scope: Scope, asked: readings.Asked, most: int = MOST) -> Texts:
    """Return the texts that are asked for, the latest `most` of them, in order of time."""
    found = readings.found_by(scope=scope, asked=asked)
    names = ("pk", "customer_id", "occurred_at", "score", "scale", "tone", "language", "department", "location_id")
    with_left = found.annotate(
        left_then=identities.column(path="customer", name="left_at"),
        left_how=identities.column(path="customer", name="left_kind"),
        of_plan=identities.column(path="customer", name="plan"),
        of_segment=identities.column(path="customer", name="segment"),
    )
    more = ("left_then", "left_how", "of_plan", "of_segment")
    rows = list(with_left.order_by("-occurred_at", "-pk").values_list(*names, *more)[:most])
    rows.reverse()
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(names) + len(more))
    number = np.array(columns[0], np.int64)
    chose = np.array([how != "involuntary" for how in columns[10]], np.bool_)
    left = np.array([_day(at) for at in columns[9]], float)
    customer = identities.merged().canonical_of(np.array(columns[1], np.int64))
    of, named, toned = _mentions(number, "theme")
    of_wish, wish, _ = _mentions(number, "intent")
    return Texts(
        number=number,
        customer=customer,
        at=np.array([days(at) for at in columns[2]], float),
        score=np.array([np.nan if value is None else value for value in columns[3]], float),
        scale=words_of(columns[4]),
        tone=words_of(columns[5]),
        language=words_of(columns[6]),
        department=words_of(columns[7]),
        location_id=words_of(columns[8]),
        plan=words_of(columns[11]),
        segment=words_of(columns[12]),
        left=np.where(chose, left, np.nan),
        gone_otherwise=np.where(chose, np.nan, left),
        bond=_bonds(customer),
        of=of,
        named=named,
        toned=toned,
        of_wish=of_wish,
        wish=wish,
        total=found.count() if len(rows) >= most else len(rows),
    )


@dataclass(frozen=True)
class Complaints:
    """What is said badly of themes (n,), one row a text and theme. customer: the key they are read by; at in days.

    read_from: when the first text of these days was written, good or bad, in days; infinite where there is none.
    """

    theme: Words
    customer: Keys
    at: Days
    location_id: tuple[str, ...]
    department: tuple[str, ...]
    source: tuple[str, ...]
    interaction_id: tuple[str, ...]
    read_from: float


def complaints(*, since: datetime, until: datetime) -> Complaints:
    """Return what was said badly of themes in [since, until), by anybody: for the watch, whose alarms have a scope."""
    found = Mention.objects.filter(
        part="theme",
        tone__in=(Feeling.NEGATIVE, Feeling.MIXED),
        annotation__occurred_at__gte=since,
        annotation__occurred_at__lt=until,
    )
    of = [f"annotation__{name}" for name in
          ("customer_id", "occurred_at", "location_id", "department", "source", "interaction_id")]  # fmt: skip
    first = Annotation.objects.filter(occurred_at__gte=since, occurred_at__lt=until).aggregate(at=Min("occurred_at"))
    columns = list(zip(*found.order_by("pk").values_list("name", *of), strict=True)) or [()] * 7
    return Complaints(
        theme=words_of(columns[0]),
        customer=identities.merged().canonical_of(np.array(columns[1], np.int64)),
        at=np.array([days(at) for at in columns[2]], float),
        location_id=columns[3],
        department=columns[4],
        source=columns[5],
        interaction_id=columns[6],
        read_from=days(first["at"]) if first["at"] else np.inf,
    )


def words_of(values: Sequence[Any]) -> Words:
    """Return words as codes of a vocabulary; "" is -1."""
    vocabulary = tuple(sorted({value for value in values if value}))
    place = {word: code for code, word in enumerate(vocabulary)}
    return Words(np.array([place.get(value, -1) for value in values], np.int32), vocabulary)


def _mentions(number: Keys, part: str) -> tuple[Keys, Words, Words]:
    order = np.argsort(number)
    rows: list[tuple[int, str, str]] = []
    for start in range(0, len(number), AT_ONCE):
        some = number[order[start : start + AT_ONCE]].tolist()
        found = Mention.objects.filter(part=part, annotation_id__in=some)
        rows += found.values_list("annotation_id", "name", "tone")
    about = np.array([row[0] for row in rows], np.int64)
    place = np.searchsorted(number[order], about).clip(max=max(len(number) - 1, 0))
    there = number[order][place] == about if len(number) else np.zeros(0, np.bool_)
    kept = [row for row, is_there in zip(rows, there.tolist(), strict=True) if is_there]
    return order[place[there]], words_of([row[1] for row in kept]), words_of([row[2] for row in kept])


def _bonds(customer: Keys) -> Floats:
    keys = np.unique(customer)
    known: dict[int, float] = {}
    for start in range(0, len(keys), AT_ONCE):
        part = Risk.objects.filter(customer_id__in=keys[start : start + AT_ONCE].tolist())
        known |= dict(part.values_list("customer_id", "bond"))
    found: NDArray[np.float64] = np.array([known.get(int(key), np.nan) for key in customer.tolist()], float)
    return found


def _day(at: datetime | None) -> float:
    return np.nan if at is None else days(at)
