"""What customers answer when asked, and who says nothing: answers follow the mood and change nothing.

Three surveys: `nps` about the relationship twice a year, `csat` after a visit, `ces` after a contact. The unhappier
somebody is, the less likely an answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence.demo import hazard, people, sheet, vocabulary, world
from valence.demo.chains.scene import Floats, Ints, Scene

_TOPIC = {
    "visit": ("late", "no_show", "not_fixed"), "mess": ("left_mess",), "care": ("unresolved", "repeat", "misinformed"),
    "offer": ("irrelevant",), "good": ("extra_mile",),
}  # fmt: skip


def ask(*, scene: Scene, columns: sheet.Columns, courses: hazard.Courses, until: float = np.inf) -> None:
    """Write the answers of everybody on the scene's sheet; `columns` are the interactions they are about.

    until: from then on (days) nobody is asked after visits and contacts, because somebody else does so.
    """
    _ask_after(scene=scene, columns=columns, courses=courses, kind="visit", scale="csat", share=0.35, until=until)
    _ask_after(scene=scene, columns=columns, courses=courses, kind="contact", scale="ces", share=0.22, until=until)
    _ask_all(scene=scene, columns=columns, courses=courses)


def topics(*, columns: sheet.Columns) -> Ints:
    """Return what one would write about each interaction: a code of TOPICS."""
    topic = np.full(len(columns["at"]), vocabulary.code(column="topic", word="neutral"))
    for word, struck in _TOPIC.items():
        bits = sum(vocabulary.BITS[fact] for fact in struck)
        topic[(columns["facts"] & bits) > 0] = vocabulary.code(column="topic", word=word)
    above = np.nan_to_num(columns["amount"] - columns["expected_amount"]) > 5
    topic[above] = vocabulary.code(column="topic", word="bill")
    topic[columns["promise"] == vocabulary.code(column="promise", word="broken")] = vocabulary.code(
        column="topic", word="promise"
    )
    topic[np.nan_to_num(columns["outage_hours"]) > 0] = vocabulary.code(column="topic", word="network")
    return topic


def _ask_after(
    *, scene: Scene, columns: sheet.Columns, courses: hazard.Courses, kind: str, scale: str, share: float,
    until: float,
) -> None:  # fmt: skip
    about = np.flatnonzero(columns["kind"] == vocabulary.code(column="kind", word=kind))
    about = about[scene.rng.random(len(about)) < share]
    customer = columns["customer"][about]
    at = columns["at"][about] + scene.rng.uniform(0.05, 1.5, len(about))
    topic = topics(columns=columns)[about]
    answered, mood = _answering(scene=scene, courses=courses, customer=customer, at=at)
    top = 5 if scale == "csat" else 7
    score = score_of(mood=0.5 * mood + own_of(topic=topic), top=top, low=1, rng=scene.rng)
    _write(scene=scene, chosen=answered & (at < until), customer=customer, at=at, scale=scale, score=score, topic=topic,
           touchpoint=f"{kind}_survey", cause=np.full(len(at), -1))  # fmt: skip


def _ask_all(*, scene: Scene, columns: sheet.Columns, courses: hazard.Courses) -> None:
    customer, at = scene.times(rate=2.0)
    answered, mood = _answering(scene=scene, courses=courses, customer=customer, at=at)
    topic = _latest_topic(columns=columns, customer=customer, at=at)
    score = score_of(mood=mood, top=10, low=0, rng=scene.rng)
    happy = score >= 9
    topic = np.where(happy, vocabulary.code(column="topic", word="good"), topic)
    _write(scene=scene, chosen=answered, customer=customer, at=at, scale="nps", score=score, topic=topic,
           touchpoint="relationship_survey", cause=np.full(len(at), -1))  # fmt: skip


def _latest_topic(*, columns: sheet.Columns, customer: Ints, at: Floats) -> Ints:
    """Return the topic of the last thing of note that happened to each customer before `at`."""
    topic = topics(columns=columns)
    neutral = vocabulary.code(column="topic", word="neutral")
    noted = np.flatnonzero(topic != neutral)
    when = columns["customer"][noted] * 1e6 + columns["at"][noted]
    order = np.argsort(when)
    place = np.searchsorted(when[order], customer * 1e6 + at) - 1
    if not len(noted):
        return np.full(len(at), neutral)
    found = noted[order[np.maximum(place, 0)]]
    known = (place >= 0) & (columns["customer"][found] == customer)
    return np.where(known, topic[found], neutral)


def _answering(
    *, scene: Scene, courses: hazard.Courses, customer: Ints, at: Floats
) -> tuple[NDArray[np.bool_], Floats]:
    """Return who answers, and the mood of each: the unhappy keep silent more often."""
    mood, chance = mood_of(operator=scene.operator, who=scene.people, courses=courses, customer=customer, at=at)
    return scene.rng.random(len(at)) < chance, mood


def mood_of(
    *, operator: world.World, who: people.People, courses: hazard.Courses, customer: Ints, at: Floats
) -> tuple[Floats, Floats]:
    """Return the mood of customers at some times (above zero is unhappy), and the chance that they answer."""
    day = np.clip((at - operator.start).astype(int), 0, len(courses.mood) - 1)
    mood = courses.mood[day, customer].astype(float)
    leaving = (at > who.intent_at[customer]).astype(float)
    return mood + 0.8 * leaving, 1 / (1 + np.exp(0.7 + 0.9 * mood + 0.8 * leaving))


def own_of(*, topic: Ints) -> Floats:
    """Return what an encounter itself does to the mood in which it is spoken of, by its topic."""
    own = np.where(topic == vocabulary.code(column="topic", word="neutral"), 0.2, 1.0)
    return np.asarray(np.where(topic == vocabulary.code(column="topic", word="good"), -0.8, own))


def score_of(*, mood: Floats, top: int, low: int, rng: np.random.Generator) -> Floats:
    """Return scores between low and top: a good one less the harm, with noise."""
    span = top - low
    raw = low + span * (0.82 - 0.22 * mood + rng.normal(0, 0.17, len(mood)))
    return np.asarray(np.clip(np.round(raw), low, top))


def _write(
    *, scene: Scene, chosen: NDArray[np.bool_], customer: Ints, at: Floats, scale: str, score: Floats, topic: Ints,
    touchpoint: str, cause: Ints,
) -> None:  # fmt: skip
    channel = scene.rng.choice(3, size=len(at), p=[0.55, 0.25, 0.2]) + 3
    scene.sheet.add(
        customer=customer[chosen], at=at[chosen], kind="feedback", source="survey", scale=scale, score=score[chosen],
        channel=channel[chosen], touchpoint=touchpoint, topic=topic[chosen], cause=cause[chosen], acts=False,
    )  # fmt: skip
