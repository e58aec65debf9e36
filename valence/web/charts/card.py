"""What a chart and the table behind it consist of, as templates receive them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart in two layouts. `label` says the finding: it is what a screen reader reads."""

    label: str
    wide: Options
    narrow: Options
    height: int
    height_narrow: int

    @property
    def data(self) -> dict[str, Any]:
        """Return what the browser needs to draw it."""
        return {
            "wide": self.wide,
            "narrow": self.narrow,
            "height": self.height,
            "narrow_height": self.height_narrow,
            "label": self.label,
        }


@dataclass(frozen=True)
class Column:
    """A column of a table: numbers stand at the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table. `count` marks a number that opens rows: it must equal the total of the page at `href`."""

    text: str
    href: str = ""
    quiet: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Table:
    """The table behind a chart: the real alternative to it. The first cell of a row is its header."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = field(default=())
