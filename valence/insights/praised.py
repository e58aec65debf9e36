"""What one place, plan or segment alone is praised for, and who comes off better where competitors are named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from valence.terms import Keys, Words
from valence.text import discovery
from valence.text.annotation import Feeling
from valence.text.intents.rivals import Side

FEWEST_PEOPLE = 5


@dataclass(frozen=True)
class Stands:
    """A theme for which one of its kind ("place", "plan", "segment") is praised more than all others together."""

    kind: str
    value: str
    theme: str
    people: int
    found: discovery.OnlyOurs


@dataclass(frozen=True)
class Standing:
    """What stands out, most outstanding first. `compared`: of how many each kind has comments, by kind."""

    stands: tuple[Stands, ...] = ()
    compared: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Praises:
    """Praise of one kind: comments a value (v,), and praise and those who praised by value and theme [v, themes]."""

    sizes: NDArray[np.int_]
    praised: NDArray[np.int_]
    people: NDArray[np.int_]


def standing(
    *, customer: Keys, kinds: Mapping[str, Words], of: Keys, named: Words, toned: Words, aside: Collection[str]
) -> Standing:
    """Return what each value of each kind is praised for more often than all others of its kind.

    customer and each of `kinds` (n,): texts; of, named, toned (m,): what is named in them. aside: themes that are
    about nothing in particular. The share of false alarms is held over all kinds together; at least FEWEST_PEOPLE
    customers stand behind each.
    """
    good = np.isin(toned.codes, [code for code, word in enumerate(toned.vocabulary) if word == Feeling.POSITIVE])
    ours: dict[str, discovery.Praise] = {}
    others: dict[str, discovery.Praise] = {}
    behind: dict[str, tuple[str, str, str, int]] = {}
    for kind, words in kinds.items():
        praises = _praises(customer, words, of[good], named.codes[good], len(named.vocabulary))
        for value, theme in np.argwhere(praises.people >= FEWEST_PEOPLE).tolist():
            if named.vocabulary[theme] in aside or praises.sizes.sum() == praises.sizes[value]:
                continue
            key = f"{kind}|{value}|{theme}"
            own = int(praises.praised[value, theme])
            ours[key] = discovery.Praise(own, int(praises.sizes[value]))
            rest = int(praises.praised[:, theme].sum()) - own
            others[key] = discovery.Praise(rest, int(praises.sizes.sum() - praises.sizes[value]))
            people = int(praises.people[value, theme])
            behind[key] = (kind, words.vocabulary[value], named.vocabulary[theme], people)
    found = discovery.only_ours(ours=ours, others=others)
    return Standing(
        stands=tuple(Stands(*behind[one.theme], one) for one in found if one.times > 1),
        compared={kind: len(np.unique(words.codes[words.codes >= 0])) for kind, words in kinds.items()},
    )


def _praises(customer: Keys, words: Words, of: Keys, theme: NDArray[np.int32], themes: int) -> _Praises:
    """Count praise: `of` and `theme` (m,) are praising mentions. A text praises a theme once."""
    size = (len(words.vocabulary), themes)
    each = np.unique(np.column_stack([of, theme]), axis=0) if len(of) else np.zeros((0, 2), int)
    value = words.codes[each[:, 0]]
    each, value = each[value >= 0], value[value >= 0]
    praised, people = np.zeros(size, int), np.zeros(size, int)
    np.add.at(praised, (value, each[:, 1]), 1)
    distinct = np.unique(np.column_stack([value, each[:, 1], customer[each[:, 0]]]), axis=0)
    np.add.at(people, (distinct[:, 0], distinct[:, 1]), 1)
    sizes = np.bincount(words.codes[words.codes >= 0], minlength=size[0])
    return _Praises(sizes=sizes, praised=praised, people=people)


@dataclass(frozen=True)
class SaidBeside:
    """A competitor named in one clause of a comment: who comes off better, and in which themes (perhaps none)."""

    number: int
    customer: int
    rival: str
    side: Side
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Against:
    """A competitor, in one theme or on the whole (theme ""). Numbers of comments by who comes off better.

    A comment that says both, or neither, is untold. people: customers who name the competitor here.
    """

    rival: str
    theme: str
    people: int
    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    untold: tuple[int, ...]

    @property
    def named(self) -> int:
        """Return how many comments name the competitor here."""
        return len(self.ours) + len(self.theirs) + len(self.untold)


def against(*, said: Sequence[SaidBeside], aside: Collection[str] = ()) -> tuple[Against, ...]:
    """Return every competitor on the whole and then by theme, the most named first; those of few people are left out.

    By theme only what is told: a theme in which nobody says who is better is left out, and those `aside` are.
    """
    rivals = sorted({one.rival for one in said})
    wholes = [beside(rival=rival, theme="", said=[one for one in said if one.rival == rival]) for rival in rivals]
    found: list[Against] = []
    for whole in sorted(wholes, key=lambda one: (-one.named, one.rival)):
        own = [one for one in said if one.rival == whole.rival]
        themes = sorted({theme for one in own for theme in one.themes} - set(aside))
        parts = [
            beside(rival=whole.rival, theme=theme, said=[one for one in own if theme in one.themes]) for theme in themes
        ]
        told = [one for one in parts if one.people >= FEWEST_PEOPLE and one.ours + one.theirs]
        if whole.people >= FEWEST_PEOPLE:
            found += [whole, *sorted(told, key=lambda one: -one.named)]
    return tuple(found)


def _in_theme(theme: str, said: Sequence[SaidBeside]) -> Against:
    return beside(rival=said[0].rival, theme=theme, said=[one for one in said if theme in one.themes])


def beside(*, rival: str, theme: str, said: Iterable[SaidBeside]) -> Against:
    """Return what is said beside one competitor, in one theme or on the whole (theme "")."""
    sides: dict[int, set[Side]] = {}
    people = set()
    for one in said:
        sides.setdefault(one.number, set()).add(one.side)
        people.add(one.customer)
    told = {number: each - {Side.UNTOLD} for number, each in sides.items()}
    return Against(
        rival=rival,
        theme=theme,
        people=len(people),
        ours=tuple(number for number, each in told.items() if each == {Side.OURS}),
        theirs=tuple(number for number, each in told.items() if each == {Side.THEIRS}),
        untold=tuple(number for number, each in told.items() if len(each) != 1),
    )
