"""Personal data: a JSON list of {"start", "end", "type"} a text. Recall, precision, F1 by type with ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from valence import terms
from valence.text import names, redaction
from valence.text.annotation import Span
from valence.text.evaluation import asking, counting
from valence.text.redaction import Kind

# What other people's labels call it -> our kind. What is not here is not taken out (a country, a job, an age).
TYPES = {
    "credit_card": Kind.CARD, "card": Kind.CARD, "credit_card_number": Kind.CARD,
    "iban": Kind.IBAN, "iban_code": Kind.IBAN,
    "us_ssn": Kind.NATIONAL, "ssn": Kind.NATIONAL, "id": Kind.NATIONAL, "national_id": Kind.NATIONAL,
    "uk_nhs": Kind.NATIONAL, "us_itin": Kind.NATIONAL, "es_nif": Kind.NATIONAL, "es_nie": Kind.NATIONAL,
    "it_fiscal_code": Kind.NATIONAL, "pl_pesel": Kind.NATIONAL, "fi_personal_identity_code": Kind.NATIONAL,
    "email": Kind.EMAIL, "email_address": Kind.EMAIL,
    "phone": Kind.PHONE, "phone_number": Kind.PHONE,
    "url": Kind.URL, "domain_name": Kind.URL,
    "ip": Kind.IP, "ip_address": Kind.IP,
    "address": Kind.ADDRESS, "street_address": Kind.ADDRESS, "zip_code": Kind.ADDRESS,
    "birth_date": Kind.BIRTH, "date_of_birth": Kind.BIRTH,
    "person": Kind.NAME, "name": Kind.NAME, "per": Kind.NAME,
    "secret": Kind.SECRET, "cvv": Kind.SECRET, "password": Kind.SECRET,
    "number": Kind.NUMBER, "account_number": Kind.NUMBER, "us_driver_license": Kind.NUMBER, "us_passport": Kind.NUMBER,
    "us_bank_number": Kind.NUMBER,
}  # fmt: skip
CHECKED = (Kind.CARD, Kind.IBAN)
_AROUND = " \t\n.,;:>?!()\"'"


class _Label(msgspec.Struct):
    start: int
    end: int
    type: str


@dataclass(frozen=True)
class _Row:
    """One text: the labelled places by type, and what redaction found."""

    text: str
    labels: tuple[tuple[str, Span], ...]
    found: tuple[redaction.Found, ...]


def figures(*, asked: asking.Asked, progress: asking.Report) -> dict[str, object]:
    """Return recall (the labelled characters are gone), precision (what is gone was labelled) and F1, by type.

    `named_right` asks that they are gone under the right word. Nothing is learnt here, so --train and --folds
    do not apply. Raises asking.WrongLabels.
    """
    rows = list(_read(asked, progress))
    kinds = [kind for kind in Kind if any(_kind(name) is kind for row in rows for name, _ in row.labels)]
    counts = np.array([_counts(row, kinds) for row in rows], dtype=float).reshape(len(rows), -1)
    checked = [place for place, kind in enumerate(kinds) if kind in CHECKED]
    overall = {
        "micro_f1": counting.drawn(counts=counts, figure=counting.micro_f1, seed=asked.seed),
        "macro_f1": counting.drawn(counts=counts, figure=counting.macro_f1, seed=asked.seed),
        "recall": _recall(counts, range(len(kinds)), len(kinds)),
        "recall_checksummed": _recall(counts, checked, len(kinds)),
    }
    return {
        "n": len(rows),
        **overall,
        "accuracy": counting.share(part=sum(_is_clean(row) for row in rows), whole=len(rows)),
        "by_type": _by_type(rows, asked.seed),
        "left_in": dict(Counter(name for row in rows for name, _ in row.labels if _kind(name) is None)),
        "models": _model_names(asked.path),
    }


def _read(asked: asking.Asked, progress: asking.Report) -> Iterator[_Row]:
    model = names.english() if asked.path == "precise" else None
    texts, size = asked.rows.texts, 200
    for start in range(0, len(texts), size):
        part = slice(start, start + size)
        redacted = redaction.read_all(texts[part], names=model)
        for text, label, one in zip(texts[part], asked.rows.labels[part], redacted, strict=True):
            yield _Row(text=text, labels=tuple(_labels(label, text)), found=one.found)
        progress(terms.Progress(done=min(start + size, len(texts)), total=len(texts), words="Reading"))


def _labels(written: str, text: str) -> Iterator[tuple[str, Span]]:
    try:
        labels = msgspec.json.decode(written or "[]", type=list[_Label])
    except msgspec.DecodeError as problem:
        raise asking.WrongLabels(
            f'{written[:60]!r}: write [{{"start": 0, "end": 9, "type": "name"}}] ({problem})'
        ) from None
    for label in labels:
        start, end = label.start, min(label.end, len(text))
        while start < end and text[start] in _AROUND:
            start += 1
        while start < end and text[end - 1] in _AROUND:
            end -= 1
        if start < end:
            yield label.type, Span(start, end)


def _kind(label: str) -> Kind | None:
    plain = label.lower()
    return TYPES.get(plain) or (Kind(plain) if plain in Kind.__members__.values() else None)


def _counts(row: _Row, kinds: Sequence[Kind]) -> list[int]:
    """Return [hits of each kind..., wrongly taken..., missed...]."""
    hits = [sum(_gone(span, row.found) for name, span in row.labels if _kind(name) is kind) for kind in kinds]
    there = [sum(_kind(name) is kind for name, _ in row.labels) for kind in kinds]
    wrong = [sum(one.kind is kind and not _was_labelled(one.span, row.labels) for one in row.found) for kind in kinds]
    return [*hits, *wrong, *(all_ - hit for all_, hit in zip(there, hits, strict=True))]


def _by_type(rows: Sequence[_Row], seed: int) -> dict[str, dict[str, object]]:
    types = sorted({name for row in rows for name, _ in row.labels if _kind(name)})
    return {name: _one_type(rows, name, seed) for name in types}


def _one_type(rows: Sequence[_Row], name: str, seed: int) -> dict[str, object]:
    kind = _kind(name)
    spans = [(span, row) for row in rows for label, span in row.labels if label == name]
    gone = sum(_gone(span, row.found) for span, row in spans)
    named = sum(_gone(span, [one for one in row.found if one.kind is kind]) for span, row in spans)
    taken = [(one.span, row) for row in rows for one in row.found if one.kind is kind]
    right = sum(_was_labelled(span, row.labels) for span, row in taken)
    counts = np.array([_counts(row, [kind]) for row in rows if kind], dtype=float)
    return {
        "n": len(spans),
        "recall": counting.share(part=gone, whole=len(spans)),
        "precision": counting.share(part=right, whole=len(taken)),
        "f1": counting.drawn(counts=counts, figure=counting.micro_f1, seed=seed),
        "named_right": counting.share(part=named, whole=len(spans)),
    }


def _gone(span: Span, found: Iterable[redaction.Found]) -> bool:
    """Return whether all of the labelled characters were taken out; blanks and stops between two finds do not count."""
    covered = sum(max(0, min(span.end, one.span.end) - max(span.start, one.span.start)) for one in found)
    return covered >= 0.9 * (span.end - span.start)


def _was_labelled(span: Span, labels: Iterable[tuple[str, Span]]) -> bool:
    """Return whether half of what was taken out had been labelled, as whatever."""
    covered = sum(max(0, min(span.end, label.end) - max(span.start, label.start)) for _, label in labels)
    return 2 * covered >= span.end - span.start


def _is_clean(row: _Row) -> bool:
    return all(_gone(span, row.found) for name, span in row.labels if _kind(name))


def _recall(counts: np.ndarray, places: Iterable[int], size: int) -> counting.Figure:
    chosen = list(places)
    hits = float(counts[:, chosen].sum())
    missed = float(counts[:, [2 * size + place for place in chosen]].sum())
    return counting.share(part=hits, whole=hits + missed)


def _model_names(path: str) -> list[str]:
    return ["patterns and check digits", *([names.NAME] if path == "precise" else [])]
