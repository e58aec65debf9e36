"""Files of identities: what is taken, refused and undone; lines of an account; a look for the same people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from valence.customers import accounts, actions, evidence, link_queries, queries
from valence.customers import identities as who
from valence.customers.models import Trait
from valence.customers.rules import CustomerRecord
from valence.customers.rules_links import Relation, State
from valence.flows.gather import identities
from valence.ledger.models import BondState
from valence.sources.files import WrongFile
from valence.sources.models import Import, RefusedRecord
from valence.terms import EVERYTHING

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 1, tzinfo=UTC)
HEAD = "customer_id,other_id,system,relation,confidence,reason\n"


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = replace(settings.HOME, folder=tmp_path / "home")
    for name in ("logs", "uploads", "log"):
        (tmp_path / "home" / name).mkdir(parents=True)
    return tmp_path


def bring(home: Path, *lines: str, head: str = HEAD) -> identities.Imported:
    path = home / "ids.csv"
    path.write_text(head + "\n".join(lines) + "\n")
    return identities.bring(path=path, by="ann", now=NOW)


def comes(customer_id: str, *, day: int = 0, **more: object) -> None:
    actions.put(records=[CustomerRecord(customer_id=customer_id, joined_at=NOW + timedelta(days=day), **more)], now=NOW)


def read_as(customer_id: str) -> str:
    key = queries.key_of(scope=EVERYTHING, customer_id=customer_id)
    return queries.names(scope=EVERYTHING, keys=[key])[key].customer_id


def test_what_a_source_is_sure_of_counts_and_what_it_is_not_waits(home: Path) -> None:
    comes("A")
    found = bring(
        home, "A,W-1,web shop,,,", "A,W-2,crm,same,0.7,seen at the counter", "A,A,,,,", "A,W-3,,cousin,,", ",x,,,,"
    )
    assert (found.created, found.refused, found.waiting) == (2, 3, 1)
    assert read_as("W-1") == "A"
    [waiting] = link_queries.rows(scope=EVERYTHING, state=State.SUGGESTED)
    assert (waiting.confidence, waiting.reason, waiting.suggested_by) == (0.7, "seen at the counter", "import 1")
    assert sorted(RefusedRecord.objects.values_list("reason", flat=True)) == [
        "conflict",
        "missing_field",
        "not_a_choice",
    ]
    key = queries.key_of(scope=EVERYTHING, customer_id="A")
    assert [one.system for one in link_queries.known_by(scope=EVERYTHING, key=key)] == ["", "web shop"]


def test_the_same_file_again_says_nothing_new_and_what_a_person_undid_stays_undone(home: Path) -> None:
    comes("A")
    bring(home, "A,W-1,web,,,")
    [link] = link_queries.rows(scope=EVERYTHING, state=State.CONFIRMED)
    undo = {"become": State.UNDONE, "relation": None, "by": "ann", "why": "", "scope": EVERYTHING}
    identities.decide(number=link.number, now=NOW, **undo)
    again = bring(home, "A,W-1,web,,,", "A,W-9,web,,,")
    assert (again.created, again.duplicate) == (1, 1)
    assert read_as("W-1") == "W-1"


def test_a_file_without_the_columns_changes_nothing(home: Path) -> None:
    with pytest.raises(WrongFile, match="no column other_id"):
        bring(home, "A,B", head="customer_id,other\n")
    assert Import.objects.count() == 0


def test_an_import_is_undone_but_for_what_a_person_decided(home: Path) -> None:
    comes("A")
    number = bring(home, "A,W-1,web,,,", "A,W-2,web,,0.6,").number
    [waiting] = link_queries.rows(scope=EVERYTHING, state=State.SUGGESTED)
    confirm = {"become": State.CONFIRMED, "relation": Relation.SAME, "by": "ann", "why": "", "scope": EVERYTHING}
    identities.decide(number=waiting.number, now=NOW, **confirm)
    assert identities.undo_import(number=number, now=NOW) == 1
    assert [read_as(name) for name in ("W-1", "W-2")] == ["W-1", "A"]
    bring(home, "A,W-1,web,,,", "")
    assert read_as("W-1") == "A", "what nobody decided may be said again"


def test_lines_of_an_account_stand_beside_each_other_and_add_up(home: Path) -> None:
    for number, name in enumerate("ABCD"):
        more = {"attributes": {"account_id": "123456789012"}} if name in "AB" else {}
        comes(name, day=number, values={"monthly_value": 10.0 * (number + 1)}, **more)
    bring(home, "B,C,,account,,", "C,D,,household,,")
    account = accounts.beside(scope=EVERYTHING, key=queries.key_of(scope=EVERYTHING, customer_id="A"))
    assert {line.monthly_value for line in account.lines} == {20.0, 30.0}
    assert account.monthly_value == 60.0
    assert len(queries.relationships()) == 4, "each stays or leaves by itself"
    other = accounts.beside(scope=EVERYTHING, key=queries.key_of(scope=EVERYTHING, customer_id="D"))
    assert [(line.relation, line.monthly_value) for line in other.lines] == [(Relation.HOUSEHOLD, 30.0)]


def test_a_look_suggests_and_joins_by_itself_only_where_a_setting_says_so(settings: LazySettings) -> None:
    person = {"name": "Alice Berg", "email": "alice@mail.example"}
    comes("A", personal=person)
    comes("B", day=5, personal=person)
    comes("C", day=9, personal={"name": "Tom Berg", "email": "alice@mail.example", "phone": "+447700900123"})
    comes("D", day=9, personal={"name": "Eve Stone", "phone": "+447700900124"})
    assert identities.is_due(now=NOW)
    assert identities.look(now=NOW).confirmed == 0
    assert not identities.is_due(now=NOW + timedelta(hours=1)), "nobody came or changed"
    found = {
        frozenset(one.customer_id for one in link_queries.who(scope=EVERYTHING, keys=[row.a, row.b]).values()): row
        for row in link_queries.rows(scope=EVERYTHING, state=State.SUGGESTED)
    }
    assert found[frozenset("AB")].relation is Relation.SAME
    assert all(row.relation is Relation.HOUSEHOLD for pair, row in found.items() if "C" in pair)
    assert not any("D" in pair for pair in found)
    sure = found[frozenset("AB")].confidence
    settings.MERGE_ABOVE = sure - 0.01
    assert identities.look(now=NOW).confirmed == 1
    assert read_as("B") == "A"


def test_a_suggestion_goes_when_nothing_speaks_for_it_any_more() -> None:
    person = {"name": "Alice Berg", "email": "alice@mail.example"}
    comes("A", personal=person)
    comes("B", day=5, personal=person)
    identities.look(now=NOW)
    comes("B", day=5, personal={"name": "Bea Stone", "email": "bea@mail.example"})
    identities.look(now=NOW)
    assert link_queries.totals(scope=EVERYTHING).suggested == 0


def test_what_is_stored_under_a_key_that_is_read_no_more_is_put_right(home: Path) -> None:
    comes("A", day=10)
    bring(home, "A,B,crm,,,")
    key = queries.key_of(scope=EVERYTHING, customer_id="A")
    BondState.objects.create(customer_id=key, model="m", at=0.0, sums=b"")
    comes("B", day=0)
    assert read_as("A") == "B", "the line that joined first gives the key, also when it comes later"
    assert identities.heal(now=NOW) == 1
    assert not BondState.objects.filter(customer_id__in=who.other_keys()).exists()
    assert identities.heal(now=NOW) == 0


def test_who_is_erased_while_it_is_looked_leaves_nothing_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    comes("A", personal={"name": "Alice Berg", "email": "alice@mail.example"})
    comes("B", personal={"name": "Bea Stone", "email": "bea@mail.example"})
    erased = queries.key_of(scope=EVERYTHING, customer_id="A")
    hashing = evidence.hashes.of_traits

    def meanwhile(**asked: Any) -> list[bytes]:
        actions.destroy_keys(keys=[erased], now=NOW)
        return list(hashing(**asked))

    monkeypatch.setattr(evidence.hashes, "of_traits", meanwhile)
    identities.look(now=NOW)
    assert set(Trait.objects.values_list("customer_id", flat=True)) == {
        queries.key_of(scope=EVERYTHING, customer_id="B")
    }
