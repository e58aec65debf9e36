"""What was read in texts. Read by people only through a scope; by what follows the annotations in order of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from numpy.typing import NDArray

from valence.customers import identities
from valence.ledger.annotated import Annotated as Annotated
from valence.ledger.annotated import unpacked
from valence.ledger.models import Annotation, Correction, Meaning, Mention, Unread
from valence.terms import Keys, Scope
from valence.text.annotation import Annotation as Found

AT_ONCE = 500
COLUMNS = (
    "source", "interaction_id", "occurred_at", "kind", "department", "channel", "team_id", "location_id", "score",
    "scale", "language", "tone", "tone_value", "text", "themes_by", "tone_by", "corrected", "read_at",
)  # fmt: skip


@dataclass(frozen=True)
class Comment:
    """A text with what was read in it. `key`: under which its customer is read, `written_as`: the interaction.

    Places in `found` are of `text`.
    """

    number: int
    key: int
    written_as: int
    source: str
    interaction_id: str
    occurred_at: datetime
    kind: str
    department: str
    channel: str
    team_id: str
    location_id: str
    score: float | None
    scale: str
    language: str
    tone: str
    tone_value: float
    text: str
    themes_by: str
    tone_by: str
    corrected: bool
    read_at: datetime
    found: Found


@dataclass(frozen=True)
class Asked:
    """Which texts are asked for. Empty means any; they were written in [since, until).

    With a theme, `tone` is that of what is said about the theme, else of the whole. words: each of them is in the text.
    plan, segment: the customer's as last heard. numbers: only these; None: any.
    """

    since: datetime | None = None
    until: datetime | None = None
    theme: str = ""
    tone: str = ""
    intent: str = ""
    person: str = ""
    department: str = ""
    location_id: str = ""
    language: str = ""
    kind: str = ""
    scale: str = ""
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    corrected: bool = False
    key: int | None = None
    plan: str = ""
    segment: str = ""
    competitor: str = ""
    numbers: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Waiting:
    """An interaction whose text waits to be read. `payload`: an Interaction as MessagePack."""

    number: int
    row_hash: bytes
    revision: int
    payload: bytes


@dataclass(frozen=True)
class Labelled:
    """A text with what a person says is right of one part."""

    text: str
    language: str
    said: str
    was: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Told:
    """What rules ask of one text: its tone, themes, intents, and what its writer feels."""

    tone: str
    themes: tuple[str, ...]
    themes_bad: tuple[str, ...]
    themes_good: tuple[str, ...]
    intents: tuple[str, ...]
    feelings: tuple[str, ...]


def rows(*, scope: Scope, asked: Asked, offset: int = 0, limit: int | None = 50) -> tuple[Comment, ...]:
    """Return texts, the latest first."""
    found = _found(scope=scope, asked=asked).order_by("-occurred_at", "-pk")
    return _comments(found[offset : None if limit is None else offset + limit])


def total(*, scope: Scope, asked: Asked) -> int:
    """Return how many texts are asked for."""
    return _found(scope=scope, asked=asked).count()


def spoken_badly(*, since: datetime, at_most: float) -> set[tuple[int, str, str]]:
    """Return (customer, source, id) of the texts since then whose tone is at most so good: for what watches them all.

    The customer is the key under which they are read.
    """
    found = Annotation.objects.filter(occurred_at__gte=since, tone="negative", tone_value__lte=at_most)
    rows = list(found.values_list("customer_id", "source", "interaction_id"))
    read = identities.merged().canonical_of(np.array([key for key, _, _ in rows], np.int64)).tolist()
    return {(key, source, name) for key, (_, source, name) in zip(read, rows, strict=True)}


def people(*, scope: Scope, asked: Asked) -> int:
    """Return how many customers wrote what is asked for."""
    return _found(scope=scope, asked=asked).values("customer_id").distinct().count()


def one(*, scope: Scope, number: int) -> Comment | None:
    """Return one text; None where there is none of this number that may be seen."""
    return next(iter(_comments(_found(scope=scope, asked=Asked()).filter(pk=number))), None)


def of_customer(*, scope: Scope, key: int, limit: int = 50) -> tuple[Comment, ...]:
    """Return the texts of one customer, the latest first."""
    return rows(scope=scope, asked=Asked(key=key), limit=limit)


def after(*, number: int, limit: int) -> tuple[Comment, ...]:
    """Return annotations above a number, in order: for what follows them. One that is read anew gets a new number."""
    return _comments(Annotation.objects.filter(pk__gt=number).order_by("pk")[:limit])


def last_number() -> int:
    """Return the highest number there is, 0 for none."""
    return Annotation.objects.aggregate(last=Max("pk"))["last"] or 0


def told(*, row_hashes: Sequence[bytes]) -> Mapping[bytes, Told]:
    """Return what rules ask of some interactions; those that were not read yet, or have no text, are left out."""
    found: dict[bytes, tuple[int, str]] = {}
    named: dict[int, list[tuple[str, str, str]]] = {}
    for start in range(0, len(row_hashes), AT_ONCE):
        part = Annotation.objects.filter(row_hash__in=list(row_hashes[start : start + AT_ONCE]))
        own = {bytes(row_hash): (pk, tone) for pk, row_hash, tone in part.values_list("pk", "row_hash", "tone")}
        found |= own
        mentions = Mention.objects.filter(annotation_id__in=[pk for pk, _ in own.values()])
        for pk, *mention in mentions.values_list("annotation_id", "part", "name", "tone"):
            named.setdefault(pk, []).append((mention[0], mention[1], mention[2]))
    return {row_hash: _told(tone, named.get(pk, ())) for row_hash, (pk, tone) in found.items()}


def _told(tone: str, named: Sequence[tuple[str, str, str]]) -> Told:
    def names(part: str, spoken: str = "") -> tuple[str, ...]:
        return tuple(name for kind, name, how in named if kind == part and spoken in ("", how))

    return Told(
        tone=tone,
        themes=names("theme"),
        themes_bad=names("theme", "negative"),
        themes_good=names("theme", "positive"),
        intents=names("intent"),
        feelings=names("emotion"),
    )


def waiting(*, limit: int) -> tuple[Waiting, ...]:
    """Return what waits to be read, the longest waiting first."""
    found = Unread.objects.order_by("pk").values_list("pk", "row_hash", "revision", "payload")[:limit]
    return tuple(Waiting(pk, bytes(name), revision, bytes(payload)) for pk, name, revision, payload in found)


def waits() -> int:
    """Return how many texts wait to be read."""
    return Unread.objects.count()


def numbers_not_by(*, themes_by: str, tone_by: str, above: int, limit: int) -> tuple[int, ...]:
    """Return the numbers, above one, of texts that other models told than these."""
    return tuple(_not_by(themes_by, tone_by).filter(pk__gt=above).order_by("pk").values_list("pk", flat=True)[:limit])


def count_not_by(*, themes_by: str, tone_by: str) -> int:
    """Return how many texts other models told than these."""
    return _not_by(themes_by, tone_by).count()


def to_read_again(*, numbers: Sequence[int]) -> tuple[tuple[Comment, bytes, int], ...]:
    """Return texts with the hash of their interaction and its revision."""
    rows = Annotation.objects.filter(pk__in=list(numbers))
    beside = {pk: (bytes(name), revision) for pk, name, revision in rows.values_list("pk", "row_hash", "revision")}
    return tuple((comment, *beside[comment.number]) for comment in _comments(rows))


def known_revisions(*, row_hashes: Sequence[bytes]) -> Mapping[bytes, int]:
    """Return the revision in which each of some interactions was read or waits to be; others are left out."""
    found: dict[bytes, int] = {}
    for table in (Unread, Annotation):
        for start in range(0, len(row_hashes), AT_ONCE):
            part = table.objects.filter(row_hash__in=list(row_hashes[start : start + AT_ONCE]))
            found |= {bytes(name): revision for name, revision in part.values_list("row_hash", "revision")}
    return found


def labelled(*, part: str) -> tuple[Labelled, ...]:
    """Return every text that a person corrected in a part, the oldest first."""
    found = Correction.objects.filter(part=part).order_by("at", "pk")
    return tuple(Labelled(*row) for row in found.values_list("text", "language", "said", "was", "by", "at"))


def corrections() -> Mapping[str, int]:
    """Return how many texts people corrected, by part."""
    return dict(Correction.objects.order_by().values_list("part").annotate(n=Count("pk")))


def choices(*, scope: Scope, asked: Asked, field: str, limit: int = 40) -> tuple[str, ...]:
    """Return the values that a column has among the texts asked for, the most frequent first. "" is left out."""
    found = _found(scope=scope, asked=asked).exclude(**{field: ""}).order_by().values_list(field)
    return tuple(value for value, _ in found.annotate(n=Count("pk")).order_by("-n", field)[:limit])


def meanings(
    *, scope: Scope, asked: Asked, encoder: str, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int8], int]:
    """Return numbers (m,) and vectors (m, d) of the latest texts asked for, and how many there are in all."""
    found = _found(scope=scope, asked=asked)
    inside = Meaning.objects.filter(encoder=encoder, annotation__in=found)
    rows = list(inside.order_by("-annotation__occurred_at").values_list("annotation_id", "vector")[:limit])
    if not rows:
        return np.empty(0, np.int64), np.empty((0, 0), np.int8), 0
    vectors = np.frombuffer(b"".join(bytes(vector) for _, vector in rows), np.int8).reshape(len(rows), -1)
    return np.array([number for number, _ in rows], np.int64), vectors, inside.count()


def of_numbers(*, scope: Scope, numbers: Sequence[int]) -> dict[int, Comment]:
    """Return texts by number, those that may be seen."""
    found = _found(scope=scope, asked=Asked()).filter(pk__in=list(numbers))
    return {comment.number: comment for comment in _comments(found)}


def of_hashes(*, scope: Scope, row_hashes: Sequence[bytes]) -> dict[bytes, Comment]:
    """Return what was read in some interactions, by the hash of source and id; those without are left out."""
    found: dict[bytes, Comment] = {}
    for start in range(0, len(row_hashes), AT_ONCE):
        part = _found(scope=scope, asked=Asked()).filter(row_hash__in=list(row_hashes[start : start + AT_ONCE]))
        names = {pk: bytes(row_hash) for pk, row_hash in part.values_list("pk", "row_hash")}
        found |= {names[one.number]: one for one in _comments(part)}
    return found


def found_by(*, scope: Scope, asked: Asked) -> QuerySet[Annotation]:
    """Return the annotations that are asked for, to be counted in this folder."""
    return _found(scope=scope, asked=asked)


def _found(*, scope: Scope, asked: Asked) -> QuerySet[Annotation]:
    found = Annotation.objects.filter(identities.seen(scope=scope, path="customer"))
    for name, value in (
        ("occurred_at__gte", asked.since),
        ("occurred_at__lt", asked.until),
        ("department", asked.department),
        ("location_id", asked.location_id),
        ("language", asked.language),
        ("kind", asked.kind),
        ("scale", asked.scale),
    ):
        found = found.filter(**{name: value}) if value else found
    found = found.filter(score__gte=asked.least) if asked.least is not None else found
    found = found.filter(score__lte=asked.most) if asked.most is not None else found
    found = found.filter(corrected=True) if asked.corrected else found
    if asked.key is not None:
        found = found.filter(customer_id__in=identities.keys_of(key=asked.key))
    if asked.numbers is not None:
        found = found.filter(pk__in=asked.numbers)
    for name, value in (("plan", asked.plan), ("segment", asked.segment)):
        found = found.filter(identities.where(path="customer", **{name: value})) if value else found
    for word in asked.words:
        found = found.filter(Q(text__icontains=word) | Q(text__icontains=word.capitalize()))
    return _mentioning(found, asked)


def _mentioning(found: QuerySet[Annotation], asked: Asked) -> QuerySet[Annotation]:
    if asked.theme:
        told = Q(mentions__part="theme", mentions__name=asked.theme)
        found = found.filter(told & Q(mentions__tone=asked.tone) if asked.tone else told)
    elif asked.tone:
        found = found.filter(tone=asked.tone)
    for part, name in (("intent", asked.intent), ("person", asked.person)):
        if name:
            heard = Mention.objects.filter(part=part, name=name, annotation_id=OuterRef("pk"))
            found = found.filter(pk__in=Subquery(heard.values("annotation_id")))
    if asked.competitor:
        heard = Mention.objects.filter(part="intent", about=asked.competitor, annotation_id=OuterRef("pk"))
        found = found.filter(pk__in=Subquery(heard.values("annotation_id")))
    return found


def _comments(found: QuerySet[Annotation]) -> tuple[Comment, ...]:
    values = list(found.values(*COLUMNS, "found", number=F("pk"), written_as=F("customer_id")))
    keys = _read_as([row["written_as"] for row in values])
    return tuple(
        Comment(**{**row, "key": key, "found": unpacked(row["found"])})
        for row, key in zip(values, keys.tolist(), strict=True)
    )


def _read_as(keys: Sequence[int]) -> Keys:
    return identities.merged().canonical_of(np.array(keys, np.int64))


def _not_by(themes_by: str, tone_by: str) -> QuerySet[Annotation]:
    other = ~(Q(themes_by=themes_by) | Q(corrected=True)) | ~(Q(tone_by=tone_by) | Q(corrected=True))
    return Annotation.objects.filter(other)
