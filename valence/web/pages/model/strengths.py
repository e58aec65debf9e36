"""How strong each mark is, as the Model page tells it: what was learned, what only foretells, what was never met."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from valence.insights import say
from valence.web import parts
from valence.web.charts import card, model

SHOWN = 24
SIGNALS = 8
FEWEST_SEEN = 30
LITTLE = math.log(1.02)
PLACES = {"kind": "happened", "reason": "the reason", "touchpoint": "where", "department": "the department"}


@dataclass(frozen=True)
class Coefficient:
    """What one unit of a mark does at once, on the log-hazard, with its range, and after how many days half is gone.

    `seen` and `half_life` are None for an old model.
    """

    name: str
    words: str
    is_cause: bool
    weight: float
    low: float
    high: float
    seen: int | None
    half_life: float | None = None

    @property
    def was_met(self) -> bool:
        """Whether the model saw it at all; else its weight is the pack's own estimate."""
        return self.seen is None or self.seen > 0

    @property
    def is_clear(self) -> bool:
        """Whether its range lies clear of no effect, and enough was seen to say so.

        Ranges of causes cannot cross to the other sign, so their near end must lie beyond a little, not beyond 0.
        """
        near = min(abs(self.low), abs(self.high)) if self.low * self.high > 0 else 0.0
        return near > LITTLE and (self.seen or 0) >= FEWEST_SEEN


@dataclass(frozen=True)
class Strengths:
    """A sentence, a chart and the table behind it."""

    says: str
    chart: card.Chart
    table: card.Table


def read(*, figures: Mapping[str, Any]) -> tuple[Coefficient, ...]:
    """Return a model's coefficients, the strongest first, no two with the same words."""
    found = [_of(row) for row in figures.get("coefficients", ())]
    return _told_apart(sorted(found, key=lambda one: -abs(one.weight)))


def drawn(*, coefficients: Sequence[Coefficient]) -> Strengths | None:
    """Return how many times each mark that was met raises or lowers the chance of leaving at once."""
    met = [one for one in coefficients if one.was_met]
    if not met:
        return None
    causes = [one for one in met if one.is_cause]
    clear = sum(one.is_clear for one in causes)
    says = f"The effect of **{clear} of {len(causes)}** causes is clear of chance. " if clear else ""
    says += "Each point is how many times one such interaction raises or lowers the chance of leaving on its day; "
    says += "it fades after, as the table says." if met[0].half_life is not None else "it fades after."
    rows = [
        model.Strength(one.words, math.exp(one.weight), math.exp(one.low), math.exp(one.high), one.is_cause)
        for one in met[:SHOWN]
    ]
    chart = model.strengths(rows, label=says.replace(parts.MARKED, ""))
    return Strengths(says=says, chart=chart, table=_table(met))


def signals(*, coefficients: Sequence[Coefficient]) -> str:
    """Return the strongest signals that were met, and how many more there are."""
    met = [one.words for one in coefficients if not one.is_cause and one.was_met]
    more = f" and {len(met) - SIGNALS} more in the table" if len(met) > SIGNALS else ""
    return f"{', '.join(met[:SIGNALS])}{more}"


def not_met(*, coefficients: Sequence[Coefficient]) -> tuple[tuple[str, str], ...]:
    """Return the causes that never happened so far, each with the pack's own estimate."""
    return tuple((one.words, _times(one.weight)) for one in coefficients if one.is_cause and not one.was_met)


def _of(row: Mapping[str, Any]) -> Coefficient:
    words = say.sentence(str(row["words"]) or str(row["name"]))
    weight, low, high = (float(row[name]) for name in ("weight", "low", "high"))
    return Coefficient(
        str(row["name"]), words, row["role"] == "cause", weight, low, high, row.get("seen"), row.get("half_life")
    )


def _told_apart(found: Sequence[Coefficient]) -> tuple[Coefficient, ...]:
    """Return the same; of those whose words are alike, each says what it is about: `Credit (the reason)`."""
    often = Counter(one.words for one in found)
    return tuple(one if often[one.words] == 1 else replace(one, words=f"{one.words} ({_about(one)})") for one in found)


def _about(one: Coefficient) -> str:
    column, is_plain, _ = one.name.partition(":")
    return PLACES.get(column, column) if is_plain else "in the pack"


def _table(met: Sequence[Coefficient]) -> card.Table:
    names = (
        "What happened",
        "Counts as",
        "Times the chance",
        "Likely range",
        "Half gone after",
        "Seen",
        "Clear of chance",
    )
    return card.Table(
        name="Strengths, as a table",
        columns=tuple(card.Column(name, numeric=1 < at < 6) for at, name in enumerate(names)),
        rows=tuple(_row(one) for one in met),
    )


def _row(one: Coefficient) -> tuple[card.Cell, ...]:
    return (
        card.Cell(one.words),
        card.Cell("cause" if one.is_cause else "signal", quiet=not one.is_cause),
        card.Cell(_times(one.weight)),
        card.Cell(f"{_times(one.low)} to {_times(one.high)}", quiet=True),
        card.Cell(say.UNKNOWN if one.half_life is None else say.lasting(one.half_life), quiet=True),
        card.Cell(say.UNKNOWN if one.seen is None else say.count(one.seen), quiet=True),
        card.Cell("yes" if one.is_clear else "not yet", quiet=not one.is_clear),
    )


def _times(weight: float) -> str:
    factor = math.exp(abs(weight))
    return f"×{factor:.2f}" if weight >= 0 else f"÷{factor:.2f}"
