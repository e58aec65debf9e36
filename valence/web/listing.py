"""What every list of rows has in its address: filters in force, filters that can be set, how many rows are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from valence.web import parts, view

STEP = 50
MOST = 2_000


def chip(asked: view.Asked, *, field: str, name: str, value: str) -> tuple[parts.Chip, ...]:
    """Return the chip of a filter with the address without it; none where it is not in force."""
    return (parts.Chip(name, value, asked.here(**{field: None})),) if value else ()


def choices(asked: view.Asked, *, field: str, name: str, offered: Mapping[str, str] | Sequence[str]) -> parts.Choices:
    """Return a filter that can be set: value -> how it is said, or values that say themselves."""
    said = offered if isinstance(offered, Mapping) else {value: value for value in offered}
    now = asked.query.get(field)
    each = (parts.Choice(words, asked.here(**{field: value}), value == now) for value, words in said.items())
    return parts.Choices(name=name, choices=tuple(each))


def settable(*each: parts.Choices) -> tuple[parts.Choices, ...]:
    """Return the filters that have something to choose."""
    return tuple(one for one in each if one.choices)


def shown(asked: view.Asked, *, most: int = MOST) -> int:
    """Return how many rows the address asks for: at least the first 50, at most `most`."""
    text = asked.query.get("shown", "")
    return min(max(STEP, int(text)), most) if text.isdecimal() and len(text) < 7 else STEP


def more(asked: view.Asked, *, rows: int, total: int | None, most: int = MOST) -> parts.More:
    """Return how many rows there are and the address of the next ones, while there may be more.

    total: None while it is being counted; a list that fills its page may then go on.
    """
    there = most if total is None else min(total, most)
    href = asked.here(shown=rows + STEP) if rows < there else ""
    return parts.More(shown=rows, total=total, href=href)
