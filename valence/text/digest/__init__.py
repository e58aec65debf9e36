"""What many comments say, in short: counts and real quotes. A language model may word it, tied to quotes or dropped."""

from __future__ import annotations

from valence.text.digest.claims import Claim, Told, prompt, tied
from valence.text.digest.gathering import Digest, Group, Line, Said, gather

__all__ = ["Claim", "Digest", "Group", "Line", "Said", "Told", "gather", "prompt", "tied"]
