"""The law: from pushes and surroundings to the hazard of leaving, day by day.

A day's hazard is set at its midnight by everything before it. Under the additive law

    log h = a + surroundings + sum of pushes x 2^(-age / half-life) + sum over pairs b S S'

with S the decayed pushes of a family, without their sign. Under the saturating law the harm in that sum (marks above
zero and harmful pairs) becomes cap x (1 - exp(-harm / cap)), a push that comes when the harm of before is above
`straw_at` is (1 + straw) times as strong (a last straw), and each segment has its own factor for each family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valence.demo import marks, people, sheet, world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

_MARKS, _FAMILIES = len(world.MARKS), len(world.FAMILIES)
_STRAW = _MARKS + _FAMILIES
HORIZONS = (30, 60, 90)
_STEPS = np.arange(0, 91, 15, dtype=np.float64)
RIVALS_LAST = 25.0


@dataclass(frozen=True)
class Courses:
    """What the law does to a chunk of customers by day (d, c): `log_hazard` without the intercept a (-inf before they
    are known) and `mood`, the interactions' part of it. ahead (l, 3, c): at each landmark the summed hazard (without a)
    over the next 30, 60, 90 days if nothing more happened."""

    log_hazard: Singles
    mood: Singles
    ahead: Floats


@dataclass(frozen=True)
class Decays:
    """How the law's running sums fade: factor a day for each mark, family (pairs) and the last straw's harm (s,)."""

    daily: Floats

    @classmethod
    def of(cls, effects: world.Effects) -> Decays:
        """Return the decays of a law."""
        half_lives = np.concatenate(
            [effects.half_lives, np.full(_FAMILIES, effects.pair_half_life), [effects.straw_half_life]]
        )
        return cls(daily=0.5 ** (1 / half_lives))


def courses(
    *, operator: world.World, who: people.People, columns: sheet.Columns, pushes: marks.Pushes, landmarks: Floats
) -> Courses:
    """Run the law over the whole window for customers who never leave."""
    days = int(np.ceil(operator.end - operator.start))
    around = surroundings(operator=operator, who=who, days=operator.start + np.arange(days, dtype=np.float64))
    mood = np.empty((days, len(who)), dtype=np.float32)
    ahead = np.zeros((len(landmarks), len(HORIZONS), len(who)))
    sums = np.zeros((_STRAW + 1, len(who)))
    decays = Decays.of(operator.effects)
    marked = np.floor(landmarks - operator.start).astype(int)
    batches = _by_day(operator=operator, columns=columns, pushes=pushes, days=days)
    for day, batch in enumerate(batches):
        mood[day] = mood_of(operator=operator, sums=sums)
        for which in np.flatnonzero(marked == day):
            coming = _coming(operator=operator, who=who, day=operator.start + day)
            ahead[which] = _ahead(operator=operator, decays=decays, sums=sums, coming=coming)
        sums *= decays.daily[:, None]
        _push(operator=operator, decays=decays, sums=sums, batch=batch)
    return Courses(log_hazard=around + mood, mood=mood, ahead=ahead)


@dataclass(frozen=True)
class _Batch:
    """The pushes of one day: whose, which mark, how strong, and the part of the day left after them."""

    customer: Ints
    mark: Ints
    push: Floats
    rest: Floats


def _by_day(*, operator: world.World, columns: sheet.Columns, pushes: marks.Pushes, days: int) -> list[_Batch]:
    at = columns["at"][pushes.row] - operator.start
    order = np.argsort(at, kind="stable")
    bounds = np.searchsorted(at[order], np.arange(days + 1))
    batches = []
    for day in range(days):
        chosen = order[bounds[day] : bounds[day + 1]]
        batches.append(
            _Batch(
                columns["customer"][pushes.row[chosen]], pushes.mark[chosen], pushes.push[chosen],
                day + 1 - at[chosen],
            )
        )  # fmt: skip
    return batches


def _push(*, operator: world.World, decays: Decays, sums: Floats, batch: _Batch) -> None:
    """Add a day's pushes, faded to the coming midnight, to the running sums."""
    if not len(batch.mark):
        return
    harm = world.HARMFUL[batch.mark]
    strength = np.ones(len(batch.mark))
    if operator.law is world.Law.SATURATING:
        before = sums[_STRAW, batch.customer]
        strength = np.where(harm & (before > operator.effects.straw_at), 1 + operator.effects.straw, 1.0)
    np.add.at(sums, (batch.mark, batch.customer), batch.push * strength * decays.daily[batch.mark] ** batch.rest)
    family = _MARKS + world.MARK_FAMILY[batch.mark]
    np.add.at(sums, (family, batch.customer), np.abs(batch.push) * decays.daily[family] ** batch.rest)
    np.add.at(sums, (np.full(int(harm.sum()), _STRAW), batch.customer[harm]),
              (batch.push * decays.daily[_STRAW] ** batch.rest)[harm])  # fmt: skip


