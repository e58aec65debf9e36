"""How long does it take to plan whom to ask: so many candidates against all rules, by the list of rules alone?

`python -m bench.asking --size 100000`. Two surveys, three time zones, a third of the customers with a past. Beside it
stands a loop that only looks each candidate up, sorts them and hashes them once: the least that any plan has to do.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

from bench import measure
from valence.surveys import asking
from valence.surveys.asking import Candidate, Channel, Past, Policy, Trigger

START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"k" * 32
ZONES = ("Europe/Berlin", "Asia/Dubai", "America/Lima")
SEGMENTS = ("family", "single", "business")
PER_CUSTOMER = 4
SECONDS_ALLOWED = 20.0


def main(size: int) -> None:
    """Print one JSON line."""
    dice = random.Random(7)
    candidates = [_candidate(number, size, dice) for number in range(size)]
    past = {key: Past(asked=((START - timedelta(days=dice.randrange(60)), "bill", "x"),)) for key in range(0, size, 12)}
    ours = measure.measured(work=lambda: _planned(candidates, past))
    bare = measure.measured(work=lambda: _bare(candidates, past))
    measure.say(
        question="plan whom to ask, all rules", size=size, ours=ours, peers={"sort and hash only": bare},
        allowed_seconds=SECONDS_ALLOWED,
    )  # fmt: skip


def _candidate(number: int, size: int, dice: random.Random) -> Candidate:
    return Candidate(
        customer_key=dice.randrange(size // PER_CUSTOMER),
        ref=f"crm:{number}",
        occurred_at=START + timedelta(seconds=dice.randrange(90 * 86_400)),
        fields={"kind": dice.choice(("visit", "bill")), "facts": dice.choice(("", "late|left_mess"))},
        segment=dice.choice(SEGMENTS),
        zone=dice.choice(ZONES),
        unhappy=dice.random() < 0.2,
        consent=dice.random() < 0.9,
        reachable=(Channel.EMAIL, Channel.SMS)[: dice.randrange(3)],
    )


def _planned(candidates: list[Candidate], past: dict[int, Past]) -> None:
    triggers = [
        Trigger("visit", "Visits", {"kind": frozenset({"visit"})}, shares={"business": 1.0, "": 0.4}, slug="visits"),
        Trigger("bill", "Bills", {"kind": frozenset({"bill"})}, shares={"": 0.3}, slug="bills"),
    ]
    found = asking.plan(candidates=candidates, triggers=triggers, policy=Policy(), past=past, key=KEY)
    if sum(1 for _ in found) != len(candidates):
        raise RuntimeError("a candidate was not decided about")


def _bare(candidates: list[Candidate], past: dict[int, Past]) -> None:
    for one in sorted(candidates, key=lambda one: (one.occurred_at, one.ref)):
        past.get(one.customer_key)
        hashlib.blake2b(one.ref.encode(), key=KEY, digest_size=8).digest()


if __name__ == "__main__":
    main(measure.size_of(small=100_000))
