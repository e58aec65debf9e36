"""Fitting the bond: shrinkage and whether answers help, by cross-validation; weights, draws, calibration and scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond import calibration, checking, learning, lots, model, mood, pieces, ranking, ridge, sampling, scale
from valence.bond import design as designs
from valence.bond.answers import Answers
from valence.bond.calibration import Calibration
from valence.bond.context import ContextPlan, plan
from valence.bond.design import Design, Shape
from valence.bond.mark import Mark
from valence.bond.model import Model
from valence.bond.mood import Mood
from valence.bond.sampling import CaseBase

FEW_LOSSES = 60
FEWEST_LOSSES = 8
STRENGTHS = (0.5, 2.0, 8.0)
CENTRES = (0.0, 1.0)
FOLDS = 2
MARGIN = 10.0
TRIED_ROWS = 24_000
TRIED_STEPS = 5
DRAWN_TO_TRY = 104_729
WIDENED = 1.3
HELD_OUT_DAYS = 120.0
SCALE_DAYS = 365.0
CLEARLY = 0.9


def fit(
    *, samples: CaseBase, answers: Answers, marks: Sequence[Mark], pack: packs.Pack, known_until: float, seed: int
) -> Model:
    """Return the model of the bond that these samples show.

    1. With hardly any losses, the expert's weights and the rate of leaving are all there is.
    2. Choose shrinkage, and whether answers to surveys help, by cross-validation over customers (below FEW_LOSSES: the
       defaults, and no answers). Then half-lives, and where harm saturates.
    3. Fit what happened before the last months, look at the landmarks after: held-out figures and calibration.
    4. Fit everything; draw what is uncertain; fix the bond's scale on the customers of the last year.
    """
    train, landmarks = samples.divided()
    losses = int(np.sum(train.kind == sampling.CASE))
    if losses < FEWEST_LOSSES or losses == len(train):
        return _from_rate(train, marks=marks, pack=pack, known_until=known_until)
    planned = plan(context=train.context)
    shape = Shape()
    if losses >= FEW_LOSSES:
        shape = chosen_shape(train=train, marks=marks, pack=pack, planned=planned, seed=seed)
    draft = designs.drafted(marks=marks, pack=pack, plan=planned, shape=shape)
    heard, gained = believed(heard=mood.heard(answers=answers, design=draft), design=draft, train=train)
    del answers
    design = learning.learned(design=draft, train=train, heard=heard)
    rows = design.rows(train)
    learned, figures = held_out(
        design=design, train=train, rows=rows, heard=heard, landmarks=landmarks, known_until=known_until
    )
    drawn = _drawn(design, train, rows, heard)
    made = _made(design, drawn, train, known_until=known_until, pack=pack)
    told = {**figures, **_figures(made, train, shape), "answers": len(heard), "answers_gain": gained}
    return made.replaced(calibration=learned, figures=told)


def chosen_shape(*, train: CaseBase, marks: Sequence[Mark], pack: packs.Pack, planned: ContextPlan, seed: int) -> Shape:
    """Return the strength and centre of the prior that foretell unseen customers best."""
    random = np.random.default_rng(seed)
    if len(train) > TRIED_ROWS:
        train = train.taken(np.sort(random.choice(len(train), TRIED_ROWS, replace=False)))
    fold = train.lot % np.uint64(FOLDS)

    draft = designs.drafted(marks=marks, pack=pack, plan=planned, shape=Shape())
    rows = draft.rows(train)
    grid = [Shape(strength=strength, centre=centre) for strength in STRENGTHS for centre in CENTRES]
    surprises = {shape: _surprise_unseen(replace(draft, shape=shape), train, rows, fold) for shape in grid}
    return _clearly_best(surprises, usual=Shape())


def _clearly_best(surprises: dict[Shape, float], *, usual: Shape) -> Shape:
    """Return the shape of least surprise, but the usual one unless another gains MARGIN.

    One split is noisy, and too strong a prior costs what is blamed far more than it gains in foresight.
    """
    best = min(surprises, key=lambda shape: surprises[shape])
    return best if surprises[usual] - surprises[best] > MARGIN else usual


def _surprise_unseen(design: Design, train: CaseBase, rows: designs.Rows, fold: NDArray[np.uint64]) -> float:
    total = 0.0
    for number in range(FOLDS):
        seen, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fitted = ridge.fit(design.problem(train.taken(seen), rows[seen]), steps=TRIED_STEPS)
        total += _surprise(fitted.weights, train, rows, unseen)
    return total


def _surprise(weights: terms.Floats, train: CaseBase, rows: designs.Rows, which: terms.Keys) -> float:
    predictor = rows[which] @ weights + train.offset[which]
    return ridge.surprise(predictor, (train.kind[which] == sampling.CASE).astype(np.float64))


def believed(*, heard: Mood, design: Design, train: CaseBase) -> tuple[Mood, float]:
    """Return the answers, or none of them where who believes them foretells clearly worse which unseen customers leave.

    What weighs on an answer need not weigh on leaving: then answers mislead. Also how much less surprise there is with
    them, in nats; 0 where there are no answers, or too few losses to tell.
    """
    nobody = heard.taken(np.zeros(len(heard), np.bool_))
    if not len(heard) or np.sum(train.kind == sampling.CASE) < FEW_LOSSES:
        return nobody, 0.0
    train = _thinned(train)
    rows = design.rows(train)
    gained = 0.0
    for number in range(FOLDS):
        seen, unseen = (np.flatnonzero((train.lot % np.uint64(FOLDS) == number) == alike) for alike in (False, True))
        told = heard.taken(heard.moments.lot % np.uint64(FOLDS) != number)
        for sign, witness in ((1.0, told.taken(np.zeros(len(told), np.bool_))), (-1.0, told)):
            fitted = learning.settled(design=design, train=train.taken(seen), rows=rows[seen], heard=witness)
            gained += sign * _surprise(fitted.weights, train, rows, unseen)
    return (heard if gained > -MARGIN else nobody), gained


def _thinned(train: CaseBase) -> CaseBase:
    """Return as many of the samples as a choice needs, drawn by lot."""
    if len(train) <= TRIED_ROWS:
        return train
    chance = lots.chance(lots=train.lot, of_what=DRAWN_TO_TRY)
    return train.taken(np.sort(np.argsort(chance, kind="stable")[:TRIED_ROWS]))


def held_out(
    *, design: Design, train: CaseBase, rows: designs.Rows, heard: Mood, landmarks: CaseBase, known_until: float
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration and the figures that a model reached on months it had not seen."""
    if not len(landmarks):
        return calibration.uncalibrated(), {}
    cut = _cut(landmarks, known_until)
    early = np.flatnonzero(train.at < cut)
    later = landmarks.taken(landmarks.at >= cut)
    if np.sum(train.kind[early] == sampling.CASE) < FEWEST_LOSSES:
        return calibration.uncalibrated(), {}
    drawn = _drawn(design, train.lean().taken(early), rows[early], heard.taken(heard.moments.at < cut))
    plain = _bare(design, drawn.mean(axis=0), known_until=cut)
    summed = calibration.log_summed_hazard(model=plain, context=later.context, memory=design.memory(later))
    followed = known_until - later.at
    learned = calibration.calibrated(
        log_summed=summed, ends=later.ends, voluntary=later.voluntary, weight=later.weight, followed=followed
    )
    checked = checking.checks(log_summed=summed, later=later, known_until=known_until)
    return learned, _held_out_figures(learned.chance(summed), later, followed, cut, checked)


