"""What a contact tells of intent: nothing where our own fault explains it, everything where it speaks of leaving.

People about to leave call first, so a contact foretells. But who calls because a technician did not come, or because a
bill was wrong, calls for that; counted as a sign of leaving, the call would take part of what the fault did.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from valence import packs, terms
from valence.journeys import follow, signs

COLUMNS = ("kind", "reason", "touchpoint", "facts", "promise")
SPEAKING = ("kind", "reason", "touchpoint", "facts")
SOON_DAYS = 14.0
SAME_REASON_DAYS = 30.0
AGAIN = frozenset({"repeat"})


def put(*, journeys: terms.Journeys, pack: packs.Pack) -> terms.Journeys:
    """Return the journeys with columns terms.EXPLAINED and terms.LEAVING: YES in these contacts, else unknown."""
    found = {
        terms.EXPLAINED: contacts(journeys=journeys, pack=pack),
        terms.LEAVING: about_leaving(journeys=journeys, pack=pack),
    }
    said = {name: terms.Words(np.where(flag, 0, -1).astype(np.int32), (terms.YES,)) for name, flag in found.items()}
    return replace(journeys, words={**journeys.words, **said})


def about_leaving(*, journeys: terms.Journeys, pack: packs.Pack) -> signs.Flags:
    """Return the contacts (n,) whose kind, reason, touchpoint or fact is one of the pack's words of leaving.

    Whole words only: a contact about a `port_fault` is about a fault. A kind that no pack knows and that is neither a
    visit nor something we send counts as a contact here: companies have their own words for those who come to us.
    """
    said = np.zeros(len(journeys), np.bool_)
    for name in SPEAKING:
        words = signs.column(journeys=journeys, name=name)
        said |= signs.where(
            words=words,
            holds=lambda told: not {packs.plain_word(one) for one in told.split("|")}.isdisjoint(pack.leaving_words),
        )
    kind = signs.column(journeys=journeys, name="kind")
    strange = signs.where(words=kind, holds=lambda word: _may_be_a_contact(word, pack))
    return said & (strange | signs.read(journeys=journeys, pack=pack).contact)


def _may_be_a_contact(kind: str, pack: packs.Pack) -> bool:
    ours = (*signs.VISIT_WORDS, *signs.OUTREACH_KINDS)
    return not pack.knows("kinds", kind) and not packs.has_token(word=kind, tokens=ours)


def contacts(*, journeys: terms.Journeys, pack: packs.Pack) -> signs.Flags:
    """Return the contacts (n,) that an earlier fault of ours explains.

    One became known in the SOON_DAYS before, or one of the same reason in the SAME_REASON_DAYS before, or the contact
    itself says that it is a repeat. Only what was known when the contact was recorded counts: what is told later of
    earlier days changes nothing, so that a contact is read once and for all.
    """
    found = signs.read(journeys=journeys, pack=pack)
    facts = signs.column(journeys=journeys, name="facts")
    again = signs.where(
        words=facts, holds=lambda told: any(pack.known_as("facts", f) in AGAIN for f in told.split("|"))
    )
    soon = _days_since_fault(journeys, found.fault, follow.groups(journeys=journeys, same=())) <= SOON_DAYS
    same = _days_since_fault(journeys, found.fault, follow.groups(journeys=journeys, same=("reason",)))
    return found.contact & (again | soon | (same <= SAME_REASON_DAYS))


def _days_since_fault(journeys: terms.Journeys, fault: signs.Flags, group: terms.Keys) -> terms.Days:
    """Return for each row (n,) the days since the last fault of its group became known before it, infinite for none."""
    order = np.lexsort((journeys.occurred, journeys.recorded, group))
    known = journeys.recorded[order]
    since = np.empty(len(order))
    since[order] = follow.gap(occurred=known, earlier=follow.latest_before(cause=fault[order], group=group[order]))
    return since
