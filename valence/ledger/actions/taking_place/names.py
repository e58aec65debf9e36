"""Which tables a score fills, and what those are called that wait or that nobody reads any more."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from valence.ledger import rows

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
OWNERS: Final = ("customer", "loss")
# A score does not read texts: what was heard in them as they arrived stays.
KEPT: Final[dict[type[rows.Rows], str]] = {rows.Promises: "how = 'text'"}


def waiting(*, table: str) -> str:
    """Return the name of the table in which rows wait that will be in this one."""
    return f"{table}_next"


def old(*, table: str) -> str:
    """Return the name that this table has once another took its place."""
    return f"{table}_old"


def owner_of(*, kind: type[rows.Rows]) -> str | None:
    """Return the field that says whose the rows of a kind are, its column is called `.._id`; None for counts."""
    return next((field.name for field in fields(kind) if field.name in OWNERS), None)
