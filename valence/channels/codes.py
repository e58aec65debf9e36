"""Codes on paper: twelve letters and digits that can be read out and typed, the last of which checks the others. Pure.

Crockford's alphabet: no I, L, O, U, so that nothing is taken for something else. Eleven random letters are 55 bits: who
tries a thousand codes a second while a million are open finds one in a year.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

from valence.home import Home

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 11
GROUP = 4
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BYTES = 16


def new() -> str:
    """Return a new code, written as it is stored: twelve letters without gaps."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return letters + _check(letters)


def read(text: str) -> str | None:
    """Return a code as somebody typed it, None where it is none: too short, too long, or a letter is wrong."""
    western = (str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one for one in text)
    typed = "".join(one for one in "".join(western).upper().translate(MISREAD) if one in ALPHABET)
    return typed if len(typed) == LETTERS + 1 and _check(typed[:-1]) == typed[-1] else None


def written(code: str) -> str:
    """Return a code in groups, as it is printed."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def token_of(*, home: Home, code: str) -> str:
    """Return the token of the invitation that a code opens: nobody without our key can work it out."""
    digest = hmac.new(home.key_for("paper"), code.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def _check(letters: str) -> str:
    """Return the letter that makes any one wrong letter, and any two that changed places, show (Luhn mod 32)."""
    total = 0
    for place, letter in enumerate(reversed(letters)):
        value = ALPHABET.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
