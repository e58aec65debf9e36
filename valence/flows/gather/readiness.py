"""What the data is good for: counted over everything that is stored, in bounded memory, and kept for the pages."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import ibis
import msgspec
import numpy as np
import pandas as pd
from django.conf import settings

from valence import interactions, terms
from valence.customers import queries as customers
from valence.flows.gather import meant
from valence.insights import readiness
from valence.insights.holdings import Group, Holdings, Lean, Pair, Typical
from valence.ledger.queries import versions
from valence.sources import queries as sources
from valence.terms import Progress

Report = Callable[[Progress], None]
KEPT = "readiness.json"
MEASURED = ("wait_minutes", "duration_minutes", "outage_hours", "amount", "expected_amount")
LEANING = ("kind", "reason", "touchpoint", "facts")
MONTH = timedelta(days=30)
FEWEST, MOST_WORDS, MOST_GROUPS, MOST_PAIRS = 20, 2_000, 500, 5
BEYOND = 1e12  # no amount and no duration: such a value would not even fit the counts


def look(*, now: datetime, progress: Report = lambda step: None) -> readiness.Readiness:
    """Count everything, say what it is good for, and keep that for the pages. Takes as long as reading the log."""
    found = readiness.read(holdings=_holdings(now, progress))
    path = _path()
    draft = path.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(found))
    os.replace(draft, path)
    return found


def kept() -> readiness.Readiness | None:
    """Return what was said last, None before the first time."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=readiness.Readiness)
    except (FileNotFoundError, msgspec.ValidationError, msgspec.DecodeError):
        return None


def _path() -> Path:
    return Path(settings.HOME.folder) / KEPT


def _holdings(now: datetime, progress: Report) -> Holdings:
    people = customers.relationships()
    steps: list[tuple[str, Callable[[], Mapping[str, Any]]]] = [
        ("Counting customers", lambda: _people(people)),
        ("Counting what there is", lambda: _counted(now)),
        ("Counting kinds and scales", _spread),
        ("Looking for causes that are not here", lambda: {"dangling": _dangling(now)}),
        ("Looking for customers nobody told of", lambda: {"strangers": _strangers(now)}),
        ("Looking for what is said twice", lambda: {"pairs": _pairs()}),
        ("Comparing units", lambda: {"typical": _typical()}),
        ("Looking for words that announce a loss", _leans),
    ]
    told: dict[str, Any] = {}
    for place, (words, work) in enumerate(steps):
        progress(Progress(done=place, total=len(steps), words=words))
        told |= work()
    model = versions.in_use()
    undone = sources.undone_after(trained_at=model.trained_at) if model else ()
    return Holdings(at=now, undone_since_model=undone, model=model.version if model else "", **told)


def _people(people: terms.Relationships) -> dict[str, Any]:
    left = ~np.isnan(people.left)
    return {
        "customers": len(people),
        "prospects": max(0, customers.counted() - len(people)),
        "losses": int((left & people.voluntary).sum()),
        "involuntary": int((left & ~people.voluntary).sum()),
        "said": _said(people),
        "groups": _groups(people),
    }


def _counted(now: datetime) -> dict[str, Any]:
    def question(rows: ibis.Table) -> ibis.Table:
        bill = rows.amount.notnull() & (rows.kind == "bill")
        return rows.aggregate(
            rows=rows.count(),
            first=rows.occurred_at.min(),
            last=rows.occurred_at.max(),
            bills=bill.sum(),
            bills_expected=(bill & rows.expected_amount.notnull()).sum(),
            future=(rows.occurred_at > ibis.literal(now)).sum(),
            ancient=(rows.occurred_at < ibis.literal(meant.ANCIENT)).sum(),
            known_before=(rows.recorded_at < rows.occurred_at).sum(),
            **{name: rows[name].count() for name in meant.SAID},
        )

    found = interactions.ask(question=question)[0]
    numbers = ("bills", "bills_expected", "future", "ancient", "known_before")
    return {name: int(found[name] or 0) for name in numbers} | {
        "interactions": int(found["rows"] or 0),
        "first": found["first"],
        "last": found["last"],
        "filled": {name: int(found[name] or 0) for name in meant.SAID},
    }


def _dangling(now: datetime) -> int:
    def question(rows: ibis.Table) -> ibis.Table:
        found = meant.dangling(rows, now)
        return found.aggregate(n=found.count())

    return int(interactions.ask(question=question)[0]["n"] or 0)


def _strangers(now: datetime) -> dict[str, int]:
    """Return by source how many interactions are those of customers of whom no file tells who they are."""
    found = interactions.ask(question=lambda rows: _by(meant.strangers(rows, now), "source"))
    return {str(row["word"]): int(row["n"]) for row in found}


def _spread() -> dict[str, Any]:
    """Return how many interactions there are by kind, by source, and scores by scale."""
    counts = []
    for name in ("kind", "source", "scale"):
        found = interactions.ask(question=lambda rows, name=name: _by(rows, name))  # type: ignore[misc]
        counts.append({str(row["word"]): int(row["n"]) for row in found if row["word"]})
    return dict(zip(("of_kind", "sources", "scales"), counts, strict=True))


def _by(rows: ibis.Table, name: str) -> ibis.Table:
    counted = rows.group_by(word=rows[name]).aggregate(n=lambda row: row.count())
    return counted.order_by(counted.n.desc()).limit(MOST_WORDS)


