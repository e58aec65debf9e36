"""Small journeys written as rows: what the tests of this folder tell their stories with."""

import numpy as np

from valence import terms

FIELDS = {**dict.fromkeys(terms.WORD_COLUMNS, ""), **dict.fromkeys(terms.TEXT_COLUMNS, "")}


def journey(*rows, **more):
    """Return the journeys of customers 1, 2, ... each a list of rows (dicts with `day`)."""
    people = [list(rows), *more.values()] if rows else list(more.values())
    flat = [row for person in people for row in sorted(person, key=lambda row: row["day"])]
    starts = np.concatenate([[0], np.cumsum([len(person) for person in people])]).astype(np.int64)
    occurred = np.array([row["day"] for row in flat], float)
    return terms.Journeys(
        keys=np.arange(1, len(people) + 1),
        starts=starts,
        occurred=occurred,
        recorded=occurred,
        words={name: words([row.get(name, "") for row in flat]) for name in terms.WORD_COLUMNS},
        numbers={name: np.array([row.get(name, np.nan) for row in flat], float) for name in terms.NUMBER_COLUMNS},
        texts={
            name: np.array(
                [row.get(name, str(place) if name == "interaction_id" else "") for place, row in enumerate(flat)],
                object,
            )
            for name in terms.TEXT_COLUMNS
        },
    )


def words(said):
    """Return a column of words."""
    vocabulary = tuple(sorted(set(said) - {""}))
    return terms.Words(
        codes=np.array([vocabulary.index(word) if word else -1 for word in said], np.int32), vocabulary=vocabulary
    )


def regions(*names):
    """Return the regions of the customers."""
    return words(list(names))