def _cut(landmarks: CaseBase, known_until: float) -> float:
    """The first landmark of the held-out months: the oldest within HELD_OUT_DAYS."""
    recent = landmarks.at[landmarks.at >= known_until - HELD_OUT_DAYS]
    return float(recent.min()) if len(recent) else known_until


def _held_out_figures(
    chances: terms.Floats, later: CaseBase, followed: terms.Floats, cut: float, checked: Sequence[checking.Check]
) -> dict[str, Any]:
    figures: dict[str, Any] = {"held_out_from": terms.moment(cut).isoformat()}
    for number, horizon in enumerate(calibration.HORIZONS):
        known = (followed >= horizon) & ~((later.ends <= horizon) & ~later.voluntary)
        event = (later.ends[known] <= horizon) & later.voluntary[known]
        chance, weight = chances[known, number], later.weight[known]
        found = ranking.area(score=chance, event=event, weight=weight)
        table = ranking.reliability(chance=chance, event=event, weight=weight) if len(chance) else []
        figures[f"{horizon:g}d"] = {
            **found.told(),
            "looks": len(np.unique(later.at[known])),
            "customers": round(float(weight.sum())),
            "reliability": table,
            "check": checked[number].told(),
        }
    return figures


def _bare(design: Design, weights: terms.Floats, *, known_until: float) -> Model:
    return Model(
        layout=design.layout,
        plan=design.plan,
        weights=weights,
        draws=weights[None, :],
        calibration=calibration.uncalibrated(),
        scale=scale.measured(np.empty(0)),
        known_until=known_until,
        pack="",
        figures={},
        cap=design.cap,
    )


def _drawn(design: Design, train: CaseBase, rows: designs.Rows, heard: Mood) -> terms.Floats:
    """Return draws of the weights, (DRAWS, p)."""
    fitted = learning.settled(design=design, train=train, rows=rows, heard=heard)
    lower, upper = model.bounds(layout=design.layout, plan=design.plan)
    random = np.random.default_rng(len(train))
    return ridge.draws(fitted, lower=lower, upper=upper, count=model.DRAWS, random=random, widened=WIDENED)


