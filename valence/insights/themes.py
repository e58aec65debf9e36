"""What customers talk about: how much, in which tone, with which scores, and who left afterwards. Pure.

All of it tells what goes together, not what causes what: who is unhappy writes of other things than who is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.insights.intervals import Range, of_share
from valence.terms import Days, Floats, Keys, Words

FEWEST = 5
FEWEST_SCORES = 30
FOLLOWED_DAYS = 60.0
Z = 1.96
TONES = ("negative", "mixed", "neutral", "positive", "cannot_tell")


@dataclass(frozen=True)
class Texts:
    """Texts (n,) by customer, time, score, and when the customer left by choice or otherwise (days, NaN: not).

    of (m,): the texts of mentions; named, toned: their themes and tones. bond (n,): of the customer now.
    """

    customer: Keys
    at: Days
    score: Floats
    scale: Words
    left: Days
    gone_otherwise: Days
    bond: Floats
    of: Keys
    named: Words
    toned: Words


@dataclass(frozen=True)
class Volume:
    """How much is said of a theme. `tones`: texts by tone, ordered as TONES; `weeks`: texts a week, oldest first."""

    name: str
    texts: int
    people: int
    tones: tuple[int, ...]
    weeks: tuple[int, ...]

    @property
    def negative(self) -> float:
        """The share that speaks badly of it."""
        return (self.tones[0] + self.tones[1]) / self.texts if self.texts else 0.0


@dataclass(frozen=True)
class Effect:
    """How much higher or lower the score is where a theme is spoken of, other themes being equal; in points."""

    name: str
    texts: int
    value: float
    range: Range

    @property
    def beyond_chance(self) -> bool:
        """Say whether the likely range leaves out zero."""
        return self.range.low > 0 or self.range.high < 0


@dataclass(frozen=True)
class Leaving:
    """Of those who spoke of a theme in a tone: how many left by choice within 60 days, beside those who did not.

    ratio: times as often as others who wrote; None where fewer than five people stand on either side or nobody left.
    ratio_range: None too, but for those of whom nobody left: from nothing to what could still be.
    """

    name: str
    tone: str
    people: int
    left: int
    share: float
    range: Range
    others: int
    others_share: float
    ratio: float | None
    ratio_range: Range | None
    score: float | None
    bond: float | None


def volumes(*, texts: Texts, since: float, until: float) -> tuple[Volume, ...]:
    """Return how much is said of each theme, the most first; weeks are counted back from `until`."""
    weeks = max(1, math.ceil((until - since) / 7))
    back = np.clip(((until - texts.at) // 7).astype(int), 0, weeks - 1)
    found = []
    for code, name in enumerate(texts.named.vocabulary):
        rows = texts.of[texts.named.codes == code]
        tones = texts.toned.codes[texts.named.codes == code]
        counted = np.bincount(weeks - 1 - back[rows], minlength=weeks)
        found.append(
            Volume(
                name=name,
                texts=len(rows),
                people=len(np.unique(texts.customer[rows])),
                tones=tuple(int((tones == _code(texts.toned, tone)).sum()) for tone in TONES),
                weeks=tuple(counted.tolist()),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.texts, one.name)))


def usual_scale(*, texts: Texts) -> str:
    """Return the scale on which most of the texts were scored, "" for none."""
    scored = texts.scale.codes[np.isfinite(texts.score) & (texts.scale.codes >= 0)]
    return texts.scale.vocabulary[int(np.bincount(scored).argmax())] if len(scored) else ""


def effects(*, texts: Texts, scale: str) -> tuple[Effect, ...]:
    """Return what goes with a score on one scale, themes side by side: least squares, errors robust by customer.

    Themes of fewer than five people are left out; with fewer than thirty scores nothing is said.
    """
    rows = np.flatnonzero(np.isfinite(texts.score) & (texts.scale.codes == _code(texts.scale, scale)))
    if len(rows) < FEWEST_SCORES or not scale:
        return ()
    there = presence(texts=texts)[rows]
    people = [len(np.unique(texts.customer[rows][there[:, at]])) for at in range(there.shape[1])]
    shares = there.mean(axis=0)
    kept = [at for at, number in enumerate(people) if number >= FEWEST and shares[at] < 1]
    if not kept:
        return ()
    design = np.column_stack([np.ones(len(rows)), there[:, kept].astype(float)])
    values, errors = _least_squares(design, texts.score[rows], texts.customer[rows])
    found = [
        Effect(
            name=texts.named.vocabulary[at],
            texts=int(there[:, at].sum()),
            value=float(values[place]),
            range=Range(float(values[place] - Z * errors[place]), float(values[place] + Z * errors[place])),
        )
        for place, at in enumerate(kept, start=1)
    ]
    return tuple(sorted(found, key=lambda one: one.value))


def leaving(*, texts: Texts, until: float) -> tuple[Leaving, ...]:
    """Return, by theme and tone, who left within 60 days of the first text that spoke so, beside others who wrote.

    Only texts of at least 60 days before `until` count, and of whom had not left yet; who went without choosing within
    those days is left out.
    """
    followed = (texts.at <= until - FOLLOWED_DAYS) & ~(texts.left <= texts.at)
    followed &= ~(np.abs(texts.gone_otherwise - texts.at) <= FOLLOWED_DAYS)
    everybody = _firsts(texts, np.flatnonzero(followed))
    found = []
    for name_code, tone_code in sorted(set(zip(texts.named.codes.tolist(), texts.toned.codes.tolist(), strict=True))):
        if tone_code < 0:
            continue
        said = texts.of[(texts.named.codes == name_code) & (texts.toned.codes == tone_code)]
        own = _firsts(texts, said[followed[said]])
        name, tone = texts.named.vocabulary[name_code], texts.toned.vocabulary[tone_code]
        found.append(_leaving(name, tone, texts, own, everybody))
    return tuple(sorted(found, key=lambda one: (-(one.ratio or 0), -one.people, one.name)))


def presence(*, texts: Texts) -> NDArray[np.bool_]:
    """Return which text speaks of which theme: [n, themes]."""
    there = np.zeros((len(texts.at), len(texts.named.vocabulary)), np.bool_)
    there[texts.of, texts.named.codes] = True
    return there


def _leaving(name: str, tone: str, texts: Texts, own: Keys, everybody: Keys) -> Leaving:
    others = everybody[~np.isin(texts.customer[everybody], texts.customer[own])]
    left, left_others = _left_soon(texts, own), _left_soon(texts, others)
    known = len(own) >= FEWEST and len(others) >= FEWEST
    ratio, likely = _ratio(left, len(own), left_others, len(others)) if known and left_others else (None, None)
    score = texts.score[own][np.isfinite(texts.score[own])]
    bond = texts.bond[own][np.isfinite(texts.bond[own])]
    return Leaving(
        name=name,
        tone=tone,
        people=len(own),
        left=left,
        share=left / len(own) if len(own) else 0.0,
        range=of_share(left, of=len(own)),
        others=len(others),
        others_share=left_others / len(others) if len(others) else 0.0,
        ratio=ratio,
        ratio_range=likely,
        score=float(score.mean()) if len(score) >= FEWEST else None,
        bond=float(np.median(bond)) if len(bond) >= FEWEST else None,
    )


def _firsts(texts: Texts, rows: Keys) -> Keys:
    """Return the first text of each customer among some rows."""
    ordered = rows[np.argsort(texts.at[rows], kind="stable")]
    _, first = np.unique(texts.customer[ordered], return_index=True)
    return np.asarray(ordered[first])


def _left_soon(texts: Texts, rows: Keys) -> int:
    after = texts.left[rows] - texts.at[rows]
    return int(((after >= 0) & (after <= FOLLOWED_DAYS)).sum())


def _ratio(left: int, of: int, left_others: int, of_others: int) -> tuple[float | None, Range]:
    """Return how many times as often, with its range on the log scale; half a case is added to each (Walter 1975).

    Where nobody left there is no such number, only the most that it could be.
    """
    own, others = (left + 0.5) / (of + 0.5), (left_others + 0.5) / (of_others + 0.5)
    error = math.sqrt(1 / (left + 0.5) - 1 / (of + 0.5) + 1 / (left_others + 0.5) - 1 / (of_others + 0.5))
    ratio = own / others
    high = ratio * math.exp(Z * error)
    return (ratio, Range(ratio * math.exp(-Z * error), high)) if left else (None, Range(0.0, high))


def _least_squares(design: Floats, values: Floats, customer: Keys) -> tuple[Floats, Floats]:
    """Return coefficients and their errors, robust where a customer wrote several texts (sandwich by customer)."""
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ values
    scores = design * (values - design @ fitted)[:, None]
    _, group = np.unique(customer, return_inverse=True)
    groups = int(group.max()) + 1
    summed = np.zeros((groups, design.shape[1]))
    np.add.at(summed, group, scores)
    rows, columns = design.shape
    fair = groups / max(groups - 1, 1) * (rows - 1) / max(rows - columns, 1)
    spread = fair * inverse @ summed.T @ summed @ inverse
    return fitted, np.sqrt(np.maximum(np.diag(spread), 0.0))


def _code(words: Words, name: str) -> int:
    return words.vocabulary.index(name) if name in words.vocabulary else -2
