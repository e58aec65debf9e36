"""How a customer was lost, told department by department in words, and what cannot be said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from valence.insights import say
from valence.insights.encounters import Encounter, Sign
from valence.insights.responsibility import Division
from valence.terms import LossVerdict

if TYPE_CHECKING:
    from valence.ledger.queries.losses import LossRow, ShareRow

TELLING_SHARE = 0.05
STRONG_PRESSURE = 1.15
LEAST_EFFECT = 0.02
NOISE_DAYS = 45.0
MOST_TOLD = 3
LAST_SIGNALS = 2


@dataclass(frozen=True)
class Verdict:
    """The verdict in words: `big` is its headline, `under` what it means, `headline` and `told` the story."""

    big: str
    under: str
    headline: str
    told: str


@dataclass(frozen=True)
class Stretch:
    """The part of a journey that the story needs: the encounters in it, and how many lie before it."""

    encounters: tuple[Encounter, ...]
    earlier: int


def verdict(
    *, loss: LossRow, division: Division, encounters: Sequence[Encounter], shares: Sequence[ShareRow], name: str
) -> Verdict:
    """Return the verdict with the customer's story. `name` is how the customer is called."""
    ours = division.ours
    likely = f"likely {say.percents(ours.low, ours.high)}{say.THIN}%"
    share = say.percent(ours.value)
    told = tell(loss=loss, encounters=encounters, shares=shares, name=name)
    if loss.verdict is LossVerdict.OURS:
        big, under = f"Ours, {share}", f"of the risk when {name} decided came from us · {likely}"
    elif loss.verdict is LossVerdict.NOT_OURS:
        big, under = "Not ours", f"{share} of the risk when {name} decided came from us · {likely}"
    else:
        big, under = "Cannot say", f"about {share} of the risk came from us, but it may be anything in {likely[7:]}"
    return Verdict(big=big, under=under, headline=headline(loss=loss), told=told)


def headline(*, loss: LossRow) -> str:
    """Return what went wrong first and what hurt, in a line."""
    if loss.verdict is LossVerdict.NOT_OURS:
        return "Nothing we did explains it"
    first, last = say.told(loss.began_words), say.told(loss.hurt_words)
    if not first and not last:
        return "No single failure stands out"
    told = first.split(", ")
    last = ", ".join(phrase for phrase in last.split(", ") if phrase not in told)
    if not last:
        return say.sentence(first)
    return f"{say.sentence(first)}, then {last}" if first else say.sentence(last)


def tell(*, loss: LossRow, encounters: Sequence[Encounter], shares: Sequence[ShareRow], name: str) -> str:
    """Return the story: each department in the order in which it came in, what went wrong there, and how it ended."""
    telling = _telling(encounters, shares=shares)
    if not telling:
        return f"Nothing that was recorded weakened the bond by much before {name} left. {_pressure(loss)}".strip()
    by_department: dict[str, list[Encounter]] = {}
    for encounter in telling:
        by_department.setdefault(encounter.said_department, []).append(encounter)
    sentences = [f"**{department}**: {_events(group, loss=loss)}." for department, group in by_department.items()]
    sentences.append(f"{name} left {_after((loss.left_at - telling[-1].at).days)} the last of these.")
    return " ".join([*sentences, _pressure(loss)]).strip()


def _after(days: int) -> str:
    return {0: "within a day of", 1: "a day after"}.get(days, f"{say.lasting(days)} after")


def _events(group: Sequence[Encounter], *, loss: LossRow) -> str:
    told = [f"{encounter.went or encounter.noun.lower()} ({_day(encounter, loss=loss)})" for encounter in group]
    rest = len(told) - MOST_TOLD
    return say.listed([*told[:MOST_TOLD], f"{say.small(rest)} more"] if rest > 0 else told)


def _day(encounter: Encounter, *, loss: LossRow) -> str:
    return say.date(encounter.at, now=loss.left_at)


def _pressure(loss: LossRow) -> str:
    """Return what is known about competitors in the region that week; nothing where the pressure was ordinary."""
    if loss.competitor_pressure is None or loss.competitor_pressure < STRONG_PRESSURE:
        return ""
    where = f" in {loss.region}" if loss.region else ""
    more = say.percent(loss.competitor_pressure - 1)
    return f"That week {more} more customers than usual left{where}: an offer of a competitor may have added to it."


def _telling(encounters: Sequence[Encounter], *, shares: Sequence[ShareRow]) -> list[Encounter]:
    """Return the encounters that carried at least a twentieth of the harm, and the roots they go back to."""
    harm = sum(share.effect for share in shares if share.effect > 0)
    names = set()
    for share in shares:
        if harm and share.effect >= TELLING_SHARE * harm:
            names |= {(share.source, share.interaction_id), (share.root_source, share.root_interaction_id)}
    return [encounter for encounter in encounters if (encounter.source, encounter.interaction_id) in names]


