"""What a text is after, or any other set of labels of which each text carries one."""

from __future__ import annotations

from valence.text.evaluation import asking, single


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Return figures of one label a text, learned as was asked. Raises asking.WrongLabels."""
    return single.figures(asked=asked, progress=progress)
