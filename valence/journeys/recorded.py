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
    names = (f"{source}:{name}" for source, name in zip(sources, ids, strict=True))
    rows = dict(zip(zip(owners, names, strict=True), range(len(owners)), strict=True))
    unknown = []
    for row in asking.tolist():
        owner, name = owners[row], told[row]
        cause = rows.get((owner, name), -1)
        if cause < 0:
            cause = rows.get((owner, f"{sources[row]}:{name}"), -1)
        if cause < 0:
            unknown.append(row)
        elif _comes_first(journeys, cause, row, told):
            found[row] = cause
    _by_id_alone(journeys, unknown, found)
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


def _by_id_alone(journeys: terms.Journeys, asking: list[int], found: terms.Keys) -> None:
    """Note for rows whose cause no source has under that name the one row of their customer with that id."""
    if not asking:
        return
    told = journeys.texts["caused_by"]
    sources, ids, owners = _names(journeys)
    alone, known = _rows_by_id({owners[row] for row in asking}, owners, ids), set(sources)
    for row in asking:
        cause = alone.get((owners[row], _id_of(told[row], sources[row], known)), -1)
        if _comes_first(journeys, cause, row, told):
            found[row] = cause


def _rows_by_id(asked: set[int], owners: list[int], ids: list[str]) -> dict[tuple[int, str], int]:
    """Index the rows of some customers by their id alone; -1 where a customer has it twice."""
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
