"""Which tables a score fills, and what those are called that wait or that nobody reads any more."""

from __future__ import annotations

from typing import Final

from valence.ledger import rows
from valence.ledger.actions import columns

# Parents first, so that a share finds its loss.
ORDER: Final = (
    rows.Risks,
    rows.Losses,
    rows.Shares,
    rows.Handoffs,
    rows.Weeks,
    rows.Promises,
    rows.UnknownWords,
    rows.States,
)
OWNERS: Final = ("customer_id", "loss_id")
# A score does not read texts: what was heard in them as they arrived stays.
KEPT: Final[dict[type[rows.Rows], str]] = {rows.Promises: "how = 'text'"}


def waiting(*, table: str) -> str:
    """Return the name of the table in which rows wait that will be in this one."""
    return f"{table}_next"


def old(*, table: str) -> str:
    """Return the name that this table has once another took its place."""
    return f"{table}_old"


def owner_of(*, kind: type[rows.Rows]) -> str | None:
    """Return the column that says whose the rows of a kind are; None for counts of everybody."""
    return next((name for name in columns.names_of(kind=kind) if name in OWNERS), None)