def _made(design: Design, drawn: terms.Floats, train: CaseBase, *, known_until: float, pack: packs.Pack) -> Model:
    """The weights are the mean of the draws: the likeliest are often exactly nothing, which is too sure of itself."""
    bare = _bare(design, drawn.mean(axis=0), known_until=known_until)
    bare = bare.replaced(layout=replace(bare.layout, marks=_clear_causes(bare.marks, drawn[:, design.first :])))
    recent = train.taken((train.kind == sampling.BASE) & (train.at >= known_until - SCALE_DAYS))
    return bare.replaced(
        draws=drawn,
        scale=scale.measured(bare.cause_part(design.memory(recent))),
        pack=f"{pack.name} {pack.version}",
    )


def _clear_causes(marks: Sequence[Mark], drawn: terms.Floats) -> tuple[Mark, ...]:
    """Return the marks, of which a kind or department that no pack knows is a cause only where that is CLEARLY so.

    That something of a kind happened says nothing of what went wrong. By chance alone each has some small effect, and
    where nothing else is known it would be blamed for a loss; it still foretells, and is not blamed. drawn (d, m ...).
    """
    harm = (drawn[:, : len(marks)] > 0.0).mean(axis=0)
    sure = np.maximum(harm, 1.0 - harm) >= CLEARLY
    return tuple(
        replace(mark, role=packs.Role.SIGNAL) if mark.is_unknown_whole and not sure[number] else mark
        for number, mark in enumerate(marks)
    )


def _from_rate(train: CaseBase, *, marks: Sequence[Mark], pack: packs.Pack, known_until: float) -> Model:
    """With hardly any losses: the expert's weights at the rate of leaving that was seen, drawn to the usual one."""
    losses = int(np.sum(train.kind == sampling.CASE))
    base = int(np.sum(train.kind == sampling.BASE))
    usual = -np.log1p(-model.DEFAULT_MONTHLY_LOSS) / model.MONTH
    days = base * float(np.exp(train.offset[0])) if base else 0.0
    rate = (losses + 2.0) / (days + 2.0 / usual)
    monthly = float(-np.expm1(-rate * model.MONTH))
    made = Model.from_pack(pack=pack, marks=tuple(marks), known_until=known_until, monthly_loss=monthly)
    return made.replaced(figures={"losses": losses, "prior_only": True})


def _figures(made: Model, train: CaseBase, shape: Shape) -> dict[str, Any]:
    return {
        "losses": int(np.sum(train.kind == sampling.CASE)),
        "base_moments": int(np.sum(train.kind == sampling.BASE)),
        "prior_only": False,
        "harm_saturates_at": None if np.isinf(made.cap) else made.cap,
        "prior_strength": shape.strength,
        "prior_centre": shape.centre,
        "coefficients": coefficients(made, train),
    }


def coefficients(made: Model, train: CaseBase) -> list[dict[str, Any]]:
    """Return for every mark and pair what one unit of it does at once on the log-hazard, with its 95 % range.

    seen: how many of the sampled moments bear the mark (both of a pair).
    """
    seen, together = _seen(made, train)
    first = 1 + len(made.plan.names)
    own = made.draws[:, first : first + made.layout.own_size]
    told = [
        {
            "name": mark.name,
            "words": mark.named,
            "seen": int(seen[number]),
            "role": mark.role.value,
            "sign": mark.sign.value,
            "half_life": round(made.layout.half_lives[number], 1),
            **_times(float(made.own[number]), own[:, number]),
        }
        for number, mark in enumerate(made.marks)
    ]
    pairs = made.draws[:, first + made.layout.own_size :]
    return told + [
        {
            "name": " x ".join(pair.families),
            "words": pair.words,
            "seen": int(together[number]),
            "role": "cause",
            "sign": pair.sign.value,
            **_times(float(made.pair[number]), pairs[:, number]),
        }
        for number, pair in enumerate(made.layout.pairs)
    ]


def _seen(made: Model, train: CaseBase) -> tuple[terms.Keys, terms.Keys]:
    """Return in how many sampled moments each mark was remembered (m,), and both families of each pair (k,)."""
    seen, together = np.zeros(len(made.marks), np.int64), np.zeros(len(made.layout.pairs), np.int64)
    member = made.layout.membership > 0
    for first in range(0, len(train), pieces.ROWS):
        borne = train.sums[first : first + pieces.ROWS, -1] != 0
        families = (borne.astype(np.float32) @ member) > 0
        seen += borne.sum(0)
        together += families[:, made.layout.pair_places].all(axis=2).sum(0)
    return seen, together


def _times(weight: float, drawn: terms.Floats) -> dict[str, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"weight": round(weight, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
