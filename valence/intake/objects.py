"""Records that came as JSON objects, put side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import UNSET

from valence.terms import RawRecords, Refusal, Refused

MOST_MET = 12
"""How many sets of fields are remembered: each is a class of its own, and a sender may not make them without end."""


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An object that has no field but ours, as nearly all have: read in half the time of a dictionary."""


class Fields:
    """How JSON objects that have none but some fields are read at once."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(names)
        plain: Any = msgspec.defstruct("PlainRecord", [(name, Any, UNSET) for name in sorted(names)], bases=(Plain,))
        self._array = msgspec.json.Decoder(list[plain]).decode
        self._lines = msgspec.json.Decoder(plain).decode_lines

    def read(self, *, body: bytes, lines: bool) -> list[Plain] | None:
        """Return the objects of an array, or of a line each; None where one has another field, or is no object."""
        try:
            found: list[Plain] = self._lines(body) if lines else self._array(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        return found


class Shape:
    """The fields that a record may have, and how JSON that has no other is read at once.

    A system sends the same few of them again and again: what was met is tried first, and costs a third of all fields.
    """

    def __init__(self, *, known: Collection[str]) -> None:
        self.known = frozenset(known)
        self._every = Fields(known)
        self._met: tuple[Fields, ...] = ()

    def read(self, *, body: bytes, lines: bool) -> list[Plain] | None:
        """Return the objects of an array, or of a line each; None where any of it needs a closer look."""
        for fields in self._met:
            found = fields.read(body=body, lines=lines)
            if found is not None:
                if fields is not self._met[0]:
                    self._met = (fields, *(one for one in self._met if one is not fields))
                return found
        found = self._every.read(body=body, lines=lines)
        if found and len(self._met) < MOST_MET:
            self._meet(frozenset(_columns_of_plain(found)))
        return found

    def _meet(self, names: frozenset[str]) -> None:
        if names and all(names != one.names for one in self._met):
            self._met = (Fields(names), *self._met)


def side_by_side(*, objects: Sequence[Any], known: Collection[str], numbers: Sequence[int]) -> RawRecords:
    """Return records as columns. What has no column of ours joins the object's attributes, so that strange names
    cost no more than they weigh. What is no object is refused.
    """
    if objects and all(issubclass(kind, Plain) for kind in set(map(type, objects))):
        return RawRecords(numbers=numbers, columns=_columns_of_plain(objects))
    rows = [_as_mapping(one) for one in objects]
    unreadable = {
        place: Refused(number=numbers[place], reason=Refusal.NOT_AN_OBJECT, detail="a JSON object is needed")
        for place, row in enumerate(rows)
        if row is None
    }
    said = [row or {} for row in rows]
    met = set().union(*said)
    if not met <= set(known):
        said = [_with_strangers(row, known) for row in said]
        met = (met & set(known)) | {"attributes"}
    return RawRecords(numbers=numbers, columns=_columns(said, sorted(met)), unreadable=unreadable)


def _columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the rows side by side; mostly all have the same fields, and are then turned at once."""
    try:
        turned = list(zip(*map(itemgetter(*names), rows), strict=True)) if len(names) > 1 else []
    except KeyError:
        turned = []
    if not turned:
        return {name: [row.get(name, UNSET) for row in rows] for name in names}
    return {name: list(column) for name, column in zip(names, turned, strict=True)}


def _columns_of_plain(objects: Sequence[Plain]) -> dict[str, tuple[Any, ...]]:
    kinds = {type(one): one for one in objects}
    if len(kinds) == 1:
        names = objects[0].__struct_fields__
        columns: Iterable[tuple[Any, ...]] = zip(*map(msgspec.structs.astuple, objects), strict=True)
    else:
        names = tuple(sorted({name for one in kinds.values() for name in one.__struct_fields__}))
        columns = (tuple(getattr(one, name, UNSET) for one in objects) for name in names)
    return {
        name: column
        for name, column in zip(names, columns, strict=True)
        if column[0] is not UNSET or column.count(UNSET) < len(column)
    }


def _as_mapping(one: Any) -> Mapping[str, Any] | None:
    if isinstance(one, Plain):
        return {name: value for name, value in msgspec.structs.asdict(one).items() if value is not UNSET}
    return one if type(one) is dict else None


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
