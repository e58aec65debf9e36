"""The rules by which a missing link is inferred: who may follow whom, within how long, and how usual that is.

They need no industry pack: they read what failed, surprised or was promised, so that a company with its own words is
served too. A pack adds sharper ones about its own kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

HIDDEN_COST = ("fee_not_mentioned", "misquoted", "misinformed", "wrong_price", "price_not_told", "discount_not_applied")
ORDER_KINDS = ("order", "sale", "contract", "renewal", "upgrade", "subscription")


@dataclass(frozen=True)
class Side:
    """Which rows can stand on one side of a link. Empty means any; `state` names a sign that must hold.

    States: failed, surprise, fault (any of them, or a broken promise), contact, visit, promising, broke, kept, settles.
    """

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A row of `effect` follows the latest row of `cause` before it, if their `same` words agree.

    Where several rules find a cause, the highest `weight` x exp(-gap / `typical_days`) wins. `words` go before the
    cause when it is said ("a repeat of" the call of 9 March).
    """

    words: str
    effect: Side
    cause: Side
    same: tuple[str, ...] = ()
    within_days: float = 30.0
    typical_days: float = 7.0
    weight: float = 1.0
    by_date: bool = False


GENERIC = (
    Rule(
        words="promised in",
        effect=Side(states=("visit",)),
        cause=Side(states=("promising",)),
        within_days=60,
        typical_days=1000,
        weight=3,
        by_date=True,
    ),
    Rule(
        words="about the promise made in",
        effect=Side(states=("settles",)),
        cause=Side(states=("promising",)),
        within_days=180,
        typical_days=1000,
        weight=4,
        by_date=True,
    ),
    Rule(
        words="about the promise made in",
        effect=Side(states=("settles",)),
        cause=Side(states=("promising",)),
        within_days=120,
        typical_days=60,
        weight=3,
    ),
    Rule(
        words="promised in",
        effect=Side(kinds=("promise",), states=("promising",)),
        cause=Side(states=("contact",)),
        within_days=5,
        typical_days=1,
        weight=2,
    ),
    Rule(
        words="a repeat of",
        effect=Side(states=("contact",)),
        cause=Side(states=("contact", "fault")),
        same=("reason",),
        within_days=30,
        typical_days=10,
        weight=2,
    ),
    Rule(
        words="a repeat of",
        effect=Side(states=("contact",), facts=("repeat",)),
        cause=Side(states=("contact",)),
        same=("reason",),
        within_days=45,
        typical_days=15,
        weight=2,
    ),
    Rule(
        words="a contact about",
        effect=Side(states=("contact",)),
        cause=Side(states=("fault",)),
        same=("reason",),
        within_days=30,
        typical_days=7,
        weight=2,
    ),
    Rule(
        words="a contact soon after",
        effect=Side(states=("contact",)),
        cause=Side(states=("fault",)),
        within_days=14,
        typical_days=4,
    ),
    Rule(
        words="a visit after",
        effect=Side(states=("visit",)),
        cause=Side(states=("contact",)),
        within_days=14,
        typical_days=5,
    ),
    Rule(
        words="another visit after",
        effect=Side(states=("visit",)),
        cause=Side(states=("visit", "fault")),
        within_days=30,
        typical_days=8,
        weight=0.8,
    ),
    Rule(
        words="a cost that was not told in",
        effect=Side(states=("surprise",)),
        cause=Side(facts=HIDDEN_COST),
        within_days=90,
        typical_days=60,
        weight=4,
    ),
    Rule(
        words="a cost that was not told in",
        effect=Side(states=("surprise",)),
        cause=Side(kinds=ORDER_KINDS),
        within_days=60,
        typical_days=30,
        weight=2,
    ),
    Rule(
        words="a cost that was not told in",
        effect=Side(states=("surprise",)),
        cause=Side(states=("visit",)),
        within_days=40,
        typical_days=15,
        weight=1,
    ),
)
