"""A tone that a person corrects takes along what only the wrong tone implied."""

from __future__ import annotations

from valence.ledger import annotated
from valence.text.annotation import Annotation, Feeling, IntentFound, Language, ModelNames, Span, Tone, Wish

READ = Annotation(
    language=Language("en", 0.9),
    clauses=(),
    themes=(),
    tone=Tone(Feeling.NEGATIVE, -0.7, 0.8),
    intents=(IntentFound(Wish.REQUEST, 0.7, (Span(0, 4),)), IntentFound(Wish.COMPLAINT, 0.65, (Span(0, 9),))),
    promises=(),
    models=ModelNames(),
)


def _wishes(said: str) -> list[Wish]:
    after = annotated.put_right(READ, [annotated.Said(annotated.TONE, said)])
    assert (after.tone.feeling, after.models.tone) == (said, annotated.BY_A_PERSON)
    return [one.wish for one in after.intents]


def test_a_complaint_that_only_the_tone_implied_goes_where_the_tone_is_said_to_be_good() -> None:
    assert _wishes("positive") == [Wish.REQUEST]
    assert _wishes("negative") == [Wish.REQUEST, Wish.COMPLAINT]
