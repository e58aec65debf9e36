"""The lot each customer drew: a random number that depends on nothing but what is known of the customer.

Surrogate keys differ from home to home, so whatever picks customers by lot must not ask for them: the same files then
give the same samples, and the same figures. A lot is made of when the relationship and the first interactions began,
and of who the customer is to the company; no id enters, nothing personal can be read off it.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from valence import terms

Lots = NDArray[np.uint64]
WORDS = ("segment", "region", "plan")
FIRST = 8
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def of(*, relationships: terms.Relationships, journeys: terms.Journeys) -> Lots:
    """Return the lot of each customer, (c,). journeys.keys must equal relationships.keys.

    Two customers of whom everything is the same draw the same lot.
    """
    lots = _mixed(_bits(relationships.joined))
    for name in WORDS:
        if name in relationships.words:
            lots = _mixed(lots ^ _said(relationships.words[name]))
    for place in range(FIRST):
        row = journeys.starts[:-1] + place
        there = row < journeys.starts[1:]
        at = np.full(len(lots), np.nan)
        at[there] = journeys.occurred[row[there]]
        lots = _mixed(lots ^ _bits(at))
    return lots


def chance(*, lots: Lots, of_what: int) -> terms.Floats:
    """Return for each lot a number in [0, 1), another one for each `of_what`."""
    mixed = _mixed(lots ^ _mixed(np.full(1, of_what, np.uint64)))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _bits(values: terms.Floats) -> Lots:
    """Return numbers as bits; every NaN the same."""
    return np.where(np.isnan(values), np.nan, values).astype(np.float64).view(np.uint64)


def _said(words: terms.Words) -> Lots:
    told = [int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest()) for word in words.vocabulary]
    return np.array([*told, 0], np.uint64)[words.codes]


def _mixed(bits: Lots) -> Lots:
    """Return bits stirred so that each of them moves all others (splitmix64, Steele et al. 2014)."""
    bits = bits + GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
