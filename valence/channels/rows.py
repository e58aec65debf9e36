"""From a row to a value."""

from __future__ import annotations

from valence.channels import models as tables
from valence.channels.values import Kind, Outgoing, Purpose, State, Why


def outgoing(row: tables.Outgoing) -> Outgoing:
    """Return a row as a value."""
    return Outgoing(
        number=row.number,
        kind=Kind(row.kind),
        purpose=Purpose(row.purpose),
        reference=row.reference,
        customer_key=row.customer_key,
        state=State(row.state),
        why=Why(row.why) if row.why else None,
        tries=row.tries,
        queued_at=row.queued_at,
        next_try_at=row.next_try_at,
        until=row.until,
        sent_at=row.sent_at,
    )
