"""Records that came as JSON objects, put side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import UNSET

from valence.terms import RawRecords, Refusal, Refused


def side_by_side(*, objects: Sequence[Any], known: Collection[str], numbers: Sequence[int]) -> RawRecords:
    """Return records as columns. What has no column of ours joins the object's attributes, so that strange names
    cost no more than they weigh. What is no object is refused.
    """
    unreadable = {
        place: Refused(number=numbers[place], reason=Refusal.NOT_AN_OBJECT, detail="a JSON object is needed")
        for place, one in enumerate(objects)
        if type(one) is not dict
    }
    rows: list[Mapping[str, Any]] = [one if type(one) is dict else {} for one in objects]
    met = set().union(*rows)
    if not met <= set(known):
        rows = [_with_strangers(row, known) for row in rows]
        met = (met & set(known)) | {"attributes"}
    return RawRecords(numbers=numbers, columns=_columns(rows, sorted(met)), unreadable=unreadable)


def _columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the rows side by side; mostly all have the same fields, and are then turned at once."""
    try:
        turned = list(zip(*map(itemgetter(*names), rows), strict=True)) if len(names) > 1 else []
    except KeyError:
        turned = []
    if not turned:
        return {name: [row.get(name, UNSET) for row in rows] for name in names}
    return {name: list(column) for name, column in zip(names, turned, strict=True)}


def _with_strangers(row: Mapping[str, Any], known: Collection[str]) -> Mapping[str, Any]:
    strangers = {name: value for name, value in row.items() if name not in known and value not in (None, "")}
    if not strangers:
        return row
    attributes = row.get("attributes")
    if isinstance(attributes, str) and attributes:
        try:
            attributes = msgspec.json.decode(attributes)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return row
    if attributes and not isinstance(attributes, dict):
        return row
    return {**row, "attributes": {**strangers, **(attributes or {})}}
