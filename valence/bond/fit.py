"""Fitting the bond: half-lives and shrinkage by cross-validation, then weights, draws, calibration and scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence import packs, terms
from valence.bond import calibration, model, ranking, ridge, sampling, scale
from valence.bond.calibration import Calibration
from valence.bond.context import ContextPlan, plan
from valence.bond.layout import PAIR_HALF_LIFE, Layout, layout
from valence.bond.mark import Mark
from valence.bond.model import Model
from valence.bond.sampling import CaseBase

FEW_LOSSES = 60
FEWEST_LOSSES = 8
LIVES = ((20.0, 60.0), (10.0, 45.0), (45.0, 120.0))
STRENGTHS = (0.5, 2.0, 8.0)
CENTRES = (0.0, 1.0)
FOLDS = 2
MARGIN = 3.0
TRIED_ROWS = 24_000
TRIED_STEPS = 5
WIDENED = 1.3
HELD_OUT_DAYS = 120.0
SCALE_DAYS = 365.0


@dataclass(frozen=True)
class Shape:
    """What is chosen before weights are fitted: half-lives, how strong the prior is and where its centre lies."""

    half_lives: tuple[float, ...] = (20.0, 60.0)
    strength: float = 2.0
    centre: float = 1.0


@dataclass(frozen=True)
class Design:
    """One layout and context plan, and the columns they make of samples."""

    layout: Layout
    plan: ContextPlan
    shape: Shape

    def memory(self, samples: CaseBase) -> terms.Floats:
        """Return memory vectors of the samples, (n, size)."""
        chosen = [sampling.HALF_LIVES.index(life) for life in (*self.layout.half_lives, PAIR_HALF_LIFE)]
        return self.layout.vectors(samples.sums[:, chosen])

    def rows(self, samples: CaseBase) -> NDArray[np.float32]:
        """Return the rows of the regression, (n, p) float32, made piece by piece to bound memory."""
        width = 1 + len(self.plan.names) + self.layout.own_size + len(self.layout.pairs)
        rows = np.empty((len(samples), width), np.float32)
        for first in range(0, len(samples), ridge.ROWS):
            piece = samples.taken(np.arange(first, min(len(samples), first + ridge.ROWS)))
            memory = self.memory(piece)
            rows[first : first + len(piece), 0] = 1.0
            rows[first : first + len(piece), 1 : 1 + len(self.plan.names)] = self.plan.columns(piece.context)
            own = memory[:, : self.layout.own_size]
            rows[first : first + len(piece), 1 + len(self.plan.names) :] = np.concatenate(
                [own, self.layout.pair_products(memory)], axis=1
            )
        return rows

    def problem(self, samples: CaseBase, rows: NDArray[np.float32]) -> ridge.Problem:
        """Return the regression of cases against base moments."""
        mean, covariance = model.prior(layout=self.layout, plan=self.plan, centre=self.shape.centre)
        precision = np.asarray(np.linalg.inv(covariance), np.float64)
        first = 1 + len(self.plan.names)
        precision[first:, first:] *= self.shape.strength
        lower, upper = model.bounds(layout=self.layout, plan=self.plan)
        outcome = (samples.kind == sampling.CASE).astype(np.float64)
        mean[0] = _level(outcome, samples.offset)
        return ridge.Problem(rows, outcome, samples.offset, mean, precision, lower, upper)


def fit(*, samples: CaseBase, marks: Sequence[Mark], pack: packs.Pack, known_until: float, seed: int) -> Model:
    """Return the model of the bond that these samples show.

    1. With hardly any losses, the expert's weights and the rate of leaving are all there is.
    2. Choose half-lives and shrinkage by cross-validation over customers (below FEW_LOSSES: the defaults).
    3. Fit what happened before the last months, look at the landmarks after: held-out figures and calibration.
    4. Fit everything; draw what is uncertain; fix the bond's scale on the customers of the last year.
    """
    train = samples.taken(samples.kind != sampling.LANDMARK)
    landmarks = samples.taken(samples.kind == sampling.LANDMARK)
    del samples  # hundreds of megabytes, for a caller who keeps none
    losses = int(np.sum(train.kind == sampling.CASE))
    if losses < FEWEST_LOSSES or losses == len(train):
        return _from_rate(train, marks=marks, pack=pack, known_until=known_until)
    planned = plan(context=train.context)
    shape = Shape()
    if losses >= FEW_LOSSES:
        shape = chosen_shape(train=train, marks=marks, pack=pack, planned=planned, seed=seed)
    design = Design(layout(marks=marks, pack=pack, half_lives=shape.half_lives), planned, shape)
    rows = design.rows(train)
    learned, figures = held_out(design=design, train=train, rows=rows, landmarks=landmarks, known_until=known_until)
    fitted = ridge.fit(design.problem(train, rows))
    made = _made(design, fitted, train, known_until=known_until, pack=pack, seed=seed)
    told = {**figures, **_figures(made, train, shape)}
    return made.replaced(calibration=learned, figures=told)


def chosen_shape(*, train: CaseBase, marks: Sequence[Mark], pack: packs.Pack, planned: ContextPlan, seed: int) -> Shape:
    """Return the half-lives, then the strength and centre of the prior, that foretell unseen customers best."""
    random = np.random.default_rng(seed)
    if len(train) > TRIED_ROWS:
        train = train.taken(np.sort(random.choice(len(train), TRIED_ROWS, replace=False)))
    fold = (train.key.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)) % np.uint64(FOLDS)

    def tried(shape: Shape, folds: Sequence[int]) -> float:
        design = Design(layout(marks=marks, pack=pack, half_lives=shape.half_lives), planned, shape)
        return _surprise_unseen(design, train, fold, folds)

    by_lives = {Shape(half_lives=lives): tried(Shape(half_lives=lives), range(1)) for lives in LIVES}
    lives = _clearly_best(by_lives, usual=Shape()).half_lives
    grid = [Shape(lives, strength, centre) for strength in STRENGTHS for centre in CENTRES]
    return _clearly_best({shape: tried(shape, range(FOLDS)) for shape in grid}, usual=Shape(half_lives=lives))


def _clearly_best(surprises: dict[Shape, float], *, usual: Shape) -> Shape:
    """Return the shape of least surprise, but the usual one unless another gains MARGIN: one split is noisy."""
    best = min(surprises, key=lambda shape: surprises[shape])
    return best if surprises[usual] - surprises[best] > MARGIN else usual


def _surprise_unseen(design: Design, train: CaseBase, fold: NDArray[np.uint64], folds: Sequence[int]) -> float:
    rows = design.rows(train)
    total = 0.0
    for number in folds:
        seen, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fitted = ridge.fit(design.problem(train.taken(seen), rows[seen]), steps=TRIED_STEPS)
        predictor = rows[unseen] @ fitted.weights + train.offset[unseen]
        total += ridge.surprise(predictor, (train.kind[unseen] == sampling.CASE).astype(np.float64))
    return total


def held_out(
    *, design: Design, train: CaseBase, rows: NDArray[np.float32], landmarks: CaseBase, known_until: float
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration and the figures that a model reached on months it had not seen."""
    if not len(landmarks):
        return calibration.uncalibrated(), {}
    cut = _cut(landmarks, known_until)
    early = np.flatnonzero(train.at < cut)
    later = landmarks.taken(landmarks.at >= cut)
    if np.sum(train.kind[early] == sampling.CASE) < FEWEST_LOSSES:
        return calibration.uncalibrated(), {}
    fitted = ridge.fit(design.problem(train.taken(early), rows[early]))
    plain = _bare(design, fitted.weights, known_until=cut)
    summed = calibration.log_summed_hazard(model=plain, context=later.context, memory=design.memory(later))
    followed = known_until - later.at
    learned = calibration.calibrated(
        log_summed=summed, ends=later.ends, voluntary=later.voluntary, weight=later.weight, followed=followed
    )
    return learned, _held_out_figures(learned.chance(summed), later, followed, cut)


