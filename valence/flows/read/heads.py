"""The heads of this home: learned from labelled texts, kept by version, switched on by hand, and back again.

They lie in VALENCE_HOME/text/heads/<subject>/<version>.npz; `use.json` beside them says which is in use. A subject is
"tone", or "themes-<pack>".
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valence import home, terms
from valence.packs import taxonomy
from valence.text import encoders, scoring
from valence.text.evaluation import asking, learning
from valence.text.evaluation.tasks import themes as labelled_themes
from valence.text.heads import head, material, storing
from valence.text.tone import telling

FOLDS = 5
EXAMPLES = 3
TONE = "tone"
Report = Callable[[terms.Progress], None]


class NoSuchHead(ValueError):  # noqa: N818  said to people as it is
    """There is no head of this version, or none to go back to. Says which there are."""


@dataclass(frozen=True)
class Kept:
    """A head that is kept. `card`: what it learned from and its held-out figures."""

    subject: str
    version: int
    in_use: bool
    card: Mapping[str, Any]


@dataclass(frozen=True)
class Trained:
    """A head that was just learned and is not in use yet.

    `changes`: for each label how many of the labelled texts it is told of now and would be told of with this head
    (told by heads that had not seen the text), and texts for which that differs.
    """

    kept: Kept
    changes: Mapping[str, Mapping[str, Any]]


def subject_of_themes(*, pack: str) -> str:
    """Return the subject of a pack's themes."""
    return f"themes-{pack}"


def in_use(*, place: home.Home, subject: str, readers: Sequence[encoders.Encoder]) -> head.Head | None:
    """Return the head in use, None where none is or where it reads with encoders that are not these."""
    version = _used(place, subject)
    if version is None:
        return None
    held = storing.read(path=_file(place, subject, version))
    return held if held.encoders == tuple(reader.name for reader in readers) else None


def of_version(*, place: home.Home, subject: str, version: int) -> head.Head:
    """Return a head that is kept. Raises storing.CannotRead."""
    return storing.read(path=_file(place, subject, version))


def in_use_files(*, place: home.Home) -> list[Path]:
    """Return the files that say which heads are in use: they change when another is switched on."""
    return sorted(_folder(place).glob("heads/*/use.json"))


def tone(*, place: home.Home | None, readers: Sequence[encoders.Encoder]) -> head.Head:
    """Return the tone head in use, else the one of Valence, which is kept so that it is learned once a home."""
    if place is None:
        return telling.shipped(readers=readers)
    used = in_use(place=place, subject=TONE, readers=readers)
    if used is not None:
        return used
    file = _folder(place) / f"tone-of-valence-{_digest(readers)}.npz"
    try:
        return storing.read(path=file)
    except storing.CannotRead:
        made = telling.shipped(readers=readers)
        storing.write(told_by=made, path=file)
        return made


def train(
    *,
    place: home.Home,
    subject: str,
    rows: asking.Rows,
    pack: str,
    path: str,
    source: str,
    now: datetime,
    progress: Report,
) -> Trained:
    """Learn a head from labelled texts, keep it as the next version, and say what would change; nothing is switched on.

    Raises asking.WrongLabels where the labels are not of this subject or too few.
    """
    readers = learning.encoders_of(path=path)
    ruled = None if subject == TONE else scoring.of(themes=_themes(place, pack), encoder=readers[0])
    labels, truth = _truth(rows=rows, ruled=ruled)
    given = None
    if ruled is not None:
        given = ruled.scores(texts=rows.texts, languages=learning.languages_of(rows=rows))
    stuff = learning.stuff_of(rows=rows, readers=readers, progress=progress, given=given)
    names = [reader.name for reader in readers]
    one = subject == TONE
    found = _held_out(stuff=stuff, truth=truth, labels=labels, one=one, names=names, progress=progress)
    taught = head.learn(stuff=stuff, truth=truth, labels=labels, one=one, encoders=names)
    version = max((kept.version for kept in versions(place=place, subject=subject)), default=0) + 1
    facts = _card(rows=rows, truth=truth, labels=labels, found=found, one=one)
    made = head.carded(
        head=taught, name=subject, version=version, path=path, learned_from=source, learned_at=now.isoformat(), **facts
    )
    storing.write(told_by=made, path=_file(place, subject, version))
    before = _before(place=place, subject=subject, readers=readers, stuff=stuff, ruled=ruled, labels=labels)
    kept = Kept(subject=subject, version=version, in_use=False, card=made.card)
    return Trained(kept=kept, changes=_changes(texts=rows.texts, labels=labels, before=before, after=found.told))


def versions(*, place: home.Home, subject: str = "") -> list[Kept]:
    """Return the heads that are kept, by subject and version; of one subject where it is named."""
    found = []
    for file in sorted(_folder(place).glob("heads/*/*.npz")):
        if file.stem.isdigit() and subject in ("", file.parent.name):
            used = _used(place, file.parent.name)
            version = int(file.stem)
            card = storing.card(path=file)
            found.append(Kept(subject=file.parent.name, version=version, in_use=used == version, card=card))
    return sorted(found, key=lambda one: (one.subject, one.version))


