"""What a task is asked: labelled rows, how to learn, with which seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from valence import terms

PATHS = ("fast", "precise")
Report = Callable[[terms.Progress], None]


class WrongLabels(ValueError):  # noqa: N818  it is said to people as "wrong labels"
    """A label is not written as the task needs it. Says which row and how it should look."""


@dataclass(frozen=True)
class Rows:
    """Texts with the labels that people gave, row by row. `languages` is empty where no column names them."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Asked:
    """One evaluation. Learn from `train`, or from `folds` - 1 parts of the rows (0: no learning at all).

    `pack`: the industry whose themes are meant, "" where none was named. `path`: one of PATHS.
    """

    rows: Rows
    train: Rows | None = None
    folds: int = 0
    seed: int = 0
    path: str = "fast"
    pack: str = ""
