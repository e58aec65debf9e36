"""Learning the bond from everything that is known by a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from valence import packs, terms
from valence.bond import answers, context, fit, lots, marks, sampling
from valence.bond import model as bond_model
from valence.customers import queries as people
from valence.flows.weigh import minds, population
from valence.journeys import explained, habits
from valence.ledger.actions import versions as keeping
from valence.ledger.queries import versions

SEED = 20_240_229
SHOWING_HABITS = 1
ENOUGH_FOR_HABITS = 15_000
COLUMNS = tuple(dict.fromkeys((*marks.COLUMNS, *habits.COLUMNS)))


class NothingToLearn(ValueError):  # noqa: N818  named as people say it
    """There are no customers yet whose relationship is known."""


@dataclass(frozen=True)
class _Known:
    """What is known by a moment: who, the pressure of region and time, until when (days)."""

    relationships: terms.Relationships
    pressure: context.Pressure
    until: float


def train(
    *, now: datetime, progress: population.Report = population.silent, until: datetime | None = None
) -> versions.ModelCard:
    """Train a model on what was known by `until` (default: all that is known), store it and use it.

    1. Count words: they decide which marks there are.
    2. Sample: every loss, and random days of customers beside them; the log itself never enters the fit.
       Beside it, learn what usually follows what: that infers the links nobody recorded.
    3. Fit, test on held-out time, calibrate.
    4. Store the model with the figures it reached. What earlier models said stays marked with their versions.

    Raises NothingToLearn before any customer is known.
    """
    until = until or population.latest_known(now=now)
    model, usual = _learned(known=_known(until=until), pack=minds.pack(), progress=progress)
    keeping.keep_model(
        version=model.version,
        trained_at=now,
        known_until=terms.moment(model.known_until),
        pack=model.pack,
        parameters=model.to_bytes(),
        habits=usual.to_bytes(),
        figures=plain(figures=model.figures),
        use=True,
    )
    return next(card for card in versions.cards() if card.version == model.version)


def fitted(*, until: datetime, progress: population.Report = population.silent) -> bond_model.Model:
    """Return a model of what was known by `until`, stored nowhere. Raises NothingToLearn before anybody is known."""
    return _learned(known=_known(until=until), pack=minds.pack(), progress=progress)[0]


def tried(
    *, until: datetime, pack: packs.Pack, progress: population.Report = population.silent
) -> tuple[bond_model.Model, habits.Habits]:
    """Return the model and the habits that another pack would lead to, stored nowhere. Raises NothingToLearn."""
    return _learned(known=_known(until=until), pack=pack, progress=progress)


def _known(*, until: datetime) -> _Known:
    relationships = people.relationships(as_of=until)
    if not len(relationships):
        raise NothingToLearn("there are no customers yet: import customers and interactions first")
    day = terms.days(until)
    return _Known(relationships, population.pressure(until=day), day)


def _learned(*, known: _Known, pack: packs.Pack, progress: population.Report) -> tuple[bond_model.Model, habits.Habits]:
    counts = _counted(known, progress)
    marked = marks.vocabulary(pack=pack, counts=counts)
    samples, answered, usual = _sampled(known, marked, pack, progress)
    learned_from = {"customers": len(known.relationships), "interactions": counts.interactions}
    until = known.until
    del known  # who everybody is takes hundreds of megabytes, and the fit asks for none of it
    progress(terms.Progress(done=0, total=1, words="Fitting"))
    model = fit.fit(samples=samples, answers=answered, marks=marked, pack=pack, known_until=until, seed=SEED)
    progress(terms.Progress(done=1, total=1, words="Fitting"))
    return model.replaced(figures={**learned_from, **model.figures}), usual


def _counted(known: _Known, progress: population.Report) -> marks.WordCounts:
    def work(journeys: terms.Journeys, relationships: terms.Relationships) -> marks.WordCounts:
        return marks.count_words(journeys=journeys)

    counts = population.each(
        work=work,
        relationships=known.relationships,
        columns=marks.COUNTED,
        as_of=known.until,
        progress=progress,
        words="Counting words",
    )
    return reduce(add, counts, marks.WordCounts())


def _sampled(
    known: _Known, marked: tuple[marks.Mark, ...], pack: packs.Pack, progress: population.Report
) -> tuple[sampling.CaseBase, answers.Answers, habits.Habits]:
    """Return the samples and answers of everybody, and the habits of as many customers as show them well enough."""
    share = ENOUGH_FOR_HABITS / len(known.relationships)
    pressure, until = known.pressure, known.until  # `work` may travel: it must not hold on to everybody

    def work(
        journeys: terms.Journeys, relationships: terms.Relationships
    ) -> tuple[sampling.CaseBase, answers.Answers, habits.Habits]:
        journeys = explained.put(journeys=journeys, pack=pack)  # by the pack that is tried, not the one in force
        sample = sampling.sample(
            journeys=journeys,
            relationships=relationships,
            marks=marked,
            pressure=pressure,
            until=until,
            seed=SEED,
        )
        answered = answers.sample(
            journeys=journeys,
            relationships=relationships,
            marks=marked,
            pressure=pressure,
            until=until,
        )
        drawn = lots.of(relationships=relationships, journeys=journeys)
        show = relationships.keys[lots.chance(lots=drawn, of_what=SHOWING_HABITS) < share]
        return sample, answered, habits.learn(journeys=journeys.aligned_to(show), pack=pack, until=until)

    found = list(
        population.each(
            work=work,
            relationships=known.relationships,
            columns=COLUMNS,
            as_of=known.until,
            progress=progress,
            words="Sampling",
        )
    )
    return _joined(found)


def _joined(
    found: list[tuple[sampling.CaseBase, answers.Answers, habits.Habits]],
) -> tuple[sampling.CaseBase, answers.Answers, habits.Habits]:
    """Return what all buckets showed as one; `found` is empty afterwards: its parts go while they are joined."""
    usual = reduce(add, (usual for _, _, usual in found), habits.NONE).frequent()
    answered = answers.Answers.joined([answered for _, answered, _ in found])
    parts = [sample for sample, _, _ in found]
    found.clear()
    return sampling.CaseBase.joined(parts), answered, usual


def plain(*, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures as JSON can hold them: unknown numbers become null, arrays lists."""
    return {str(name): _plain(value) for name, value in figures.items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return plain(figures=value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