def mood_of(*, operator: world.World, sums: Floats) -> Floats:
    """Return the interactions' part of the log-hazard from the running sums (s, ...)."""
    pairs = [
        (strength, strength * sums[_MARKS + one] * sums[_MARKS + other])
        for one, other, strength in operator.effects.pairs
    ]
    harm = sums[:_MARKS][world.HARMFUL].sum(axis=0) + sum(effect for strength, effect in pairs if strength > 0)
    praise = sums[:_MARKS][~world.HARMFUL].sum(axis=0) + sum(effect for strength, effect in pairs if strength <= 0)
    return np.asarray(saturated(operator=operator, harm=harm) + praise)


def saturated(*, operator: world.World, harm: Floats) -> Floats:
    """Return what a sum of harm does to the log-hazard under the operator's law."""
    if operator.law is world.Law.ADDITIVE:
        return harm
    cap = operator.effects.cap
    return np.asarray(-cap * np.expm1(-harm / cap))


def _ahead(*, operator: world.World, decays: Decays, sums: Floats, coming: Singles) -> Floats:
    """Return (3, c) the hazard summed over the horizons when sums only fade and surroundings are those `coming`."""
    moods = np.array([mood_of(operator=operator, sums=sums * (decays.daily**step)[:, None]) for step in _STEPS])
    hazards = np.exp(coming + moods)
    pieces = 15 * (hazards[1:] + hazards[:-1]) / 2
    return np.array([pieces[: horizon // 15].sum(axis=0) for horizon in HORIZONS])


def surroundings(*, operator: world.World, who: people.People, days: Floats) -> Singles:
    """Return the log-hazard (d, c) of all that is nobody's doing; -inf on days before a customer is known."""
    weeks = (days - operator.start).astype(int) // 7
    rivals = operator.around.rivals[weeks][:, who.region]
    return _around(operator=operator, who=who, days=days, rivals=rivals, intent_at=who.intent_at)


def _coming(*, operator: world.World, who: people.People, day: float) -> Singles:
    """Return the surroundings (steps, c) as one who knows the law foresees them on a day.

    Time passes, what rivals do fades to what is usual in the region, nobody else begins to think of leaving.
    """
    rivals = operator.around.rivals
    usual, now = rivals.mean(axis=0)[who.region], rivals[int(day - operator.start) // 7, who.region]
    fading = np.exp(-_STEPS / RIVALS_LAST)[:, None]
    return _around(
        operator=operator, who=who, days=day + _STEPS, rivals=usual + (now - usual) * fading,
        intent_at=np.where(who.intent_at <= day, who.intent_at, np.inf),
    )  # fmt: skip


def _around(*, operator: world.World, who: people.People, days: Floats, rivals: Floats, intent_at: Floats) -> Singles:
    around, day = operator.around, days[:, None]
    tenure = (day - who.joined).astype(np.float32)
    height, centre, width = around.bump
    total = height * np.exp(-0.5 * ((tenure - centre) / width) ** 2)
    total += around.newness * np.exp(-np.maximum(tenure, 0) / 120)
    total += rivals * who.pressed
    total += around.segments[who.segment] + around.price * np.log(who.price / 40) + who.frailty
    since = day - intent_at
    total += around.intent * ((since >= 0) & (since < 1.5 * around.intent_days))
    total[np.broadcast_to(day < who.begins, total.shape)] = -np.inf
    return np.asarray(total, dtype=np.float32)
