"""Paths through a relationship: what led to what, hand-offs, promises, repeat contacts. Pure: arrays in, arrays out."""

from valence.journeys import habits, handoffs, links, promises, repeats, weeks

__all__ = ["habits", "handoffs", "links", "promises", "repeats", "weeks"]
