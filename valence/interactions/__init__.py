"""The inbox (SQL) and the append-only log (Delta): append, scan, per customer, erase.

Writing: `interactions.inbox.admit`, `interactions.log.flush`, `compact`, `erase`, `verify`, `repair`.
Reading: the functions below. Libraries that take long to load are loaded at the first call.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from valence.interactions import followers as followers
    from valence.interactions import inbox as inbox
    from valence.interactions import log as log
    from valence.interactions.engines import Given as Given
    from valence.interactions.reading import as_journeys as as_journeys
    from valence.interactions.reading import ask as ask
    from valence.interactions.reading import journeys_of as journeys_of
    from valence.interactions.reading import latest as latest
    from valence.interactions.reading import per_customer as per_customer
    from valence.interactions.reading import point as point
    from valence.interactions.sql import StoreUnavailable as StoreUnavailable

_AT_HOME = {
    "followers": "followers",
    "inbox": "inbox",
    "log": "log",
    "as_journeys": "reading",
    "ask": "reading",
    "Given": "engines",
    "journeys_of": "reading",
    "latest": "reading",
    "per_customer": "reading",
    "point": "reading",
    "StoreUnavailable": "sql",
}


def __getattr__(name: str) -> Any:
    """Load the module behind a name at its first use: `import valence.models` passes here and needs none of them."""
    if name not in _AT_HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_AT_HOME[name]}")
    return module if name == _AT_HOME[name] else getattr(module, name)
