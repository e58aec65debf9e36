"""How long does the page of cases take where there are very many? `python -m bench.inbox --size small|CASES`.

Cases of ten owners in five regions, seven of ten open, each with a title, reasons and a deadline. Asked for are the
lists that people open, by an owner, by a manager of one region and by somebody who sees all; each anew, by the whole
page without the wire. `cpu` is the time that the process itself took: a busy machine makes `seconds` longer, not it.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench import _filled as filled
from bench import measure

REGIONS, OWNERS, OPEN = ("Coast", "Valley", "North", "South", "City"), 10, 0.7
SMALL, LARGE, AT_ONCE = 2_000, 1_000_000, 5_000
LISTS = ("mine", "all", "late", "closed", "not_recovered", "all&severity=3", "all&show=200")
LOOKS = 5


def main(cases: int) -> None:
    """Print a JSON line for each who looks: the 95th percentile over the lists, and the slowest list."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        filled.opened(home=home)
        names = _filled(cases)
        for who, name in names.items():
            print(msgspec.json.encode(_asked(name, who, cases)).decode(), flush=True)


def _asked(name: str, who: str, cases: int) -> dict[str, object]:
    from django.test import Client

    from valence.people.models import Person

    client = Client(headers={"host": "localhost"})
    client.force_login(Person.objects.get(name=name))
    wall: dict[str, list[float]] = {each: [] for each in LISTS}
    cpu: list[float] = []
    for look in range(LOOKS + 1):
        for each in LISTS:
            begun, worked = time.perf_counter(), time.process_time()
            answer = client.get(f"/cases/?list={each}")
            if answer.status_code != 200:
                raise RuntimeError(f"{each}: {answer.status_code}")
            if look:  # the first finds templates and queries that were never compiled
                wall[each].append(time.perf_counter() - begun)
                cpu.append(time.process_time() - worked)
    every = np.array([one for times in wall.values() for one in times])
    slowest = max(wall, key=lambda each: float(np.median(wall[each])))
    return {
        "question": f"the page of cases, as {who} sees it: 95th percentile",
        "size": cases,
        "seconds": round(float(np.quantile(every, 0.95)), 4),
        "median": round(float(np.median(every)), 4),
        "cpu": round(float(np.quantile(cpu, 0.95)), 4),
        "cpu_median": round(float(np.median(cpu)), 4),
        "slowest": f"{slowest}: {np.median(wall[slowest]):.4f}",
        "memory_mb": 0.0,
        "peers": [],
    }


def _filled(cases: int) -> dict[str, str]:
    """Fill the tables; return the names of who looks, by what they may see."""
    from valence.cases.models import Case
    from valence.customers.models import Customer
    from valence.people import actions as people
    from valence.terms import Role

    now, dice = datetime.now(UTC), np.random.default_rng(3)
    everybody = {"somebody of all regions": ("admin", Role.ADMINISTRATOR, None),
                 "a manager of one region": ("manager", Role.MANAGER, frozenset({"Coast"}))}  # fmt: skip
    owners = {f"owner{number}": (Role.CASE_OWNER, frozenset({REGIONS[number % 5]})) for number in range(OWNERS)}
    pks = {
        name: people.create_person(
            name=name, password="correct horse battery", role=role, by="bench", now=now, regions=regions
        )
        for name, role, regions in (*everybody.values(), *((name, *more) for name, more in owners.items()))
    }
    first = range(1, min(AT_ONCE, cases) + 1)
    Customer.objects.bulk_create(
        Customer(key=key, joined_at=now, region=REGIONS[key % 5], wrapped_key=b"bench", updated_at=now) for key in first
    )
    Case.objects.bulk_create(_case(Case, key, pks[f"owner{key % OWNERS}"], dice, now) for key in first)
    for begin in range(AT_ONCE, cases, AT_ONCE):
        _copied(Customer, key="key", by=begin, most=cases)
        _copied(Case, key="customer_id", by=begin, most=cases)
    return {**{who: name for who, (name, _, _) in everybody.items()}, "an owner": "owner0"}


def _copied(table: Any, *, key: str, by: int, most: int) -> None:
    """Copy the first rows under keys that are higher by `by`: rows by hand would take longer than the question."""
    from django.db import connection

    names = [one.column for one in table._meta.fields if one.column != "id"]
    taken = ", ".join(f'"{name}" + {by}' if name == key else f'"{name}"' for name in names)
    into, quoted = table._meta.db_table, ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {into} ({quoted}) SELECT {taken} FROM {into} WHERE "{key}" <= {min(AT_ONCE, most - by)}'
        )


def _case(case: type, key: int, owner: int, dice: np.random.Generator, now: datetime) -> object:
    opened = now - timedelta(hours=float(dice.uniform(0, 2_000)))
    is_open = dice.random() < OPEN
    ended = str(dice.choice(["recovered", "not_recovered", "waiting", "cannot_say"]))
    return case(
        customer_id=key,
        owner_id=owner,
        title="A visit came late, was missed or did not help",
        state=str(dice.choice(["new", "active", "waiting"])) if is_open else "closed",
        severity=int(dice.integers(1, 4)),
        department=str(dice.choice(["care", "field", "billing"])),
        opened_at=opened,
        occurred_at=opened,
        due_at=opened + timedelta(hours=float(dice.uniform(4, 400))),
        closed_at=None if is_open else opened + timedelta(hours=float(dice.uniform(1, 200))),
        priority=float(dice.uniform(0, 100)),
        why=["late", "not fixed", "40 a month", "12% likely to leave"],
        recovery="waiting" if is_open else ended,
    )


if __name__ == "__main__":
    main(measure.size_of(small=SMALL, large=LARGE))
