"""Who answers of those who were asked: the way from being asked to an answer, and whom answers speak for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from valence.insights.intervals import Range, of_share

FEWEST = 5
ANSWERED = ("answered", "partly")


@dataclass(frozen=True)
class Invited:
    """One person who was asked: how it ended ("" while open), by which channel, and in which groups they are.

    sent: what became of the message, "" where none was needed. groups: `segment`, `region`, `moment` -> word.
    number: the invitation's, by which its answer is found.
    """

    channel: str
    end: str
    sent: str
    asked_at: datetime
    groups: Mapping[str, str]
    number: str = ""


@dataclass(frozen=True)
class Step:
    """A step on the way to an answer: how many got there, of how many who were asked, and what it means."""

    name: str
    words: str
    number: int
    share: float


@dataclass(frozen=True)
class Rate:
    """How many of a group answered, of those asked whose invitation has ended; None where too few were asked."""

    group: str
    word: str
    asked: int
    answered: int
    range: Range | None
    differs: bool = False

    @property
    def share(self) -> float | None:
        """The share that answered."""
        return self.answered / self.asked if self.range and self.asked else None


def funnel(invited: Sequence[Invited]) -> tuple[Step, ...]:
    """Return the steps from being asked to an answer, and how the others ended."""
    ends = Counter(one.end for one in invited)
    lost = sum(one.sent in ("failed", "bounced", "withheld") for one in invited)
    answered, partly = ends["answered"], ends["partly"]
    said = (
        ("asked", "asked", len(invited)),
        ("reached", "reached: the message left, or none was needed", len(invited) - lost),
        ("begun", "answered at least one question", answered + partly),
        ("answered", "sent the whole survey", answered),
        ("declined", "do not want to be asked", ends["declined"]),
        ("expired", "let it pass", ends["expired"]),
        ("open", "still open", ends[""]),
    )
    return tuple(Step(name, words, number, number / len(invited) if invited else 0.0) for name, words, number in said)


def rates(invited: Iterable[Invited], *, group: str) -> tuple[Rate, ...]:
    """Return the share that answered by one kind of group, the largest group first.

    A group differs where its range does not hold the share of everybody. Groups under five people have no share.
    """
    ended = [one for one in invited if one.end and one.groups.get(group)]
    asked = Counter(one.groups[group] for one in ended)
    answered = Counter(one.groups[group] for one in ended if one.end in ANSWERED)
    everybody = sum(answered.values()) / len(ended) if ended else 0.0
    found = []
    for word, number in asked.most_common():
        within = of_share(answered[word], of=number) if number >= FEWEST else None
        differs = within is not None and not within.low <= everybody <= within.high
        found.append(Rate(group, word, number, answered[word] if within else 0, within, differs))
    return tuple(found)
