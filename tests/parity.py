"""Every question that pages and commands ask, on two engines at once: the answers must be equal, row by row.

`python -m tests.parity HOME` walks through the product on a home with data in it: every page that links lead to, then
what only commands ask; with names of commands (`HOME train silence`) only what these ask. Whatever is asked of the log
on the way is asked of DuckDB and of the engine that VALENCE_ENGINE names, over the same view. Places in the code that
ask, but were not reached, are named too.
"""

from __future__ import annotations

import ast
import json
import math
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

ROOT = Path(__file__).parents[1]
TIMES_A_PLACE = 3  # each place in the code is compared so often, with different words each time
TIMES_A_ROUTE = 3
NEARLY = 1e-9  # of a number: sums are added up in another order
DIFFER: Mapping[str, tuple[str, str]] = {}
"""Places whose answers differ: `never` will they be equal, `notimpl` is not written yet; and why. None does today."""


@dataclass
class Compared:
    """What was compared: by place in the code how often, how often equal, and the seconds of each engine."""

    times: Counter[str] = field(default_factory=Counter)
    unequal: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, Counter[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)

    def note(self, place: str, same: bool, words: str, took: Mapping[str, float], rows: int) -> None:
        """Note how one comparison ended."""
        self.times[place] += 1
        self.rows[place] += rows
        self.seconds.setdefault(place, Counter()).update(took)
        if not same:
            self.unequal.setdefault(place, words)
        print(f"{'equal' if same else 'NOT EQUAL'} {place} {rows} rows {words if not same else ''}", file=sys.stderr)


