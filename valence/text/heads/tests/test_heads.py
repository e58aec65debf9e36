from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from valence.text.heads import blending, head, material, storing
from valence.text.tests import pretending

FOOD = ["soup", "steak", "bread", "salad", "pasta", "cake"]
STAFF = ["waiter", "host", "chef", "manager", "owner", "staff"]
FILL = ["we", "had", "the", "on", "a", "monday", "really", "there"]


def _texts(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Texts that speak of food, staff, both or neither, and which: [texts, 2]."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, size=(count, 2))
    texts = []
    for food, staff in truth:
        words = list(random.choice(FILL, 5))
        words += [str(random.choice(FOOD))] * food + [str(random.choice(STAFF))] * staff
        random.shuffle(words)
        texts.append(" ".join(words))
    return texts, truth


def _stuff(texts: list[str]) -> material.Material:
    return material.of(texts=texts, vectors=[pretending.Pretended().encode(texts)])


@pytest.fixture(scope="module")
def several() -> head.Head:
    texts, truth = _texts(240)
    return head.learn(stuff=_stuff(texts), truth=truth, labels=("food", "staff"), one=False, encoders=("pretended",))


@pytest.fixture(scope="module")
def single() -> head.Head:
    texts, truth = _texts(240)
    kinds = _one_kind(truth)
    return head.learn(
        stuff=_stuff(texts), truth=kinds, labels=("neither", "food", "staff"), one=True, encoders=("pretended",)
    )


def _one_kind(truth: np.ndarray) -> np.ndarray:
    return np.eye(3, dtype=int)[np.where(truth[:, 1], 2, truth[:, 0])]


def test_it_learns_any_number_of_labels_a_text(several: head.Head) -> None:
    texts, truth = _texts(200, seed=1)
    told = several.told(chances=several.chances(stuff=_stuff(texts)))
    assert (told == truth.astype(bool)).mean() > 0.95


def test_it_learns_one_label_a_text_and_tells_exactly_one(single: head.Head) -> None:
    texts, truth = _texts(200, seed=1)
    chances = single.chances(stuff=_stuff(texts))
    told = single.told(chances=chances)
    assert (told.sum(axis=1) == 1).all()
    assert np.allclose(chances.sum(axis=1), 1)
    assert (told == _one_kind(truth).astype(bool)).all(axis=1).mean() > 0.85


def test_chances_come_true_as_often_as_they_say(several: head.Head) -> None:
    texts, truth = _texts(300, seed=2)
    chances = several.chances(stuff=_stuff(texts))
    sure = chances > 0.8
    assert truth[sure].mean() == pytest.approx(chances[sure].mean(), abs=0.12)


@pytest.mark.parametrize("kind", ["several", "single"])
def test_a_stored_head_tells_the_same(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made: head.Head = head.carded(head=request.getfixturevalue(kind), name="test", version=3)
    stuff = _stuff(_texts(50, seed=3)[0])
    storing.write(told_by=made, path=tmp_path / "3.npz")
    read = storing.read(path=tmp_path / "3.npz")
    assert np.allclose(read.chances(stuff=stuff), made.chances(stuff=stuff), atol=1e-4)
    assert read.labels == made.labels
    assert storing.card(path=tmp_path / "3.npz")["version"] == 3
    assert [file.name for file in tmp_path.iterdir()] == ["3.npz"]


def test_a_file_that_would_run_something_is_refused(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, ...]:
            return (print, ("ran",))

    np.savez(tmp_path / "1.npz", about=np.array([Runs()], dtype=object))
    with pytest.raises(storing.CannotRead, match=r"1\.npz"):
        storing.read(path=tmp_path / "1.npz")


def test_a_head_of_a_later_valence_is_refused(
    single: head.Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "FORM", 99)
    storing.write(told_by=single, path=tmp_path / "1.npz")
    monkeypatch.setattr(head, "FORM", 1)
    with pytest.raises(storing.CannotRead, match="later"):
        storing.read(path=tmp_path / "1.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a head", json.dumps({}).encode()])
def test_a_broken_file_is_said_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "7.npz").write_bytes(content)
    with pytest.raises(storing.CannotRead, match=r"7\.npz"):
        storing.read(path=tmp_path / "7.npz")


def test_too_few_examples_are_said() -> None:
    texts, truth = _texts(5)
    with pytest.raises(head.TooFewExamples, match="5 examples"):
        head.learn(stuff=_stuff(texts), truth=truth, labels=("food", "staff"), one=False, encoders=())


def test_a_label_that_nobody_gave_is_never_told() -> None:
    texts, truth = _texts(60)
    truth[:, 1] = 0
    made = head.learn(stuff=_stuff(texts), truth=truth, labels=("food", "staff"), one=False, encoders=())
    assert not made.told(chances=made.chances(stuff=_stuff(texts)))[:, 1].any()


def test_parts_hold_every_text_once_and_a_share_of_every_label() -> None:
    truth = np.eye(3, dtype=int)[np.repeat([0, 1, 2], [90, 27, 9])]
    found = head.parts(truth=truth, one=True, seed=4, count=3)
    assert sorted(np.concatenate([asked for _, asked in found])) == list(range(126))
    assert [truth[asked].sum(axis=0).tolist() for _, asked in found] == [[30, 9, 3]] * 3
    assert all(not set(known) & set(asked) for known, asked in found)


def test_the_same_seed_gives_the_same_parts() -> None:
    truth = np.random.default_rng(0).integers(0, 2, size=(50, 3))
    first, again, other = (head.parts(truth=truth, one=False, seed=seed, count=5) for seed in (1, 1, 2))
    assert all((one[1] == two[1]).all() for one, two in zip(first, again, strict=True))
    assert any((one[1] != two[1]).any() for one, two in zip(first, other, strict=True))


def test_a_member_that_knows_nothing_gets_no_say() -> None:
    random = np.random.default_rng(0)
    truth = np.eye(2, dtype=int)[random.integers(0, 2, 400)]
    knows = (truth * 2 - 1) * 1.0 + random.normal(size=(400, 2)) * 0.5
    blend = blending.learn(
        scores={"knows": knows, "noise": random.normal(size=(400, 2))},
        given=material.nothing(count=400),
        truth=truth,
        one=True,
    )
    assert blend.weights[0] > 5 * blend.weights[1]


def test_one_of_several_labels_is_told_by_what_the_scores_of_the_others_say() -> None:
    random = np.random.default_rng(0)
    truth = np.eye(5, dtype=int)[random.integers(0, 5, 600)]
    scores = (truth * 2 - 1) + random.normal(size=(600, 5)) * 0.4
    scores[:, 4] = random.normal(size=600)
    blend = blending.learn(scores={"half blind": scores}, given=material.nothing(count=600), truth=truth, one=True)
    chances = blend.chances(scores={"half blind": scores}, given=material.nothing(count=600))
    assert np.allclose(chances.sum(axis=1), 1)
    told = blend.told(chances=chances).astype(bool)
    assert (told & truth.astype(bool))[truth[:, 4] == 1].any(axis=1).mean() > 0.8
    assert blend.uses(member="half blind")
