"""Links that the sources recorded: `caused_by` names the interaction that led to this one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valence import terms
from valence.journeys import signs


def causes(*, journeys: terms.Journeys) -> terms.Keys:
    """Return for each row (n,) the row of its recorded cause, or -1 where none is recorded or it is not there.

    `caused_by` is `source:id`, or an id of the same source. Systems also name each other's ids without saying whose
    (intake takes such an id as one of the record's own source), or by names under which nothing came in: then it is the
    one interaction of this customer that has that id, if only one has. A cause belongs to the same customer and does
    not come later. At the same moment rows lie in no telling order: there a cause that names a cause itself does not
    count, so that following causes always ends.
    """
    found = np.full(len(journeys), -1, np.int64)
    told = journeys.texts.get("caused_by")
    if told is None or not len(journeys):
        return found
    asking = np.flatnonzero(told.astype(bool))
    if not len(asking):
        return found
    sources, ids, owners = _names(journeys)
    rows = _rows_by_name(owners=owners, asking=asking, sources=sources, ids=ids)
    alone = _rows_by_id(owners=owners, asking=asking, ids=ids)
    known = set(sources)
    for row in asking.tolist():
        owner, name = owners[row], told[row]
        cause = rows.get((owner, name), rows.get((owner, f"{sources[row]}:{name}"), -1))
        if cause < 0:
            cause = alone.get((owner, _id_of(name, sources[row], known)), -1)
        if _comes_first(journeys, cause, row, told):
            found[row] = cause
    return found


def dangling(*, journeys: terms.Journeys) -> int:
    """Return how many rows name a cause that is not among this customer's interactions, or comes later."""
    told = journeys.texts.get("caused_by")
    if told is None or not len(journeys):
        return 0
    return int((told.astype(bool) & (causes(journeys=journeys) < 0)).sum())


def _names(journeys: terms.Journeys) -> tuple[list[str], list[str], list[int]]:
    sources = signs.column(journeys=journeys, name="source").said()
    return sources, journeys.texts["interaction_id"].tolist(), journeys.owners().tolist()


def _rows_by_name(
    *, owners: list[int], asking: terms.Keys, sources: list[str], ids: list[str]
) -> dict[tuple[int, str], int]:
    """Index only the rows of customers who have a recorded link: most have none."""
    asked = {owners[row] for row in asking.tolist()}
    return {(owner, f"{sources[row]}:{ids[row]}"): row for row, owner in enumerate(owners) if owner in asked}


def _rows_by_id(*, owners: list[int], asking: terms.Keys, ids: list[str]) -> dict[tuple[int, str], int]:
    """Index the same rows by their id alone; -1 where a customer has it twice."""
    asked = {owners[row] for row in asking.tolist()}
    found: dict[tuple[int, str], int] = {}
    for row, owner in enumerate(owners):
        if owner in asked:
            found[owner, ids[row]] = -1 if (owner, ids[row]) in found else row
    return found


def _id_of(name: str, own: str, known: set[str]) -> str:
    """Return the id that a reference names, without a source that nobody knows, or the record's own, where it was
    looked for in vain; another one that is known is meant.
    """
    source, colon, rest = name.partition(":")
    return rest if colon and (source == own or source not in known) else name


def _comes_first(journeys: terms.Journeys, cause: int, effect: int, told: NDArray[np.object_]) -> bool:
    if cause < 0 or cause == effect or journeys.occurred[cause] > journeys.occurred[effect]:
        return False
    return cause < effect or not told[cause]
