"""How often Python's collector looks for what nobody needs: rarely, for rows come and go by the thousand here."""

from __future__ import annotations

import gc

COLLECTED_AFTER = (50_000, 20, 20)


def rarely() -> None:
    """Let the collector look after 50,000 new objects: after every 700 it took an eighth of an import."""
    gc.set_threshold(*COLLECTED_AFTER)


def rarely_and_little() -> None:
    """The same; and what is there by now stays: the collector need not walk through it again and again."""
    gc.freeze()
    rarely()
