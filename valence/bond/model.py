"""A model of the bond: weights, their draws, calibration and scale. Frozen, versioned, written as bytes.

log h(t) = intercept + context(t) . c + signals(t) + praise(t) + g(harm(t))

Signals, praise and harm are sums of memory(t) . own and of pairs b_ab S_a(t) S_b(t); g lets harm saturate where it
does.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np

from valence import packs, terms
from valence.bond import bending, ridge, scale
from valence.bond.calibration import HORIZONS, Calibration, uncalibrated
from valence.bond.context import ContextPlan
from valence.bond.layout import Layout, layout
from valence.bond.mark import Mark

DRAWS = 100
DEFAULT_MONTHLY_LOSS = 0.015
DEFAULT_HALF_LIFE = 35.0
MONTH = 365.25 / 12
LEVEL_SPREAD = 30.0
FROM_PACK_LEVEL_SPREAD = 0.5
FROM_PACK_CONTEXT_SPREAD = 0.15
PAIR_SPREAD = 0.3
WORD_SPREAD = 0.4
FORMAT = 3


class ModelError(ValueError):
    """The bytes are not a model that this version of Valence can read."""


@dataclass(frozen=True)
class Model:
    """weights (p,): intercept, context, own marks, pairs. draws (d, p): what is uncertain about them.

    figures: what it reached on held-out time. known_until: only what was recorded by then was used (days).
    cap: where harm saturates, on the log-hazard; infinite where it just adds up.
    """

    layout: Layout
    plan: ContextPlan
    weights: terms.Floats
    draws: terms.Floats
    calibration: Calibration
    scale: scale.BondScale
    known_until: float
    pack: str
    figures: Mapping[str, Any]
    cap: float = bending.NEVER

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks it was trained on: read journeys with these."""
        return self.layout.marks

    @cached_property
    def version(self) -> str:
        """The day it knows until, and a digest of what it is: equal models have equal versions."""
        digest = hashlib.sha256(self.weights.tobytes() + json.dumps(_described(self)).encode())
        return f"{terms.moment(self.known_until):%Y-%m-%d}-{digest.hexdigest()[:8]}"

    @property
    def intercept(self) -> float:
        """The log-hazard a day of a customer at the middle of everything."""
        return float(self.weights[0])

    @property
    def context_weights(self) -> terms.Floats:
        """Weights of the context's columns."""
        return self.weights[1 : 1 + len(self.plan.names)]

    @property
    def own(self) -> terms.Floats:
        """Weights of single marks, (m,)."""
        first = 1 + len(self.plan.names)
        return self.weights[first : first + self.layout.own_size]

    @property
    def pair(self) -> terms.Floats:
        """Weights of pairs, (k,)."""
        return self.weights[1 + len(self.plan.names) + self.layout.own_size :]

    @property
    def cause_weights(self) -> terms.Floats:
        """Own and pair weights in one vector with those of signals set to 0, as `parts` uses them."""
        return np.concatenate([self.own * self.layout.causes, self.pair])

    @property
    def cause_draws(self) -> terms.Floats:
        """Draws of `cause_weights`, (d, own + pairs)."""
        mask = np.concatenate([self.layout.causes, np.ones(len(self.pair))])
        return np.asarray(self.draws[:, 1 + len(self.plan.names) :] * mask)

    def columns(self, memory: terms.Floats) -> terms.Floats:
        """Return the columns that interactions fill, (n, own + pairs), of memory vectors (n, size)."""
        return np.concatenate([memory[:, : self.layout.own_size], self.layout.pair_products(memory)], axis=1)

    def cause_part(self, memory: terms.Floats) -> terms.Floats:
        """Return the part of the log-hazard that interactions caused, (n,): what the bond is made of."""
        columns = self.columns(memory)
        harm = self.harm(columns)
        return columns @ self.cause_weights - harm + bending.bent(harm=harm, cap=self.cap)

    def harm(self, columns: terms.Floats) -> terms.Floats:
        """Return the sum of all harm in columns (n, own + pairs), before it saturates, (n,)."""
        return np.asarray(columns @ (self.cause_weights * self.layout.harms))

    def sloped(self, columns: terms.Floats) -> terms.Floats:
        """Return the columns as much as each still moves the log-hazard, (n, own + pairs)."""
        if np.isinf(self.cap):
            return columns
        left = bending.slope(harm=self.harm(columns), cap=self.cap)[:, None]
        return columns * np.where(self.layout.harms > 0, left, 1.0)

    def replaced(self, **changes: Any) -> Self:
        """Return this model with other parts."""
        return replace(self, **changes)

    def to_bytes(self) -> bytes:
        """Write the model; from_bytes gives an equal one."""
        buffer = io.BytesIO()
        told = {**_described(self), "figures": self.figures}
        arrays: dict[str, Any] = {
            "weights": self.weights,
            "draws": self.draws.astype(np.float32),
            "calibration": self.calibration.table,
            "harm": self.scale.harm,
            "praise": self.scale.praise,
            "words": np.frombuffer(json.dumps(told).encode(), np.uint8),
        }
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, written: bytes) -> Model:
        """Read a model; raises ModelError."""
        try:
            with np.load(io.BytesIO(written), allow_pickle=False) as arrays:
                told = json.loads(arrays["words"].tobytes())
                if told["format"] != FORMAT:
                    raise ModelError(f"a model of format {told['format']}; this Valence reads {FORMAT}: train again")
                return _rebuilt(told, arrays)
        except (OSError, EOFError, KeyError, ValueError, BadZipFile) as problem:
            if isinstance(problem, ModelError):
                raise
            raise ModelError("not a model of the bond, or a damaged one") from problem

    @classmethod
    def from_pack(
        cls,
        *,
        pack: packs.Pack,
        marks: tuple[Mark, ...],
        known_until: float,
        monthly_loss: float = DEFAULT_MONTHLY_LOSS,
    ) -> Model:
        """Return the model that the expert's weights make, for a company that has lost nobody yet."""
        plan = ContextPlan(words={}, log_value=0.0, log_value_spread=1.0)
        shape = layout(marks=marks, pack=pack, half_lives=[DEFAULT_HALF_LIFE] * len(marks))
        mean, covariance = prior(layout=shape, plan=plan)
        covariance[0, 0] = FROM_PACK_LEVEL_SPREAD**2
        around = slice(1, 1 + len(plan.names))
        covariance[around, around] *= FROM_PACK_CONTEXT_SPREAD**2
        mean[0] = np.log(-np.log1p(-monthly_loss) / MONTH)
        lower, upper = bounds(layout=shape, plan=plan)
        top = ridge.Fitted(mean, np.zeros(len(mean)), np.asarray(np.linalg.inv(covariance), np.float64), 0.0)
        random = np.random.default_rng(0)
        return cls(
            layout=shape,
            plan=plan,
            weights=mean,
            draws=ridge.draws(top, lower=lower, upper=upper, count=DRAWS, random=random, sweeps=3),
            calibration=uncalibrated(),
            scale=scale.measured(np.empty(0)),
            known_until=known_until,
            pack=f"{pack.name} {pack.version}",
            figures={"losses": 0, "prior_only": True},
        )


