"""A rule that would have said a bad encounter, to begin with in the builder: a person changes it. Pure."""

from __future__ import annotations

from typing import Any

from valence.alerts import rule

LONG_OVERDUE_HOURS = -168
TITLES = {
    "broken_promise": "A promise is overdue",
    "lowest_score": "A very low score",
    "bad_comment": "A very bad comment",
    "weakened": "Something that weakened the bond",
}
PLAYBOOKS = {
    "broken_promise": "broken_promise",
    "lowest_score": "angry_answer",
    "bad_comment": "angry_answer",
    "weakened": "repeat_contact",
}


def table(
    *, why: str, kind: str, department: str, facts: tuple[str, ...], scale: str, score: float | None
) -> dict[str, Any]:
    """Return the rule as it is written (`rule.made` takes it) that says encounters like one. Facts in the pack's words.

    why: one of TITLES. What the encounter does not tell is not asked for.
    """
    tests: list[dict[str, Any]] = [{"field": "kind", "is": kind}] if kind else []
    if why == "broken_promise":
        tests = [
            {"field": "promise_state", "is": "overdue"},
            {"field": "hours_until_due", "above": LONG_OVERDUE_HOURS},
            *([{"field": "promise_department", "is": department}] if department else []),
        ]
    elif why == "lowest_score" and score is not None:
        tests += [{"field": "scale", "is": scale}, {"field": "score", "at_most": score}]
    elif why == "bad_comment":
        tests += [{"field": "tone", "is": "negative"}, *([_of(department)] if department else [])]
    else:
        tests += [{"field": "facts", "has": list(facts)}] if facts else [_of(department)] if department else []
    return {
        "name": f"{(kind or 'any').lower()}_{why}"[:60],
        "title": TITLES[why],
        **{name: usual for name, usual in rule.USUAL.items() if name not in {"about", "words", "skill"}},
        "about": "promise" if why == "broken_promise" else "interaction",
        "department": department,
        "playbook": PLAYBOOKS[why],
        "when": {"all": tests or [{"field": "kind", "known": True}]},
    }


def _of(department: str) -> dict[str, Any]:
    return {"field": "department", "is": department}
