"""Measuring how well texts are read: a module a task, each with `figures(asked, progress)`."""

from __future__ import annotations

from typing import Protocol

from valence.text.evaluation import asking
from valence.text.evaluation.tasks import aspects, intent, pii, sentiment, themes


class Task(Protocol):
    """A module of tasks/: it measures one thing on labelled rows."""

    def figures(self, *, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
        """Return `n` and figures; a figure with its range is {"value", "low", "high"}, a table {label: {name: ..}}.

        Raises asking.WrongLabels where the labels are not written as this task needs them.
        """


TASKS: dict[str, Task] = {"sentiment": sentiment, "themes": themes, "aspects": aspects, "intent": intent, "pii": pii}
