"""What is worked out of each interaction beside what was sent: derived facts and amounts, and the cause it names."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valence import interactions, terms
from valence.flows.gather import derived
from valence.journeys import recorded

KEY = ("customer_key", "source", "interaction_id")
ADDED = ("derived_facts", "derived_expected_amount", "cause_source", "cause_id")
COLUMNS = ("source", "interaction_id", "facts", "expected_amount", "caused_by")
SCHEMA = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("source", pa.string()),
        ("interaction_id", pa.string()),
        ("derived_facts", pa.string()),
        ("derived_expected_amount", pa.float64()),
        ("cause_source", pa.string()),
        ("cause_id", pa.string()),
    ]
)


def is_asked(*, query: str) -> bool:
    """Say whether a question names anything that is worked out: reading every journey for it takes its time."""
    return not set(ADDED).isdisjoint(re.findall(r"\w+", query.lower()))


def table() -> pa.Table:
    """Return a row (SCHEMA) for each interaction of which anything is worked out; read a bucket at a time.

    The cause is the interaction that `caused_by` names, also where it names another system's id without its name.
    """
    parts = interactions.per_customer(
        function=lambda bucket, journeys: of(journeys=journeys), columns=derived.columns(asked=COLUMNS)
    )
    return pa.concat_tables([SCHEMA.empty_table(), *parts])


def of(*, journeys: terms.Journeys) -> pa.Table:
    """Return what is worked out of some journeys."""
    with_rules = derived.put(journeys=journeys)
    facts = _new_facts(journeys.words["facts"], with_rules.words["facts"])
    before, after = journeys.numbers["expected_amount"], with_rules.numbers["expected_amount"]
    expected = np.where(np.isnan(before), after, np.nan)
    cause = recorded.causes(journeys=journeys)
    rows = np.flatnonzero((facts != "") | np.isfinite(expected) | (cause >= 0))
    sources = np.array([*journeys.words["source"].said(), None], object)
    ids = np.array([*journeys.texts["interaction_id"].tolist(), None], object)
    columns = (
        journeys.keys[journeys.owners()[rows]],
        sources[rows],
        ids[rows],
        [word or None for word in facts[rows]],
        [None if np.isnan(value) else value for value in expected[rows].tolist()],
        sources[cause[rows]],
        ids[cause[rows]],
    )
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)], SCHEMA)


def _new_facts(before: terms.Words, after: terms.Words) -> NDArray[np.object_]:
    """Return for each row (n,) the facts that only rules say, `|` between, "" for none."""
    pairs, place = np.unique(np.stack([before.codes, after.codes], axis=1), axis=0, return_inverse=True)
    said = [_difference(_word(before, old), _word(after, new)) for old, new in pairs.tolist()]
    return np.array([*said, ""], object)[place.ravel()]


def _word(words: terms.Words, code: int) -> str:
    return words.vocabulary[code] if code >= 0 else ""


def _difference(before: str, after: str) -> str:
    known = set(before.split("|"))
    return "|".join(fact for fact in after.split("|") if fact not in known)
