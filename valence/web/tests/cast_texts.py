"""What the cast wrote: forty comments about bills and visits, as they were read. No encoder is needed for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from valence.ledger.actions import annotations as keeping
from valence.ledger.annotated import Annotated
from valence.ledger.models import Annotation
from valence.terms import Interaction
from valence.text import annotation as read
from valence.text.annotation import Clause, Feeling, Span, Tone
from valence.web.tests.cast import NOON, Cast

BILL = "The bill is too high, I want to cancel."
VISIT = "The technician was friendly."
FEW = "Nothing on television."
STORYLESS = read.Story()


def tell(cast: Cast, *, now: datetime = NOON) -> tuple[int, ...]:
    """Write what customers said into the ledger; return the numbers of the annotations."""
    texts = [
        *(_one(at, cast.present[at], BILL, now) for at in range(20)),
        *(_one(at, cast.present[at], VISIT, now) for at in range(20, 40)),
        *(_one(40 + at, key, BILL, now - timedelta(days=80)) for at, key in enumerate(cast.gone)),
        *(_one(60 + at, cast.present[at], FEW, now) for at in range(3)),
    ]
    keeping.put(read=texts, now=now)
    return tuple(Annotation.objects.order_by("pk").values_list("pk", flat=True))


def _one(at: int, key: int, text: str, now: datetime) -> Annotated:
    sent = Interaction(
        source="survey",
        interaction_id=f"t{at}",
        customer_key=key,
        occurred_at=now - timedelta(hours=1 + at),
        recorded_at=now,
        kind="feedback",
        department="billing" if text == BILL else "field",
        score=3.0 if text == BILL else 9.0 - at % 2,
        scale="nps",
        text=text,
        language="en",
    )
    return Annotated(at.to_bytes(16, "big"), sent, text, _found(text), "pretended", bytes(range(24)))


def _found(text: str) -> read.Annotation:
    bad = Tone(Feeling.NEGATIVE, -0.8, 0.9, (Span(0, 3),))
    good = Tone(Feeling.POSITIVE, 0.8, 0.9, (Span(19, 27),))
    name, tone, word = {
        BILL: ("bill", bad, Span(4, 8)),
        VISIT: ("visit", good, Span(4, 14)),
        FEW: ("tv", bad, Span(11, 21)),
    }[text]
    cut = (Clause(Span(0, 22), 0), Clause(Span(22, len(text)), 0)) if text == BILL else (Clause(Span(0, len(text)), 0),)
    wishes = (read.IntentFound(read.Wish.LEAVING, 0.85, (Span(22, 38),)),) if text == BILL else ()
    return read.Annotation(
        language=read.Language("en", 0.99),
        clauses=cut,
        themes=(read.ThemeFound(name, 0.8, tone, (0,), (word,)),),
        tone=replace(tone),
        intents=wishes,
        promises=(),
        story=read.Story((read.PersonHeard("technician", "field", Feeling.POSITIVE, (word,)),))
        if text == VISIT
        else STORYLESS,
        models=read.ModelNames("letters 1", "words and examples, telco 1", "tone of Valence 1", "rules of intents 1"),
    )
