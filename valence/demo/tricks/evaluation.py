"""How well gaming is found: tricks are planted on teams of made-up operators, and what is said is held to the truth.

Each operator has its own laws (see `floor`). The tricks of PLANNED are planted so that they touch a third or a tenth of
a team's answers, those of STRESS beside them; excellent and ordinary teams do nothing. The rule that raises an alarm is
the product's own: no threshold is chosen on the operators that are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from valence.demo.tricks import kinds, planting
from valence.demo.tricks.record import Record
from valence.insights import intervals
from valence.insights.integrity import correcting, judging
from valence.terms import Progress

SHARES: Mapping[str, float] = {"third": 1 / 3, "tenth": 1 / 10}
HONEST = ("excellent", "ordinary")
DRAWS = 1000


@dataclass(frozen=True)
class Size:
    """How large an evaluation is: teams in each operator."""

    ordinary: int = 30
    excellent: int = 50
    planted: int = 2
    stress: int = 1


@dataclass(frozen=True)
class Outcome:
    """What was said about one team: `trick` is what it did ("excellent", "ordinary": nothing), errors in points."""

    seed: int
    trick: str
    share: str
    answers: int
    said: bool
    alarmed: bool
    named: bool
    p: float
    raw: float
    corrected: float


def evaluate(*, seeds: Sequence[int], size: Size, report: Callable[[Progress], None]) -> Mapping[str, Any]:
    """Return the figures over so many operators, as plain values ready for JSON."""
    outcomes: list[Outcome] = []
    for number, seed in enumerate(seeds):
        outcomes += one(seed=seed, size=size)
        report(Progress(done=number + 1, total=len(seeds), words="operators"))
    return figures(outcomes=outcomes, seeds=seeds)


def one(*, seed: int, size: Size) -> list[Outcome]:
    """Return what is said about every team of one operator."""
    made, plan = planted(seed=seed, size=size)
    evidence = judging.gather(moments=made.moments)
    scale = made.moments.scale
    told = []
    for judged in judging.judge(evidence):
        number = made.moments.teams.index(judged.team)
        trick, share = plan[number]
        found = correcting.scores(evidence=evidence, judged=judged)
        true = float(np.nanmean(made.honest[made.moments.team == number]))
        span = scale.most - scale.least
        told.append(
            Outcome(
                seed=seed, trick=trick, share=share, answers=judged.number,
                said=judged.verdict is not judging.Verdict.CANNOT_SAY,
                alarmed=judged.verdict in (judging.Verdict.SIGNS, judging.Verdict.STRONG),
                named=judged.trick is not None and trick.startswith(judged.trick.value), p=judged.p,
                raw=(found.raw - true) / span, corrected=(found.corrected - true) / span,
            )
        )  # fmt: skip
    return told


def planted(*, seed: int, size: Size) -> tuple[Record, list[tuple[str, str]]]:
    """Return an operator's record with its tricks, and for each team what it does: (trick, share)."""
    doing = [(trick, share) for trick in kinds.PLANNED for share in SHARES for _ in range(size.planted)]
    doing += [(trick, share) for trick in kinds.STRESS for share in SHARES for _ in range(size.stress)]
    made = planting.plant(
        seed=seed, tricks=[(trick, SHARES[share]) for trick, share in doing], ordinary=size.ordinary,
        excellent=size.excellent,
    )  # fmt: skip
    return made, doing + [("ordinary", "")] * size.ordinary + [("excellent", "")] * size.excellent


def figures(*, outcomes: Iterable[Outcome], seeds: Sequence[int]) -> Mapping[str, Any]:
    """Return false alarms, recall by trick and share, and errors of the raw and the corrected score."""
    several = list(outcomes)
    limit = _limit([one.p for one in several if one.trick == "excellent" and one.said])
    return {
        "seeds": len(seeds),
        "teams": len(several),
        "alarm_at": judging.ALARM_AT,
        "one_percent_at": limit,
        "false_alarms": {kind: _alarms([one for one in several if one.trick == kind]) for kind in HONEST},
        "planned": {trick: _trick(several, trick, limit) for trick in kinds.PLANNED},
        "stress": {trick: _trick(several, trick, limit) for trick in kinds.STRESS},
        "honest_error": {kind: _error([one for one in several if one.trick == kind]) for kind in HONEST},
    }


def _trick(several: Sequence[Outcome], trick: str, limit: float) -> Mapping[str, Any]:
    mine = [one for one in several if one.trick == trick]
    told: dict[str, Any] = {}
    for share in SHARES:
        cell = [one for one in mine if one.share == share]
        told[share] = {
            "recall": _alarms(cell),
            "recall_at_one_percent": _share(sum(one.p < limit for one in cell), len(cell)),
            "named_rightly": _share(sum(one.named for one in cell), sum(one.alarmed for one in cell)),
            "error": _error(cell),
        }
    return {**told, "error": _error(mine)}


def _alarms(several: Sequence[Outcome]) -> Mapping[str, float]:
    return _share(sum(one.alarmed for one in several), len(several))


def _share(number: int, of: int) -> Mapping[str, float]:
    held = intervals.of_share(number, of=of)
    return {"value": round(number / of, 4) if of else 0.0, "low": round(held.low, 4), "high": round(held.high, 4),
            "of": of}  # fmt: skip


def _error(several: Sequence[Outcome]) -> Mapping[str, Any]:
    """Return the mean absolute errors, as shares of the scale, and their ratio with its range (bootstrap by team)."""
    raw, corrected = (np.abs([getattr(one, name) for one in several]) for name in ("raw", "corrected"))
    if not len(raw):
        return {}
    told: dict[str, Any] = {"raw": round(float(raw.mean()), 5), "corrected": round(float(corrected.mean()), 5)}
    if raw.mean() < 1e-9:
        return told
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, len(raw), (DRAWS, len(raw)))
    ratios = corrected[drawn].mean(axis=1) / np.maximum(raw[drawn].mean(axis=1), 1e-9)
    low, high = np.quantile(ratios, [0.025, 0.975])
    ratio = {"value": float(corrected.mean() / raw.mean()), "low": float(low), "high": float(high)}
    return told | {"ratio": {name: round(value, 4) for name, value in ratio.items()}}


def _limit(p: Sequence[float]) -> float:
    """Return the p-value under which one in a hundred excellent teams lies."""
    return float(np.quantile(p, 0.01)) if p else 0.0