def stretch(*, encounters: Sequence[Encounter], shares: Sequence[ShareRow], at_most: int = 16) -> Stretch:
    """Return the part of the journey to draw: from a little before the first telling encounter to the end.

    1. What moved the bond or counted in the verdict stays, and what led to it. 2. Of signals only answers and the
    last few before the end stay. 3. If there are still more than `at_most`, the strongest stay.
    """
    telling = _telling(encounters, shares=shares)
    if not telling:
        kept = list(encounters[-min(at_most, 12) :])
        return Stretch(encounters=tuple(kept), earlier=len(encounters) - len(kept))
    first = telling[0].at.timestamp() - NOISE_DAYS * 86400 / 3
    recent = [encounter for encounter in encounters if encounter.at.timestamp() >= first]
    linked = {one.row for one in telling} | {one.cause.row for one in telling if one.cause}
    last = {one.row for one in [one for one in recent if one.sign is Sign.SIGNAL][-LAST_SIGNALS:]}
    kept = [one for one in recent if one.row in linked | last or _moved(one) or one.score is not None]
    if len(kept) > at_most:
        strongest = sorted(kept, key=lambda one: (one.row not in linked, -abs(one.change)))[:at_most]
        kept = sorted(strongest, key=lambda one: one.row)
    return Stretch(encounters=tuple(kept), earlier=len(encounters) - len(kept))


def _moved(one: Encounter) -> bool:
    return one.sign in {Sign.HARM, Sign.PRAISE}


def judged(*, encounters: Sequence[Encounter], shares: Sequence[ShareRow]) -> tuple[Encounter, ...]:
    """Return encounters with the sign that the verdict gives them.

    Near the end of its scale the bond hardly moves, though what happened counted in full when the customer decided.
    """
    effects = {(share.source, share.interaction_id): share.effect for share in shares}
    return tuple(_judged(one, effect=effects.get((one.source, one.interaction_id), 0.0)) for one in encounters)


def _judged(one: Encounter, *, effect: float) -> Encounter:
    if one.sign is not Sign.NONE or abs(effect) < LEAST_EFFECT:
        return one
    return replace(one, sign=Sign.HARM if effect > 0 else Sign.PRAISE)


def cannot_say(
    *,
    loss: LossRow,
    encounters: Sequence[Encounter],
    inferred: int,
    links: int,
    dangling: int,
    knows: Callable[[str, str], bool],
    name: str,
) -> tuple[str, ...]:
    """Return the honest limits of this verdict, drawn from the data."""
    limits = [
        _on_pressure(loss),
        _on_links(inferred=inferred, links=links),
        _on_dangling(dangling),
        _on_words(encounters, knows=knows),
        _on_answers(encounters, name=name),
        _on_margin(loss),
        f"What nobody recorded: the shares hold only if nothing important happened to {name} outside the "
        f"{say.many(len(encounters), 'interaction')} that are known.",
    ]
    return tuple(limit for limit in limits if limit)


def _on_pressure(loss: LossRow) -> str:
    if loss.competitor_pressure is None:
        return "How strong the competition was: the region's own rate of leaving is not known for that week."
    if loss.competitor_pressure >= STRONG_PRESSURE:
        return "What a competitor offered. Only that more customers than usual left in the region is known, not why."
    return ""


def _on_links(*, inferred: int, links: int) -> str:
    if not inferred:
        return ""
    if inferred == links > 1:
        return "What led to what: no recorded cause is here, all were inferred from times, promises and reasons."
    guessed = (
        "Its cause was" if links == 1 else f"{say.sentence(say.small(inferred))} of the {say.small(links)} causes were"
    )
    return f"{guessed} not found on record but inferred from times, promises and reasons. Another cause is possible."


def _on_dangling(dangling: int) -> str:
    if not dangling:
        return ""
    which = "One recorded cause is" if dangling == 1 else f"{say.sentence(say.small(dangling))} recorded causes are"
    points = "it points" if dangling == 1 else "they point"
    return f"{which} not here: the interaction {points} to was not brought in for this customer, or comes later."


def _on_words(encounters: Sequence[Encounter], *, knows: Callable[[str, str], bool]) -> str:
    unknown = sorted(
        {encounter.kind for encounter in encounters if encounter.kind and not knows("kinds", encounter.kind)}
        | {fact for encounter in encounters for fact in encounter.facts if not knows("facts", fact)}
    )
    if not unknown:
        return ""
    words = say.listed([f"“{word}”" for word in unknown[:3]])
    return (
        f"What {words} mean here: no pack knows the words, so their effect is learned from this company's losses alone."
    )


def _on_answers(encounters: Sequence[Encounter], *, name: str) -> str:
    if any(encounter.score is not None or encounter.quote for encounter in encounters):
        return ""
    return f"How {name} felt: no answer to a survey and no words are on record. People who are unhappy answer less."


def _on_margin(loss: LossRow) -> str:
    if loss.verdict is not LossVerdict.CANNOT_SAY:
        return ""
    return "Whether it was ours: the likely range reaches to both sides of one half."
