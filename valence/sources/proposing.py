"""A whole mapping for a file nobody has described: which column is which, how each is written, what its words mean.

Everything here is a proposal that a person sees before it counts. Where the values leave more than one reading, the
proposal asks (`?`) and never picks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from valence.sources import guessing
from valence.sources.drafting import meanings, notations, responsible
from valence.sources.drafting.draft import Draft, Question
from valence.sources.files import Layout, RecordKind
from valence.sources.guessing import Guess
from valence.sources.mapping import REQUIRED, Mapped
from valence.sources.profiles import Profile

STEPS = (
    notations.put_empties,
    notations.put_joined,
    notations.put_durations,
    notations.put_times,
    notations.put_numbers,
    notations.put_zeros,
    meanings.put_promises,
    meanings.put_words,
    meanings.put_facts,
    responsible.put_visit_rows,
    meanings.put_kind,
    responsible.put_department,
    meanings.put_scale,
    meanings.put_ids,
    meanings.put_source,
    meanings.put_visits,
    meanings.put_leaving,
    meanings.put_contracts,
    meanings.ask_missing,
)


@dataclass(frozen=True)
class Proposal:
    """A mapping, why each of our columns is that of theirs, what is left to decide, and what was decided, in words."""

    mapped: Mapped
    guesses: Mapping[str, Guess]
    questions: tuple[Question, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def record_kind(self) -> str:
        """Customers or interactions."""
        return self.mapped.kind


def propose(
    *,
    profiles: Sequence[Profile],
    layout: Layout,
    filename: str,
    known: Mapping[str, Sequence[str]],
    record_kind: str = "",
    zone: str = "",
) -> Proposal:
    """Return the likeliest mapping of a file.

    known: our columns by record kind. zone: of local times where nothing else says it.
    """
    kinds: list[RecordKind] = ["interactions", "customers"]
    drafts = [_draft(one, profiles, known[one], layout, zone) for one in kinds if record_kind in ("", one)]
    draft = max(drafts, key=_likely)
    for step in STEPS:
        draft = step(draft, filename)
    return Proposal(mapped=draft.mapped, guesses=draft.guesses, questions=draft.questions, said=draft.said)


def _draft(kind: RecordKind, profiles: Sequence[Profile], known: Sequence[str], layout: Layout, zone: str) -> Draft:
    guesses = guessing.guess(profiles=profiles, record_kind=kind, fields=known)
    mapped = Mapped(
        kind=kind,
        only=True,
        for_columns=[one.name for one in profiles],
        file=msgspec.structs.replace(layout, zone=layout.zone or zone),
        columns={ours: guess.theirs for ours, guess in guesses.items()},
    )
    return Draft(kind=kind, profiles={one.name: one for one in profiles}, guesses=guesses, mapped=mapped)


def _likely(draft: Draft) -> float:
    """Return how well a file reads as customers or as interactions."""
    found = sum(guess.confidence for guess in draft.guesses.values()) / (4 + len(draft.guesses))
    needed = [draft.guesses[name].confidence if name in draft.guesses else 0.0 for name in REQUIRED[draft.kind]]
    if draft.kind == "interactions":
        needed[0], needed[3] = max(needed[0], 0.6), max(needed[3], 0.6)  # an id and a kind can be made
    complete = min(needed) > 0
    return found + 2 * sum(needed) / len(needed) - (0 if complete else 1)
