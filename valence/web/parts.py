"""The values that the shared template parts show: tiles, chips, crumbs, states. Pure; pages fill them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARKED = "**"


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page; the last has no address."""

    words: str
    href: str = ""


@dataclass(frozen=True)
class Tile:
    """A big number: title, figure, unit, and the count or likely range under it. The whole tile opens the rows.

    `count` is how many rows `href` opens; without `href` the tile is not a link.
    """

    title: str
    figure: str
    under: str
    unit: str = ""
    href: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Chip:
    """A filter in force: `Region **Coast**`, and the address without it."""

    name: str
    value: str
    href: str


@dataclass(frozen=True)
class Choice:
    """One way to filter or sort, and whether it is in force."""

    words: str
    href: str
    on: bool = False


@dataclass(frozen=True)
class Choices:
    """A filter that can be set: its name and what can be chosen."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class State:
    """Nothing here yet, cannot say, or failed: what it is, why, and the one next step."""

    icon: str
    title: str
    words: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class More:
    """How to see more rows of a list: how many are shown, how many there are, the address of the next ones.

    total: None while it is being counted.
    """

    shown: int
    total: int | None
    href: str = ""


@dataclass(frozen=True)
class Sorter:
    """A column head that sorts: `direction` is "ascending", "descending" or "" (then it can be chosen)."""

    words: str
    href: str
    direction: str = ""
    right: bool = False


def chosen(chips: Sequence[Chip], name: str) -> str:
    """Return the value of the filter of this name that is in force, or ""."""
    return next((chip.value for chip in chips if chip.name == name), "")
