"""Keyed hashes: how an id or a word of a name is found again without being readable in the data folder.

BLAKE2b keyed with a key that is derived from the master key, which lies outside the folder.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from valence.home import Home

SIZE = 16
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


@lru_cache(maxsize=8)
def _hasher(key: bytes) -> Callable[[str], bytes]:
    ready = hashlib.blake2b(key=key, digest_size=SIZE)

    def digest(text: str) -> bytes:
        copy = ready.copy()
        copy.update(text.encode("utf-8", "surrogatepass"))
        return copy.digest()

    return digest


def of_ids(*, home: Home, ids: Iterable[str]) -> list[bytes]:
    """Return the keyed hashes (16 bytes) of customer ids, in order."""
    return list(map(_hasher(home.key_for("identity")), ids))


def of_rows(*, home: Home, rows: Iterable[tuple[str, str, int]]) -> list[bytes]:
    """Return the keyed hashes of interactions given as (source, interaction_id, revision), in order."""
    digest = _hasher(home.key_for("row"))
    return [digest(f"{source}\0{interaction_id}\0{revision}") for source, interaction_id, revision in rows]


def of_words(*, home: Home, words: Iterable[str]) -> set[bytes]:
    """Return the keyed hashes of words to search by."""
    return set(map(_hasher(home.key_for("search")), words))


def plain(text: str) -> str:
    """Return the text as it is compared: lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_of(text: str) -> set[str]:
    """Return the words of a name, e-mail, phone or id that a search may use, and the whole of it.

    A phone number is also found by its digits alone, however it was spaced.
    """
    compared = plain(text).strip()
    words = set(_WORD.findall(compared)) | {compared}
    digits = "".join(character for character in compared if character.isdigit())
    if len(digits) >= 6 and not any(character.isalpha() for character in compared):
        words.add(digits)
    return {word for word in words if word}
