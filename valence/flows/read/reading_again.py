"""Reading what lies in store: what came before texts were read, what other heads told, and after an undo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from valence import interactions, terms
from valence.flows.read import reading
from valence.interactions import followers, hashes
from valence.ledger.actions import annotations as keeping
from valence.ledger.queries import readings
from valence.text.annotation import CANNOT_TELL

DONE = "texts of before"
COLUMNS = (
    "source", "interaction_id", "kind", "department", "channel", "reason", "team_id", "location_id", "score", "scale",
    "text", "language", "attributes",
)  # fmt: skip
WORDS = ("source", "kind", "department", "channel", "reason", "team_id", "location_id", "scale", "language")
CUSTOMERS_AT_ONCE = 500


def run(*, now: datetime, progress: reading.Report = lambda step: None) -> str:
    """Read everything that was never read, and again what other heads told than those in use; say what was done.

    It goes on where it was broken off: what was read is not read again.
    """
    new = back_fill(now=now, progress=progress)
    again = with_heads_in_use(now=now, progress=progress)
    return f"{new:,} texts read that never were, {again:,} read again with the heads in use."


def back_fill(*, now: datetime, progress: reading.Report = lambda step: None) -> int:
    """Read the texts of the log that were never read, a part of the log at a time; return how many."""
    done = reading.read_all(now=now, progress=progress)
    parts = interactions.per_customer(function=worded, columns=COLUMNS)
    for number, found in enumerate(parts, start=1):
        for some in _in_parts(found):
            done += _read_new(some, now)
            told = f"Reading what customers wrote before: {done:,} texts"
            progress(terms.Progress(done=min(number, terms.BUCKETS), total=terms.BUCKETS, words=told))
    followers.keep(name=DONE, position=1)
    return done


def with_heads_in_use(*, now: datetime, progress: reading.Report = lambda step: None) -> int:
    """Read again what other heads told than those in use, or another version of the themes; return how many."""
    models = reading.models()
    total, done, last = readings.count_not_by(**models), 0, 0
    while numbers := readings.numbers_not_by(**models, above=last, limit=reading.TEXTS_AT_ONCE):
        last = numbers[-1]
        sent = [(name, _again(one, revision)) for one, name, revision in readings.to_read_again(numbers=numbers)]
        done += reading.store(read=reading.of(sent=sent, now=now), now=now)
        progress(terms.Progress(done=done, total=max(total, done), words="Reading again with the heads in use"))
        if done >= total:
            break
    return done


def of_customers(*, keys: Sequence[int], now: datetime) -> int:
    """Forget what was read of some customers, and set aside what is theirs now; return how many texts that is.

    For what takes interactions away or gives them back: an undo.
    """
    kept = 0
    for start in range(0, len(keys), CUSTOMERS_AT_ONCE):
        some = list(keys[start : start + CUSTOMERS_AT_ONCE])
        found = worded(0, interactions.journeys_of(keys=some, columns=COLUMNS))
        with followers.held(name=reading.WRITING):
            keeping.forget_of(customers=some)
            kept += keeping.wait(unread=reading.set_aside(arrived=found))
    return kept


def was_filled() -> bool:
    """Say whether what came before texts were read was read since."""
    return followers.kept(name=DONE) is not None


def worded(bucket: int, journeys: terms.Journeys, /) -> list[terms.Interaction]:
    """Return the interactions of some journeys that have words to read, in the form in which they arrive."""
    texts = journeys.texts["text"]
    rows = [
        row for row in np.flatnonzero(texts != "").tolist() if reading.STAFF not in journeys.texts["attributes"][row]
    ]
    owners = journeys.keys[journeys.owners()]
    said: dict[str, list[Any]] = {name: _said(journeys.words[name], rows) for name in WORDS}
    score = journeys.numbers["score"]
    return [
        terms.Interaction(
            interaction_id=str(journeys.texts["interaction_id"][row]),
            customer_key=int(owners[row]),
            occurred_at=terms.moment(float(journeys.occurred[row])),
            recorded_at=terms.moment(float(journeys.recorded[row])),
            text=str(texts[row]),
            score=None if np.isnan(score[row]) else float(score[row]),
            **{name: values[place] for name, values in said.items()},
        )
        for place, row in enumerate(rows)
    ]


def _said(words: terms.Words, rows: Sequence[int]) -> list[str]:
    return [words.vocabulary[code] if code >= 0 else "" for code in words.codes[rows].tolist()]


def _in_parts(found: Sequence[terms.Interaction]) -> Iterator[Sequence[terms.Interaction]]:
    for start in range(0, len(found), reading.TEXTS_AT_ONCE):
        yield found[start : start + reading.TEXTS_AT_ONCE]


def _read_new(found: Sequence[terms.Interaction], now: datetime) -> int:
    names = hashes.of_rows(ids=[(one.source, one.interaction_id) for one in found])
    known = readings.known_revisions(row_hashes=names)
    sent = [(name, one) for name, one in zip(names, found, strict=True) if name not in known]
    return reading.store(read=reading.of(sent=sent, now=now), now=now) if sent else 0


def _again(one: readings.Comment, revision: int) -> terms.Interaction:
    """Return a text that was read as an interaction that arrives; what an annotation does not hold is left empty."""
    return terms.Interaction(
        source=one.source,
        interaction_id=one.interaction_id,
        customer_key=one.written_as,
        occurred_at=one.occurred_at,
        recorded_at=one.occurred_at,
        kind=one.kind,
        revision=revision,
        department=one.department,
        channel=one.channel,
        team_id=one.team_id,
        location_id=one.location_id,
        score=one.score,
        scale=one.scale,
        text=one.text,
        language="" if one.language == CANNOT_TELL else one.language,
    )
