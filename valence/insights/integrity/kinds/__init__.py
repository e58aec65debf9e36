"""The kinds of evidence: a module each. A new kind is a module and a line in KINDS."""

from __future__ import annotations

from typing import cast

from valence.insights.integrity.finding import Kind
from valence.insights.integrity.kinds import (
    bots,
    bursts,
    cliff,
    devices,
    facts,
    invitations,
    later,
    month_end,
    pleading,
    speeders,
    straight,
    twins,
)

KINDS: tuple[Kind, ...] = cast(
    "tuple[Kind, ...]",
    (pleading, facts, later, devices, bursts, twins, speeders, straight, bots, invitations, month_end, cliff),
)
