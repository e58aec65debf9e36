"""In which encoding a text file is written: decided from its bytes, with how sure that is.

Marks at the start and the shape of the bytes say UTF-8 and UTF-16 for certain. A file of one byte a character never
says what it is: the encoding is taken under which its letters stand where letters of European languages stand.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

CHUNK = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WEST, _MIDDLE = (
    "äöüßÄÖÜéèêëàâçùûîïôÉÀÇñáíóúÁÍÓÚÑ¿¡ãõÃÕêìòåÅæÆøØœ",
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČŠŘŽőűŐŰăâîșțäöüß",
)
LETTERS = {
    "cp1252": _WEST,
    "cp1250": _MIDDLE,
    "iso-8859-2": _MIDDLE,
    "cp850": _WEST,
    "mac_roman": _WEST,
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯёіїє",
    "cp1253": "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώςΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
    "cp1254": "çğıöşüÇĞİÖŞÜâî",
}
"""Letters that texts of an encoding's languages hold, the likeliest encoding first."""
SIGNS = "€£§°–—„“”‘’‚…«»·®™²½µ\xa0ºª№"
SURE, LIKELY, FEWEST = 0.3, 0.8, 10
"""How much better than the next, how good at all, and in how many places the best encoding must be to be sure."""
ENOUGH = 4_000
AROUND = 2
OTHER_SCRIPTS = frozenset({"cp1251", "cp1253"})
_HIGH = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True)
class Decided:
    """An encoding, as Python names it, whether that is certain, and why it was taken, in words."""

    name: str
    sure: bool
    why: str


def decide(*, path: Path) -> Decided:
    """Return the encoding of a text file after a look at all of its bytes."""
    with path.open("rb") as file:
        start = file.read(CHUNK)
    for mark, name in MARKS:
        if start.startswith(mark):
            return Decided(name, sure=True, why="the file says so in its first bytes")
    wide = _wide(start)
    if wide:
        return Decided(wide, sure=True, why="every other byte is empty")
    if _is_utf8(path):
        return Decided("utf-8", sure=True, why="every byte fits")
    return _one_byte(b"".join(_around(path)))


def _wide(start: bytes) -> str:
    """Return UTF-16 with its order where nearly every second byte is NUL, else ""."""
    even, odd = start[0:4000:2], start[1:4000:2]
    if not odd or start.count(b"\0") == 0:
        return ""
    empty_even, empty_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if empty_odd > 0.6 and empty_even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if empty_even > 0.6 and empty_odd < 0.1 else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _around(path: Path) -> Iterator[bytes]:
    """Yield what stands around the bytes that are not ASCII, until that is enough to decide."""
    found = 0
    with path.open("rb") as file:
        while found < ENOUGH and (chunk := file.read(CHUNK)):
            for match in re.finditer(rb"[\x80-\xff]+", chunk):
                found += 1
                yield chunk[max(0, match.start() - AROUND) : match.end() + AROUND] + b"\n"
                if found >= ENOUGH:
                    return


def _one_byte(sample: bytes) -> Decided:
    """Return the encoding under which most of the characters beyond ASCII are letters that languages use."""
    marks = {name: _fits(sample, name) for name in LETTERS}
    best = max(marks, key=lambda name: marks[name])
    others = [mark for name, mark in marks.items() if name != best and _differs(sample, name, best)]
    if marks[best] < 0.5:
        found = charset_normalizer.from_bytes(sample).best()
        guess = found.encoding if found else "cp1252"
        return Decided(guess, sure=False, why="no encoding fits its letters well")
    told = len(set(sample.splitlines())) >= FEWEST and marks[best] > LIKELY
    sure = told and (not others or marks[best] - max(others) > SURE)
    return Decided(best, sure=sure, why="its letters and signs beyond ASCII then stand where they should")


def _fits(sample: bytes, name: str) -> float:
    """Return how well characters beyond ASCII stand where they stand: letters in words, signs beside them; -1 .. 1."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        return -1.0
    places = {text[max(0, at - 1) : at + 2] for at in (match.start() for match in _HIGH.finditer(text))}
    return sum(_likely(place, name) for place in places) / max(1, len(places))


def _likely(place: str, name: str) -> float:
    """Return how likely a character is between its neighbours. place: the character with one on either side."""
    middle = 1 if len(place) == 3 or place[0] <= "\x7f" else 0
    character, beside = place[middle], place[:middle] + place[middle + 1 :]
    letters = sum(one.isalpha() for one in beside)
    if character in LETTERS[name]:
        foreign = name in OTHER_SCRIPTS and any(one.isascii() and one.isalpha() for one in beside)
        return -1.0 if foreign else 1.0 if letters else 0.2
    if character in SIGNS:
        return -0.5 if letters == len(beside) > 1 else 1.0
    return -1.0 if letters else -0.2


def _differs(sample: bytes, one: str, other: str) -> bool:
    return sample.decode(one, "replace") != sample.decode(other, "replace")