def prior(*, layout: Layout, plan: ContextPlan, centre: float = 1.0) -> tuple[terms.Floats, terms.Floats]:
    """Return prior mean (p,) and covariance (p, p) of all weights; `centre` 0 shrinks to nothing, 1 to the expert's."""
    own = np.array([mark.weight for mark in layout.marks]) * centre
    spreads = np.array([mark.spread for mark in layout.marks])
    pairs = np.array([pair.weight for pair in layout.pairs]) * centre
    names = plan.names
    worded = sum(len(words) for words in plan.words.values())
    context_spread = np.concatenate([np.full(len(names) - worded, 1.0), np.full(worded, WORD_SPREAD)])
    mean = np.concatenate([[0.0], np.zeros(len(names)), own, pairs])
    spread = np.concatenate([[LEVEL_SPREAD], context_spread, spreads, np.full(len(pairs), PAIR_SPREAD)])
    return mean, np.diag(spread**2)


def bounds(*, layout: Layout, plan: ContextPlan) -> tuple[terms.Floats, terms.Floats]:
    """Return lower and upper bounds of all weights: harm cannot help, praise cannot hurt."""
    signs = [mark.sign if mark.is_cause else packs.Sign.FREE for mark in layout.marks]
    signs += [pair.sign for pair in layout.pairs]
    free = np.full(1 + len(plan.names), np.inf)
    lower = np.array([0.0 if sign is packs.Sign.HARM else -np.inf for sign in signs])
    upper = np.array([0.0 if sign is packs.Sign.PRAISE else np.inf for sign in signs])
    return np.concatenate([-free, lower]), np.concatenate([free, upper])


def _described(model: Model) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "marks": [asdict(mark) for mark in model.marks],
        "half_lives": model.layout.half_lives,
        "families": model.layout.families,
        "pairs": [asdict(pair) for pair in model.layout.pairs],
        "plan": asdict(model.plan),
        "calibration": [HORIZONS, model.calibration.table.tolist()],
        "known_until": model.known_until,
        "cap": None if np.isinf(model.cap) else model.cap,
        "pack": model.pack,
    }


def _rebuilt(told: Mapping[str, Any], arrays: Mapping[str, Any]) -> Model:
    pairs = tuple(
        packs.Pair(families=tuple(p["families"]), words=p["words"], sign=packs.Sign(p["sign"]), weight=p["weight"])
        for p in told["pairs"]
    )
    plan = told["plan"]
    return Model(
        layout=Layout(
            marks=tuple(_mark(mark) for mark in told["marks"]),
            half_lives=tuple(told["half_lives"]),
            families=tuple(told["families"]),
            pairs=pairs,
        ),
        plan=ContextPlan(
            words={name: tuple(words) for name, words in plan["words"].items()},
            log_value=plan["log_value"],
            log_value_spread=plan["log_value_spread"],
        ),
        weights=arrays["weights"],
        draws=arrays["draws"].astype(np.float64),
        calibration=Calibration(table=arrays["calibration"]),
        scale=scale.BondScale(harm=arrays["harm"], praise=arrays["praise"]),
        known_until=told["known_until"],
        pack=told["pack"],
        figures=told["figures"],
        cap=bending.NEVER if told["cap"] is None else told["cap"],
    )


def _mark(told: Mapping[str, Any]) -> Mark:
    fields = dict(told)
    fields["role"], fields["sign"] = packs.Role(told["role"]), packs.Sign(told["sign"])
    fields["shape"], fields["tokens"] = packs.Shape(told["shape"]), tuple(told["tokens"])
    for name in ("when", "unless", "ranges"):
        fields[name] = {key: tuple(values) for key, values in told[name].items()}
    return Mark(**fields)
