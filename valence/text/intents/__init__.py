"""What a writer is after: requests, complaints, praise, questions, leaving, urgency, pleas for a score, competitors."""

from __future__ import annotations

from valence.text.intents.reading import MODEL, fitting, named_in, read

__all__ = ["MODEL", "fitting", "named_in", "read"]