def _pairs() -> tuple[Pair, ...]:
    """Return which two sources tell the most interactions twice. Worked out a bucket at a time: a question would group
    by customer and moment, and hold as many groups as there are interactions.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for found in interactions.per_customer(function=_told_twice, columns=["source", "kind"]):
        counted.update(found)
    most = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST_PAIRS]
    return tuple(Pair(one, other, number) for (one, other), number in most if number >= FEWEST)


def _told_twice(bucket: int, journeys: terms.Journeys, /) -> Counter[tuple[str, str]]:
    """Count moments of customers of which several sources tell the same kind, by the first and last of their names."""
    owner, at, source = journeys.owners(), journeys.occurred, journeys.words["source"]
    same = (owner[1:] == owner[:-1]) & (at[1:] == at[:-1])
    rows = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if not len(rows):
        return Counter()
    names = sorted(source.vocabulary)
    place = np.array([names.index(name) for name in source.vocabulary])[source.codes[rows]]
    moment = np.append(0, np.cumsum(~same))[rows]
    kind = journeys.words["kind"].codes[rows]
    order = np.lexsort((place, kind, moment))
    moment, kind, place = moment[order], kind[order], place[order]
    begins = np.flatnonzero(np.append(True, (moment[1:] != moment[:-1]) | (kind[1:] != kind[:-1])))
    first, last = place[begins], place[np.append(begins[1:], len(place)) - 1]
    pairs = zip(first[first < last].tolist(), last[first < last].tolist(), strict=True)
    return Counter((names[one], names[other]) for one, other in pairs)


def _typical() -> tuple[Typical, ...]:
    return tuple(one for name in MEASURED for one in _medians(name))


def _medians(name: str) -> Iterator[Typical]:
    """Give the median of a measure by source and kind, from counts: exact, and in memory that does not grow."""
    found = interactions.ask(question=lambda rows: _counts(rows, name))
    told = sorted((str(row["source"]), str(row["kind"]), row["steps"] / row["scale"], int(row["n"])) for row in found)
    for (source, kind), rows in groupby(told, key=lambda row: row[:2]):
        _, _, values, counts = zip(*rows, strict=True)
        until = np.cumsum(counts)
        middle = int(np.searchsorted(until, until[-1] / 2))
        yield Typical(source, name, kind, float(values[middle]), int(until[-1]))


def _counts(rows: ibis.Table, name: str) -> ibis.Table:
    """Count values by source and kind: to a hundredth below 100, whole below 10,000, by hundreds above.

    Only operations that every engine rounds alike: approximate medians differ between engines, and between threads.
    """
    value = rows[name]
    size = value.abs()
    scale = ibis.cases((size < 100, 100.0), (size < 10_000, 1.0), else_=0.01)
    known = rows.filter(size < BEYOND)
    return known.group_by("source", "kind", steps=(value * scale + 0.5).floor(), scale=scale).aggregate(
        n=lambda row: row.count()
    )


def _leans() -> dict[str, Any]:
    """Return the words that are written above all in the month before a loss, and what came after leaving."""
    leaving = meant.leaving()
    if leaving.empty:
        return {"leans": (), "beyond": 0}
    found: list[Lean] = []
    beyond = 0
    for name in LEANING:
        rows = interactions.ask(question=lambda table, name=name: _before(table, leaving, name))  # type: ignore[misc]
        found += [Lean(name, str(r["word"]), int(r["n"]), int(r["before"] or 0), int(r["beyond"] or 0)) for r in rows]
        beyond = beyond or sum(lean.beyond for lean in found)
    return {"leans": tuple(lean for lean in found if lean.word and lean.before >= FEWEST), "beyond": beyond}


def _before(rows: ibis.Table, leaving: pd.DataFrame, name: str) -> ibis.Table:
    joined = rows.left_join(ibis.memtable(leaving), "customer_key")
    word = joined[name].split("|").unnest() if name == "facts" else joined[name]
    each = joined.select(word=word, occurred_at=joined.occurred_at, left_at=joined.left_at)
    since = each.left_at - ibis.interval(days=MONTH.days)
    counted = each.group_by("word").aggregate(
        n=each.count(),
        before=((each.occurred_at > since) & (each.occurred_at <= each.left_at)).sum(),
        beyond=(each.occurred_at > each.left_at).sum(),
    )
    return counted.order_by(counted.before.desc()).limit(MOST_WORDS)


def _groups(people: terms.Relationships) -> tuple[Group, ...]:
    """Return the largest groups of customers who share a value, and how many of each left."""
    left = ~np.isnan(people.left)
    found: list[Group] = []
    for name in ("segment", "plan", "region"):
        words = people.words[name]
        known = words.codes >= 0
        size = np.bincount(words.codes[known], minlength=len(words.vocabulary))
        gone = np.bincount(words.codes[known & left], minlength=len(words.vocabulary))
        largest = np.argsort(size)[::-1][:MOST_GROUPS].tolist()
        found += [Group(name, words.vocabulary[code], int(size[code]), int(gone[code])) for code in largest]
    return tuple(found)


def _said(people: terms.Relationships) -> dict[str, int]:
    said = {name: int((words.codes >= 0).sum()) for name, words in people.words.items()}
    left = int((~np.isnan(people.left)).sum())
    involuntary = int((~np.isnan(people.left) & ~people.voluntary).sum())
    return said | {
        "monthly_value": int((~np.isnan(people.monthly_value)).sum()),
        "left_at": left,
        "left_kind": involuntary,
    }
