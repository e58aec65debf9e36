"""What the evidence says about a team, in words. Nobody is accused: it is said how likely, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from valence.insights import say
from valence.insights.integrity.finding import Trick
from valence.insights.integrity.judging import FEWEST_ANSWERS, Judged, Verdict

KINDS: Mapping[str, str] = {
    "pleading": "Comments that tell of a score asked for",
    "facts": "Top scores that the facts do not explain",
    "later": "Top scores that later behaviour contradicts",
    "devices": "Answers from one device",
    "bursts": "Answers within minutes of each other",
    "twins": "Comments in the same words",
    "speeders": "Hasty answers",
    "straight": "The same answer in every row",
    "bots": "Answers faster than anybody can read",
    "invitations": "Not asked after bad encounters",
    "month_end": "Top scores at the end of the month",
    "cliff": "Top scores while the bonus was in danger",
}
TRICKS: Mapping[Trick, str] = {
    Trick.BEGGING: "scores may have been asked for",
    Trick.FILLING_IN: "answers may have been filled in by somebody else",
    Trick.INVITING: "unhappy customers may have been left out",
    Trick.BONUS: "scores may have been talked up at the end of the month",
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.CANNOT_SAY: "Cannot say",
    Verdict.NOTHING: "Nothing stands out",
    Verdict.SIGNS: "Signs",
    Verdict.STRONG: "Strong signs",
}
WHYS: Mapping[str, str] = {
    "no_consent": "consent was taken out",
    "no_channel": "no address",
    "too_late": "recorded too late",
}


def sentence(judged: Judged) -> str:
    """Return what is said about a team."""
    if judged.verdict is Verdict.CANNOT_SAY:
        return f"{say.many(judged.number, 'answer')}: too few to say anything. It takes {FEWEST_ANSWERS}."
    if judged.verdict is Verdict.NOTHING or judged.trick is None:
        return "Nothing stands out beyond what chance brings among so many teams."
    return f"{say.sentence(TRICKS[judged.trick])}: {likely(judged)}."


def likely(judged: Judged) -> str:
    """Return the probability in words: `about 93 %, likely 80 to 97 %`."""
    low, high = (100 * share for share in (judged.range.low, judged.range.high))
    if judged.probability > 0.985:
        return "as good as certain that something is not as it should be"
    return f"{100 * judged.probability:.0f} % likely, {low:.0f} to {high:.0f} % by what one holds for usual"


def strongest(judged: Judged) -> str:
    """Return the strongest reason as a sentence, "" without one."""
    if not judged.reasons or judged.verdict not in (Verdict.SIGNS, Verdict.STRONG):
        return ""
    return f"{say.sentence(judged.reasons[0].words)}."


def chance(p: float) -> str:
    """Return how rarely chance alone brings that much: `once in 400 honest teams`."""
    if p < 1e-6:
        return "less than once in a million honest teams"
    if p >= 0.05:
        return f"in {100 * p:.0f} of 100 honest teams"
    return f"once in {say.count(round(1 / p))} honest teams"
