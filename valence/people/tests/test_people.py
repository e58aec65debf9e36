"""Promises of the staff's accounts: who may do what, that guessing is slow, that what was done stays on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valence.people import access, actions, audit, queries, rules
from valence.people.models import AuditEntry, Person
from valence.terms import Role

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


def make(name: str = "alice", role: Role = Role.ADMINISTRATOR, regions: frozenset[str] | None = None) -> Person:
    pk = actions.create_person(name=name, password=PASSWORD, role=role, regions=regions, by="test", now=NOW)
    return Person.objects.get(pk=pk)


def test_every_role_may_look_and_only_administrators_may_set() -> None:
    allowed = {role: rules.allowed(role=role) for role in Role}
    assert all(rules.Act.LOOK in acts for acts in allowed.values())
    assert [role for role, acts in allowed.items() if rules.Act.SETTINGS in acts] == [Role.ADMINISTRATOR]
    assert set(rules.ROLE_WORDS) == set(Role)


@given(st.integers(0, 60))
def test_each_wrong_try_waits_at_least_as_long_and_never_longer_than_a_quarter_of_an_hour(failures: int) -> None:
    wait = rules.next_try_at(failures=failures, last_failed_at=NOW) - NOW
    longer = rules.next_try_at(failures=failures + 1, last_failed_at=NOW) - NOW
    assert timedelta(0) <= wait <= longer <= rules.LONGEST_WAIT
    assert (wait == timedelta(0)) == (failures < rules.FREE_TRIES)


@pytest.mark.django_db
def test_a_scope_is_the_persons_regions_and_nothing_where_there_are_none() -> None:
    assert access.scope_of(make("alice")).regions is None
    assert access.scope_of(make("mark", Role.MANAGER, frozenset({"Coast"}))).regions == {"Coast"}
    assert access.scope_of(make("new", Role.VIEWER, frozenset())).regions == frozenset()


@pytest.mark.django_db
def test_the_right_password_lets_in_and_a_wrong_one_does_not_say_what_was_wrong() -> None:
    make("alice")
    assert actions.sign_in(name="alice", password=PASSWORD, now=NOW).name == "alice"
    for name in ("alice", "nobody"):
        with pytest.raises(actions.WrongPasswordError):
            actions.sign_in(name=name, password="wrong", now=NOW)


@pytest.mark.django_db
def test_after_five_wrong_tries_even_the_right_password_waits() -> None:
    make("alice")
    for _ in range(rules.FREE_TRIES):
        with pytest.raises(actions.WrongPasswordError):
            actions.sign_in(name="alice", password="wrong", now=NOW)
    with pytest.raises(actions.TooManyTriesError) as waiting:
        actions.sign_in(name="alice", password=PASSWORD, now=NOW)
    assert actions.sign_in(name="alice", password=PASSWORD, now=waiting.value.until).name == "alice"
    with pytest.raises(actions.WrongPasswordError):
        actions.sign_in(name="alice", password="wrong", now=NOW + timedelta(minutes=1))


@pytest.mark.django_db
def test_a_name_that_does_not_exist_is_slowed_down_alike() -> None:
    for _ in range(rules.FREE_TRIES):
        with pytest.raises(actions.WrongPasswordError):
            actions.sign_in(name="ghost", password="x", now=NOW)
    with pytest.raises(actions.TooManyTriesError):
        actions.sign_in(name="ghost", password="x", now=NOW)


@pytest.mark.django_db
def test_a_closed_account_does_not_sign_in() -> None:
    make("alice")
    person = make("carl", Role.CASE_OWNER)
    change(person, active=False)
    with pytest.raises(actions.WrongPasswordError):
        actions.sign_in(name="carl", password=PASSWORD, now=NOW)


@pytest.mark.django_db
def test_somebody_has_to_stay_administrator() -> None:
    alice = make("alice")
    with pytest.raises(actions.RefusedError, match="administrator"):
        change(alice, role=Role.VIEWER)
    with pytest.raises(actions.RefusedError, match="administrator"):
        change(alice, active=False)
    make("second")
    change(alice, role=Role.VIEWER)
    assert queries.one(pk=alice.pk).role is Role.VIEWER  # type: ignore[union-attr]


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["short", "password123", "my name is alice ok"])
def test_weak_passwords_are_refused_in_words(password: str) -> None:
    with pytest.raises(actions.RefusedError):
        actions.create_person(name="alice", password=password, role=Role.VIEWER, by="test", now=NOW)
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_two_accounts_never_share_a_name() -> None:
    make("alice")
    with pytest.raises(actions.RefusedError, match="already"):
        make("alice")


@pytest.mark.django_db
def test_one_changes_the_own_password_only_with_the_old_one() -> None:
    alice = make("alice")
    with pytest.raises(actions.WrongPasswordError):
        actions.change_own_password(pk=alice.pk, old="wrong", new="a new long secret", now=NOW)
    actions.change_own_password(pk=alice.pk, old=PASSWORD, new="a new long secret", now=NOW)
    assert actions.sign_in(name="alice", password="a new long secret", now=NOW).pk == alice.pk


@pytest.mark.django_db
def test_what_was_done_is_on_record_and_no_password_is() -> None:
    make("alice")
    actions.sign_in(name="alice", password=PASSWORD, now=NOW)
    assert [row.what for row in queries.audit()] == ["signed in", "account made"]
    assert not any(PASSWORD in row.about for row in queries.audit())


def record_three() -> None:
    for number in range(3):
        audit.record(who="alice", what="exported customers", about=f"{number} rows", now=NOW)


@pytest.mark.django_db
def test_an_untouched_record_is_whole() -> None:
    record_three()
    assert audit.examine() == audit.Examined(entries=3, broken_at=None)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["who", "what", "about", "at", "previous_hash", "entry_hash"])
def test_a_changed_entry_is_named(column: str) -> None:
    record_three()
    second = AuditEntry.objects.order_by("pk")[1]
    value = NOW - timedelta(days=1) if column == "at" else "x" * 20
    AuditEntry.objects.filter(pk=second.pk).update(**{column: value})
    assert audit.examine().broken_at == 2


@pytest.mark.django_db
def test_an_entry_that_was_taken_out_is_missed() -> None:
    record_three()
    AuditEntry.objects.order_by("pk")[1].delete()
    assert audit.examine().broken_at == 2


@pytest.mark.django_db
def test_whoever_can_write_the_table_cannot_seal_an_entry() -> None:
    record_three()
    forged = audit._seal(at=NOW, who="eve", what="x", about="", previous="0" * 64)
    entry = AuditEntry.objects.order_by("pk")[0]
    AuditEntry.objects.filter(pk=entry.pk).update(who="mallory", entry_hash=forged)
    assert audit.examine().broken_at == 1


def change(person: Person, *, role: Role | None = None, active: bool = True) -> None:
    actions.change_person(
        pk=person.pk,
        role=role or Role(person.role),
        regions=None,
        full_name="",
        email="",
        active=active,
        by="test",
        now=NOW,
    )