def _cut(landmarks: CaseBase, known_until: float) -> float:
    """The first landmark of the held-out months: the oldest within HELD_OUT_DAYS."""
    recent = landmarks.at[landmarks.at >= known_until - HELD_OUT_DAYS]
    return float(recent.min()) if len(recent) else known_until


def _held_out_figures(chances: terms.Floats, later: CaseBase, followed: terms.Floats, cut: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"held_out_from": terms.moment(cut).isoformat()}
    for number, horizon in enumerate(calibration.HORIZONS):
        known = (followed >= horizon) & ~((later.ends <= horizon) & ~later.voluntary)
        event = (later.ends[known] <= horizon) & later.voluntary[known]
        chance, weight = chances[known, number], later.weight[known]
        found = ranking.area(score=chance, event=event, weight=weight)
        table = ranking.reliability(chance=chance, event=event, weight=weight) if len(chance) else []
        figures[f"{horizon:g}d"] = {**found.told(), "customers": round(float(weight.sum())), "reliability": table}
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
    )


def _made(
    design: Design, fitted: ridge.Fitted, train: CaseBase, *, known_until: float, pack: packs.Pack, seed: int
) -> Model:
    lower, upper = model.bounds(layout=design.layout, plan=design.plan)
    drawn = ridge.draws(
        fitted,
        lower=lower,
        upper=upper,
        count=model.DRAWS,
        random=np.random.default_rng(seed),
        widened=WIDENED,
    )
    bare = _bare(design, fitted.weights, known_until=known_until)
    recent = train.taken((train.kind == sampling.BASE) & (train.at >= known_until - SCALE_DAYS))
    return bare.replaced(
        draws=drawn,
        scale=scale.measured(bare.cause_part(design.memory(recent))),
        pack=f"{pack.name} {pack.version}",
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


def _level(outcome: terms.Floats, offset: terms.Floats) -> float:
    share = np.clip(outcome.mean(), 1e-4, 1 - 1e-4)
    return float(np.log(share / (1 - share)) - offset.mean())


def _figures(made: Model, train: CaseBase, shape: Shape) -> dict[str, Any]:
    return {
        "losses": int(np.sum(train.kind == sampling.CASE)),
        "base_moments": int(np.sum(train.kind == sampling.BASE)),
        "prior_only": False,
        "half_lives": list(shape.half_lives),
        "prior_strength": shape.strength,
        "prior_centre": shape.centre,
        "coefficients": coefficients(made, train),
    }


def coefficients(made: Model, train: CaseBase) -> list[dict[str, Any]]:
    """Return for every mark and pair what one unit of it does at once on the log-hazard, with its 95 % range.

    seen: how many of the sampled moments bear the mark (both of a pair).
    """
    seen, together = _seen(made, train)
    size, first = len(made.marks), 1 + len(made.plan.names)
    own = made.draws[:, first : first + made.layout.own_size].reshape(len(made.draws), -1, size).sum(1)
    told = [
        {
            "name": mark.name,
            "words": mark.named,
            "seen": int(seen[number]),
            "role": mark.role.value,
            "sign": mark.sign.value,
            **_times(float(made.own[:, number].sum()), own[:, number]),
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
    for first in range(0, len(train), ridge.ROWS):
        borne = train.sums[first : first + ridge.ROWS, -1] != 0
        families = (borne.astype(np.float32) @ member) > 0
        seen += borne.sum(0)
        together += families[:, made.layout.pair_places].all(axis=2).sum(0)
    return seen, together


def _times(weight: float, drawn: terms.Floats) -> dict[str, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"weight": round(weight, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
