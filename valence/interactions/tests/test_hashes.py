from __future__ import annotations

import uuid

from valence.interactions import hashes


def test_one_is_hashed_as_many_are() -> None:
    ids = [("crm", "T-1"), ("billing", "T-1"), ("", ""), ("crm", "ü"), ("crm", "T-1")]
    hashed = hashes.of_rows(ids=ids)
    assert hashed == [hashes.of_row(source=source, interaction_id=name) for source, name in ids]
    assert [len(one) for one in hashed] == [hashes.HASH_BYTES] * len(ids)
    assert len(set(hashed)) == len(set(ids))


def test_words_never_run_together_into_one_hash() -> None:
    assert len({*hashes.of_rows(ids=[("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("1", "1:a")])}) == 5


def test_ids_that_are_counted_up_lie_together_and_are_told_apart() -> None:
    hashed = hashes.of_rows(ids=[("crm", f"T{number:09d}") for number in range(5_000, 7_000)])
    assert len(set(hashed)) == 2_000
    assert len({one[: hashes.PLACE_BYTES] for one in hashed}) == 2


def test_ids_of_several_sources_or_without_order_lie_anywhere() -> None:
    ids = [(source, str(uuid.uuid5(uuid.NAMESPACE_URL, str(n)))) for n in range(500) for source in ("crm", "billing")]
    assert len({one[: hashes.PLACE_BYTES] for one in hashes.of_rows(ids=ids)}) > 990