def use(*, place: home.Home, subject: str, version: int, now: datetime) -> Kept:
    """Switch a head on; the one before is remembered. Raises NoSuchHead."""
    there = {kept.version: kept for kept in versions(place=place, subject=subject)}
    if version not in there:
        known = ", ".join(map(str, there)) or "none yet"
        raise NoSuchHead(f"There is no version {version} of {subject}; there are: {known}")
    history = [*_history(place, subject), {"version": version, "at": now.isoformat()}]
    _write(place, subject, history)
    return Kept(subject=subject, version=version, in_use=True, card=there[version].card)


def go_back(*, place: home.Home, subject: str) -> int | None:
    """Switch the head off that was switched on last; return the version in use now, None: as Valence came.

    Raises NoSuchHead where none was switched on.
    """
    history = _history(place, subject)
    if not history:
        raise NoSuchHead(f"No head of {subject} is switched on")
    _write(place, subject, history[:-1])
    return _used(place, subject)


def _themes(place: home.Home, pack: str) -> taxonomy.Taxonomy:
    return taxonomy.load(name=pack, overlay=place.packs / pack / "themes.toml")


def _truth(*, rows: asking.Rows, ruled: scoring.Ruled | None) -> tuple[list[str], NDArray[np.int_]]:
    labels = [str(one) for one in telling.LABELS] if ruled is None else list(ruled.labels)
    wrong = sorted(set(labelled_themes.labels_of(rows.labels)) - set(labels))
    if wrong:
        raise asking.WrongLabels(f"Unknown label {wrong[0]!r}; the labels are: {', '.join(labels)}")
    truth = labelled_themes.truth_of(rows.labels, labels)
    if ruled is None and (truth.sum(axis=1) != 1).any():
        row = int(np.flatnonzero(truth.sum(axis=1) != 1)[0]) + 1
        raise asking.WrongLabels(f"Row {row} must carry exactly one of: {', '.join(labels)}")
    return labels, truth


def _held_out(
    *,
    stuff: material.Material,
    truth: NDArray[np.int_],
    labels: Sequence[str],
    one: bool,
    names: Sequence[str],
    progress: Report,
) -> learning.Guess:
    learn = learning.by_head(stuff=stuff, truth=truth, labels=labels, one=one, names=names, seed=0)
    parts = head.parts(truth=truth, one=one, seed=0, count=min(FOLDS, len(truth)))
    splits = [learning.Split(known=known, asked=asked) for known, asked in parts]
    return learning.guess(splits=splits, size=len(truth), labels=len(labels), learn=learn, progress=progress)


def _card(
    *, rows: asking.Rows, truth: NDArray[np.int_], labels: Sequence[str], found: learning.Guess, one: bool
) -> dict[str, Any]:
    return {
        "n": len(rows),
        "data": hashlib.sha256("\n".join([*rows.texts, *rows.labels]).encode()).hexdigest()[:16],
        "held_out": {
            **learning.figures(truth=truth, told=found.told, seed=0),
            "calibration_error": learning.calibration_error(truth=truth, chances=found.chances, one=one),
            "labels": learning.by_label(truth=truth, told=found.told, labels=labels),
        },
    }


def _before(
    *,
    place: home.Home,
    subject: str,
    readers: Sequence[encoders.Encoder],
    stuff: material.Material,
    ruled: scoring.Ruled | None,
    labels: Sequence[str],
) -> NDArray[np.bool_]:
    """Return what is told now, with the head in use, or without any as Valence came: [texts, labels]."""
    used = in_use(place=place, subject=subject, readers=readers)
    if used is None and ruled is not None:
        return np.asarray(ruled.chances(given=stuff.given) >= scoring.TELL_FROM)
    told_by = used or tone(place=place, readers=readers)
    told = told_by.told(chances=told_by.chances(stuff=stuff))
    none = np.zeros(len(stuff), dtype=bool)
    columns = {label: told[:, at] for at, label in enumerate(told_by.labels)}
    return np.column_stack([columns.get(label, none) for label in labels])


def _changes(
    *, texts: Sequence[str], labels: Sequence[str], before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    changes = {}
    for at, label in enumerate(labels):
        gained, lost = after[:, at] & ~before[:, at], before[:, at] & ~after[:, at]
        changes[label] = {
            "now": int(before[:, at].sum()),
            "then": int(after[:, at].sum()),
            "gained": [texts[place][:200] for place in np.flatnonzero(gained)[:EXAMPLES]],
            "lost": [texts[place][:200] for place in np.flatnonzero(lost)[:EXAMPLES]],
        }
    return changes


def _folder(place: home.Home) -> Path:
    return place.folder / "text"


def _file(place: home.Home, subject: str, version: int) -> Path:
    return _folder(place) / "heads" / subject / f"{version}.npz"


def _digest(readers: Sequence[encoders.Encoder]) -> str:
    said = "|".join([home.version(), telling.fingerprint(), *(reader.name for reader in readers)])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _used(place: home.Home, subject: str) -> int | None:
    history = _history(place, subject)
    return int(history[-1]["version"]) if history else None


def _history(place: home.Home, subject: str) -> list[dict[str, Any]]:
    file = _folder(place) / "heads" / subject / "use.json"
    return list(json.loads(file.read_text(encoding="utf-8"))["history"]) if file.is_file() else []


def _write(place: home.Home, subject: str, history: list[dict[str, Any]]) -> None:
    file = _folder(place) / "heads" / subject / "use.json"
    unfinished = file.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as out:
        json.dump({"history": history}, out)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
