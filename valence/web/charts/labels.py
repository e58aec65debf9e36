"""Where direct labels go: the most important first, beside their point, over nothing else, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 15.0
GAP = 9.0


@dataclass(frozen=True)
class Wanted:
    """A label that would like to stand beside a point (pixels). Higher `weight` is placed first."""

    at: tuple[float, float]
    text: str
    weight: float


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, point: tuple[float, float]) -> bool:
        """Return whether a point lies inside."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


def place(
    wanted: Sequence[Wanted],
    *,
    within: Box,
    around: Sequence[tuple[float, float]],
    at_most: int,
    most_covered: int | None = None,
    character: float = 6.7,
) -> dict[int, str]:
    """Return for the labels that found room their side: right, left, top or bottom.

    1. Labels are taken by weight, heaviest first, until `at_most` are placed.
    2. Each tries its four sides; one outside `within`, or over a label already placed, is not possible.
    3. Of the possible sides it takes the one that covers the fewest points of `around` (lines and other marks);
       one that would cover more than `most_covered` is left out.
    """
    placed: dict[int, str] = {}
    taken: list[Box] = []
    for index in sorted(range(len(wanted)), key=lambda index: -wanted[index].weight):
        if len(placed) == at_most:
            break
        if not wanted[index].text:
            continue
        best = _best_side(wanted[index], within=within, taken=taken, around=around, character=character)
        if best and (most_covered is None or best[2] <= most_covered):
            placed[index] = best[0]
            taken.append(best[1])
    return placed


def _best_side(
    label: Wanted, *, within: Box, taken: Sequence[Box], around: Sequence[tuple[float, float]], character: float
) -> tuple[str, Box, int] | None:
    best: tuple[str, Box, int] | None = None
    for side, box in _sides(label, character=character).items():
        if not _fits(box, within=within) or any(box.meets(other) for other in taken):
            continue
        covered = sum(box.holds(point) for point in around)
        if best is None or covered < best[2]:
            best = (side, box, covered)
    return best


def _sides(label: Wanted, *, character: float) -> dict[str, Box]:
    x, y = label.at
    width, half = len(label.text) * character, HEIGHT / 2
    return {
        "right": Box(x + GAP, y - half, x + GAP + width, y + half),
        "left": Box(x - GAP - width, y - half, x - GAP, y + half),
        "top": Box(x - width / 2, y - GAP - HEIGHT, x + width / 2, y - GAP),
        "bottom": Box(x - width / 2, y + GAP, x + width / 2, y + GAP + HEIGHT),
    }


def _fits(box: Box, *, within: Box) -> bool:
    across = within.left <= box.left and box.right <= within.right
    return across and within.top <= box.top and box.bottom <= within.bottom
