"""From what happened to what the systems recorded of it: facts, numbers and causes go missing, notes appear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence.demo import answers, names, people, sheet, vocabulary, world

_SOMETIMES_MISSING = ("wait_minutes", "transfers", "outage_hours", "expected_amount")
_SOURCE_CONTACT = vocabulary.code(column="kind", word="contact")
_FEEDBACK = vocabulary.code(column="kind", word="feedback")
_ENQUIRY = vocabulary.code(column="reason", word="contract_enquiry")
_HANDLED = [vocabulary.code(column="kind", word=word) for word in ("contact", "visit", "order")]
_TEAMS = (3, 4, 2, 2, 3, 4, 2, 2)


@dataclass(frozen=True)
class Recorded:
    """Interactions as recorded, with what only files have: late recording, notes and who handled them."""

    columns: sheet.Columns
    linked: NDArray[np.bool_]
    recorded_at: NDArray[np.float64]
    text: NDArray[np.object_]
    language: NDArray[np.int64]
    team: NDArray[np.int64]
    agent: NDArray[np.int64]


def record(*, operator: world.World, who: people.People, columns: sheet.Columns, rng: np.random.Generator) -> Recorded:
    """Record what happened, imperfectly."""
    seen = dict(columns)
    seen["facts"] = _facts(operator=operator, facts=columns["facts"], rng=rng)
    for name in _SOMETIMES_MISSING:
        lost = rng.random(len(columns["at"])) > operator.number_recorded
        seen[name] = np.where(lost, np.nan, columns[name])
    text, language = _notes(who=who, columns=columns, rng=rng)
    team, agent = _handlers(who=who, columns=columns, rng=rng)
    return Recorded(
        columns=seen,
        linked=(columns["cause"] >= 0) & (rng.random(len(columns["at"])) < operator.link_recorded),
        recorded_at=_recorded_at(columns=columns, end=operator.end, rng=rng),
        text=text,
        language=language,
        team=team,
        agent=agent,
    )


def known(*, seen: sheet.Columns) -> sheet.Columns:
    """Return recorded columns as one reads them who knows the law and nothing else: only enquiries are known idle."""
    idle = (seen["reason"] == _ENQUIRY) | (seen["kind"] == _FEEDBACK)
    return {**seen, "acts": ~idle}


def _facts(*, operator: world.World, facts: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    missed = np.zeros(len(facts), dtype=np.int64)
    for fact, bit in vocabulary.BITS.items():
        struck = np.flatnonzero(facts & bit)
        share = operator.fee_recorded if fact == "fee_not_mentioned" else operator.fact_recorded
        missed[struck[rng.random(len(struck)) > share]] |= bit
    return np.asarray(facts & ~missed)


def _recorded_at(*, columns: sheet.Columns, end: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return when the systems knew: visits and outages up to a day later, within the files; the rest at once (NaN)."""
    slow = np.isin(columns["kind"], (vocabulary.code(column="kind", word="visit"),
                                     vocabulary.code(column="kind", word="outage")))  # fmt: skip
    later = np.minimum(columns["at"] + rng.uniform(0.02, 0.9, len(slow)), end - 1e-4)
    return np.where(slow, np.maximum(later, columns["at"]), np.nan)


def _notes(
    *, who: people.People, columns: sheet.Columns, rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return comments (None where nobody wrote) and their language."""
    feedback = columns["kind"] == _FEEDBACK
    talked = columns["kind"] == _SOURCE_CONTACT
    wrote = np.flatnonzero((feedback & (rng.random(len(talked)) < 0.45)) | (talked & (rng.random(len(talked)) < 0.06)))
    topic = np.where(feedback, columns["topic"], answers.topics(columns=columns))[wrote]
    language = who.language[columns["customer"]]
    text = np.full(len(talked), None, dtype=object)
    text[wrote] = names.comments(language=language[wrote], topic=topic.astype(np.int64), rng=rng)
    return text, np.where(text != None, language, -1)  # noqa: E711 - elementwise


def _handlers(
    *, who: people.People, columns: sheet.Columns, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return team (department x 80 + region x 10 + number) and agent of what people handled; -1 for the rest."""
    department = columns["department"].astype(np.int64)
    handled = np.isin(columns["kind"], _HANDLED)
    number = rng.integers(0, 12, len(handled)) % np.array(_TEAMS)[department]
    team = department * 80 + who.region[columns["customer"]] * 10 + number
    agent = team * 10 + rng.integers(0, 8, len(handled))
    return np.where(handled, team, -1), np.where(handled, agent, -1)
