from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import msgspec
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from valence import interactions
from valence.interactions import hashes, inbox
from valence.interactions.tests.conftest import ALICE, BOB, NOW
from valence.terms import Interaction, Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_folder")]
Maker = Callable[..., Interaction]
# What fills the disk, what makes room again, and the words in which each database names it.
FULL = {
    "sqlite": (
        "PRAGMA max_page_count = 1",  # no fewer than there are
        "PRAGMA max_page_count = 1073741823",
        "disk is full",
    ),
    "postgresql": (
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$; "
        "CREATE TRIGGER full_disk BEFORE INSERT ON valence_inboxrow FOR EACH ROW EXECUTE FUNCTION full_disk()",
        "DROP FUNCTION full_disk CASCADE",
        "No space left",
    ),
}


def admit(*rows: Interaction) -> list[Verdict]:
    return inbox.admit(interactions=rows, now=NOW)


def test_the_same_again_changes_nothing(made: Maker) -> None:
    assert admit(made("a"), made("b")) == [Verdict.CREATED, Verdict.CREATED]
    assert admit(made("b"), made("a"), made("c")) == [Verdict.DUPLICATE, Verdict.DUPLICATE, Verdict.CREATED]
    assert inbox.waiting().rows == 3


def test_the_same_twice_in_one_batch_is_stored_once(made: Maker) -> None:
    assert admit(made("a"), made("a")) == [Verdict.CREATED, Verdict.DUPLICATE]
    assert inbox.waiting().rows == 1


def test_the_same_id_of_another_source_is_another_interaction(made: Maker) -> None:
    assert admit(made("a"), made("a", source="billing")) == [Verdict.CREATED, Verdict.CREATED]


def test_other_content_under_the_same_id_is_a_conflict_and_the_first_stays(made: Maker) -> None:
    admit(made("a", reason="move"))
    assert admit(made("a", reason="price")) == [Verdict.CONFLICT]
    stored = interactions.point(source="crm", interaction_id="a", customer_key=ALICE)
    assert stored == made("a", reason="move")


def test_a_higher_revision_supersedes(made: Maker) -> None:
    admit(made("a", reason="move"))
    assert admit(made("a", reason="price", revision=2)) == [Verdict.REVISED]
    stored = interactions.point(source="crm", interaction_id="a", customer_key=ALICE)
    assert stored is not None
    assert stored.reason == "price"


def test_a_replay_of_superseded_revisions_changes_nothing(made: Maker) -> None:
    history = [made("a"), made("a", reason="price", revision=1), made("a", reason="move", revision=5)]
    assert admit(*history) == [Verdict.CREATED, Verdict.REVISED, Verdict.REVISED]
    assert admit(*history) == [Verdict.DUPLICATE] * 3
    assert admit(made("a", reason="never sent", revision=1)) == [Verdict.CONFLICT]


def test_a_revision_that_names_another_customer_takes_the_interaction_along(made: Maker) -> None:
    admit(made("a", key=ALICE, known=0))
    admit(made("a", key=BOB, revision=1, known=4))
    assert interactions.point(source="crm", interaction_id="a", customer_key=ALICE) is None
    assert interactions.point(source="crm", interaction_id="a", customer_key=BOB) is not None


def test_what_folds_is_stored_together_with_the_rows_or_not_at_all(made: Maker) -> None:
    def fold(fresh: Sequence[Interaction]) -> None:
        raise RuntimeError(f"{len(fresh)} rows")

    with pytest.raises(RuntimeError, match="2 rows"):
        inbox.admit(interactions=[made("a"), made("b"), made("a")], now=NOW, folded=fold)
    assert inbox.waiting().rows == 0
    assert admit(made("a")) == [Verdict.CREATED]


def test_only_what_is_new_is_folded(made: Maker) -> None:
    folded: list[Interaction] = []
    admit(made("a"))
    inbox.admit(interactions=[made("a"), made("b")], now=NOW, folded=folded.extend)
    assert folded == [made("b")]


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_stores_nothing_and_is_named(made: Maker) -> None:
    full, room, named = FULL[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(full)
    try:
        with pytest.raises(interactions.StoreUnavailable, match=named):
            admit(*[made(f"i{number}", text="x" * 2_000) for number in range(500)])
    finally:
        with connection.cursor() as cursor:
            cursor.execute(room)
    assert inbox.waiting().rows == 0
    assert admit(made("i1")) == [Verdict.CREATED]


def test_a_later_version_with_more_fields_knows_the_same_content_again(made: Maker) -> None:
    later = msgspec.defstruct(
        "Later",
        [(name, object) for name in Interaction.__struct_fields__] + [("mood", str, ""), ("warmth", object, None)],
        array_like=True,
    )
    row = made("a", text="bonjour à", reason="price")
    longer = later(*msgspec.structs.astuple(row))
    payloads = [msgspec.msgpack.encode(one) for one in (row, longer)]
    assert len(set(hashes.of_contents(payloads=payloads))) == 1


def test_the_oldest_waiting_row_says_since_when(made: Maker) -> None:
    assert inbox.waiting().since is None
    admit(made("a"))
    assert inbox.waiting().since == NOW


def test_what_waits_at_most_is_told_by_the_first_and_the_last_row(made: Maker) -> None:
    assert inbox.waiting_at_most() == inbox.waiting() == inbox.Waiting(rows=0, last=0, since=None)
    admit(made("a"), made("b", key=BOB), made("c"))
    assert inbox.waiting_at_most() == inbox.waiting()
    inbox.erase(customer_key=BOB, row_hashes=[])
    assert inbox.waiting().rows == 2
    assert inbox.waiting_at_most().rows == 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_a_row_that_leaves_the_inbox_while_it_comes_again_is_still_known(
    made: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(made("a"))
    flushing = threading.Thread(target=_flushed)
    real = inbox._known

    def looked(cursor: CursorWrapper, table: str, arrived: Sequence[inbox.Arrived]) -> dict[bytes, inbox.Known]:
        found = real(cursor, table, arrived)
        if table == "valence_seen" and not flushing.ident:
            flushing.start()
            flushing.join(1.0)
        return found

    monkeypatch.setattr(inbox, "_known", looked)
    assert admit(made("a"), made("b")) == [Verdict.DUPLICATE, Verdict.CREATED]
    flushing.join()
    interactions.log.flush()
    assert interactions.log.tally().whole
    assert interactions.log.state().rows == 2


def _flushed() -> None:
    interactions.log.flush()
    connection.close()
