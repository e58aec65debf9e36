"""Who comes off better in the comments that name competitors: read again from what is stored, nothing is kept."""

from __future__ import annotations

from dataclasses import replace

from valence.insights import praised
from valence.ledger.queries import readings
from valence.ledger.queries.readings import Asked, Comment
from valence.terms import Scope
from valence.text.annotation import Wish
from valence.text.intents import rivals

MOST_TEXTS = 3_000


def look(*, scope: Scope, asked: Asked) -> tuple[praised.SaidBeside, ...]:
    """Return what the latest MOST_TEXTS comments that name a competitor say beside them."""
    naming = replace(asked, intent=Wish.COMPETITOR.value)
    found = readings.rows(scope=scope, asked=naming, limit=MOST_TEXTS)
    return tuple(one for comment in found for one in said(comment=comment))


def numbers(*, scope: Scope, asked: Asked, side: rivals.Side | None, theme: str) -> tuple[int, ...]:
    """Return the comments that say this of the competitor asked about, in a theme or on the whole (theme "").

    They are those that `praised.against` counts. side None: all in which the competitor is named there.
    """
    every = [one for one in look(scope=scope, asked=asked) if one.rival == asked.competitor]
    there = [one for one in every if not theme or theme in one.themes]
    one = praised.beside(rival=asked.competitor, theme=theme, said=there)
    sides = {rivals.Side.OURS: one.ours, rivals.Side.THEIRS: one.theirs, rivals.Side.UNTOLD: one.untold}
    return tuple(number for each, own in sides.items() if side in (None, each) for number in own)


def said(*, comment: Comment) -> tuple[praised.SaidBeside, ...]:
    """Return what one comment says beside competitors, in order of place."""
    found = comment.found
    heard = rivals.read(text=comment.text, language=comment.language, clauses=found.clauses, intents=found.intents)
    return tuple(
        praised.SaidBeside(
            number=comment.number,
            customer=comment.key,
            rival=one.name,
            side=one.side,
            themes=tuple(theme.name for theme in found.themes if one.clause in theme.clauses),
        )
        for one in heard
    )
