"""What somebody writes back to a text message: a number and why, or that we should stop. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# fmt: off
STOP = frozenset((
    "stop", "stopall", "stopp", "unsubscribe", "cancel", "end", "quit", "abmelden", "ende", "arret", "arrêt",
    "desabonner", "désabonner", "baja", "parar", "alto", "cancelar", "توقف", "إيقاف", "ايقاف", "قف", "إلغاء", "الغاء",
))
START = frozenset((
    "start", "unstop", "anfang", "anmelden", "commencer", "reprendre", "alta", "empezar", "ابدأ", "ابدا", "بدء",
))
# fmt: on
_EDGES = " \t\r\n.,;:!?…'\"«»„“”‚‘’()[]–—،؛؟*#/"
_NUMBER = re.compile(r"(?<![\d.,/:+-])(\d{1,2})(?!\d|[.,:]\d)")
_OUT_OF = re.compile(r"^\s*(?:/|out of|of|von|sur|de|من)\s*(\d{1,3})\b", re.IGNORECASE)
_JOINS = re.compile(r"^(?:because|weil|denn|parce que|car|porque|لأن)\b[\s,:]*", re.IGNORECASE)


class Wish(StrEnum):
    """What a message asks for."""

    ANSWER = "answer"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True)
class Reply:
    """A message as understood: what it asks for, the point it names (None: none, or not one of the scale), the rest."""

    wish: Wish
    score: int | None = None
    words: str = ""


def read(text: str, *, least: int, most: int) -> Reply:
    """Return what a message says: "7 it was slow" is a 7 and "it was slow", in the digits of any script.

    A number counts where the message begins or ends with it, or is nothing else; one amid words ("I waited 3 hours")
    is part of what was said, and so is one outside the scale.
    """
    plain = _western_digits(text).strip(_EDGES)
    word = plain.casefold()
    if word in STOP:
        return Reply(Wish.STOP)
    if word in START:
        return Reply(Wish.START)
    found = _score(plain, least, most)
    if found is None:
        return Reply(Wish.ANSWER, words=_western_digits(text).strip())
    score, rest = found
    return Reply(Wish.ANSWER, score=score, words=rest)


def _score(text: str, least: int, most: int) -> tuple[int, str] | None:
    """Return the point at the beginning, else at the end of a text, and what stands beside it."""
    for match in _NUMBER.finditer(text):
        before, after = text[: match.start()].strip(f"{_EDGES}-"), text[match.end() :]
        out_of = _OUT_OF.match(after)
        if out_of:
            after = after[out_of.end() :]
        rest = after.strip(f"{_EDGES}-")
        if not least <= int(match[1]) <= most or (before and rest) or _is_a_quantity(before, after, out_of is not None):
            continue
        return int(match[1]), _JOINS.sub("", before or rest)
    return None


def _is_a_quantity(before: str, after: str, out_of: bool) -> bool:
    """Say whether a number counts something else: "3 hours late", "waited 3"."""
    if out_of or not (before or after.strip(_EDGES)):
        return False
    return bool(_COUNTED.match(after.strip(_EDGES)))


_COUNTED = re.compile(
    r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|times|euros?|minuten?|stunden?|tagen?|tage|wochen?|monate?n?|mal"
    r"|heures?|jours?|semaines?|mois|fois|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|veces"
    r"|دقائق|دقيقة|ساعات|ساعة|أيام|يوم|أسابيع|أسبوع|أشهر|شهر|مرات|%|€|\$|£)(?![^\W\d_])",
    re.IGNORECASE,
)


def _western_digits(text: str) -> str:
    """Return a text with the digits of every script as 0 to 9, and without marks that only turn its direction."""
    kept = (letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return "".join(str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one for one in kept)
