"""Personal data out of text: `clean` gives the text with placeholders, `read` also what was found where.

Every kind is a module of kinds/ with `find(text)`. Each pattern is bounded, so that no text can make it slow.
"""

from __future__ import annotations

from valence.text.redaction.found import Found, Kind, Names, Redacted
from valence.text.redaction.reading import clean, clean_line, looks_personal, read, read_all

__all__ = ["Found", "Kind", "Names", "Redacted", "clean", "clean_line", "looks_personal", "read", "read_all"]
