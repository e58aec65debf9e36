"""What a score would be if every group had answered as often as it was asked: answers weighed by group. Pure.

It mends what groups explain of who keeps silent, and nothing else: within a group the silent are taken to think as
those who answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from valence.insights import scores
from valence.insights.intervals import Range
from valence.insights.responses import Invited
from valence.insights.scores import Measure, Scale


@dataclass(frozen=True)
class Weighed:
    """A score weighed by one kind of group: its value and range, and how many asked no group of answers speaks for."""

    group: str
    value: float
    range: Range
    unspoken: int


def weighed(
    invited: Sequence[Invited], *, given: Mapping[str, float], group: str, scale: Scale, measure: Measure
) -> Weighed | None:
    """Return the score weighed by one kind of group; None where fewer than two groups have five answers.

    given: scores by the invitation's number. Each group counts as much as it was asked, of invitations that have ended.
    """
    ended = [one for one in invited if one.end and one.groups.get(group)]
    asked: dict[str, int] = {}
    said: dict[str, list[float]] = {}
    for one in ended:
        word = one.groups[group]
        asked[word] = asked.get(word, 0) + 1
        if one.number in given:
            said.setdefault(word, []).append(given[one.number])
    spoken = {word: several for word, several in said.items() if len(several) >= scores.FEWEST}
    if len(spoken) < 2:
        return None
    counted = [scores.count(scale=scale, scores=several) for several in spoken.values()]
    shares = np.array([asked[word] for word in spoken], float)
    value, within = scores.weighted(answers=counted, shares=shares / shares.sum(), measure=measure)
    return Weighed(group, value, within, unspoken=sum(asked.values()) - int(shares.sum()))
