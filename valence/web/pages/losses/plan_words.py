"""A plan as it is written in a form, and read back: what begins it and each step by kinds and facts, else as JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from valence.alerts import plan
from valence.alerts.plan import WrongPlan
from valence.packs import Pack

LONGEST = 4_000
BLANKS = 1


@dataclass(frozen=True)
class Test:
    """Which interactions are meant: kinds, facts, and facts that must not be there, with commas between.

    written: JSON instead, where more is asked than these can say.
    """

    kinds: str = ""
    facts: str = ""
    without: str = ""
    written: str = ""


@dataclass(frozen=True)
class StepForm:
    """One step as fields of the form; `at`: its place."""

    at: int
    name: str
    title: str
    days: str
    once: bool
    test: Test


@dataclass(frozen=True)
class PlanForm:
    """A plan as fields of the form."""

    title: str
    words: str
    window_days: str
    begins: Test
    steps: tuple[StepForm, ...]


def form_of(*, table: Mapping[str, Any]) -> PlanForm:
    """Return a plan, as it is written, as fields, with room for one more step."""
    steps = [
        StepForm(at, one["name"], one["title"], str(one["within_days"]), one.get("once", False), _test(one["of"]))
        for at, one in enumerate(table["step"])
    ]
    return PlanForm(
        title=table["title"],
        words=table.get("words", ""),
        window_days=str(table["window_days"]),
        begins=_test(table["begins"]),
        steps=_with_blank(steps),
    )


def typed(*, form: Mapping[str, str]) -> PlanForm:
    """Return what was typed, to be shown again."""
    steps = [
        StepForm(
            at, form.get(f"{at}_name", ""), form.get(f"{at}_title", ""), form.get(f"{at}_days", ""),
            form.get(f"{at}_once") == "1", _typed_test(form, f"{at}_"),
        )
        for at in range(plan.MOST_STEPS)
        if f"{at}_title" in form
    ]  # fmt: skip
    return PlanForm(
        title=form.get("title", ""),
        words=form.get("words", ""),
        window_days=form.get("window_days", ""),
        begins=_typed_test(form, "begins_"),
        steps=tuple(steps),
    )


def read(*, name: str, form: PlanForm, pack: Pack) -> dict[str, Any]:
    """Return the plan that a form says, as it is written; a step without title and test is none. Raises WrongPlan."""
    steps = [one for one in form.steps if one.title.strip() or one.test != Test()]
    taken: list[str] = []
    for one in steps:
        taken.append(one.name or named(title=one.title, taken=taken))
    return {
        "name": name or named(title=form.title, taken=()),
        "title": form.title.strip(),
        "words": form.words.strip(),
        "window_days": _days(form.window_days, "How long a run lasts"),
        "begins": _condition(form.begins, pack, "What begins a run"),
        "step": [
            {
                "name": step,
                "title": one.title.strip(),
                "within_days": _days(one.days, one.title or "A step"),
                "once": one.once,
                "of": _condition(one.test, pack, one.title or "A step"),
            }
            for step, one in zip(taken, steps, strict=True)
        ],
    }


def named(*, title: str, taken: Sequence[str]) -> str:
    """Return a short name for a title that is not taken yet."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50]
    found = found if re.match(r"[a-z][a-z0-9_]{2}", found) else f"plan_{found}".rstrip("_")
    return next(one for one in (found, *(f"{found}_{n}" for n in range(2, 99))) if one not in taken)


def _with_blank(steps: Sequence[StepForm]) -> tuple[StepForm, ...]:
    more = range(len(steps), min(len(steps) + BLANKS, plan.MOST_STEPS))
    return (*steps, *(StepForm(at, "", "", "", False, Test()) for at in more))


def _typed_test(form: Mapping[str, str], begin: str) -> Test:
    return Test(*(form.get(f"{begin}{one.name}", "")[:LONGEST].strip() for one in fields(Test)))


def _test(said: Mapping[str, Any]) -> Test:
    """Return a condition by kinds and facts where that says all of it, else as JSON."""
    parts = said["all"] if set(said) == {"all"} else [said]
    found: dict[str, str] = {}
    for one in parts:
        name, words = _simple(one)
        if not name or name in found:
            return Test(written=json.dumps(said, ensure_ascii=False))
        found[name] = ", ".join(words)
    return Test(**found)


def _simple(part: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    """Return the field of the form that says a part of a condition, "" where none does, and its words."""
    field = part.get("field")
    if field == "kind" and set(part) <= {"field", "is", "in"}:
        return "kinds", part.get("in", [part.get("is", "")])
    if field == "facts" and set(part) == {"field", "has"}:
        return "facts", part["has"]
    if set(part) == {"not"} and _simple(part["not"])[0] == "facts":
        return "without", part["not"]["has"]
    return "", ()


def _condition(test: Test, pack: Pack, what: str) -> dict[str, Any]:
    if test.written and test != Test(written=test.written):
        raise WrongPlan(f"{what}: write kinds and facts, or JSON, not both.")
    if test.written:
        return _json(test.written, what)
    kinds = _words(test.kinds, pack.kinds, what)
    facts, without = (_words(said, pack.facts, what) for said in (test.facts, test.without))
    if not kinds:
        raise WrongPlan(f"{what}: say which kinds of interaction are meant.")
    parts: list[dict[str, Any]] = [
        {"field": "kind", "in": kinds} if len(kinds) > 1 else {"field": "kind", "is": kinds[0]}
    ]
    parts += [{"field": "facts", "has": facts}] if facts else []
    parts += [{"not": {"field": "facts", "has": without}}] if without else []
    return parts[0] if len(parts) == 1 else {"all": parts}


def _words(said: str, known: Mapping[str, Any], what: str) -> list[str]:
    found = [word.strip().lower().replace(" ", "_") for word in said.split(",") if word.strip()]
    labels = {str(getattr(one, "label", "")).lower().replace(" ", "_"): name for name, one in known.items()}
    found = [word if word in known else labels.get(word, word) for word in found]
    for word in found:
        if word not in known:
            told = "its words are listed on this page, others are written as JSON"
            raise WrongPlan(f"{what}: the pack has no “{word[:40]}”; {told}.")
    return found


def _json(written: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        raise WrongPlan(f"{what}: this is not JSON.") from None
    if not isinstance(found, dict):
        raise WrongPlan(f"{what}: a condition is a table in braces.")
    return found


def _days(said: str, what: str) -> int:
    if not said.strip().isdecimal() or len(said.strip()) > 4:
        raise WrongPlan(f"{what}: write days as a whole number.")
    return int(said)
