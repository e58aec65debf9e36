"""What each customer would say about an encounter of the last year, were they asked about it.

It is part of the truth: nobody is asked here. A survey that asks hears of those it asks what they would say, and
nothing of those who would keep silent.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from valence.demo import answers, names, reckoning, vocabulary

DAYS = 365.0
WRITES = 0.45
SOON = 0.3
KINDS = ("visit", "contact")


def of(*, chunk: reckoning.Chunk, row: pa.Array, rng: np.random.Generator) -> pa.Table:
    """Return a row for each visit and contact of the last year that somebody handled.

    answers: whether they would answer at all. csat, ces: what they would give. seconds: how long answering would take.
    """
    columns, operator = chunk.columns, chunk.operator
    kinds = [vocabulary.code(column="kind", word=kind) for kind in KINDS]
    recent = columns["at"] >= operator.end - DAYS
    about = np.flatnonzero(np.isin(columns["kind"], kinds) & recent & (chunk.recorded.team >= 0))
    customer, topic = columns["customer"][about], answers.topics(columns=columns)[about]
    mood, chance = answers.mood_of(
        operator=operator, who=chunk.who, courses=chunk.courses, customer=customer, at=columns["at"][about] + SOON
    )
    felt = 0.5 * mood + answers.own_of(topic=topic)
    text = np.full(len(about), "", dtype=object)
    wrote = np.flatnonzero(rng.random(len(about)) < WRITES)
    language = chunk.who.language[customer]
    text[wrote] = names.comments(language=language[wrote], topic=topic[wrote].astype(np.int64), rng=rng)
    letters = np.array([len(one) for one in text], float)
    return pa.table({
        "interaction_id": row.take(pa.array(about)),
        "answers": pa.array(rng.random(len(about)) < chance),
        "csat": pa.array(answers.score_of(mood=felt, low=1, top=5, rng=rng).astype(np.int64)),
        "ces": pa.array(answers.score_of(mood=felt, low=1, top=7, rng=rng).astype(np.int64)),
        "seconds": pa.array(np.round((9 + 0.25 * letters) * rng.lognormal(0.3, 0.5, len(about)) + 2.2, 1)),
        "text": pa.array(text, pa.string()),
    })  # fmt: skip
