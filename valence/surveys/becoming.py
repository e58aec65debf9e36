"""What an answered survey becomes: one interaction of the journey, in the words of the data contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from valence.surveys import logic
from valence.surveys.answer import Answers
from valence.surveys.survey import Question, Survey

SOURCE = "survey"
KIND = "feedback"

HANDED_ON = ("department", "touchpoint", "reason", "team_id", "agent_id", "location_id")
"""What an answer takes over from the interaction it was asked about: it is said of them, not of who asks."""


@dataclass(frozen=True)
class Asked:
    """Where answers come from: who was asked, by what, about what (`about` is that interaction's fields), when."""

    invitation: str
    survey_id: str
    version: int
    customer_id: str
    channel: str
    language: str
    asked_at: datetime
    answered_at: datetime
    about: Mapping[str, str]


def interaction(survey: Survey, *, answers: Answers, known: logic.Known, asked: Asked) -> Mapping[str, Any] | None:
    """Return the fields of the interaction that answers become, None where nothing that counts was answered.

    Its id is the invitation's, so that answering twice is one interaction; a changed answer is a later revision.
    Answers that are neither the score nor the words are kept by question under `attributes`.
    """
    counting = logic.counting(survey, answers=answers, known=known)
    if not counting:
        return None
    score = _with_role(survey, "score", counting)
    words = _with_role(survey, "words", counting)
    return {
        "interaction_id": asked.invitation,
        "source": SOURCE,
        "customer_id": asked.customer_id,
        "occurred_at": asked.answered_at.isoformat(),
        "kind": KIND,
        "channel": asked.channel,
        "language": asked.language,
        **{name: asked.about[name] for name in HANDED_ON if asked.about.get(name)},
        **({"score": counting[score.id], "scale": score.scale} if score else {}),
        **({"text": counting[words.id]} if words else {}),
        **({"caused_by": asked.about["ref"]} if asked.about.get("ref") else {}),
        "attributes": _attributes(survey, counting, asked, {one.id for one in (score, words) if one}),
    }


def _with_role(survey: Survey, role: str, answers: Answers) -> Question | None:
    return next((one for one in survey.questions if one.role == role and one.id in answers), None)


def _attributes(survey: Survey, answers: Answers, asked: Asked, elsewhere: set[str]) -> Mapping[str, Any]:
    """Return what the contract has no field for: the survey, its version, the purpose, the other answers."""
    others = {
        name: list(answer) if isinstance(answer, tuple) else answer
        for name, answer in answers.items()
        if name not in elsewhere
    }
    return {
        "survey": asked.survey_id,
        "version": asked.version,
        "purpose": survey.purpose.value,
        "asked_at": asked.asked_at.isoformat(),
        **({"answers": others} if others else {}),
    }
