"""The whole population as columns, and what was known of it at a moment."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.customers import rules
from valence.customers.models import Customer, ValueChange
from valence.terms import Codes, Days, Floats, History, Keys, Relationships, Words, days

WORDS = ("region", "segment", "plan", "language", "switched_from")
READ_AT_ONCE = 20_000
COLUMNS = ("key", "joined_at", "left_at", "left_kind", "monthly_value", *WORDS)


def read(*, among: Sequence[int] | None = None) -> Relationships:
    """Read everybody whose `joined_at` is known, with the history of the values that are looked back at.

    `among`: only those of these keys, at their cost and not that of all. Rows become arrays some at a time: as objects
    of Python three million customers would fill gigabytes.
    """
    known = Customer.objects.exclude(joined_at=None).order_by("key")
    rows = (known if among is None else known.filter(key__in=among)).values_list(*COLUMNS)
    said: dict[str, dict[str, int]] = {name: {} for name in WORDS}
    parts = [_arrays(some, said) for some in _at_once(rows.iterator(chunk_size=READ_AT_ONCE))]
    columns = {name: np.concatenate([part[name] for part in parts or [_arrays((), said)]]) for name in COLUMNS}
    words = {name: Words(codes=columns[name], vocabulary=tuple(said[name])) for name in WORDS}
    keys, joined, value = columns["key"], columns["joined_at"], columns["monthly_value"]
    changes = _changes(keys, among)
    return Relationships(
        keys=keys,
        joined=joined,
        left=columns["left_at"],
        voluntary=columns["left_kind"],
        monthly_value=value,
        words=words,
        history={
            name: _history(joined=joined, now=value if name in rules.NUMBERS else words[name], changed=changes[name])
            for name in rules.LOOKED_BACK_AT
        },
    )


def _at_once(rows: Iterable[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    left = iter(rows)
    return iter(lambda: list(islice(left, READ_AT_ONCE)), [])


def _arrays(rows: Sequence[tuple[Any, ...]], said: dict[str, dict[str, int]]) -> dict[str, NDArray[Any]]:
    """Return some rows as arrays, by COLUMNS; `left_kind` as whether it was by choice, words as codes in `said`."""
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(COLUMNS, ())
    return {
        "key": np.array(columns["key"], dtype=np.int64),
        "joined_at": _days(columns["joined_at"]),
        "left_at": _days(columns["left_at"]),
        "left_kind": np.array([kind != "involuntary" for kind in columns["left_kind"]], dtype=bool),
        "monthly_value": _numbers(columns["monthly_value"]),
        **{name: _codes(columns[name], said[name]) for name in WORDS},
    }


def as_known(*, whole: Relationships, as_of: datetime) -> Relationships:
    """Return the population as it was known at a moment: who had joined, who had left, which values they had."""
    moment = days(as_of)
    there = whole.joined <= moment
    history = {name: _known_by(past, moment, there) for name, past in whole.history.items()}
    left = np.where(whole.left <= moment, whole.left, np.nan)[there]
    words = {name: Words(codes=said.codes[there], vocabulary=said.vocabulary) for name, said in whole.words.items()}
    words |= {
        name: Words(codes=_latest(past, int(there.sum())).astype(np.int32), vocabulary=past.vocabulary)
        for name, past in history.items()
        if name in words
    }
    return Relationships(
        keys=whole.keys[there],
        joined=whole.joined[there],
        left=left,
        voluntary=whole.voluntary[there],
        monthly_value=_latest(history["monthly_value"], int(there.sum())).astype(np.float64),
        words=words,
        history=history,
    )


def _known_by(past: History, moment: float, there: NDArray[np.bool_]) -> History:
    if there.all() and (past.since <= moment).all():  # the latest moment: millions of rows need no copy
        return past
    kept = (past.since <= moment) & there[past.row]
    position = np.cumsum(there) - 1
    return History(
        row=position[past.row[kept]],
        since=past.since[kept],
        values=past.values[kept],
        vocabulary=past.vocabulary,
    )


def _latest(past: History, customers: int) -> NDArray[Any]:
    """Return the last value of each customer; the rows are sorted by (row, since), so the last one wins."""
    unknown: float = np.nan if past.values.dtype.kind == "f" else -1
    latest = np.full(customers, unknown, dtype=past.values.dtype)
    latest[past.row] = past.values
    return latest


def _changes(keys: Keys, among: Sequence[int] | None) -> dict[str, tuple[Keys, Days, tuple[str, ...]]]:
    """Read the fields that changed since their customers joined: rows, since (days) and values, by field."""
    kept = ValueChange.objects.filter(field__in=rules.LOOKED_BACK_AT).order_by("known_since", "id")
    kept = kept if among is None else kept.filter(customer_id__in=among)
    read = kept.values_list("field", "customer_id", "known_since", "value").iterator(chunk_size=READ_AT_ONCE)
    found = {name: (array("q"), array("d"), list[str]()) for name in rules.LOOKED_BACK_AT}
    same: dict[str, str] = {}  # one object for each word, not one for each row
    for field, owner, since, value in read:
        owners, moments, values = found[field]
        owners.append(owner)
        moments.append(days(since))
        values.append(same.setdefault(value, value))
    return {name: _known_ones(keys, *columns) for name, columns in found.items()}


def _known_ones(
    keys: Keys, owners: array[int], since: array[float], values: Sequence[str]
) -> tuple[Keys, Days, tuple[str, ...]]:
    owner = np.array(owners, dtype=np.int64)
    row = np.searchsorted(keys, owner).clip(max=max(len(keys) - 1, 0))
    known = keys[row] == owner if len(keys) else np.zeros(len(owner), dtype=bool)
    return row[known], np.array(since, np.float64)[known], tuple(compress(values, known))


def _history(*, joined: Days, now: Floats | Words, changed: tuple[Keys, Days, tuple[str, ...]]) -> History:
    """Join the values that never changed (known since their customers joined) with those that did."""
    current = now.codes if isinstance(now, Words) else now
    vocabulary = now.vocabulary if isinstance(now, Words) else ()
    every = np.arange(len(joined))
    row, since, said = changed
    if not len(row):
        return History(row=every, since=joined, values=current, vocabulary=vocabulary)
    never = np.ones(len(joined), dtype=bool)
    never[row] = False
    codes: Codes | Floats
    if isinstance(now, Words):
        index = {word: code for code, word in enumerate(vocabulary)}
        new = tuple(dict.fromkeys(word for word in said if word and word not in index))
        index |= {word: code for code, word in enumerate(new, start=len(vocabulary))}
        vocabulary = (*vocabulary, *new)
        codes = np.array([index.get(word, -1) for word in said], dtype=np.int32)
    else:
        codes = np.array([float(value) if value else np.nan for value in said], dtype=np.float64)
    rows = np.concatenate([every[never], row])
    known_since = np.concatenate([joined[never], since])
    order = np.lexsort((known_since, rows))
    return _first_since_joined(
        History(
            row=rows[order],
            since=known_since[order],
            values=np.concatenate([current[never], codes])[order],
            vocabulary=vocabulary,
        ),
        joined,
    )


def _first_since_joined(past: History, joined: Days) -> History:
    """Let each customer's first value count since they joined, also where `joined_at` was mended later."""
    first = np.ones(len(past.row), dtype=bool)
    first[1:] = past.row[1:] != past.row[:-1]
    since = np.maximum(past.since, joined[past.row])
    since[first] = joined[past.row[first]]
    return History(row=past.row, since=since, values=past.values, vocabulary=past.vocabulary)


def _days(moments: Sequence[datetime | None]) -> Days:
    return np.array([np.nan if moment is None else days(moment) for moment in moments], dtype=np.float64)


def _numbers(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _codes(values: Sequence[str], places: dict[str, int]) -> Codes:
    """Return the codes of words, -1 for none; words that are new to `places` are added."""
    return np.fromiter(
        (places.setdefault(value, len(places)) if value else -1 for value in values), np.int32, len(values)
    )
