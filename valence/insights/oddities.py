"""What looks wrong in the data: words that announce the leaving, doubles, impossible times, other units. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from valence.insights import say
from valence.insights.holdings import Holdings, Oddity, Rows, Typical, Weight

LEAN_COUNT, LEAN_SHARE = 20, 0.5
GROUP_COUNT, GROUP_SHARE = 20, 0.9
SEEN_COUNT = 50
DANGLING_SHARE = 0.05
STRANGE_COUNT, STRANGE_SHARE = 20, 0.2
USUAL: Mapping[str, tuple[float, float]] = {
    "wait_minutes": (0.0, 60.0),
    "duration_minutes": (0.0, 240.0),
    "outage_hours": (0.0, 96.0),
}
SIXTY, HUNDRED = (45.0, 80.0), (75.0, 130.0)


def _beyond(have: Holdings) -> Iterator[Oddity]:
    if have.beyond:
        yield Oddity(
            "Interactions after the customer left",
            Weight.LOOK,
            have.beyond,
            f"{say.count(have.beyond)} interactions happened after their customer had left: final bills, or a wrong "
            "day.",
            "They never count for the loss: what was not known then is not used. If there are many, check `left_at`.",
            Rows("interactions", {"odd": "beyond"}),
        )


def _leans(have: Holdings) -> Iterator[Oddity]:
    for lean in have.leans:
        if lean.before >= LEAN_COUNT and lean.before >= LEAN_SHARE * lean.total:
            rows = Rows("interactions", {"fact" if lean.column == "facts" else lean.column: lean.word})
            yield Oddity(
                f"“{lean.word}” announces the leaving",
                Weight.WRONG,
                lean.before,
                f"{say.count(lean.before)} of {say.count(lean.total)} interactions with the "
                f"{lean.column.removesuffix('s')} “{lean.word}” lie in the month before a loss: it may be written "
                "because the customer leaves.",
                "It would foretell too well and be blamed for what it only reports. Leave it out of the file, or say "
                "under Words to map that it is a sign and no cause.",
                rows,
            )


def _groups(have: Holdings) -> Iterator[Oddity]:
    base = have.losses / have.customers if have.customers else 0.0
    for group in have.groups:
        share = group.left / group.customers if group.customers else 0.0
        if group.customers >= GROUP_COUNT and share >= GROUP_SHARE and base < 0.5:
            yield Oddity(
                f"Nearly everybody of {group.column} “{group.value}” left",
                Weight.WRONG,
                group.left,
                f"{say.count(group.left)} of {say.count(group.customers)} customers with {group.column} "
                f"“{group.value}” left, {say.percent(base)} of all: the value may be written when somebody leaves.",
                "It is used only as it was known at each moment, if it came with `recorded_at`; else leave it out.",
                Rows("losses"),
            )


def _doubles(have: Holdings) -> Iterator[Oddity]:
    for pair in have.pairs:
        yield Oddity(
            f"{pair.one} and {pair.other} tell the same",
            Weight.WRONG,
            pair.count,
            f"{say.count(pair.count)} interactions of one customer, time and kind came from {pair.one} and from "
            f"{pair.other}.",
            "They count twice. Bring in only one of the two for these kinds; an import can be undone.",
            Rows("interactions", {"source": pair.other}),
        )


def _times(have: Holdings) -> Iterator[Oddity]:
    for odd, count, name, words in (
        (
            "ancient",
            have.ancient,
            "Times before 1990",
            "happened before 1990: a default value of some system, or a wrong format",
        ),
        ("future", have.future, "Times to come", "lie in the future: planned, or a wrong zone or format"),
        (
            "known_before",
            have.known_before,
            "Known before it happened",
            "were recorded before they happened: plans, or a wrong zone",
        ),
    ):
        if count:
            done = "They count only from the moment at which they have happened."
            rows = Rows("interactions", {"odd": odd})
            yield Oddity(name, Weight.LOOK, count, f"{say.count(count)} interactions {words}.", done, rows)


def _dangling(have: Holdings) -> Iterator[Oddity]:
    named = have.filled.get("caused_by", 0)
    if have.dangling and named:
        share = have.dangling / named
        yield Oddity(
            "Causes that are not here",
            Weight.WRONG if share >= DANGLING_SHARE else Weight.LOOK,
            have.dangling,
            f"{say.percent(share)} of the {say.count(named)} recorded causes point to an interaction that is not here, "
            "or is another customer's.",
            "Those links are inferred instead. Bring in the files that the ids come from; where a system names another "
            "one's ids, write `source:id`, with the source's name as under Data.",
            Rows("interactions", {"odd": "dangling"}),
        )


def _strangers(have: Holdings) -> Iterator[Oddity]:
    for source, count in have.strangers.items():
        total = have.sources.get(source, count)
        if have.customers and count >= STRANGE_COUNT and count >= STRANGE_SHARE * total:
            yield Oddity(
                f"{source}: customers of whom nothing else is told",
                Weight.WRONG,
                count,
                f"{say.count(count)} of {say.count(total)} interactions from {source} name customers who are in no "
                "file of customers: nothing is learned from them, and they are on no list.",
                "If the file only lacks zeros in front of its numbers, undo the import and look at it again: Import "
                "then puts them there. Other ids are brought in as a list under Identities; who is missing, as a "
                "file of customers.",
                Rows("interactions", {"odd": "strangers", "source": source}),
            )


def _units(have: Holdings) -> Iterator[Oddity]:
    for one in have.typical:
        others = [o for o in have.typical if (o.column, o.kind) == (one.column, one.kind) and o.source != one.source]
        words = _unit_words(one, others)
        if one.values >= SEEN_COUNT and words:
            yield Oddity(
                f"{one.column} of {one.source}: another unit?",
                Weight.WRONG,
                one.values,
                f"Half of {say.count(one.values)} values of `{one.column}` from {one.source} are above {one.median:g}: "
                f"{words}.",
                "Nothing was changed. Say the unit in the mapping and bring the file in again; the first import can be "
                "undone.",
                Rows("interactions", {"source": one.source}),
            )


def _unit_words(one: Typical, others: Sequence[Typical]) -> str:
    """Return what a median says about the unit, "" where it is as usual."""
    for other in (o for o in others if o.values >= SEEN_COUNT and o.median > 0):
        times = one.median / other.median
        if one.column.endswith("minutes") and SIXTY[0] <= times <= SIXTY[1]:
            return f"{times:.0f} times those of {other.source}, so they look like seconds"
        if "amount" in one.column and HUNDRED[0] <= times <= HUNDRED[1]:
            return f"{times:.0f} times those of {other.source}, so they look like cents"
    low, high = USUAL.get(one.column, (0.0, float("inf")))
    if not low <= one.median <= high:
        return f"usual are {low:g} to {high:g}"
    return ""


def _undone(have: Holdings) -> Iterator[Oddity]:
    if have.undone_since_model:
        numbers = ", ".join(map(str, have.undone_since_model))
        yield Oddity(
            "The model learned from what was undone",
            Weight.WRONG,
            len(have.undone_since_model),
            f"Model {have.model} was trained while import {numbers} was in, which has been undone since.",
            "Chances and blame still use it. Train again, and it is forgotten.",
            Rows("model"),
        )


CHECKS: tuple[Callable[[Holdings], Iterator[Oddity]], ...] = (
    _undone, _strangers, _leans, _groups, _doubles, _dangling, _units, _times, _beyond,
)  # fmt: skip
