"""What stands in a column: how much of it, how many different values, and what they can be read as."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

from valence.sources import lexicon
from valence.sources.notation import durations, numbers, times, zeros

NOTHING = frozenset(
    {
        "null", "(null)", "none", "n/a", "na", "#n/a", "nan", "-", "--", "---", "\\n", "k.a.", "k. a.", "o. a.",
        "?", ".", "nil", "n.v.t.", "s/d", "n/d", "b.d.", "brak", "undefined", "missing", "(blank)", "(empty)",
        "00.00.0000", "00.00.0000 00:00", "00/00/0000", "0000-00-00", "0000-00-00 00:00:00", "00000000",
    }
)  # fmt: skip
NEVER = frozenset({"31.12.9999", "9999-12-31", "31/12/9999", "12/31/9999", "31.12.2999", "2999-12-31", "99991231"})
KEPT = 60
OUTLIERS = 0.05
LOOKED = 200
_HOURS = re.compile(r"(?i)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?: ?[ap]\.?m\.?)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
_PHONE = re.compile(r"(\+|00|0|\()[\d\s()/.\-]{6,20}\d")


@dataclass(frozen=True)
class Profile:
    """One column, as a sample of rows shows it.

    values: the most frequent, with counts. nothing: words in it that mean that nothing is said. time, number: how it
    is written, where (nearly) all of it can be read so. clock: hours or durations such as 14:05; hours: of a day, also
    with AM and PM. known: share of its values that are ids of customers who are known already; zeros: how they would
    have to be written to be known. strange: values that fit no way of writing of the others.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    values: tuple[tuple[str, int], ...]
    length: float
    words: float
    nothing: tuple[str, ...] = ()
    time: times.Decided | None = None
    number: numbers.Decided | None = None
    clock: bool = False
    hours: bool = False
    emails: float = 0.0
    phones: float = 0.0
    known: float = 0.0
    zeros: str = ""
    whole: bool = False
    low: float = 0.0
    high: float = 0.0
    days_only: bool = False
    strange: tuple[str, ...] = field(default=())

    @property
    def examples(self) -> tuple[str, ...]:
        """Up to three values, the most frequent first."""
        return tuple(value for value, _ in self.values[:3])

    @property
    def is_flag(self) -> bool:
        """Whether it says yes or no."""
        said = {lexicon.one_of(table="yes", said=value) for value, _ in self.values}
        return 0 < self.distinct <= 3 and "" not in said and "yes" in said


def of_columns(
    *, names: Sequence[str], rows: Sequence[Sequence[Any]], known: Callable[[Collection[str]], Collection[str]] | None
) -> tuple[Profile, ...]:
    """Return the profile of every column. known: which of some words are ids of customers who are known already."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return tuple(_of_column(name, list(column), known) for name, column in zip(names, columns, strict=True))


def _of_column(name: str, column: list[Any], known: Callable[[Collection[str]], Collection[str]] | None) -> Profile:
    texts = [_text(cell) for cell in column]
    nothing = tuple(sorted({text for text in texts if text.casefold() in NOTHING or text in NEVER}))
    said = [text for text in texts if text and text not in nothing]
    counted = Counter(said)
    bare = Profile(
        name=name, rows=len(column), filled=len(said), distinct=len(counted), values=tuple(counted.most_common(KEPT)),
        length=sum(map(len, said)) / max(1, len(said)), words=sum(len(one.split()) for one in said) / max(1, len(said)),
        nothing=nothing,
    )  # fmt: skip
    return _with_meaning(bare, column, said, list(counted), known)


def _with_meaning(
    bare: Profile, column: list[Any], said: list[str], values: list[str],
    known: Callable[[Collection[str]], Collection[str]] | None,
) -> Profile:  # fmt: skip
    if not values:
        return bare
    moments = [cell for cell in column if isinstance(cell, date)]
    time_of, strange = (times.Decided(times.ISO), ()) if moments and len(moments) == len(said) else _time(values, said)
    number = None if moments else _number(values)
    read = numbers.reader(notation=number.notation) if number else None
    figures = [float(plain) for value in values if (plain := read(value)) is not None] if read else []
    met = known(values[:1000]) if known else ()
    return replace(
        bare,
        time=time_of,
        number=number,
        clock=all(durations.looks_like(value=value) for value in values)
        or any(isinstance(cell, time | timedelta) for cell in column),
        hours=all(_HOURS.fullmatch(value) for value in values),
        emails=_share(_EMAIL, values),
        phones=_share(_PHONE, values),
        known=len(met) / min(len(values), 1000),
        zeros=zeros.found(values=values, known=known) if known and not met else "",
        whole=bool(figures) and all(figure == int(figure) for figure in figures),
        low=min(figures, default=0.0),
        high=max(figures, default=0.0),
        days_only=time_of is not None and not any(":" in value or "h" in value.lower() for value in values),
        strange=strange,
    )


def _time(values: list[str], said: list[str]) -> tuple[times.Decided | None, tuple[str, ...]]:
    """Return how times are written; the few values that no notation fits are set aside: their records are refused."""
    decided = times.decide(values=values, in_order=said)
    if decided or len(values) < 5:
        return decided, ()
    some = values[:LOOKED]
    if sum(not times.looks_like(value=value) for value in some) > max(1, 2 * OUTLIERS * len(some)):
        return None, ()
    strange = [value for value in values if not times.looks_like(value=value)]
    if not strange or len(strange) > max(1, OUTLIERS * len(values)):
        return None, ()
    left = set(strange)
    decided = times.decide(
        values=[value for value in values if value not in left], in_order=[value for value in said if value not in left]
    )
    return decided, tuple(strange[:5]) if decided else ()


def _number(values: list[str]) -> numbers.Decided | None:
    """Return how numbers are written; the few values that are none are set aside: their records are refused."""
    decided = numbers.decide(values=values)
    if decided or len(values) < 5:
        return decided
    figures = [value for value in values if numbers.looks_like(value=value)]
    few = len(values) - len(figures) <= max(1, OUTLIERS * len(values))
    return numbers.decide(values=figures) if figures and few else None


def _share(shape: re.Pattern[str], values: Sequence[str]) -> float:
    return sum(shape.fullmatch(value) is not None for value in values) / len(values)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell)
    return str(cell).strip()
