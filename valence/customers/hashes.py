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
SHORTEST_PART = 3
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_NUMBER = re.compile(r"(?=(?:\D*\d){6})[\d\s()+./-]+")
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=24)
def _for(home: Home, purpose: str) -> Callable[[str], bytes]:
    ready = hashlib.blake2b(key=home.key_for(purpose), digest_size=SIZE)

    def digest(text: str) -> bytes:
        copy = ready.copy()
        copy.update(text.encode("utf-8", "surrogatepass"))
        return copy.digest()

    return digest


def of_ids(*, home: Home, ids: Iterable[str]) -> list[bytes]:
    """Return the keyed hashes (16 bytes) of customer ids, in order."""
    return list(map(_for(home, "identity"), ids))


def of_rows(*, home: Home, rows: Iterable[tuple[str, str, int]]) -> list[bytes]:
    """Return the keyed hashes of interactions given as (source, interaction_id, revision), in order."""
    digest = _for(home, "row")
    return [digest(f"{source}\0{interaction_id}\0{revision}") for source, interaction_id, revision in rows]


def of_groups(*, home: Home, groups: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the keyed hashes of accounts and households given as (kind, number), in order."""
    digest = _for(home, "group")
    return [digest(f"{kind}\0{number}") for kind, number in groups]


def of_traits(*, home: Home, traits: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the keyed hashes of what can show that two are one, given as (kind, value), in order."""
    digest = _for(home, "trait")
    return [digest(f"{kind}\0{value}") for kind, value in traits]


def of_words(*, home: Home, words: Iterable[str]) -> set[bytes]:
    """Return the keyed hashes of words to search by."""
    return set(map(_for(home, "search"), words))


def plain(text: str) -> str:
    """Return the text as it is compared: lower case, without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_of(text: str) -> set[str]:
    """Return the words of a text that a search is made of."""
    return set(_WORD.findall(plain(text)))


def whole_of(text: str) -> str:
    """Return an id, an e-mail or a phone number as it is found by the whole of it: a number without its spaces."""
    compared = plain(text).strip()
    if _NUMBER.fullmatch(compared):
        return "".join(_DIGITS.findall(compared))
    return compared


def searched(*, customer_id: str, name: str, email: str, phone: str) -> set[str]:
    """Return what a person can be found by: each word of the name, of the id and of the e-mail before its `@`, and the
    whole of id, e-mail and phone. What many share (a mail provider) or says little (one letter) finds nobody.
    """
    parts = f"{customer_id} {email.partition('@')[0]}"
    words = {word for word in words_of(parts) if len(word) >= SHORTEST_PART}
    wholes = (whole_of(said) for said in (customer_id, email, phone) if said)
    return words.union(words_of(name), wholes)