def equal(one: Any, other: Any) -> bool:
    """Say whether two values are equal: numbers nearly, unknown equals unknown, records by their fields."""
    import numpy as np

    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and _arrays(one, other)
    if isinstance(one, float) or isinstance(other, float):
        return _numbers(one, other)
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return type(one) is type(other) and all(equal(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, Sequence) and not isinstance(one, str | bytes):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(_moment(one) == _moment(other))


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in an order that does not depend on who gave them."""
    return sorted(rows, key=lambda row: repr([_key(value) for value in row.values()]))


def places() -> set[str]:
    """Return every place in the code that asks the log: module and function."""
    found = set()
    for path in sorted((ROOT / "valence").rglob("*.py")):
        if "tests" not in path.parts and "interactions" not in path.parts:
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found |= {f"{module}.{name}" for name in _asking(ast.parse(path.read_text()), "")}
    return found


@contextmanager
def comparing(other: str) -> Iterator[Compared]:
    """Compare whatever is asked of the log while this is open."""
    from valence.interactions import by_time, engines, reading, view

    compared = Compared()
    real_ask, real_latest, real_each = reading.ask, reading.latest, reading.per_customer
    pair = {name: engines.named(name=name) for name in ("duckdb", other)}

    def compare(place: str, since: Any, until: Any, **asked: Any) -> None:
        if compared.times[place] < TIMES_A_PLACE:
            asked |= {"view": view.now(), "within": by_time.between(since=since, until=until)}
            found, took = _both(pair, lambda engine: engine.ask(**asked))
            one, two = (in_order(rows) for rows in found)
            compared.note(place, equal(one, two), _first_difference(one, two), took, len(one))

    def ask(
        *, question: Any, as_of: float | None = None, beside: Any = None, since: Any = None, until: Any = None
    ) -> list[dict[str, Any]]:
        compare(_caller(), since, until, question=question, as_of=as_of, beside=beside)
        return real_ask(question=question, as_of=as_of, beside=beside, since=since, until=until)

    def latest(
        *, question: Any, limit: int, since: Any = None, until: Any = None, as_of: float | None = None
    ) -> list[dict[str, Any]]:
        compare(_caller(), since, until, question=question, as_of=as_of)
        return real_latest(question=question, limit=limit, since=since, until=until, as_of=as_of)

    def per_customer(*, function: Any, columns: Any = None, as_of: float | None = None, progress: Any = None) -> Any:
        place = _caller()
        if compared.times[place] < TIMES_A_PLACE:
            now = view.now()
            buckets = tuple(range(64))
            asked = {"view": now, "buckets": buckets, "function": function, "columns": columns, "as_of": as_of}
            (one, two), took = _both(pair, lambda engine: dict(engine.per_customer(**asked)))
            told = not one or any(made is not None for made in one.values())  # else what it does is lost elsewhere
            words = _first_difference([one], [two]) if told else "the function returns nothing"
            compared.note(place, told and equal(one, two), words, took, len(one))
        return real_each(function=function, columns=columns, as_of=as_of, progress=progress)

    reading.ask, reading.latest, reading.per_customer = ask, latest, per_customer
    try:
        yield compared
    finally:
        reading.ask, reading.latest, reading.per_customer = real_ask, real_latest, real_each


def walk() -> Iterator[str]:
    """Look at every page that links lead to, a few of each kind; give what was looked at."""
    from django.test import Client
    from django.urls import Resolver404, resolve

    from valence.people.models import Person

    client = Client(raise_request_exception=False)
    client.force_login(Person.objects.filter(is_active=True).order_by("pk")[0])
    waiting, seen, routes = ["/"], {"/"}, Counter[str]()
    while waiting:
        path = waiting.pop(0)
        try:
            route = resolve(urlsplit(path).path).route
        except Resolver404:
            continue
        if routes[route] >= TIMES_A_ROUTE or "signout" in path:
            continue
        routes[route] += 1
        answer = client.get(path, headers={"host": "localhost"})
        yield f"{answer.status_code} {path}"
        if answer.status_code == 200 and "html" in answer.headers.get("content-type", "") and not answer.streaming:
            for link in re.findall(r'(?:href|hx-get)="(/[^"]*)"', answer.content.decode()):
                link = urldefrag(link.replace("&amp;", "&")).url
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)


def commanded(now: datetime) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give what only commands, jobs and the clock ask."""
    from valence import terms
    from valence.alerts import queries as rules
    from valence.alerts.fields import About
    from valence.flows.act import billing, following_up, nearby, placing, planning, rehearsing, standards
    from valence.flows.ask import dry_run
    from valence.flows.find import paths, questions
    from valence.flows.gather import readiness, silence, worked_out
    from valence.flows.read import reading_again
    from valence.flows.weigh import population, train
    from valence.surveys.asking import Trigger

    sql = "select kind, count(*) n, min(joined_at) since from interactions group by all"
    yield "sql", lambda: questions.answer(query=sql)
    yield "ready", lambda: readiness.look(now=now)
    yield "silence", lambda: silence._spans("")
    for by in ("department", "kind"):
        yield "paths", lambda by=by: paths.follows(by=by)
    yield "paths --variants", lambda: paths.variants(by="kind", limit=5)
    yield "paths --steps", lambda: paths.reached(by="kind", steps=("order", "bill", "contact"))
    yield "paths --repeats", paths.repeated
    for one in rules.every(now=now)[:3]:
        yield "rehearse", lambda one=one: rehearsing.rehearse(rule=one.rule, now=now)
    for rule in rules.in_force(about=About.INTERACTION, now=now)[:3]:
        yield "rules are switched on", lambda rule=rule: rehearsing._lately(rule, now, None)
    yield "sql of what is worked out", worked_out.table
    yield "standards", lambda: standards.measure(now=now)
    yield "bills", lambda: billing.check(now=now)
    yield "followed up", lambda: following_up.measure(now=now)
    yield "plans", lambda: planning.measure(now=now)
    yield "around", lambda: nearby.past(since=terms.days(now) - 30, until=terms.days(now))
    yield "places", lambda: placing.collected(until=now)
    asks = Trigger(survey_id="p", slug="p", name="p", when={"kind": frozenset({"contact"})}, shares={"": 1.0})
    yield "surveys trigger", lambda: dry_run.candidates(triggers=[asks], since=now - dry_run.USUAL, until=now)
    yield "read again", lambda: reading_again.back_fill(now=now)
    yield "train", lambda: train.fitted(until=population.latest_known(now=now))


def main() -> int:
    """Walk, compare, and say what differs; 1 where something does that is not listed."""
    os.environ["VALENCE_HOME"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
    other = os.environ["VALENCE_ENGINE"].partition("://")[0]
    import django

    django.setup()
    from valence.flows.weigh import population

    population.FEW_CUSTOMERS = 0  # so that work per customer goes by the bucket, as it does in a large company
    begun, failed = time.monotonic(), []
    with comparing(other) as compared:
        asked = sys.argv[2:]
        for said in () if asked else walk():
            failed += [said] if said.startswith("5") else []
        for name, work in commanded(datetime.now(UTC)):
            if asked and name not in asked:
                continue
            try:
                work()
            except Exception as problem:
                failed.append(f"{name}: {type(problem).__name__}: {str(problem)[:300]}")
    return _told(compared, failed, time.monotonic() - begun)


def _told(compared: Compared, failed: list[str], seconds: float) -> int:
    unreached = sorted(places() - compared.times.keys())
    equal_places = sorted(set(compared.times) - set(compared.unequal) - set(DIFFER))
    report = {
        "places": len(compared.times),
        "equal": len(equal_places),
        "comparisons": sum(compared.times.values()),
        "rows": sum(compared.rows.values()),
        "differ": {place: DIFFER[place] for place in compared.times if place in DIFFER},
        "unequal": compared.unequal,
        "unreached": unreached,
        "failed": failed,
        "seconds": round(seconds, 1),
        "seconds_by_engine": dict(sum(compared.seconds.values(), Counter())),
        "equal_places": equal_places,
    }
    print(json.dumps(report, indent=1, default=str))
    return int(bool(set(compared.unequal) - set(DIFFER) or failed or unreached))


def _both(pair: Mapping[str, Any], work: Callable[[Any], Any]) -> tuple[list[Any], dict[str, float]]:
    found, took = [], {}
    for name, engine in pair.items():
        begin = time.monotonic()
        found.append(work(engine))
        took[name] = time.monotonic() - begin
    return found, took


def _caller() -> str:
    """Return module and function of whoever asks."""
    frame = sys._getframe(2)
    name = re.sub(r"\.<locals>\.<\w+>", "", frame.f_code.co_qualname)
    return f"{frame.f_globals['__name__']}.{name}".replace(".<locals>", "")


def _asking(tree: ast.AST, inside: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        name = inside
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}.{node.name}" if inside else node.name
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asks = node.func.attr in ("ask", "latest", "per_customer") and isinstance(node.func.value, ast.Name)
            if asks and node.func.value.id == "interactions":  # type: ignore[attr-defined]
                yield inside
        yield from _asking(node, name)


def _first_difference(one: Sequence[Any], two: Sequence[Any]) -> str:
    pairs = ((a, b) for a, b in zip(one, two, strict=False) if not equal(a, b))
    a, b = next(pairs, (f"{len(one)} rows", f"{len(two)} rows"))
    return f"{str(a)[:400]} | {str(b)[:400]}"


def _arrays(one: Any, other: Any) -> bool:
    import numpy as np

    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=NEARLY, atol=1e-12, equal_nan=True))
    return bool(np.array_equal(one, other))


def _numbers(one: Any, other: Any) -> bool:
    unknown = [value is None or value != value for value in (one, other)]
    if any(unknown):
        return all(unknown)
    if not (math.isfinite(one) and math.isfinite(other)):
        return bool(one == other)
    return bool(abs(one - other) <= max(1e-12, NEARLY * max(abs(one), abs(other))))


def _moment(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _key(value: Any) -> Any:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    found = _moment(value)
    return found.astimezone(UTC).isoformat() if isinstance(found, datetime) else str(found)


if __name__ == "__main__":
    sys.exit(main())
