"""Paths through a relationship: what led to what, hand-offs, promises, repeat contacts. Pure: arrays in, arrays out."""

from valence.journeys import explained, habits, handoffs, links, promises, repeats, weeks

__all__ = ["explained", "habits", "handoffs", "links", "promises", "repeats", "weeks"]
